"""A random crop offset before the losses, so that the network cannot fit its output to the loss network's grid.

The loss network takes maxima of 2x2 cells, and the network's upsampling knows where those cells are: left alone, it learns a regular
pattern of 2 and 4 px that pleases the maxima and nobody else. Moved by a pixel, such an image was judged 7 % worse.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor


def crop_at_random_offset(images: Tensor, photos: Tensor, seed: int, step: int, grid_px: int) -> tuple[Tensor, Tensor]:
    """Crop stylized images and their photos alike, at an offset that `seed` and `step` decide.

    Args:
        images: (B, 3, H, W); they come back as (B, 3, H - grid_px, W - grid_px).
        photos: (B, 3, H, W).
        seed: of the run.
        step: of the run.
        grid_px: the network repeats itself every so many pixels (`net.cost.grid_px`); the offsets go through all of these.
    """
    top, left = np.random.default_rng((seed, 2, step)).integers(0, grid_px, 2).tolist()
    height, width = (side - grid_px for side in images.shape[-2:])
    window = (..., slice(top, top + height), slice(left, left + width))
    return images[window], photos[window]


def crop_place(seed: int, step: int) -> tuple[float, float]:
    """Return where the crops of a step lie that `seed` and `step` decide, as shares of the space they have: (down, across)."""
    down, across = np.random.default_rng((seed, 3, step)).random(2).tolist()
    return down, across
