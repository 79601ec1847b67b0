"""The size at which frames are stylized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylecam.core.params import SIZE
from stylecam.effects.base import Context, Effect, Place

if TYPE_CHECKING:
    from stylecam.effects.base import Image


def fit(image: Image, size_px: int) -> Image:
    """Shrink (H, W, 3) until its longest side is `size_px`, to even sides; 0, or an image that is small enough, changes nothing."""
    height, width = image.shape[:2]
    if size_px <= 0 or max(height, width) <= size_px:
        return image
    scale = size_px / max(height, width)
    return _resized(image, max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2)))


def shrink(image: Image, scale: float) -> Image:
    """Return (H, W, 3) with sides `scale` times as long, even and at least 32 px; 1 returns it as it is."""
    if scale >= 1:
        return image
    height, width = (min(side, max(32, 2 * round(side * scale / 2))) for side in image.shape[:2])
    return _resized(image, width, height)


def halve(image: Image) -> Image:
    """Return (H, W, 3) at half its sides, rounded up: what an engine with the fast output is given, which draws it twice as large."""
    return _resized(image, (image.shape[1] + 1) // 2, (image.shape[0] + 1) // 2)


def _resized(image: Image, width: int, height: int) -> Image:
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _run(context: Context, state: None) -> tuple[Image, None]:
    return fit(context.image, context.params[SIZE]), state


def _wanted(context: Context) -> bool:
    height, width = context.image.shape[:2]
    return bool(0 < context.params[SIZE] < max(height, width))


EFFECT: Effect = Effect(name="size", place=Place.SIZE, wanted=_wanted, run=_run, params=(SIZE,))
