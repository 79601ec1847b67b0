"""Calm pictures: what hardly changes in front of the camera must hardly change in the painting. No optical flow is needed.

The photo is shown a second time, moved by a few pixels, a little brighter or darker and with other sensor noise, as the next frame
of a video would be; the painting of it must be the first painting, moved equally. Styles with strong textures flicker most: their
instability grows with the trace of their Gram matrices (Gupta, Johnson, Alahi, Fei-Fei 2017, arXiv 1705.02092), so their weight does.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

#: Largest move in pixels. Whole pixels: nothing is interpolated, so that a sharp picture is not worse than a blurred one.
SHIFT_PX = 4
#: Share of pictures that are also zoomed, and by how much at most.
ZOOM_SHARE, ZOOM = 0.25, 0.02
EXPOSURE, NOISE = 0.03, 0.03
#: Bounds of a style's factor.
LEAST, MOST = 0.4, 2.5


def style_factors(grams: Mapping[str, Tensor]) -> Tensor:
    """Return how much each style's calm counts, (S,), about 1 on average: its Gram traces over the mean ones, within bounds.

    Args:
        grams: per layer (S, C, C), as in `Objective.grams`.
    """
    traces = torch.stack([gram.diagonal(dim1=1, dim2=2).sum(1) for gram in grams.values()])  # (layers, S)
    return (traces / traces.mean(1, keepdim=True)).mean(0).clamp(LEAST, MOST)


def random_moves(count: int, size_px: int, generator: torch.Generator) -> Tensor:
    """Return one move for each picture, (count, 2, 3), as `affine_grid` takes it: up to 4 whole pixels, sometimes a slight zoom."""
    shift = torch.randint(-SHIFT_PX, SHIFT_PX + 1, (count, 2), generator=generator) * (2.0 / size_px)
    zoomed = torch.rand(count, generator=generator) < ZOOM_SHARE
    zoom = 1 + torch.where(zoomed, ZOOM * (2 * torch.rand(count, generator=generator) - 1), 0.0)
    moves = torch.zeros(count, 2, 3)
    moves[:, 0, 0] = moves[:, 1, 1] = zoom
    moves[:, :, 2] = shift
    return moves


def move(x: Tensor, moves: Tensor) -> Tensor:
    """Move square pictures (B, 3, H, H), B of `moves`; what comes in from outside is mirrored."""
    grid = F.affine_grid(moves.to(x.device), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def next_frame(x: Tensor, moves: Tensor, generator: torch.Generator) -> Tensor:
    """Return the photos (B, 3, H, H) as a camera would take them a moment later: moved, exposed a little differently, other noise."""
    exposure = 1 + EXPOSURE * (2 * torch.rand(len(x), 1, 1, 1, generator=generator) - 1)
    level = NOISE * torch.rand(len(x), 1, 1, 1, generator=generator)
    noise = level * torch.randn(x.shape, generator=generator)
    return (move(x, moves) * exposure.to(x.device) + noise.to(x.device)).clamp(0, 1)


def calm_loss(before: Tensor, after: Tensor, moves: Tensor) -> Tensor:
    """Mean squared difference of `after` to `before` moved, both (B, 3, H, H), (B,); a border that came from outside does not count."""
    border = SHIFT_PX + 4
    difference = (after - move(before, moves))[..., border:-border, border:-border]
    return difference.pow(2).mean((1, 2, 3))
