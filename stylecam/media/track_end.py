"""How long the last frame of a Matroska, WebM, AVI or FLV file is shown, which only its header says."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

_SEGMENT = bytes.fromhex("18538067")
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_FLV_KINDS = (8, 9, 18)  # sound, video, words
_FLV_HEAD = 11  # bytes in front of what a tag holds


def track_end(container: InputContainer, video: VideoStream) -> Fraction | None:
    """Return when the video ends by the file's clock, in seconds; None if the file does not say, or the file was cut short."""
    path = Path(container.name.removeprefix("file:"))
    form = container.format.name
    try:
        if "matroska" in form:
            return _matroska_end(path, video)
        if form == "avi" and video.duration and video.time_base and _avi_is_whole(path):
            return (video.start_time or 0) * video.time_base + video.duration * video.time_base
        # An FLV tells one length for all of its tracks.
        if form == "flv" and container.duration and len(container.streams) == 1 and _flv_is_whole(path):
            return Fraction((container.start_time or 0) + container.duration, av.time_base)
    except OSError:
        pass
    return None


def _matroska_end(path: Path, video: VideoStream) -> Fraction | None:
    match = _DURATION.fullmatch(next((value for key, value in video.metadata.items() if key.startswith("DURATION")), ""))
    if match is None or not _matroska_is_whole(path):
        return None
    return int(match[1]) * 3600 + int(match[2]) * 60 + Fraction(match[3])


def _matroska_is_whole(path: Path) -> bool:
    """Return whether the file is as long as its header says."""
    head, size = _head(path, 4096), path.stat().st_size
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head):
        return False
    length = 9 - head[at].bit_length()  # of the number: as many bytes as its first has leading zeros, and one
    told = int.from_bytes(head[at : at + length]) & ((1 << (7 * length)) - 1)
    return told == (1 << (7 * length)) - 1 or at + length + told <= size  # all ones: not known


def _avi_is_whole(path: Path) -> bool:
    head = _head(path, 8)
    return head[:4] == b"RIFF" and 8 + int.from_bytes(head[4:8], "little") <= path.stat().st_size


def _flv_is_whole(path: Path) -> bool:
    """Return whether the file ends with a tag and the tag's length."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 4))
        tag = int.from_bytes(file.read(4))
        if not _FLV_HEAD <= tag <= size - 4:
            return False
        file.seek(size - 4 - tag)
        head = file.read(4)
    return head[0] in _FLV_KINDS and int.from_bytes(head[1:4]) + _FLV_HEAD == tag


def _head(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)
