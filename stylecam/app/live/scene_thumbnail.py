"""A small image of a frame, to know a scene by."""

from __future__ import annotations

import cv2

from stylecam.engines.base import Image
from stylecam.outputs.letterbox import fill

SIZE_PX = (160, 90)
_JPEG_QUALITY = 80


def thumbnail(image: Image) -> bytes:
    """Return the middle of a frame, uint8 RGB (H, W, 3), as a JPEG of some kilobytes."""
    small = cv2.cvtColor(fill(image, *SIZE_PX), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1])
