"""Writing a file so that it is there whole or not at all, and never over another by accident."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stylecam.errors import OutputError

_OLD = ".old"
_MAX_OLD_NAME = 200  # in bytes, of the name that a folder gets back
_OURS = re.compile(r"\.stylecam-[0-9a-f]{12}\.")
_LEFT_AFTER_S = 3600


def write_file(path: Path, data: bytes, *, force: bool = False, private: bool = False) -> None:
    """Write `data` under a temporary name in the same folder, then give it its name.

    A reader never sees half a file, and a failure leaves neither a half nor a temporary one. Without `force`, a file that
    appears under the name while `data` is being written is not overwritten either. A `private` file can be read by its owner alone.

    Raises:
        OutputError: the file exists and `force` is not set, it is no ordinary file, or the folder or the disk refuses.
    """
    mode = 0o600 if private else 0o666

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    with written_whole(path, force=force) as temporary, open(temporary, "xb", opener=opener) as file:
        file.write(data)


@contextlib.contextmanager
def written_whole(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Let the block write a file under a temporary name in the same folder, then give it its name; for libraries that write by themselves.

    The data are on the disk before the name is given, so that a power cut leaves the old file or the new one.

    Raises:
        OutputError: as `write_file`; also where the block raises OSError.
    """
    check_target(path, force=force)
    temporary = path.with_name(f".stylecam-{secrets.token_hex(6)}.part")
    try:
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            if force:
                temporary.replace(path)
            else:
                rename_to_new(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise OutputError(_exists(path)) from None
    except OSError as error:
        raise OutputError(f"'{path}' cannot be written: {reason(error)}.") from error


def check_target(path: Path, *, force: bool = False) -> None:
    """Raise the error that `write_file` would raise for what already exists at `path`, before the work is done.

    Raises:
        OutputError: there is no such folder, the file exists and `force` is not set, or it is no ordinary file.
    """
    try:
        if not path.parent.is_dir():
            raise OutputError(f"'{path}' cannot be written: there is no folder '{path.parent}'; make it first.")
        if path.exists() and not path.is_file():
            raise OutputError(f"'{path}' cannot be written: it is a folder or a device; give the name of a file.")
        if os.path.lexists(path) and not force:
            raise OutputError(_exists(path))
    except OSError as error:  # such as a name too long, or a folder that may not be entered
        raise OutputError(f"'{path}' cannot be written: {reason(error)}.") from None


def _exists(path: Path) -> str:
    return f"'{path}' exists already; use --force to overwrite it, or another name."


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless they exist.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder '{folder}' cannot be made: {reason(error)}; give another name.") from error


def rename_to_new(temporary: Path, path: Path) -> None:
    """Rename, but fail if `path` exists, also when it was created this very moment."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # This file system has no hard links (FAT, some network folders). Hold the name with an empty file, then replace that.
        with path.open("xb"):
            pass
        try:
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def reason(error: OSError) -> str:
    """Return what the operating system says, in plain words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return (error.strerror or str(error)).lower()


def set_aside(path: Path) -> Path | None:
    """Give a file that cannot be understood another name beside its own, and return that; None if the disk refuses."""
    aside, number = path.with_suffix(f".broken{path.suffix}"), 1
    while aside.exists():
        number += 1
        aside = path.with_suffix(f".broken{number}{path.suffix}")
    try:
        path.rename(aside)
    except OSError:
        return None
    return aside


def write_json(path: Path, data: Any, *, force: bool = False) -> None:
    """Write JSON data for people and programs, whole or not at all; see `write_file`."""
    write_file(path, (json.dumps(data, indent=2) + "\n").encode(), force=force)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write `files`, by their names in it, as the folder `path`, whole or not at all. A folder that is there already is replaced.

    Raises:
        OSError: the disk refuses; the old folder stays as it was.
    """
    temporary = path.with_name(f".stylecam-{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_back(path.parent)
        for name, data in files.items():
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            with (temporary / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _swap(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(new: Path, path: Path) -> None:
    """Put the folder `new` in the place of `path`; if that fails half-way, the old one is put back."""
    if not path.exists():
        new.rename(path)
        return
    name = path.name if len(os.fsencode(path.name)) <= _MAX_OLD_NAME else ""
    old = path.with_name(f".stylecam-{secrets.token_hex(6)}.{name}{_OLD}")
    path.rename(old)
    try:
        new.rename(path)
    except BaseException:
        old.rename(path)
        raise
    with contextlib.suppress(OSError):
        _remove(old)


def put_back(folder: Path) -> None:
    """Give folders that a kill caught while `write_folder` replaced them their names again; remove them where the new one is there."""
    for old in _ours(folder, _OLD):
        name = old.name.removesuffix(_OLD).split(".", 2)[2]
        with contextlib.suppress(OSError):
            if name and not os.path.lexists(folder / name):
                old.rename(folder / name)
            elif name:
                _remove(old)


def sweep(folder: Path) -> None:
    """Remove what a kill left half-written in a folder, unless it is young: another stylecam may be writing it."""
    for part in _ours(folder, ".part"):
        with contextlib.suppress(OSError):
            if time.time() - part.lstat().st_mtime > _LEFT_AFTER_S:
                _remove(part)


def _ours(folder: Path, ending: str) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if _OURS.match(entry.name) and entry.name.endswith(ending)]
    except OSError:
        return []


def _remove(entry: Path) -> None:
    if entry.is_symlink() or not entry.is_dir():
        entry.unlink()  # what a link leads to is not ours to remove
    else:
        shutil.rmtree(entry)
