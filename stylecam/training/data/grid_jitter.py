"""Losses that see each picture at another offset, so that the network cannot paint for the loss network's grid.

The loss network takes maxima of 2x2 cells, and the network's upsampling knows where those cells are: left alone, it learns a regular
pattern of 2 and 4 px that pleases the maxima and nobody else. Moved by a pixel, such a picture was judged 7 % worse.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

#: The network repeats itself every so many pixels, the product of its strides; the offsets go through all of these.
GRID_PX = 4


def off_grid(pictures: Tensor, photos: Tensor, seed: int, step: int) -> tuple[Tensor, Tensor]:
    """Crop pictures and their photos, both (B, 3, H, W), alike to (B, 3, H - 4, W - 4), at an offset that `seed` and `step` decide."""
    top, left = np.random.default_rng((seed, 2, step)).integers(0, GRID_PX, 2).tolist()
    height, width = (side - GRID_PX for side in pictures.shape[-2:])
    window = (..., slice(top, top + height), slice(left, left + width))
    return pictures[window], photos[window]


def crop_place(seed: int, step: int) -> tuple[float, float]:
    """Return where the crops of a step lie that `seed` and `step` decide, as shares of the room they have: (down, across)."""
    down, across = np.random.default_rng((seed, 3, step)).random(2).tolist()
    return down, across
