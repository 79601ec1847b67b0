"""Temporal consistency: what hardly changes in front of the camera must hardly change in the stylized image. Needs no optical flow.

The photo is shown a second time, as the next frame of a video would be: moved by a few pixels, or from a camera that stands still, a
little brighter or darker, with other sensor noise and other marks of compression; its stylized image must be the first one, moved
equally. Styles with strong textures flicker most: their instability grows with the trace of their Gram matrices (Gupta, Johnson, Alahi,
Fei-Fei 2017, arXiv 1705.02092), so their weight does.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

#: Largest move in pixels. Whole pixels: nothing is interpolated, so that a sharp image is not worse than a blurred one.
SHIFT_PX = 4
#: Share of images from a camera that stands still, as most webcams do: only light, noise and compression change.
STILL_SHARE = 0.5
#: Share of images that are also zoomed, and by how much at most.
ZOOM_SHARE, ZOOM = 0.25, 0.02
EXPOSURE, NOISE = 0.05, 0.03
#: Compression leaves noise in patches of about so many pixels, and up to this strength.
PATCH_PX, PATCH_NOISE = 4, 0.015
#: Differences above this count linearly, so that the many small ones in a still image are not outweighed by a few large ones.
LARGE = 0.02
#: Bounds of a style's factor.
LEAST, MOST = 0.4, 2.5


def style_factors(grams: Mapping[str, Tensor]) -> Tensor:
    """Return the weight of each style's temporal consistency, (S,), about 1 on average: its Gram traces over the mean ones, within bounds.

    Args:
        grams: per layer (S, C, C), as in `Objective.grams`.
    """
    traces = torch.stack([gram.diagonal(dim1=1, dim2=2).sum(1) for gram in grams.values()])  # (layers, S)
    return (traces / traces.mean(1, keepdim=True)).mean(0).clamp(LEAST, MOST)


def random_moves(count: int, size_px: int, generator: torch.Generator) -> Tensor:
    """Return one move for each image, (count, 2, 3), for `affine_grid`: none, or up to 4 whole pixels, sometimes with a slight zoom."""
    device = generator.device
    moving = torch.rand(count, generator=generator, device=device) >= STILL_SHARE
    shift = torch.randint(-SHIFT_PX, SHIFT_PX + 1, (count, 2), generator=generator, device=device) * (2.0 / size_px) * moving[:, None]
    zoomed = moving & (torch.rand(count, generator=generator, device=device) < ZOOM_SHARE)
    zoom = 1 + torch.where(zoomed, ZOOM * (2 * torch.rand(count, generator=generator, device=device) - 1), 0.0)
    moves = torch.zeros(count, 2, 3, device=device)
    moves[:, 0, 0] = moves[:, 1, 1] = zoom
    moves[:, :, 2] = shift
    return moves


def move(x: Tensor, moves: Tensor) -> Tensor:
    """Move square images (B, 3, H, H), B of `moves`; what comes in from outside is mirrored."""
    grid = F.affine_grid(moves, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def next_frame(x: Tensor, moves: Tensor, generator: torch.Generator) -> Tensor:
    """Return the photos (B, 3, H, H) as a camera would take them a moment later: moved, exposed a little differently, other noise."""
    count, _, size, _ = x.shape
    device = generator.device  # that of the photos: noise for a batch takes a processor longer than the step takes a GPU

    def strength(most: float) -> Tensor:
        return most * torch.rand(count, 1, 1, 1, generator=generator, device=device)

    exposure = 1 - EXPOSURE + 2 * strength(EXPOSURE)
    sensor = strength(NOISE) * torch.randn(x.shape, generator=generator, device=device)
    patches = torch.randn(count, 3, size // PATCH_PX, size // PATCH_PX, generator=generator, device=device)
    compression = strength(PATCH_NOISE) * F.interpolate(patches, size=(size, size), mode="bilinear", align_corners=False)
    return (move(x, moves) * exposure + sensor + compression).clamp(0, 1)


def temporal_loss(before: Tensor, after: Tensor, moves: Tensor) -> Tensor:
    """Mean difference of `after` to `before` moved, both (B, 3, H, H), (B,); a border that came from outside does not count.

    Small differences count squared, those above `LARGE` linearly (pseudo-Huber loss).
    """
    border = SHIFT_PX + 4
    difference = (after - move(before, moves))[..., border:-border, border:-border]
    return (2 * LARGE * ((difference.pow(2) + LARGE**2).sqrt() - LARGE)).mean((1, 2, 3))
