"""Two steps of the forward pass with gradients that suit processors and channels_last memory; the results are those of the plain steps.

Measured on two cores in bf16: with torch's own instance normalization a third of a training step is spent on bringing maps from one
order of memory into another, and an enlarged map is convolved over pixels that are four times the same.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

_CHANNELS_LAST = torch.channels_last


def apply_here(x: Tensor) -> bool:
    """Say whether these steps are meant for `x`: where gradients are wanted, on a processor."""
    return torch.is_grad_enabled() and x.device.type == "cpu"


def conditional_instance_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise (B, C, H, W) by each image's own statistics, then scale and shift by γ and β, (B, C) (arXiv 1610.07629, section 2.2).

    >>> y = conditional_instance_norm(torch.rand(1, 2, 8, 8), torch.ones(1, 2), torch.zeros(1, 2), 1e-5)
    >>> bool(y.mean().abs() < 1e-5)
    True
    """
    result: Tensor = _ConditionalInstanceNorm.apply(x, gamma, beta, eps)  # type: ignore[no-untyped-call]
    return result


class _ConditionalInstanceNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        b, c, h, w = x.shape
        with torch.autocast("cpu", enabled=False):
            normalised, _, deviation = torch.native_group_norm(x, None, None, b, c, h * w, c, eps)
            ctx.save_for_backward(normalised, deviation.view(b, c), gamma)
            return torch.addcmul(_spread(beta, x), normalised, _spread(gamma, x))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        normalised, deviation, gamma = ctx.saved_tensors  # `deviation` is one over the standard deviation
        gradient = gradient.contiguous(memory_format=_CHANNELS_LAST)
        for_beta = gradient.sum((2, 3), dtype=torch.float32)  # (B, C)
        for_gamma = (gradient * normalised).sum((2, 3), dtype=torch.float32)
        share = gamma.float() * deviation.float() / (normalised.shape[2] * normalised.shape[3])
        # torch's own backward pass of a group normalization takes twenty times as long in channels_last.
        for_x = torch.addcmul(_spread(-share * for_beta, gradient), normalised, _spread(-share * for_gamma, gradient))
        for_x.addcmul_(gradient, _spread(gamma.float() * deviation.float(), gradient))
        return for_x, for_gamma.to(gamma.dtype), for_beta.to(gamma.dtype), None


def convolve_enlarged(x: Tensor, weight: Tensor) -> Tensor:
    """Return the 3×3 convolution of the map enlarged ×2 (nearest, reflect-padded), (B, O, 2 H, 2 W), without enlarging it.

    Of the four pixels that came from one, each sees the small map through a 2×2 kernel of its own, whose numbers are sums of the 3×3
    kernel's: 4 products per pixel in place of 9 (Shi et al. 2016, arXiv 1609.07009).

    Args:
        x: (B, I, H, W).
        weight: (O, I, 3, 3).
    """
    # At the edge, reflecting the enlarged map by a pixel repeats the small map's.
    small = F.pad(x, (1, 1, 1, 1), mode="replicate")
    kernels = _phase_kernels(weight).contiguous(memory_format=_CHANNELS_LAST)
    result: Tensor = _Interleaved.apply(F.conv2d(small, kernels))  # type: ignore[no-untyped-call]
    return result


def _phase_kernels(weight: Tensor) -> Tensor:
    """Return the kernels (4 O, I, 2, 2) of the four phases, row by row."""

    def halves(w: Tensor, dim: int) -> Tensor:
        first, middle, last = w.unbind(dim)
        return torch.stack((torch.stack((first, middle + last), dim), torch.stack((first + middle, last), dim)))

    return halves(halves(weight, 2), 4).transpose(0, 1).flatten(0, 2)


class _Interleaved(torch.autograd.Function):
    """Puts the four phases, (B, 4 O, H + 1, W + 1), each shifted by its own half pixel, into one map (B, O, 2 H, 2 W)."""

    @staticmethod
    def forward(ctx: Any, phases: Tensor) -> Tensor:
        b, channels, h, w = phases.shape
        ctx.shape = phases.shape
        shape = (b, channels // 4, 2 * h - 2, 2 * w - 2)
        result = torch.empty(shape, dtype=phases.dtype, memory_format=_CHANNELS_LAST)
        for down in range(2):
            for across in range(2):
                result[:, :, down::2, across::2] = _phase(phases, down, across)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        phases = torch.empty(ctx.shape, dtype=gradient.dtype, memory_format=_CHANNELS_LAST).zero_()
        for down in range(2):
            for across in range(2):
                _phase(phases, down, across).copy_(gradient[:, :, down::2, across::2])
        return phases


def _phase(phases: Tensor, down: int, across: int) -> Tensor:
    channels, h, w = phases.shape[1] // 4, phases.shape[2] - 1, phases.shape[3] - 1
    number = 2 * down + across
    return phases[:, number * channels : (number + 1) * channels, down : down + h, across : across + w]


def _spread(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.dtype)[:, :, None, None]
