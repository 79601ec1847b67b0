"""Keeps the painting where the photo stands still, so that neither a camera's noise nor a distant movement makes strokes flicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Calm:
    """What is carried from one picture to the next: the photo at half its size, (h, w, 3), and the painting, (H, W, 3), both float32."""

    photo: NDArray[np.float32]
    painted: NDArray[np.float32]


def calm(photo: NDArray[np.uint8], painted: NDArray[np.uint8], before: Calm | None) -> tuple[NDArray[np.uint8], Calm]:
    """Take the new painting where the photo has changed, and keep most of the one before where it has only other noise.

    What moves is painted anew at once, so nothing leaves a trail. A network's strokes answer to noise several times as strongly
    as the photo shows it, so without this a still room shimmers. The noise is measured in every picture.

    Args:
        photo: uint8 RGB (H, W, 3), the camera's.
        painted: uint8 RGB (H, W, 3), its painting.
        before: what the picture before returned, or None to begin anew: after a cut to another source, mix or size of picture.

    Returns:
        uint8 RGB (H, W, 3), and what the next picture must be given.
    """
    height, width = painted.shape[:2]
    half = (max(1, width // _HALF), max(1, height // _HALF))
    small = cv2.resize(photo, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    fresh = painted.astype(np.float32)
    if before is None or before.painted.shape != fresh.shape:
        return painted, Calm(small, fresh)
    share = _share_of_new(small, before.photo)
    small = _mixed(small, before.photo, share)
    fresh = _mixed(fresh, before.painted, cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.convertScaleAbs(fresh), np.uint8), Calm(small, fresh)


def calmly(paint: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    """Return a painter of pictures, uint8 RGB (H, W, 3), that paints as `paint` does and calms what it paints: for one clip, in order."""
    before: Calm | None = None

    def painted_calmly(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
        nonlocal before
        image, before = calm(photo, paint(photo), before)
        return image

    return painted_calmly


def _mixed(now: NDArray[Any], before: NDArray[Any], share: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(cv2.blendLinear(now, before, share, 1 - share), np.float32)


def _share_of_new(now: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of the new picture is to be taken, from `LEAST` to 1, (h, w)."""
    red, green, blue = cv2.split(cv2.blur(cv2.absdiff(now, before), (_WINDOW_PX, _WINDOW_PX)))
    change = cv2.max(cv2.max(red, green), blue)  # NumPy's maximum over the last axis takes 30 times as long
    noise = float(np.clip(_OF_NOISE * np.percentile(change[::4, ::4], _QUIETER_PERCENTILE), _NOISE_LEAST, _NOISE_MOST))
    share = LEAST + (1 - LEAST) / (noise * (_FULL - 1)) * (change - noise)
    return np.asarray(share.clip(LEAST, 1), np.float32)
