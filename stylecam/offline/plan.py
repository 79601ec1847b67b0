"""Which files are read, and where each result goes: settled, and checked for trouble, before anything is stylized."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylecam.core.atomic_io import check_target, reason
from stylecam.core.params import RenderParams
from stylecam.errors import InputError, OutputError, UsageError
from stylecam.media.formats import CLIPS, CLIPS_WRITTEN, IMAGES, IMAGES_WRITTEN, MOVING_IMAGES, is_leftover, left_out

_MAX_NAMED_STYLES = 3
_MAX_NAME_BYTES = 255  # of one file's name, on every common file system


@dataclass(frozen=True)
class Kind:
    """What is planned: its word for people, the endings that are taken from folders and that can be written, and the usual ending.

    `streams`: "-" stands for standard input and output. `replaces`: with --force a file may be overwritten by its own result.
    """

    word: str
    read: frozenset[str]
    written: dict[str, str]
    usual: str
    streams: bool
    replaces: bool


IMAGE = Kind("image", IMAGES, IMAGES_WRITTEN, ".png", streams=True, replaces=True)
# A clip is read while its result is written: it cannot be its own target.
CLIP = Kind("clip", CLIPS | MOVING_IMAGES, dict.fromkeys(CLIPS_WRITTEN, "MP4"), ".mp4", streams=False, replaces=False)


@dataclass(frozen=True)
class Target:
    """One result: how it is rendered, the file it goes to (None is standard output), and the format's ending, such as ".png"."""

    params: RenderParams
    path: Path | None
    suffix: str

    def __str__(self) -> str:
        return "standard output" if self.path is None else str(self.path)


@dataclass(frozen=True)
class Job:
    """One file to read (None is standard input), and what is made of it."""

    source: Path | None
    targets: tuple[Target, ...]

    def __str__(self) -> str:
        return "standard input" if self.source is None else str(self.source)

    @property
    def files(self) -> tuple[Path, Path]:
        """Source and first target, for kinds without streams, such as clips."""
        source, target = self.source, self.targets[0].path
        assert source is not None  # noqa: S101 (the kind has no streams)
        assert target is not None  # noqa: S101
        return source, target


@dataclass(frozen=True)
class Plan:
    """The jobs, and a sentence on what folders hold besides that people may miss (or an empty string)."""

    jobs: tuple[Job, ...]
    left_out: str = ""


def plan_files(
    kind: Kind,
    inputs: Sequence[str],
    output: str,
    settings: Sequence[RenderParams],
    *,
    format_name: str | None = None,
    force: bool = False,
) -> Plan:
    """Pair every input with its outputs.

    Args:
        kind: `IMAGE` or `CLIP`.
        inputs: files, folders (what they hold of this kind, sorted, not what lies in folders below), or "-" for standard input.
        output: a file, a folder, or "-" for standard output.
        settings: how to render each; more than one needs a folder.
        format_name: "png", "jpg" …; default: that of the output's name, in a folder that of each input if it can be written.
        force: existing files may be overwritten.

    Raises:
        InputError: an input does not exist, or a folder holds nothing of this kind.
        OutputError: a result would overwrite something, or there is no place for it.
        UsageError: inputs and output do not fit together.
    """
    if "" in (*inputs, output):  # which would be the current folder
        raise UsageError("The name of an input or of the output is empty; is it a variable that was never set?")
    wanted = _suffix(kind, format_name) if format_name else None
    sources, missed = _find(kind, inputs, Path(output))
    if output == "-" and kind.streams:
        if len(sources) * len(settings) > 1:
            raise UsageError(f"Standard output takes one {kind.word}, not {len(sources) * len(settings)}; give a folder with -o.")
        return Plan((Job(sources[0], (Target(settings[0], None, wanted or kind.usual),)),), missed)
    several = len(settings) > 1 or len(sources) > 1 or any(name != "-" and _is_folder(Path(name)) for name in inputs)
    if several or output.endswith(("/", os.sep)) or _is_folder(Path(output)):
        jobs = _into_folder(kind, sources, Path(output), settings, wanted)
    else:
        file = Path(output)
        jobs = [Job(sources[0], (Target(settings[0], file, _file_suffix(kind, file, wanted)),))]
        if not _is_folder(file.parent):
            check_target(file)  # a missing folder is made for folders, but behind a file's name it is rather a slip
    _check(kind, jobs, force=force)
    return Plan(tuple(jobs), missed)


def label(params: RenderParams) -> str:
    """Return a short name of the mix for a file's name: the styles' ids, "mix" for many, "plain" for none."""
    styles = [style for style, weight in params.mix if weight]
    if not styles or params.is_plain:
        return "plain"
    return "+".join(styles) if len(styles) <= _MAX_NAMED_STYLES else "mix"


