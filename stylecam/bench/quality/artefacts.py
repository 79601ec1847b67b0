"""Faults that a mean loss does not show: checkerboards, spoiled borders, clipped pixels."""

from __future__ import annotations

import torch
from torch import Tensor

BORDER_PX = 16
_CONTENT_STRIDE = 4  # pixels of the image per cell of relu3_3
_LUMINANCE = (0.299, 0.587, 0.114)


def comb_power(image: Tensor) -> float:
    """Return the spectral power at periods of 2 and 4 px, over that of the neighbouring frequencies; about 1 without artefacts.

    From the luminance of (3, H, W) in [0, 1] under a Hann window: at every frequency that is a multiple of a quarter per pixel in
    both directions (but not zero in both), the mean of 3x3 bins over the mean of those 3 to 6 bins away; the mean over the
    frequencies. Needs 32 pixels a side.
    """
    height, width = (side // 4 * 4 for side in image.shape[-2:])
    gray = (image[:, :height, :width] * image.new_tensor(_LUMINANCE)[:, None, None]).sum(0).double()
    window = torch.outer(torch.hann_window(height, dtype=torch.float64), torch.hann_window(width, dtype=torch.float64))
    power = torch.fft.fft2((gray - gray.mean()) * window).abs().pow(2)
    ratios = []
    for down in range(4):
        for across in range(4):
            if down or across:
                near = power.roll((6 - down * height // 4, 6 - across * width // 4), (0, 1))[:13, :13]
                ring = near.clone()
                ring[4:9, 4:9] = 0
                # 1e-9: rounding, not artefacts, where an image has no fine detail at all
                ratios.append(near[5:8, 5:8].mean() / (ring.sum() / (13 * 13 - 25) + 1e-9))
    return torch.stack(ratios).mean().item()


def border_ratio(features: Tensor, target: Tensor) -> float:
    """Return the content loss per area of the outer 16 px over that of the inside; 1 where the border is as good as the rest.

    Args:
        features: relu3_3 of the image, (1, C, h, w).
        target: relu3_3 of its photo, the same shape.
    """
    density = (features - target).pow(2).mean((0, 1))
    cells = BORDER_PX // _CONTENT_STRIDE
    inside = density[cells:-cells, cells:-cells]
    outside = (density.sum() - inside.sum()) / (density.numel() - inside.numel())
    return (outside / inside.mean().clamp_min(1e-9)).item()


def clipped_share(image: Tensor) -> float:
    """Return the share of pixels of (3, H, W) in [0, 1] with a channel at 0 or 255 in 8 bits."""
    levels = (image * 255).round()
    return ((levels <= 0) | (levels >= 255)).any(0).float().mean().item()
