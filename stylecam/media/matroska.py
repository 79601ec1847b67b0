"""How long the last frame of a Matroska or WebM file is shown, which only its header says."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

_SEGMENT = bytes.fromhex("18538067")
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def track_end(container: InputContainer, video: VideoStream) -> Fraction | None:
    """Return when the video ends by the file's clock, in seconds; None if the file does not say, or the file was cut short."""
    match = _DURATION.fullmatch(next((value for key, value in video.metadata.items() if key.startswith("DURATION")), ""))
    if match is None or "matroska" not in container.format.name or not _is_whole(Path(container.name.removeprefix("file:"))):
        return None
    return int(match[1]) * 3600 + int(match[2]) * 60 + Fraction(match[3])


def _is_whole(path: Path) -> bool:
    """Return whether the file is as long as its header says."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        size = path.stat().st_size
    except OSError:
        return False
    at = head.find(_SEGMENT) + len(_SEGMENT)
    if at < len(_SEGMENT) or at >= len(head):
        return False
    length = 9 - head[at].bit_length()  # of the number: as many bytes as its first has leading zeros, and one
    told = int.from_bytes(head[at : at + length]) & ((1 << (7 * length)) - 1)
    return told == (1 << (7 * length)) - 1 or at + length + told <= size  # all ones: not known
