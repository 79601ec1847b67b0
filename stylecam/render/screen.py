"""The copy of a frame for the screen."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import Image

#: The preview is made no larger than this; on a larger screen the window stretches it.
MAX_PREVIEW_PIXELS = 1920 * 1200


def screen_copy(image: Image, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Scale (H, W, 3) RGB to fit a place on the screen, with its proportions, in the screen's own byte order.

    Drawing this is a plain copy; Qt's own smooth scaling in the window's thread costs many times as much.

    Returns:
        uint8 BGRX (h, w, 4).
    """
    height, width = image.shape[:2]
    if width_px > 0 and height_px > 0:
        scale = min(width_px / width, height_px / height)
        scale = min(scale, (MAX_PREVIEW_PIXELS / (width * height)) ** 0.5)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if size != (width, height):
            how: Any = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGRA), np.uint8)


def plain_copy(image: Image) -> NDArray[np.uint8]:
    """Bring (H, W, 3) RGB into the screen's byte order in its own size, uint8 BGRX (H, W, 4), with nothing that could fail."""
    return np.dstack([image[..., ::-1], np.full(image.shape[:2], 255, np.uint8)])
