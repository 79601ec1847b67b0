"""Which pictures are read, and where each result goes: settled, and checked for trouble, before anything is painted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylecam.core.atomic_io import check_target, reason
from stylecam.core.params import RenderParams
from stylecam.errors import InputError, OutputError, UsageError
from stylecam.media.images import FORMATS, READABLE

_MAX_NAMED_STYLES = 3


@dataclass(frozen=True)
class Target:
    """One result: how it is painted, the file it goes to (None is standard output), and the format's ending, such as ".png"."""

    params: RenderParams
    path: Path | None
    suffix: str

    def __str__(self) -> str:
        return "standard output" if self.path is None else str(self.path)


@dataclass(frozen=True)
class Job:
    """One picture to read (None is standard input), and what is made of it."""

    source: Path | None
    targets: tuple[Target, ...]

    def __str__(self) -> str:
        return "standard input" if self.source is None else str(self.source)


def plan_jobs(
    inputs: Sequence[str], output: str, looks: Sequence[RenderParams], *, format_name: str | None = None, force: bool = False
) -> list[Job]:
    """Pair every input with its outputs.

    Args:
        inputs: files, folders (their pictures, sorted, not those in folders below), or "-" for standard input.
        output: a file, a folder, or "-" for standard output.
        looks: how to paint each picture; more than one needs a folder.
        format_name: "png", "jpg" …; default: that of the output's name, in a folder that of each input.
        force: existing files may be overwritten.

    Raises:
        InputError: an input does not exist, or a folder holds no pictures.
        OutputError: a result would overwrite something, or its folder is missing.
        UsageError: inputs and output do not fit together.
    """
    wanted = _suffix(format_name) if format_name else None
    sources = find_sources(inputs)
    if output == "-":
        if len(sources) * len(looks) > 1:
            raise UsageError(f"Standard output takes one picture, not {len(sources) * len(looks)}; give a folder with -o.")
        return [Job(sources[0], (Target(looks[0], None, wanted or ".png"),))]
    several = len(looks) > 1 or len(sources) > 1 or any(name != "-" and Path(name).is_dir() for name in inputs)
    if several or output.endswith(("/", os.sep)) or _is_folder(Path(output)):
        jobs = _into_folder(sources, Path(output), looks, wanted)
    else:
        file = Path(output)
        jobs = [Job(sources[0], (Target(looks[0], file, _file_suffix(file, wanted)),))]
        if not _is_folder(file.parent):
            check_target(file)  # a missing folder is made for folders, but behind a file's name it is rather a slip
    _check(jobs, force=force)
    return jobs


def find_sources(inputs: Iterable[str]) -> list[Path | None]:
    """Return the picture files that `inputs` name, folders unfolded, "-" as None.

    Raises:
        InputError: a name does not exist, a folder cannot be read or holds no pictures.
        UsageError: standard input is named twice.
    """
    sources: list[Path | None] = []
    for name in inputs:
        if name == "-":
            if None in sources:
                raise UsageError("Standard input ('-') can be read only once.")
            sources.append(None)
            continue
        try:
            sources += _unfold(Path(name))
        except OSError as error:
            raise InputError(f"'{name}' cannot be read: {reason(error)}.") from None
    return sources


def label(params: RenderParams) -> str:
    """Return a short name of the mix for a file's name: the styles' ids, "mix" for many, "plain" for none."""
    styles = [style for style, weight in params.mix if weight]
    if not styles or params.is_plain:
        return "plain"
    return "+".join(styles) if len(styles) <= _MAX_NAMED_STYLES else "mix"


def _unfold(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"There is no file or folder '{path}'.")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in READABLE and not file.name.startswith(".") and file.is_file())
    if not found:
        raise InputError(f"The folder '{path}' holds no pictures (it was searched for {', '.join(sorted(READABLE))}).")
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name too long: whoever writes there tells
        return False


def _into_folder(sources: Sequence[Path | None], folder: Path, looks: Sequence[RenderParams], wanted: str | None) -> list[Job]:
    if not _is_folder(folder):
        if os.path.lexists(folder):
            raise OutputError(f"'{folder}' is a file, but the results need a folder; give another name with -o.")
        if folder.suffix.lower() in FORMATS:
            raise UsageError(f"Several pictures cannot go into one file '{folder}'; give a folder with -o.")
    jobs = []
    for source in sources:
        stem, own = ("stdin", ".png") if source is None else (source.stem, source.suffix)
        suffix = wanted or (own if own.lower() in FORMATS else ".png")
        targets = (Target(look, folder / f"{stem}_{label(look)}{suffix}", suffix.lower()) for look in looks)
        jobs.append(Job(source, tuple(targets)))
    return jobs


def _check(jobs: Sequence[Job], *, force: bool) -> None:
    sources = {job.source.resolve(): job for job in jobs if job.source is not None}
    taken: dict[Path, Job] = {}
    for job, path in [(each, target.path) for each in jobs for target in each.targets if target.path is not None]:
        place = path.resolve()
        if place in taken:
            raise UsageError(
                f"'{taken[place]}' and '{job}' would both be written to '{path}'; paint them into different folders, or without --format."
            )
        taken[place] = job
        if place in sources and sources[place] is not job:
            raise OutputError(f"'{path}' would overwrite another of the pictures to be painted; give another folder with -o.")
        if place in sources and not force:
            raise OutputError(f"'{path}' is the picture to be painted itself; use --force to overwrite it, or another name.")
        if _is_folder(path.parent):
            check_target(path, force=force)


def _suffix(format_name: str) -> str:
    suffix = f".{format_name.lower().removeprefix('.')}"
    if suffix not in FORMATS:
        raise UsageError(f"'{format_name}' cannot be written; choose one of {', '.join(known[1:] for known in FORMATS)}.")
    return suffix


def _file_suffix(path: Path, wanted: str | None) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(f"'{path}' does not end like a picture ({', '.join(FORMATS)}); rename it, or end a folder's name with '{os.sep}'.")
    if wanted and FORMATS[wanted] != FORMATS[suffix]:
        raise UsageError(f"'{path}' ends in {suffix}, but --format asks for {wanted[1:]}; make them agree or leave out --format.")
    return suffix
