"""Photos to train on, and to show a growing style on, from frames of the live source."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image

from stylecam.core.frame import Frame
from stylecam.errors import OutputError
from stylecam.training.data.collect import write_jpeg

_MAX_SIDE_PX = 1024

_log = logging.getLogger(__name__)


def save_jpeg(frame: Frame, path: Path) -> bool:
    """Write a frame as a JPEG of at most a megapixel; False if the disk refuses."""
    image = Image.fromarray(frame.image)
    image.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX), Image.Resampling.BILINEAR)
    try:
        write_jpeg(image, path)
    except OutputError as error:
        _log.info("%s", error)
        return False
    return True
