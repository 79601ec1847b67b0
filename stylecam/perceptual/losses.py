"""The losses of style transfer, each normalised by its target so that style images and layers compare (all return (B,) float32)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

#: Added to a content target's energy, in squared VGG units: keeps the quotient finite for an empty, flat photo.
CONTENT_FLOOR = 2.0
#: Least energy of a style target.
STYLE_FLOOR = 1.0


def gram_matrix(features: Tensor) -> Tensor:
    """Return how channels go together over the image: FᵀF / (H W), float32 (Gatys, Ecker, Bethge 2015).

    (B, C, H, W) → (B, C, C). Products are summed in float32 whatever the features' dtype.
    """
    result: Tensor = _Gram.apply(features)  # type: ignore[no-untyped-call]
    return result


class _Gram(torch.autograd.Function):
    """The Gram matrix with one product in its gradient, F (G' + G'ᵀ) / (H W), where automatic differentiation makes two."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        b, c, h, w = features.shape
        flat = features.permute(0, 2, 3, 1).reshape(b, h * w, c)  # (B, HW, C): a view in channels_last
        ctx.shape = features.shape
        ctx.save_for_backward(flat)
        return (flat.transpose(1, 2) @ flat).float() / (h * w)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        b, c, h, w = ctx.shape
        both = ((gradient + gradient.transpose(1, 2)) / (h * w)).to(flat.dtype)
        result: Tensor = (flat @ both).view(b, h, w, c).permute(0, 3, 1, 2)
        return result


def covariance_matrix(gram: Tensor, features: Tensor) -> Tensor:
    """Return how channels vary together: the Gram matrix of the features without their means, (B, C, C), float32.

    Without the means a tenth of a Gram matrix's squared norm is left in the first layer, where colours are, and a fifth in the others
    (three style images measured): an image of the right mean colour hardly misses the style image's contrasts. Shifted features show them
    (Novak, Nikulin 2016, arXiv 1605.04603).

    Args:
        gram: (B, C, C), see `gram_matrix`.
        features: (B, C, H, W), those of `gram`.
    """
    means = features.mean((2, 3), dtype=torch.float32)  # (B, C)
    return gram - means[:, :, None] * means[:, None, :]


def content_loss(features: Tensor, target: Tensor, emphasis: Tensor | None = None) -> Tensor:
    """‖F − F_c‖² / ‖F_c‖² for features of the same shape (B, C, H, W); where `emphasis` (B, 1, H, W) is 2 a difference counts 3 times."""
    features, target = features.float(), target.float()
    differences = (features - target).pow(2)
    if emphasis is not None:
        differences = differences * (1 + emphasis)
    return differences.mean((1, 2, 3)) / (target.pow(2).mean((1, 2, 3)) + CONTENT_FLOOR)


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """‖G − G_s‖² / ‖G_s‖² for Gram or covariance matrices (B, C, C)."""
    return (gram - target).pow(2).sum((1, 2)) / target.pow(2).sum((1, 2)).clamp_min(STYLE_FLOOR)


def total_variation_loss(x: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels, both directions added; `x` is (B, 3, H, W) in [0, 1]."""
    across = (x[..., 1:] - x[..., :-1]).pow(2).mean((1, 2, 3))
    down = (x[..., 1:, :] - x[..., :-1, :]).pow(2).mean((1, 2, 3))
    return across + down


def gram_distance(gram: Tensor, targets: Tensor) -> Tensor:
    """Normalised distance of one Gram matrix to many: ‖G/‖G‖ − T/‖T‖‖², (C, C) and (S, C, C) → (S,)."""
    unit = gram / torch.linalg.matrix_norm(gram)
    units = targets / torch.linalg.matrix_norm(targets)[:, None, None]
    distances: Tensor = (unit - units).pow(2).sum((1, 2))
    return distances
