"""The checkerboard penalty: networks that enlarge their maps by two and two again tend to give a regular pattern of 2 and 4 px.

The other losses hardly see it, but eyes do, on skies and walls, and it stands still while the scene moves.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

#: Where an image is averaged: over so many pixels a side, strokes average out, and the pattern, which keeps its step, does not.
BLOCK_PX = 64


def checkerboard_loss(images: Tensor, grid_px: int) -> Tensor:
    """Mean squared difference between the places of the network's grid within blocks, (B,); 0 where none is preferred.

    Args:
        images: (B, 3, H, W) in [0, 1], H and W at least two grids; blocks of less than `BLOCK_PX` see more of the strokes.
        grid_px: the pattern's period at most, `net.cost.grid_px` of the network; a network of one pixel has no pattern.
    """
    if grid_px == 1:
        return images.new_zeros(len(images))
    # Without what is smooth: on a slope, later places are brighter. A box as large as the grid holds all of the pattern's steps equally.
    before, after = (grid_px - 1) // 2, grid_px // 2
    fine = images[..., before:-after, before:-after] - F.avg_pool2d(images, grid_px, stride=1)
    block = min(BLOCK_PX, *(side // grid_px * grid_px for side in fine.shape[-2:]))
    down, across = (side // block for side in fine.shape[-2:])
    steps = block // grid_px
    blocks = fine[..., : down * block, : across * block].reshape(-1, 3, down, steps, grid_px, across, steps, grid_px)
    places = blocks.mean((3, 6))  # (B, 3, down, 4, across, 4)
    preferred: Tensor = places - places.mean((-3, -1), keepdim=True)
    return preferred.pow(2).mean((1, 2, 3, 4, 5))
