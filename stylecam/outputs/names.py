"""Names for what is recorded: date and style, no name twice, good on every system."""

from __future__ import annotations

import datetime
import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

from stylecam.core.atomic_io import reason, rename_to_new
from stylecam.core.recording_params import NAME_PATTERN
from stylecam.errors import OutputError
from stylecam.media.formats import PART_SUFFIX, PART_SUFFIXES

PREFIX = "stylecam"

_MAX_STEM = 100  # in characters; four bytes each at worst still leave space for an ending
_MAX_NAME_BYTES = 255
_NUMBERED = re.compile(r" \(\d+\)$")
_FIELDS = re.compile(r"\{(?:date|time|styles)\}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


def new_path(
    folder: Path, parts: Iterable[str], suffix: str, *, pattern: str = NAME_PATTERN.default, now: datetime.datetime | None = None
) -> Path:
    """Return a name in `folder` that nothing has yet, such as "stylecam 2026-11-21 06-03-12 starry_night.mp4".

    Args:
        folder: is made if it is missing.
        parts: words behind the date, such as the style's id; empty ones are left out.
        suffix: ".mp4", ".png" …; empty for a folder.
        pattern: the name, with {date}, {time} and {styles} where they belong; what it lacks is left out.
        now: the local time; default: the clock's.

    Raises:
        OutputError: the folder cannot be made or looked into.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        moment = now or datetime.datetime.now()
        words = {"{date}": f"{moment:%Y-%m-%d}", "{time}": f"{moment:%H-%M-%S}", "{styles}": " ".join(filter(None, parts))}
        stem = _FIELDS.sub(lambda match: words[match[0]], pattern)
        return free(folder / f"{_clean(' '.join(stem.split())) or PREFIX}{suffix}")
    except OSError as error:
        raise OutputError(f"The folder '{folder}' cannot be written to: {reason(error)}; choose another.") from error


def free(path: Path) -> Path:
    """Return `path`, or the first of "name (2)", "name (3)" … that neither a file nor an unfinished one has."""
    stem, number, candidate = _NUMBERED.sub("", path.stem), 1, path
    while os.path.lexists(candidate) or os.path.lexists(part_of(candidate)):
        number += 1
        candidate = path.with_name(f"{stem} ({number}){path.suffix}")
    return candidate


def part_of(path: Path) -> Path:
    """Return what `path` is called while it is being written: a very long name is cut, and kept unique by a hash."""
    suffix = next((each for each in PART_SUFFIXES if each.endswith(path.suffix.lower())), PART_SUFFIX) if path.suffix else PART_SUFFIX
    name = f"{path.stem}{suffix}"
    if len(os.fsencode(name)) > _MAX_NAME_BYTES:
        name = f"{path.stem[: _MAX_STEM // 2]}~{zlib.crc32(os.fsencode(path.stem)):08x}{suffix}"
    return path.with_name(name)


def settle(temporary: Path, path: Path, *, force: bool = False) -> Path:
    """Give a finished file its name, or the next free one if another file has taken it meanwhile; `force` replaces that instead.

    Raises:
        OSError: the file system refuses.
    """
    if force:
        temporary.replace(path)
        return path
    candidate = path
    while True:
        try:
            rename_to_new(temporary, candidate)
        except FileExistsError:
            candidate = free(path)
        else:
            temporary.unlink(missing_ok=True)  # where the name was given by a hard link
            return candidate


def _clean(stem: str) -> str:
    """Leave only what Windows, macOS and Linux all take in a name."""
    return _FORBIDDEN.sub("_", stem)[:_MAX_STEM].strip(". ")
