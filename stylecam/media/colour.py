"""Pictures from a decoder to the eye: the right matrix for what is untagged, and HDR made to fit an ordinary screen."""

from __future__ import annotations

from functools import cache

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

_UNSPECIFIED = 2
_RGB_MATRIX = 0
_PQ, _HLG = 16, 18
#: From this height on an untagged picture means BT.709, as players assume.
_HD_HEIGHT = 720

_REFERENCE_WHITE_NITS = 203.0  # BT.2408
_PEAK_NITS = 1000.0
_KNEE = 0.6  # below it nothing changes; above it light is pressed together
_BT2020_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def to_rgb(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """Return the picture in this size and in BT.709 colours, uint8 RGB (H, W, 3), not turned yet."""
    if frame.color_trc in (_PQ, _HLG):
        deep = frame.reformat(width, height, "rgb48le", src_colorspace=Colorspace.BT2020).to_ndarray()
        return tone_map(deep.view(np.uint16).reshape(height, width, 3), hlg=frame.color_trc == _HLG)
    matrix: int | None = None
    if frame.colorspace == _UNSPECIFIED:
        matrix = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
    return np.asarray(frame.reformat(width, height, "rgb24", src_colorspace=matrix).to_ndarray(), np.uint8)


def tone_map(image: NDArray[np.uint16], *, hlg: bool) -> NDArray[np.uint8]:
    """Turn HDR, uint16 RGB (H, W, 3) in BT.2020 with the PQ or HLG curve, into uint8 RGB in BT.709: highlights roll off, hues stay."""
    light = _linear(hlg)[image] @ _BT2020_TO_709.T  # 1 is the white of paper
    strongest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    over = np.maximum(strongest - _KNEE, 0) / (1 - _KNEE)
    most = (_PEAK_NITS / _REFERENCE_WHITE_NITS - _KNEE) / (1 - _KNEE)
    pressed = np.minimum(strongest, _KNEE) + (1 - _KNEE) * over / (1 + over) * (1 + 1 / most)  # 1 at the peak
    light = np.clip(light * (pressed / strongest), 0, 1)
    mapped: NDArray[np.uint8] = np.rint(255 * light ** np.float32(1 / 2.4)).astype(np.uint8)
    return mapped


@cache
def _linear(hlg: bool) -> NDArray[np.float32]:
    """Return the light for each of 65536 codes."""
    code = np.arange(65536) / 65535
    if hlg:  # BT.2100, with the gamma of a 1000 nit screen applied to each colour
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        nits = _PEAK_NITS * scene**1.2
    else:  # SMPTE ST 2084
        power = code ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    return (nits / _REFERENCE_WHITE_NITS).astype(np.float32)
