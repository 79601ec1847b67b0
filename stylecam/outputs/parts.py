"""Unfinished clips: a file that can be played whatever happens while it grows, and is made a common MP4 at its end."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av

from stylecam.core.atomic_io import reason, sweep
from stylecam.errors import InputError, OutputError
from stylecam.media.formats import PART_SUFFIXES
from stylecam.outputs.names import PREFIX, settle

if sys.platform != "win32":
    import fcntl
if TYPE_CHECKING:
    from av.container.core import Chapter

_log = logging.getLogger(__name__)


#: What recordings carry as a comment, so that their parts are known again whatever the user calls them.
COMMENT = "Recorded with stylecam"
_CONTAINERS = {".mkv": "matroska", ".webm": "webm"}
#: What a part says of itself and of nobody else.
_OF_THE_PART = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})


class PartFile:
    """The file itself, new and locked as long as this process has it open, with what PyAV asks of a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x+b", buffering=0)
        _lock(self._file.fileno())
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell
        self._unsynced = False
        self._syncing: threading.Thread | None = None
        self._refusal: OSError | None = None
        self._torn = False

    def write(self, data: bytes) -> int:
        """Write all of `data`, or raise; also if the disk refused what was written before."""
        if self._refusal is not None:
            raise self._refusal
        self._unsynced = True
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._torn = True
            raise
        return len(data)

    def sync(self) -> None:
        """Have what was written put on the disk, for a power cut; nobody waits, since a slow disk would cost frames."""
        if not self._unsynced or (self._syncing is not None and self._syncing.is_alive()):
            return
        self._unsynced = False
        self._syncing = threading.Thread(target=self._sync, name="stylecam-sync", daemon=True)
        self._syncing.start()

    def release(self) -> None:
        """Close it. Not named `close`, which PyAV would call by itself."""
        if self._syncing is not None:
            self._syncing.join()
        if self._torn:
            drop_torn_header(self._file.fileno())
        self._file.close()

    def _sync(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            if error.errno in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
                self._refusal = error
            else:  # a network folder that cannot do it
                _log.debug("'%s' is put on the disk when the system likes: %s", self._file.name, error)


def drop_torn_header(descriptor: int) -> None:
    """Cut off the header of a fragment that was not written to its end: libav reads an MP4 with torn frames, but none with that."""
    with contextlib.suppress(OSError), open(descriptor, "r+b", closefd=False) as file:
        end, at = file.seek(0, os.SEEK_END), 0
        while at + 8 <= end:
            file.seek(at)
            size, name = int.from_bytes(file.read(4)), file.read(4)
            if at == 0 and name != b"ftyp":
                return  # no MP4
            if size < 8 or at + size > end:
                break
            at += size
        else:
            name = b"moof" if at < end and at else b""
        if name == b"moof" and at < end:
            file.truncate(at)


def finish_part(part: Path, target: Path, *, force: bool = False, chapters: list[Chapter] | None = None) -> Path:
    """Make a common file with its index in front of a part, without encoding anything again, and remove the part.

    Returns:
        The file: `target`, or the next free name if that exists and `force` is not set.

    Raises:
        OutputError: that does not work; the part stays, and the sentence says where.
        InputError: the part holds no frame.
    """
    temporary = target.with_name(f".stylecam-{secrets.token_hex(6)}.part")
    try:
        try:
            _remux(part, temporary, chapters or [])
            written = settle(temporary, target, force=force)
        finally:
            temporary.unlink(missing_ok=True)
    except InputError:
        raise
    except OSError as error:
        if not part.exists():
            raise OutputError(f"'{target}' is lost: its folder or its part was removed while it was written.") from error
        raise OutputError(f"'{target}' could not be finished: {reason(error)}. What was written plays as it is: '{part}'.") from error
    except av.FFmpegError as error:
        raise OutputError(f"'{target}' could not be finished ({error}). What was written is '{part}'.") from error
    with contextlib.suppress(OSError):  # a part too many does no harm
        part.unlink()
    return written


def finish_leftovers(folder: Path) -> list[Path]:
    """Finish the recordings that a crash or a power cut left in `folder`, but not those that another stylecam is writing.

    Returns:
        The finished files; those that could not be finished stay as they are.
    """
    finished = []
    sweep(folder)
    try:
        leftovers = sorted(part for suffix in PART_SUFFIXES for part in folder.glob(f"*{suffix}"))
    except OSError as error:
        _log.info("'%s' cannot be searched for unfinished recordings: %s", folder, error)
        return []
    for part in leftovers:
        try:
            with _held(part) as ours:
                if not ours:
                    continue
                if part.stat().st_size == 0 and part.name.startswith(f"{PREFIX} "):
                    part.unlink()
                    continue
                with part.open("r+b") as file:
                    drop_torn_header(file.fileno())
                if _is_recording(part):
                    name = part.name.rsplit(".part.", 1)
                    finished.append(finish_part(part, part.with_name(".".join(name))))
        except (OSError, InputError, OutputError) as error:
            _log.info("'%s' stays unfinished: %s", part, error)
    return finished


def _is_recording(part: Path) -> bool:
    """Return whether stylecam wrote a part: a browser's downloads may have such names too."""
    if part.name.startswith(f"{PREFIX} "):
        return True
    try:
        with av.open(f"file:{part}") as container:
            return container.metadata.get("comment", container.metadata.get("COMMENT")) == COMMENT
    except (OSError, av.FFmpegError):
        return False


@contextlib.contextmanager
def _held(part: Path) -> Iterator[bool]:
    """Keep other processes off a part; False if one is at it."""
    if sys.platform == "win32":
        try:
            part.rename(part)  # Windows refuses that while somebody has it open
        except PermissionError:
            yield False
        else:
            yield True
        return
    with part.open("r+b") as file:
        try:
            _lock(file.fileno())
        except BlockingIOError:
            yield False
        else:
            yield True


def _lock(descriptor: int) -> None:
    """Lock a file until it is closed, however the process ends. Windows needs no lock: what is open there cannot be renamed."""
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError as error:  # a network folder without locks
            _log.info("no lock: %s", error)


def _remux(part: Path, path: Path, chapters: list[Chapter]) -> None:
    # Opened by name: for the index in front, libav reads its own output a second time. "file:": a colon in a name is no protocol.
    kind = _CONTAINERS.get(part.suffix, "mp4")
    options = {"movflags": "faststart"} if kind == "mp4" else {"cues_to_front": "1"}
    with av.open(f"file:{part}") as source, av.open(f"file:{path}", "w", format=kind, options=options) as target:
        # "opaque": AV1 is read by a decoder that has no encoder of its name, of which PyAV would make the new stream.
        streams = {
            stream.index: target.add_stream_from_template(stream, opaque=stream.type == "audio" or stream.codec.canonical_name == "av1")
            for stream in source.streams
            if stream.type in ("video", "audio")
        }
        target.set_chapters(chapters)
        target.metadata.update({key: value for key, value in source.metadata.items() if key not in _OF_THE_PART})
        for index, stream in streams.items():
            if source.streams[index].codec.canonical_name == "hevc" and kind == "mp4":
                stream.codec_context.codec_tag = "hvc1"  # as Apple's players want it
            stream.metadata.update(source.streams[index].metadata)
            stream.disposition = source.streams[index].disposition
        frames = 0
        try:
            for packet in source.demux():
                if packet.dts is None or packet.is_corrupt or packet.stream_index not in streams:
                    continue  # corrupt: the file ends within it
                frames += packet.stream.type == "video"
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
        except av.InvalidDataError as error:  # its end is torn off
            _log.info("'%s' ends early: %s", part, error)
        if not frames:
            raise InputError(f"'{part}' holds no frame.")
