"""Which clips are read, and where each result goes: settled, and checked for trouble, before anything is painted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylecam.core.atomic_io import check_target, reason
from stylecam.errors import InputError, OutputError, UsageError

#: What is looked for in folders. A file that is named is tried whatever its ending is.
READABLE = frozenset(
    [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mts", ".m2ts", ".ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv"]
)
WRITABLE = (".mp4", ".m4v")


@dataclass(frozen=True)
class ClipJob:
    """One clip to read, and the file it becomes."""

    source: Path
    target: Path


def plan_clips(inputs: Sequence[str], output: str, label: str, *, force: bool = False) -> list[ClipJob]:
    """Pair every clip with its result.

    Args:
        inputs: files, and folders (their clips, sorted, not those in folders below).
        output: a file, or a folder, where each result is called after its clip and `label`.
        label: a short name of the mix.
        force: existing files may be overwritten.

    Raises:
        InputError: an input does not exist, or a folder holds no clips.
        OutputError: a result would overwrite something, or there is no place for it.
        UsageError: inputs and output do not fit together.
    """
    sources = _find(inputs)
    place = Path(output)
    if len(sources) == 1 and not _is_folder(Path(inputs[0])) and not output.endswith(("/", os.sep)) and not _is_folder(place):
        if place.suffix.lower() not in WRITABLE:
            raise UsageError(
                f"'{place}' does not end like a clip ({', '.join(WRITABLE)}); rename it, or end a folder's name with '{os.sep}'."
            )
        jobs = [ClipJob(sources[0], place)]
    else:
        if place.suffix.lower() in WRITABLE and not _is_folder(place):
            raise UsageError(f"Several clips cannot go into one file '{place}'; give a folder with -o.")
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder '{place}' cannot be made: {reason(error)}; give another name with -o.") from error
        jobs = [ClipJob(source, place / f"{source.stem}_{label}.mp4") for source in sources]
    _check(jobs, force=force)
    return jobs


def _find(inputs: Iterable[str]) -> list[Path]:
    sources: list[Path] = []
    for path in map(Path, inputs):
        try:
            if not path.exists():
                raise InputError(f"There is no file or folder '{path}'.")
            if not path.is_dir():
                sources.append(path)
                continue
            found = sorted(each for each in path.iterdir() if each.suffix.lower() in READABLE and each.name[0] != "." and each.is_file())
        except OSError as error:
            raise InputError(f"'{path}' cannot be read: {reason(error)}.") from None
        if not found:
            raise InputError(f"The folder '{path}' holds no clips (it was searched for {', '.join(sorted(READABLE))}).")
        sources += found
    return sources


def _check(jobs: Sequence[ClipJob], *, force: bool) -> None:
    sources = {job.source.resolve() for job in jobs}
    taken: dict[Path, ClipJob] = {}
    for job in jobs:
        place = job.target.resolve()
        if place in taken:
            raise UsageError(
                f"'{taken[place].source}' and '{job.source}' would both be written to '{job.target}'; paint them into different folders."
            )
        if place in sources:
            raise OutputError(f"'{job.target}' is a clip to be painted itself; give another name with -o.")
        taken[place] = job
        check_target(job.target, force=force)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name too long: whoever writes there tells
        return False
