"""Painting a list of pictures, one report each; one that cannot be read does not stop the rest."""

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

#: Repaints one picture, uint8 RGB (H, W, 3), in its size.
Paint: TypeAlias = Callable[[NDArray[np.uint8], RenderParams], NDArray[np.uint8]]


@dataclass(frozen=True)
class Report:
    """What became of one target: its picture is written, or `error` says why the input could not be painted."""

    job: Job
    target: Target
    width_px: int = 0
    height_px: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: InputError | None = None


def paint_all(
    jobs: Iterable[Job], paint: Paint, *, stdin: BinaryIO, stdout: BinaryIO, size_px: int | None = None, force: bool = False
) -> Iterator[Report]:
    """Read, paint and write picture after picture, and report each target once it is complete.

    Args:
        jobs: see `plan.plan_files`.
        paint: may raise `InputError` for a picture that it cannot take, such as one too large for the memory.
        stdin: read for the job without a source.
        stdout: written to for the target without a path.
        size_px: length of the longer side at which pictures are painted and saved; None: their own.
        force: overwrite existing files.

    Raises:
        OutputError: a result cannot be written; the pictures after it are not painted.
        EngineError: the network cannot be run.
    """
    for job in jobs:
        try:
            picture = read_image(stdin.read() if job.source is None else job.source, str(job))
            if size_px:
                picture = picture.resized(size_px)
        except InputError as error:
            yield from (Report(job, target, error=error) for target in job.targets)
            continue
        height, width = picture.image.shape[:2]
        for target in job.targets:
            started = time.perf_counter()
            try:
                image = paint(picture.image, target.params)
            except InputError as error:
                yield Report(job, target, width, height, error=InputError(f"'{job}' cannot be painted: {error}"))
                continue
            notes = picture.notes + _deliver(replace(picture, image=image), target, stdout, force=force)
            yield Report(job, target, width, height, time.perf_counter() - started, notes)


def _deliver(picture: ImageFile, target: Target, stdout: BinaryIO, *, force: bool) -> tuple[str, ...]:
    data, notes = encode_image(picture, target.suffix)
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
