"""Fits a frame of any size into one that does not change: what a virtual camera needs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def letterbox(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return `image`, uint8 RGB (H, W, 3), as (height, width, 3): as large as fits, in the middle, with black bars.

    >>> letterbox(np.full((10, 10, 3), 255, np.uint8), 20, 10)[0, :, 0].tolist() == [0] * 5 + [255] * 10 + [0] * 5
    True
    """
    if image.shape[:2] == (height, width):
        return image
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    smaller = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    fitted = np.zeros((height, width, 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=smaller)
    return fitted
