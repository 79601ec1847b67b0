"""HDR and wide gamut in image files that say so by numbers instead of a curve: PNG's cICP, AVIF's nclx, a profile's cicp."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from stylecam.media.colour import is_hdr, is_standard, to_bt709
from stylecam.media.colour_profiles import Converted
from stylecam.media.stored_numbers import from_gamma

_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 1 << 20  # an AVIF's boxes of properties come before its pixels


def apply(converted: Converted, data: bytes, info: dict[Any, Any]) -> Converted:
    """Bring an image into sRGB's range as its file's tags ask; one without such tags, or with a profile in an AVIF, is left as it is.

    Args:
        converted: the image.
        data: its file.
        info: what Pillow read beside the pixels; a PNG's exponent (gAMA) counts where there is no tag.
    """
    tags = _profile_tags(converted.icc)
    if tags is None:
        tags = _cicp(data) if data.startswith(_PNG) else (_nclx(data) if converted.icc is None else None)
    if tags is None:
        return replace(converted, rgb=from_gamma(converted.rgb, info))
    if is_standard(*tags):
        return converted
    rgb = Image.fromarray(to_bt709(np.asarray(converted.rgb), *tags))
    note = "its colours go beyond an ordinary screen's and were fitted to it"
    return replace(converted, rgb=rgb, icc=None, notes=(*converted.notes, note))


def _profile_tags(icc: bytes | None) -> tuple[int, int] | None:
    """Return primaries and transfer from an HDR profile, which names them in its own tag; None for any other profile."""
    if icc is None:
        return None
    for number in range(min(int.from_bytes(icc[128:132]), 100)):
        entry = icc[132 + 12 * number : 144 + 12 * number]
        at = int.from_bytes(entry[4:8])
        if entry[:4] == b"cicp" and icc[at : at + 4] == b"cicp" and at + 10 <= len(icc) and is_hdr(icc[at + 9]):
            return icc[at + 8], icc[at + 9]
    return None


def _cicp(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer from a PNG's cICP chunk, which comes before the pixels."""
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
