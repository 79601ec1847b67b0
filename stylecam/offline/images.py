"""Stylizes a list of images, one report each; one that cannot be read does not stop the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylecam.core.atomic_io import make_folder, reason, write_file
from stylecam.core.params import RenderParams
from stylecam.errors import InputError, OutputError
from stylecam.media.images import ImageFile, encode_image, read_image
from stylecam.offline.plan import Job, Target

#: Returns an image stylized, uint8 RGB (H, W, 3), in its size.
Stylize: TypeAlias = Callable[[NDArray[np.uint8], RenderParams], NDArray[np.uint8]]


@dataclass(frozen=True)
class Report:
    """What became of one target: its image is written, or `error` says why the input could not be stylized."""

    job: Job
    target: Target
    width_px: int = 0
    height_px: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: InputError | None = None


def stylize_all(
    jobs: Iterable[Job], stylize: Stylize, *, stdin: BinaryIO, stdout: BinaryIO, size_px: int | None = None, force: bool = False
) -> Iterator[Report]:
    """Read, stylize and write image after image, and report each target once it is complete.

    Args:
        jobs: see `plan.plan_files`.
        stylize: may raise `InputError` for an image that it cannot take, such as one too large for the memory.
        stdin: read for the job without a source.
        stdout: written to for the target without a path.
        size_px: length of the longer side at which images are stylized and saved; None: their own.
        force: overwrite existing files.

    Raises:
        OutputError: a result cannot be written; the images after it are not stylized.
        EngineError: the network cannot be run.
    """
    for job in jobs:
        try:
            loaded = read_image(stdin.read() if job.source is None else job.source, str(job))
            if size_px:
                loaded = loaded.resized(size_px)
        except InputError as error:
            yield from (Report(job, target, error=error) for target in job.targets)
            continue
        height, width = loaded.image.shape[:2]
        for target in job.targets:
            started = time.perf_counter()
            try:
                image = stylize(loaded.image, target.params)
            except InputError as error:
                yield Report(job, target, width, height, error=InputError(f"'{job}' cannot be stylized: {error}"))
                continue
            notes = loaded.notes + _deliver(replace(loaded, image=image), target, stdout, force=force)
            yield Report(job, target, width, height, time.perf_counter() - started, notes)


def _deliver(loaded: ImageFile, target: Target, stdout: BinaryIO, *, force: bool) -> tuple[str, ...]:
    data, notes = encode_image(loaded, target.suffix)
    if target.path is None:
        try:
            stdout.write(data)
            stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"Standard output cannot be written: {reason(error)}.") from error
        return notes
    make_folder(target.path.parent)
    write_file(target.path, data, force=force)
    return notes
