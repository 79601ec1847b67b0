"""Photos to train on, and to show a growing style on, from frames of the live source."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image

from stylecam.core.atomic_io import written_whole
from stylecam.core.frame import Frame
from stylecam.errors import OutputError

_MAX_SIDE_PX = 1024
_QUALITY = 92

_log = logging.getLogger(__name__)


def save_jpeg(frame: Frame, path: Path) -> bool:
    """Write a frame as a JPEG of at most a megapixel; False if the disk refuses."""
    image = Image.fromarray(frame.image)
    image.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX), Image.Resampling.BILINEAR)
    try:
        with written_whole(path, force=True) as temporary:
            image.save(temporary, "JPEG", quality=_QUALITY)
    except OutputError as error:
        _log.info("%s", error)
        return False
    return True
