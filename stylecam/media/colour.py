"""HDR and wide gamuts brought to BT.709 or sRGB, for frames and for image files.

Tags are numbers of ITU-T H.273, as in H.264, PNG's cICP and AVIF's nclx.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

UNSPECIFIED = 2
_PQ, _HLG, _SRGB, _LINEAR = 16, 18, 13, 8
_BT2020, _DCI_P3, _DISPLAY_P3 = 9, 11, 12

_REFERENCE_WHITE_NITS = 203.0  # BT.2408
_PEAK_NITS = 1000.0
_BITS = 12  # of a code that are looked at: as many as HDR is mastered with; a larger table leaves the processor's cache
_MOST = (1 << _BITS) - 1
_PIXELS_AT_ONCE = 1 << 15  # what fits into the processor's cache: 1080 lines take a quarter of the time
_KNEE = 0.6  # below it nothing changes; above it light is compressed
_TO_709 = {
    _BT2020: np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32),
    _DISPLAY_P3: np.array([[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]], np.float32),
    _DCI_P3: np.array([[1.1576, -0.1550, -0.0026], [-0.0415, 1.0456, -0.0041], [-0.0181, -0.0786, 1.0967]], np.float32),
}


def is_hdr(transfer: int) -> bool:
    """Return whether this is the curve of PQ or HLG."""
    return transfer in (_PQ, _HLG)


def is_standard(primaries: int, transfer: int) -> bool:
    """Return whether numbers with these tags can be shown as they are, or as good as."""
    return primaries not in _TO_709 and not is_hdr(transfer) and transfer != _LINEAR


def to_bt709(image: NDArray[np.uint8] | NDArray[np.uint16], primaries: int, transfer: int) -> NDArray[np.uint8]:
    """Bring RGB (H, W, 3), uint8 or uint16, into BT.709 (for sRGB's curve: into sRGB), uint8.

    HDR (PQ, HLG) is compressed into the ordinary range: its highlights roll off, its hues stay. A colour that BT.709 lacks is clipped.

    >>> to_bt709(np.full((1, 1, 3), 148, np.uint8), 9, 16)[0, 0].tolist()  # the white of paper in PQ
    [234, 234, 234]
    """
    hdr, code_of = is_hdr(transfer), _coded(transfer in (_SRGB, _LINEAR))
    light_of, shift = (_light(transfer, _BITS), 16 - _BITS) if image.itemsize == 2 else (_light(transfer, 8), 0)
    matrix = _TO_709.get(_BT2020 if hdr and primaries == UNSPECIFIED else primaries)
    mapped = np.empty(image.shape, np.uint8)
    rows = max(1, _PIXELS_AT_ONCE // image.shape[1])
    for top in range(0, image.shape[0], rows):
        part = image[top : top + rows]
        light = [light_of[part[..., channel] >> shift] for channel in range(3)]  # 1 is the white of paper
        if matrix is not None:
            light = [row[0] * light[0] + row[1] * light[1] + row[2] * light[2] for row in matrix]
        if hdr:
            share = _pressed(np.maximum(np.maximum(light[0], light[1]), light[2]))
            light = [each * share for each in light]
        for channel, each in enumerate(light):
            mapped[top : top + rows, :, channel] = code_of[(np.sqrt(np.clip(each, 0, 1)) * _MOST + 0.5).astype(np.uint16)]
    return mapped


def _pressed(strongest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what each pixel's light is multiplied by, so that its strongest colour fits: 1 below the knee, then less and less."""
    strongest = np.maximum(strongest, np.float32(1e-6))
    over = np.maximum(strongest - np.float32(_KNEE), 0) * np.float32(1 / (1 - _KNEE))
    most = (_PEAK_NITS / _REFERENCE_WHITE_NITS - _KNEE) / (1 - _KNEE)
    scale = np.float32((1 - _KNEE) * (1 + 1 / most))  # so that it is 1 at the peak
    pressed: NDArray[np.float32] = (np.minimum(strongest, np.float32(_KNEE)) + scale * over / (1 + over)) / strongest
    return pressed


@cache
def _coded(srgb: bool) -> NDArray[np.uint8]:
    """Return the 8-bit code of each light; the table is entered by the square root of light, finer in the dark, where eyes are."""
    light = (np.arange(_MOST + 1) / _MOST) ** 2
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) if srgb else light ** (1 / 2.4)
    return np.rint(255 * coded).astype(np.uint8)


@cache
def _light(transfer: int, bits: int) -> NDArray[np.float32]:
    """Return the light for each code of so many bits; 1 is the white of paper."""
    code = np.arange(1 << bits) / ((1 << bits) - 1)
    if transfer == _HLG:  # BT.2100, with the gamma of a 1000 nit screen applied to each colour
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        light = _PEAK_NITS * scene**1.2 / _REFERENCE_WHITE_NITS
    elif transfer == _PQ:  # SMPTE ST 2084
        power = code ** (1 / 78.84375)
        light = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        light = light / _REFERENCE_WHITE_NITS
    elif transfer == _SRGB:
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    else:
        light = code if transfer == _LINEAR else code**2.4  # BT.1886: how a screen shows BT.709, BT.601 and BT.2020
    return light.astype(np.float32)
