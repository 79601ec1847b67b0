"""A random part of the image for the losses, so that the network cannot fit its output to what is only the loss network's.

The loss network takes maxima of 2x2 cells, and the network's upsampling knows where those cells are: left alone, it learns a regular
pattern of 2 and 4 px that pleases the maxima and nobody else. Moved by a pixel, such an image was judged 7 % worse.

The loss network also sees nothing beyond the edge of what it is shown. A network that sees far enough learns to draw bars along the
image's edges that make up for that: one such had half the style loss, on windows of just the size that it was trained with. So the
edge of what is judged must lie anywhere, and mostly away from the edge of the image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from stylecam.perceptual.objective import CropPlace

#: Share of the steps that only move the grid; in the others up to so much of the image's sides is left out.
NEARLY_WHOLE, LEFT_OUT = 0.5, 0.25


def random_window(images: Sequence[Tensor], seed: int, step: int, grid_px: int) -> list[Tensor]:
    """Cut the same part out of stylized images, their photos and what else is as large; `seed` and `step` decide which.

    Args:
        images: each (…, H, W); they come back as (…, H - cut, W - cut) with `cut` a multiple of `grid_px`.
        seed: of the run.
        step: of the run.
        grid_px: the network repeats itself every so many pixels (`net.cost.grid_px`); the offsets go through all of these.
    """
    rng = np.random.default_rng((seed, 2, step))
    height, width = images[0].shape[-2:]
    most = max(1, int(LEFT_OUT * min(height, width)) // grid_px)
    cut = grid_px * (1 if rng.random() < NEARLY_WHOLE else int(rng.integers(1, most + 1)))
    top, left = rng.integers(0, cut, 2).tolist()
    window = (..., slice(top, top + height - cut), slice(left, left + width - cut))
    return [image[window] for image in images]


def crop_place(seed: int, step: int, *, whole: bool) -> CropPlace:
    """Return where the crops of a step lie that `seed` and `step` decide, as shares of the space they have; None for `whole`.

    A crop of 128 px misleads the term at full size as the image's edge does: over whole images that term was 0.141 after a training on
    crops, and 0.061 after eleven more minutes without them. A step without them takes 1.6 times as long; hence at the end alone.
    """
    if whole:
        return None
    down, across = np.random.default_rng((seed, 3, step)).random(2).tolist()
    return down, across
