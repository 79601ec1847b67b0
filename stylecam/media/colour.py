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
_KNEE = 0.6  # below it nothing changes; above it light is pressed together
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
    return primaries not in _TO_709 and not is_hdr(transfer)


def to_bt709(image: NDArray[np.uint8] | NDArray[np.uint16], primaries: int, transfer: int) -> NDArray[np.uint8]:
    """Bring RGB (H, W, 3), uint8 or uint16, into BT.709 (for sRGB's curve: into sRGB), uint8.

    HDR (PQ, HLG) is pressed into the ordinary range: its highlights roll off, its hues stay. A colour that BT.709 has not is cut off.

    >>> to_bt709(np.full((1, 1, 3), 148, np.uint8), 9, 16)[0, 0].tolist()  # the white of paper in PQ
    [234, 234, 234]
    """
    hdr = is_hdr(transfer)
    light = _light(transfer, 8 * image.itemsize)[image]  # 1 is the white of paper
    matrix = _TO_709.get(_BT2020 if hdr and primaries == UNSPECIFIED else primaries)
    if matrix is not None:
        light = light @ matrix.T
    if hdr:
        strongest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
        over = np.maximum(strongest - _KNEE, 0) / (1 - _KNEE)
        most = (_PEAK_NITS / _REFERENCE_WHITE_NITS - _KNEE) / (1 - _KNEE)
        pressed = np.minimum(strongest, _KNEE) + (1 - _KNEE) * over / (1 + over) * (1 + 1 / most)  # 1 at the peak
        light = light * (pressed / strongest)
    light = np.clip(light, 0, 1)
    if transfer in (_SRGB, _LINEAR):
        coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** np.float32(1 / 2.4) - 0.055)
    else:
        coded = light ** np.float32(1 / 2.4)
    mapped: NDArray[np.uint8] = np.rint(255 * coded).astype(np.uint8)
    return mapped


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
