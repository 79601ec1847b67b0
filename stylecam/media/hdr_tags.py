"""HDR and wide gamut in image files that say so by numbers instead of a profile: PNG's cICP, AVIF's nclx."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from stylecam.media.colour import is_standard, to_bt709
from stylecam.media.colour_profiles import Converted

_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 1 << 20  # an AVIF's boxes of properties stand in front of its pixels


def apply(converted: Converted, data: bytes) -> Converted:
    """Bring an image into sRGB's range as its file's tags ask; one without such tags, or with a profile in an AVIF, is left as it is."""
    tags = _cicp(data) if data.startswith(_PNG) else (_nclx(data) if converted.icc is None else None)
    if tags is None or is_standard(*tags):
        return converted
    rgb = Image.fromarray(to_bt709(np.asarray(converted.rgb), *tags))
    note = "its colours go beyond an ordinary screen's and were fitted to it"
    return replace(converted, rgb=rgb, icc=None, notes=(*converted.notes, note))


def _cicp(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from a PNG's cICP chunk, which stands in front of the pixels."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"cICP" and length == 4:
            return data[at + 8], data[at + 9]
        if kind == b"IDAT":
            return None
        at += 12 + length
    return None


def _nclx(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from the colour box of an AVIF."""
    if data[4:8] != b"ftyp":
        return None
    at = data.find(b"colrnclx", 0, _HEADER_BYTES)
    if at < 0 or at + 12 > len(data):
        return None
    return int.from_bytes(data[at + 8 : at + 10]), int.from_bytes(data[at + 10 : at + 12])
