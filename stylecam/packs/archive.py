"""A pack's files, from a folder or a zip into memory and back; names and sizes are checked before a byte is believed."""

from __future__ import annotations

import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from stylecam.core.atomic_io import reason, write_file, write_folder
from stylecam.errors import OutputError

MANIFEST = "manifest.json"
TENSORS = "pack.safetensors"
ZIP_SUFFIX = ".stylepack"

MIB = 1024 * 1024
MAX_BYTES = {MANIFEST: 8 * MIB, TENSORS: 256 * MIB}
MAX_THUMBNAIL_BYTES = MIB // 4
MAX_TOTAL_BYTES = 512 * MIB
MAX_FILES = 4100
#: The zip's table of contents takes some 120 bytes per file.
MAX_DIRECTORY_BYTES = MAX_FILES * 512
#: Weights do not compress and text does by ten; more than this is a bomb.
MAX_RATIO = 100

_ZIP_END = struct.Struct("<4s4H2IH")
_ZIP64_LOCATOR_BYTES = 20

# The only names a pack may have. No other name is ever joined to a path, so none can lead outside.
_NAME = re.compile(r"manifest\.json|pack\.safetensors|thumbs/[a-z0-9][a-z0-9_]{0,63}\.(jpg|png|webp)")
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    struct.error,
    NotImplementedError,
    ValueError,
    OverflowError,
    IndexError,
)


class BadPackError(Exception):
    """What is wrong with a pack, as part of a sentence, and what to do about it. `packs.store` makes the whole sentence.

    What a stranger wrote may be quoted in it: control characters are spelt out, for it ends up on a terminal.
    """

    def __init__(self, what: str, advice: str = "get it again from where it came from, or choose another") -> None:
        super().__init__(what if what.isprintable() else ascii(what)[1:-1])
        self.advice = advice


def read_files(path: Path) -> dict[str, bytes]:
    """Return all files of a pack by name, from a folder or a zip; nothing is written to disk.

    Raises:
        BadPackError: it is missing, not a pack, or has a name or size that no pack has.
    """
    return _read(path, None)


def read_manifest(path: Path) -> bytes:
    """Return only the manifest's bytes, for a quick look at a pack; names and sizes of the other files are checked too.

    Raises:
        BadPackError: as `read_files`.
    """
    return _read(path, (MANIFEST,))[MANIFEST]


