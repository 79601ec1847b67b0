"""Masks of people's own making: one colour, one region; the same colours on the photo's mask and on the style image's belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stylecam.errors import InputError

#: Levels per channel to which a mask's colours are rounded: JPEG and soft brushes leave a few more than were meant.
_LEVELS = (0, 128, 255)
#: A colour of less than this share of the mask's area is taken for the soft border of another.
_LEAST_SHARE = 0.01


def regions(photo_mask: NDArray[np.uint8], style_mask: NDArray[np.uint8]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return for each region where it is on the photo and where on the style image, (H, W) and (h, w) True inside.

    Args:
        photo_mask: uint8 RGB (H, W, 3), of a few plain colours.
        style_mask: likewise (h, w, 3).

    Raises:
        InputError: a colour of the photo's mask is not on the other.
    """
    photo, style = _labels(photo_mask), _labels(style_mask)
    found = []
    for label in np.unique(photo):
        here = photo == label
        if here.mean() < _LEAST_SHARE:
            continue
        there = style == label
        if there.mean() < _LEAST_SHARE:
            color = "#" + "".join(f"{_LEVELS[label // 3**place % 3]:02x}" for place in (2, 1, 0))
            raise InputError(
                f"The photo's mask has a region in {color}, and the style image's mask has none; use the same colours on both."
            )
        found.append((here, there))
    return found


def resized_mask(mask: NDArray[np.bool_], height: int, width: int) -> NDArray[np.float32]:
    """Return a mask at another size, float32 (height, width) from 0 to 1, soft at its borders."""
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    if mask.shape != (height, width):
        image = image.resize((width, height), Image.Resampling.BOX if mask.shape[0] > height else Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32) / np.float32(255)


def _labels(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the number of each pixel's rounded colour, (H, W)."""
    steps = (mask.astype(np.int64) + 64) // 128  # 0..63 → 0, 64..191 → 1, 192..255 → 2
    return np.asarray(steps @ np.array([9, 3, 1]))
