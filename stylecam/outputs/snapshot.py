"""One frame, kept as a PNG file, or as a thumbnail to know something by."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.core.atomic_io import write_file
from stylecam.core.recording_params import NAME_PATTERN
from stylecam.errors import OutputError
from stylecam.outputs.letterbox import fill
from stylecam.outputs.names import new_path

_THUMBNAIL_PX = (160, 90)
_THUMBNAIL_QUALITY = 80


def save_snapshot(
    image: NDArray[np.uint8],
    folder: Path,
    parts: Iterable[str] = (),
    *,
    pattern: str = NAME_PATTERN.default,
    now: datetime.datetime | None = None,
) -> Path:
    """Save a frame, exactly as it is, under a new name with date and style; nothing is ever overwritten.

    Args:
        image: uint8 RGB (H, W, 3).
        folder: is made if it is missing.
        parts: words for the name, such as the style's id.
        pattern: of the name, see `names.new_path`.
        now: the local time; default: the clock's.

    Returns:
        The file, complete.

    Raises:
        OutputError: the folder or the disk refuses.
    """
    _, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    parts = tuple(parts)
    while True:
        path = new_path(folder, parts, ".png", pattern=pattern, now=now)
        try:
            write_file(path, data.tobytes())
        except OutputError:
            if not os.path.lexists(path):
                raise  # else somebody took the name at this very moment: the next one
        else:
            return path


def thumbnail(image: NDArray[np.uint8]) -> bytes:
    """Return the middle of a frame, uint8 RGB (H, W, 3), as a JPEG of some kilobytes."""
    small = cv2.cvtColor(fill(image, *_THUMBNAIL_PX), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _THUMBNAIL_QUALITY])[1])
