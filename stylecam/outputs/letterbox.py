"""Puts a frame of any size into one that does not change: what a virtual camera needs."""

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


def fill(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return `image`, uint8 RGB (H, W, 3), as (height, width, 3): without bars, what is too wide or too high cut off at both sides.

    >>> fill(np.arange(20, dtype=np.uint8)[None, :, None].repeat(10, 0).repeat(3, 2), 10, 10)[0, :, 0].tolist() == list(range(5, 15))
    True
    """
    wide = min(image.shape[1], max(1, round(image.shape[0] * width / height)))
    high = min(image.shape[0], max(1, round(image.shape[1] * height / width)))
    left, top = (image.shape[1] - wide) // 2, (image.shape[0] - high) // 2
    middle = image[top : top + high, left : left + wide]
    if middle.shape[:2] == (height, width):
        return middle
    smaller = cv2.INTER_AREA if width < wide else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(middle, (width, height), interpolation=smaller), np.uint8)
