"""Keeps the painting where the photo stands still, so that neither a camera's noise nor a distant movement makes strokes flicker."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

#: How much of every new painting is taken where nothing moves: light that changes slowly still arrives, within about a second.
LEAST = 0.1
#: Photos are compared at half their size, averaged over a window of so many of these pixels: a move is seen, noise is less.
_HALF, _WINDOW_PX = 2, 5
#: What counts as noise, in grey levels: so many times what the quieter parts of the picture differ by, within bounds. From the first number
#: on a difference counts as a move in part, from `_FULL` times as much wholly.
_OF_NOISE, _NOISE_LEAST, _NOISE_MOST, _FULL = 3.0, 1.5, 6.0, 2.0
_QUIETER_PERCENTILE = 25


class Calm:
    """Calms the paintings of one film, in order; another source, mix or look needs a new one.

    It carries the photo at half its size, (h, w, 3), and the painting, (H, W, 3), both float32, from one picture to the next.
    """

    def __init__(self) -> None:
        self._before: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None

    def keep(self, photo: NDArray[np.uint8], painted: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Take the new painting where the photo has changed, and keep most of the one before where it has only other noise.

        What moves is painted anew at once, so nothing leaves a trail. A network's strokes answer to noise several times as strongly
        as the photo shows it, so without this a still room shimmers. The noise is measured in every picture.

        Args:
            photo: uint8 RGB (H, W, 3), the camera's.
            painted: uint8 RGB (H, W, 3), its painting. The first one, and one of another size than the one before, comes back as it is.

        Returns:
            uint8 RGB (H, W, 3).
        """
        before, self._before = self._before, None  # nothing is carried over a failure
        height, width = painted.shape[:2]
        half = (max(1, width // _HALF), max(1, height // _HALF))
        small = cv2.resize(photo, half, interpolation=cv2.INTER_AREA).astype(np.float32)
        fresh = painted.astype(np.float32)
        if before is None or before[1].shape != fresh.shape:
            self._before = small, fresh
            return painted
        share = _share_of_new(small, before[0])
        small = _mixed(small, before[0], share)
        fresh = _mixed(fresh, before[1], cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR))
        image = np.asarray(cv2.convertScaleAbs(fresh), np.uint8)
        self._before = small, fresh
        return image


def _mixed(now: NDArray[Any], before: NDArray[Any], share: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(cv2.blendLinear(now, before, share, 1 - share), np.float32)


def _share_of_new(now: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of the new picture is to be taken, from `LEAST` to 1, (h, w)."""
    red, green, blue = cv2.split(cv2.blur(cv2.absdiff(now, before), (_WINDOW_PX, _WINDOW_PX)))
    change = cv2.max(cv2.max(red, green), blue)  # NumPy's maximum over the last axis takes 30 times as long
    noise = float(np.clip(_OF_NOISE * np.percentile(change[::4, ::4], _QUIETER_PERCENTILE), _NOISE_LEAST, _NOISE_MOST))
    share = LEAST + (1 - LEAST) / (noise * (_FULL - 1)) * (change - noise)
    return np.asarray(share.clip(LEAST, 1), np.float32)