def _find(kind: Kind, inputs: Iterable[str], output: Path) -> tuple[list[Path | None], str]:
    """Return the files that `inputs` name, folders unfolded, "-" as None; and the sentence on what was left out."""
    sources: list[Path | None] = []
    missed: list[Path] = []
    below = 0  # folders that were not searched, except for the one that the results go to
    for name in inputs:
        if name == "-" and kind.streams:
            if None in sources:
                raise UsageError("Standard input ('-') can be read only once.")
            sources.append(None)
            continue
        if "://" in name and not os.path.lexists(name):  # which may hold a password: it is not shown
            what = f"{'An' if kind is IMAGE else 'A'} {kind.word}"
            raise InputError(f"{what} is read from a file, not from an address; save it first, or open the address in the window.")
        path = Path(name)
        try:
            if not path.exists():
                raise InputError(f"There is no file or folder '{path}'.")
            if not path.is_dir():
                sources.append(path)
                continue
            entries = sorted(path.iterdir())
            files = [file for file in entries if file.is_file()]
            below += sum(_holds(kind, each) for each in entries if each.is_dir() and each.resolve() != output.resolve())
        except OSError as error:
            raise InputError(f"'{name}' cannot be read: {reason(error)}.") from None
        found = [file for file in files if file.suffix.lower() in kind.read and not is_leftover(file)]
        rest = [file for file in files if file not in found]
        if not found:
            searched = f"The folder '{path}' holds no {kind.word}s (it was searched for {', '.join(sorted(kind.read))})."
            raise InputError(f"{searched} {left_out(rest)}".strip())
        sources += found
        missed += rest
    unsearched = f"{below} folder{'s' if below > 1 else ''} below {'were' if below > 1 else 'was'} not searched." if below else ""
    return sources, " ".join(filter(None, (left_out(missed), unsearched)))


def _holds(kind: Kind, folder: Path) -> bool:
    try:
        return any(file.suffix.lower() in kind.read and not is_leftover(file) for file in folder.iterdir())
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name too long: whoever writes there tells
        return False


def _into_folder(
    kind: Kind, sources: Sequence[Path | None], folder: Path, settings: Sequence[RenderParams], wanted: str | None
) -> list[Job]:
    if not _is_folder(folder):
        if folder.suffix.lower() in kind.written and not os.path.lexists(folder):
            raise UsageError(f"Several {kind.word}s cannot go into one file '{folder}'; give a folder with -o.")
        _check_folder(folder)
    jobs = []
    for source in sources:
        stem, own = ("stdin", kind.usual) if source is None else (source.stem, source.suffix)
        suffix = wanted or (own if own.lower() in kind.written else kind.usual)
        targets = (Target(params, folder / _fitting(stem, f"_{label(params)}{suffix}"), suffix.lower()) for params in settings)
        jobs.append(Job(source, tuple(targets)))
    return jobs


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made because a file stands in the way."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place):
            if not place.is_dir():
                raise OutputError(f"'{place}' is a file, but the results need a folder; give another name with -o.")
            return


def _fitting(stem: str, ending: str) -> str:
    """Return a name that file systems take: the end of a very long stem is left out."""
    room = _MAX_NAME_BYTES - len(os.fsencode(ending))
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + ending


def _check(kind: Kind, jobs: Sequence[Job], *, force: bool) -> None:
    sources = {job.source.resolve(): job for job in jobs if job.source is not None}
    taken: dict[Path, Job] = {}
    for job, path in [(each, target.path) for each in jobs for target in each.targets if target.path is not None]:
        place = path.resolve()
        if place in taken:
            raise UsageError(
                f"'{taken[place]}' and '{job}' would both be written to '{path}'; write them into different folders, or give other names."
            )
        taken[place] = job
        if place in sources and sources[place] is not job:
            raise OutputError(f"'{path}' would overwrite another of the {kind.word}s to be stylized; give another folder with -o.")
        if place in sources and not (force and kind.replaces):
            advice = "use --force to overwrite it, or another name" if kind.replaces else "give another name with -o"
            raise OutputError(f"'{path}' is the {kind.word} to be stylized itself; {advice}.")
        if _is_folder(path.parent):
            check_target(path, force=force)


def _suffix(kind: Kind, format_name: str) -> str:
    suffix = f".{format_name.lower().removeprefix('.')}"
    if suffix not in kind.written:
        raise UsageError(f"'{format_name}' cannot be written; choose one of {', '.join(known[1:] for known in kind.written)}.")
    return suffix


def _file_suffix(kind: Kind, path: Path, wanted: str | None) -> str:
    suffix = path.suffix.lower()
    if suffix not in kind.written:
        endings = ", ".join(kind.written)
        raise UsageError(f"'{path}' does not end as {kind.word}s do ({endings}); rename it, or end a folder's name with '{os.sep}'.")
    if wanted and kind.written[wanted] != kind.written[suffix]:
        raise UsageError(f"'{path}' ends in {suffix}, but --format asks for {wanted[1:]}; make them agree or leave out --format.")
    return suffix
