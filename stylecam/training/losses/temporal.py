"""Temporal consistency: what hardly changes in front of the camera must hardly change in the stylized image. Needs no optical flow.

The photo is shown a second time, as the next frame of a video would be: moved by a few pixels, or from a camera that stands still, a
little brighter or darker, with other sensor noise and other marks of compression; its stylized image must be the first one, moved
equally. That goes back to the stability loss of Gupta, Johnson, Alahi, Fei-Fei 2017 (arXiv 1705.02092) with made motion. Moves matter
most: between two of a network's strides it sees other samples of its own maps (Zhang 2019, arXiv 1904.11486). Measured on live32
before it was trained so: moved by 8 pixels, its own grid, Starry Night differed by 0.014, moved by 2 by 0.066; noise alone cost nothing.

A camera that stands still before something that moves, and a real codec, are not made of one photo: see `training.data.filmed`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

#: Largest move in pixels. Whole pixels: nothing is interpolated, so that a sharp image is not worse than a blurred one.
SHIFT_PX = 4
#: Share of images from a camera that stands still: only light, noise and compression change.
STILL_SHARE = 0.2
#: Share of images that are also zoomed, and by how much at most.
ZOOM_SHARE, ZOOM = 0.25, 0.02
EXPOSURE, NOISE = 0.05, 0.03
#: Compression leaves noise in patches of about so many pixels, and up to this strength.
PATCH_PX, PATCH_NOISE = 4, 0.015
#: Differences below this count squared, so that noise of one grey level is nobody's concern; those above it count linearly.
SMALL = 0.004
#: What stood still counts so many times as much as what moved, and a scene of which less than this share did is not made up for.
STILL_TIMES, LEAST_STILL = 5.0, 0.2
#: Contrast is that of points so far apart, about a stroke's width. `LEAST_CONTRAST` keeps flat images from counting too much.
STROKE_PX, LEAST_CONTRAST = 4, 0.03


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
    """Mean difference of `after` to `before` moved, both (B, 3, H, H), as a share of their own contrast, (B,).

    So it costs nothing to be bold, and it saves nothing to be pale: with plain differences in its place strokes lost their contrast.
    A border that came from outside does not count.
    """
    border = SHIFT_PX + 4
    inner = (..., slice(border, -border), slice(border, -border))
    difference = _size((after - move(before, moves))[inner]).mean((1, 2, 3))
    return difference / _mean_contrast(before[inner], after[inner])


def still_loss(before: Tensor, after: Tensor, still: Tensor) -> Tensor:
    """Mean difference of `after` to `before`, both (B, 3, H, H), where `still` (B, 1, H, H) is 1, as a share of their contrast, (B,).

    `STILL_TIMES` of it, so that this and `temporal_loss` ask for about as much: what does not move differs less.
    """
    difference = (_size(after - before) * still).mean((1, 2, 3)) / still.mean((1, 2, 3)).clamp(min=LEAST_STILL)
    return STILL_TIMES * difference / _mean_contrast(before, after)


def _size(difference: Tensor) -> Tensor:
    return (difference.pow(2) + SMALL**2).sqrt() - SMALL


def _mean_contrast(before: Tensor, after: Tensor) -> Tensor:
    return (_contrast(before) + _contrast(after)) / 2 + LEAST_CONTRAST


def _contrast(y: Tensor) -> Tensor:
    """Mean absolute difference of points a stroke apart, across and down, (B,)."""
    across, down = y[..., STROKE_PX:] - y[..., :-STROKE_PX], y[..., STROKE_PX:, :] - y[..., :-STROKE_PX, :]
    return (across.abs().mean((1, 2, 3)) + down.abs().mean((1, 2, 3))) / 2
