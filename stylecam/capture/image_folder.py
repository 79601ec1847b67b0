"""Images in a folder, one after the other; or one image."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylecam.capture.base import SourceInfo
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import InputError
from stylecam.media.formats import IMAGES, is_image, left_out
from stylecam.media.images import read_srgb

_log = logging.getLogger(__name__)

_NS = 1_000_000_000


class ImageFolder(GuardedSource):
    """Images in the order a person would count them: frame_2 before frame_10. What cannot be read is left out.

    Args:
        path: a folder, or one image.
        fps: images per second: 0.5 is a slide show, 25 a clip in single images.
        loop: start again after the last; indices and times continue to grow.
    """

    def __init__(self, path: Path, *, fps: float = 0.5, loop: bool = False) -> None:
        super().__init__()
        self._path, self._fps, self._loop = path, fps, loop

    def _open(self) -> SourceInfo:
        """Find the images and read the first."""
        if not self._path.exists():
            raise InputError(f"There is no folder or image '{self._path}'; check its name.")
        try:
            # One that is named is tried whatever its ending is.
            held = list(self._path.iterdir()) if self._path.is_dir() else []
            self._files = sorted(filter(is_image, held), key=_counting) if self._path.is_dir() else [self._path]
        except OSError as error:
            raise InputError(f"The folder '{self._path}' cannot be read: {(error.strerror or str(error)).lower()}.") from None
        if not self._files:
            searched = f"The folder '{self._path}' holds no images; it needs files ending in {', '.join(sorted(IMAGES))}."
            raise InputError(f"{searched} {left_out(held)}".strip())
        self._at = self._index = 0
        # An image alone reports itself what is wrong with it.
        self._first: NDArray[np.uint8] | None = self._next() if self._files != [self._path] else read_srgb(self._path)
        self._at = max(self._at, int(self._files == [self._path]))
        if self._first is None:
            raise InputError(f"No image in '{self._path}' can be read; they are damaged or no images at all.")
        height, width = self._first.shape[:2]
        return SourceInfo(self._path.name, width, height, live=False, note=left_out(each for each in held if not is_image(each)))

    def _read(self) -> Frame | None:
        image, self._first = self._first if self._first is not None else self._next(), None
        if image is None and self._loop:
            self._at = 0
            image = self._next()
        if image is None:
            return None
        frame = Frame(image, self._index, time.monotonic_ns(), round(self._index * _NS / self._fps))
        self._index += 1
        return frame

    def _next(self) -> NDArray[np.uint8] | None:
        """Read the next image that can be read, uint8 RGB (H, W, 3); None after the last."""
        while self._at < len(self._files):
            path = self._files[self._at]
            self._at += 1
            try:
                return read_srgb(path)
            except InputError as error:
                _log.info("left out: %s", error)
        return None

    def _release(self) -> None:
        self._first = None
        self._files = []


def _counting(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts numbers by their value."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in re.split(r"(\d+)", path.name)]
