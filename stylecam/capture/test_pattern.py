"""A moving test image made on the spot: for trying things without a camera, for tests and for measuring latency."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from stylecam.capture import frame_number
from stylecam.capture.base import CameraFormat, SourceInfo, size_and_rate
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import UsageError

_MAX_PX = 8192
_NS = 1_000_000_000
_BARS = ((235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16), (16, 16, 235), (40, 40, 40))


class TestPattern(GuardedSource):
    """Colour bars over a gradient, with a disc that wanders, and the frame's number in the corner.

    Args:
        width: in pixels.
        height: in pixels.
        fps: frames per second, kept by the clock if `live`.
        live: behave like a camera; otherwise like a file: as fast as it is read.
        frames: end after so many; None never ends.

    Raises:
        UsageError: size or rate are out of range.
    """

    __test__ = False  # pytest, this is no test

    def __init__(self, width: int = 640, height: int = 480, fps: float = 30.0, *, live: bool = True, frames: int | None = None) -> None:
        super().__init__()
        if not (8 <= width <= _MAX_PX and 8 <= height <= _MAX_PX):
            raise UsageError(f"The test pattern cannot be {width}x{height}; each side must have 8 to {_MAX_PX} pixels.")
        if not 0.1 <= fps <= 1000:
            raise UsageError(f"The test pattern cannot run at {fps:g} frames per second; give 0.1 to 1000.")
        self._width, self._height, self._fps, self._live, self._count = width, height, fps, live, frames
        self._still = _still(height, width)

    def _open(self) -> SourceInfo:
        self._index = 0
        self._begun_ns = time.monotonic_ns()
        return SourceInfo("test pattern", self._width, self._height, self._live)

    def _read(self) -> Frame | None:
        if self._count is not None and self._index >= self._count:
            return None
        media_ns = round(self._index * _NS / self._fps)
        if self._live:
            late_ns = time.monotonic_ns() - self._begun_ns - media_ns
            if late_ns > _NS / self._fps:  # like a camera, it does not make up for what was missed
                self._begun_ns += late_ns
            elif self._closing.wait(max(0, -late_ns) / _NS):
                return None
        frame = Frame(image_of(self._still, self._index, self._fps), self._index, time.monotonic_ns(), media_ns)
        self._index += 1
        return frame

    def _release(self) -> None:
        pass


def image_of(still: NDArray[np.uint8], index: int, fps: float) -> NDArray[np.uint8]:
    """Return the image of this number: `still`, uint8 (H, W, 3), with what moves drawn upon it."""
    height, width = still.shape[:2]
    radius = max(2, height // 10)
    angle = 2 * np.pi * index / (4 * fps)  # once around in four seconds
    x, y = round(width * (0.5 + 0.35 * np.cos(angle))), round(height * (0.6 + 0.2 * np.sin(angle)))
    left, top = max(0, x - radius), max(0, y - radius)
    rows, columns = np.ogrid[top : min(height, y + radius + 1), left : min(width, x + radius + 1)]
    disc = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
    image = frame_number.draw(still, index)
    image[top : top + disc.shape[0], left : left + disc.shape[1]][disc] = (250, 180, 60)
    return image


def _still(height: int, width: int) -> NDArray[np.uint8]:
    image = np.empty((height, width, 3), np.uint8)
    bar = np.minimum(np.arange(width) * len(_BARS) // width, len(_BARS) - 1)
    image[: height // 2] = np.array(_BARS, np.uint8)[bar]
    image[height // 2 :, :, 0] = np.linspace(0, 255, width).astype(np.uint8)
    image[height // 2 :, :, 1] = np.linspace(0, 255, height - height // 2).astype(np.uint8)[:, None]
    image[height // 2 :, :, 2] = 128
    return image


def named(text: str | None, camera: CameraFormat) -> TestPattern:  # noqa: ARG001, a pattern is no camera
    """Return the pattern that a text such as "1280x720@30" asks for; None is the usual one.

    Raises:
        UsageError: the text is not written like that, or out of range.
    """
    if text is None:
        return TestPattern()
    found = size_and_rate(text)
    if found is None:
        raise UsageError(f"'pattern:{text}' is no test pattern; write it like pattern:1280x720@30.")
    return TestPattern(*found)