def write_files(path: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write a pack as a folder, or as one zip if `path` ends in .stylepack; whole or not at all.

    Raises:
        OutputError: it exists and `force` is not set, or the disk refuses.
    """
    if path.suffix == ZIP_SUFFIX:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                # A fixed date: the same pack gives the same bytes.
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        write_file(path, buffer.getvalue(), force=force)
        return
    check_pack_target(path, force=force)
    try:
        write_folder(path, files)
    except OSError as error:
        raise OutputError(f"The pack '{path}' cannot be written ({error}); free some space or choose another folder.") from error


def pack_name(path: Path) -> str:
    """Return what a pack is called that lies there, without its ending.

    >>> pack_name(Path("packs/waves.stylepack")), pack_name(Path("packs/waves"))
    ('waves', 'waves')
    """
    return path.name.removesuffix(ZIP_SUFFIX)


def check_pack_target(path: Path, *, force: bool) -> None:
    """Raise the error that `write_files` would raise for what already stands under `path`, before hours of work are done.

    Raises:
        OutputError: it exists and `force` is not set, or it is something else than a pack.
    """
    try:
        if not path.exists():
            return
        if not force:
            raise OutputError(f"'{path}' exists already; use --force to overwrite it, or another name.")
        if path.suffix != ZIP_SUFFIX and (why := _not_a_pack(path)):
            raise OutputError(f"'{path}' exists and is not a style pack ({why}), so it is not overwritten; choose another name.")
    except OSError as error:
        raise OutputError(f"The pack '{path}' cannot be written: {reason(error)}; choose another folder.") from error


def _not_a_pack(path: Path) -> str | None:
    """Say why a folder must not be replaced by a pack: it holds what is not a pack's. An empty one may be."""
    if not path.is_dir():
        return "it is a file"
    found = set()
    for entry in (*path.iterdir(), *(path / "thumbs").glob("*")):
        name = entry.relative_to(path).as_posix()
        found.add(name)
        if not ((name == "thumbs" and entry.is_dir()) or entry.name == ".DS_Store" or _NAME.fullmatch(name)):
            return f"it holds {name!a}"
    return None if not found or found >= {MANIFEST, TENSORS} else f"it lacks {MANIFEST} or {TENSORS}"


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadPackError(f"it holds {name[:80]!a}, a name that no pack has")


def _check_size(name: str, size: int) -> None:
    limit = MAX_BYTES.get(name, MAX_THUMBNAIL_BYTES)
    if size > limit:
        raise BadPackError(f"its {name} has {size} bytes, more than the {limit} that are allowed")


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise BadPackError(f"it holds more than {MAX_FILES} files")


def _check_whole(names: Collection[str], total: int) -> None:
    if total > MAX_TOTAL_BYTES:
        raise BadPackError(f"it unpacks to more than {MAX_TOTAL_BYTES // MIB} MiB")
    for name in (MANIFEST, TENSORS):
        if name not in names:
            raise BadPackError(f"it has no {name}")


def _read(path: Path, wanted: Collection[str] | None) -> dict[str, bytes]:
    """Check all names and sizes, and return the `wanted` files, or all."""
    try:
        if path.is_dir():
            return _read_folder(path, wanted)
        if not path.exists():
            raise BadPackError("there is no such file or folder", "correct its name")
        if not path.is_file():  # a device may be endless, a pipe silent
            raise BadPackError("it is neither a file nor a folder", "choose another")
        if path.stat().st_size > MAX_TOTAL_BYTES:
            raise BadPackError(f"it is larger than {MAX_TOTAL_BYTES // MIB} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise BadPackError(f"it cannot be read ({reason(error)})", "correct its name or its permissions") from error
    except ValueError as error:
        raise BadPackError(f"it cannot be read ({error})", "correct its name") from error  # a null byte
    try:
        return _read_zip(data, wanted)
    except _ZIP_ERRORS as error:
        raise BadPackError("it is no style pack, or one that is damaged or incomplete") from error


def _read_folder(path: Path, wanted: Collection[str] | None) -> dict[str, bytes]:
    found: dict[str, Path] = {}
    total = 0
    for folder in (path, path / "thumbs"):
        for entry in sorted(os.scandir(folder), key=lambda item: item.name) if folder.is_dir() else ():
            if entry.name.startswith("."):  # file managers leave such files behind
                continue
            if entry.is_symlink():
                raise BadPackError(f"its {entry.name[:80]!a} is a link; a pack holds only files")
            if entry.is_dir() and folder == path and entry.name == "thumbs":
                continue
            name = entry.name if folder == path else f"thumbs/{entry.name}"
            _check_name(name)
            if not entry.is_file():
                raise BadPackError(f"its {name} is not a file")
            _check_size(name, entry.stat().st_size)
            total += entry.stat().st_size
            found[name] = Path(entry.path)
    _check_count(len(found))
    _check_whole(found, total)
    return {name: file.read_bytes() for name, file in found.items() if wanted is None or name in wanted}


def _check_directory(data: bytes) -> None:
    """Refuse an enormous table of contents before zipfile makes an object of every entry in it."""
    signature, *_, count, size, _offset, comment = _ZIP_END.unpack(data[-_ZIP_END.size :])
    if signature != b"PK\5\6" or comment:
        raise BadPackError("it is no style pack, or one that is damaged or incomplete")
    if data[-_ZIP_END.size - _ZIP64_LOCATOR_BYTES :].startswith(b"PK\6\7"):  # it would override the numbers just read
        raise BadPackError("it is a 64-bit zip file, which no pack needs to be")
    _check_count(count)
    if size > MAX_DIRECTORY_BYTES:
        raise BadPackError("its table of contents is larger than that of any pack")


def _read_zip(data: bytes, wanted: Collection[str] | None) -> dict[str, bytes]:
    _check_directory(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if entry.orig_filename != "thumbs/" or entry.file_size]
        names: set[str] = set()
        _check_count(len(entries))
        for entry in entries:
            _check_name(entry.orig_filename)  # `filename` ends at a null byte, and has its backslashes turned on Windows
            if entry.filename in names:
                raise BadPackError(f"it holds {entry.filename} twice")
            names.add(entry.filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise BadPackError(f"its {entry.filename} is a link; a pack holds only files")
            if entry.flag_bits & 1:
                raise BadPackError("it is encrypted")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BadPackError("it is compressed in a way that packs are not")
            _check_size(entry.filename, entry.file_size)
            if entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
                raise BadPackError(f"its {entry.filename} unpacks to more than {MAX_RATIO} times its size")
        _check_whole(names, sum(entry.file_size for entry in entries))
        files = {}
        for entry in entries:
            if wanted is not None and entry.filename not in wanted:
                continue
            with archive.open(entry) as file:
                # One byte more than announced: an entry that lies about its size is caught before it fills the memory.
                content = file.read(entry.file_size + 1)
            if len(content) != entry.file_size:
                raise BadPackError(f"its {entry.filename} is not as long as it says")
            files[entry.filename] = content
        return files
