"""What kind of picture a thumbnail is, and how large it unfolds, read from its first bytes without decoding it.

The window hands thumbnails to decoders. A few kilobytes can unfold to gigabytes of pixels, so the size is checked first.
"""

from __future__ import annotations

import struct

MAX_SIDE_PX = 1024

_JPEG, _PNG, _WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"WEBP"
#: Markers of a JPEG that begin with a frame's size: SOF0 to SOF15 without DHT, JPG and DAC.
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_kind(data: bytes) -> str | None:
    """Return "jpg", "png", "webp", or None for anything else."""
    if data.startswith(_JPEG):
        return "jpg"
    if data.startswith(_PNG):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == _WEBP:
        return "webp"
    return None


def image_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels, or None if the head is not that of a JPEG, PNG or WebP."""
    try:
        kind = image_kind(data)
        if kind == "jpg":
            return _jpeg_size(data)
        if kind == "png":
            return _png_size(data)
        if kind == "webp":
            return _webp_size(data)
    except struct.error:  # the head is cut off
        pass
    return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    length, name, width, height = struct.unpack_from(">I4s2I", data, len(_PNG))
    return (width, height) if (length, name) == (13, b"IHDR") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while True:
        start, marker, length = struct.unpack_from(">2BH", data, at)
        if start != 0xFF or length < 2 or not 0xC0 <= marker <= 0xFE or 0xD0 <= marker <= 0xDA:
            return None  # also where the picture's data begin before a frame was named
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">2H", data, at + 5)
            return width, height
        at += 2 + length


def _webp_size(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8 ":
        start, width, height = struct.unpack_from("<3s2H", data, 23)
        return (width & 0x3FFF, height & 0x3FFF) if start == b"\x9d\x01\x2a" else None
    if form == b"VP8L":
        start, bits = struct.unpack_from("<BI", data, 20)
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if start == 0x2F else None
    if form == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
        return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
    return None
