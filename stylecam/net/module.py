"""The transform network: photo in, painting out, one set of convolutions for all styles (arXiv 1610.07629)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from stylecam.net.architecture import ConvSpec, Layer, TransformNetConfig
from stylecam.net.output_stats import LOGIT_MARGIN

__all__ = ["ConditionalInstanceNorm2d", "ConvSpec", "TransformNet", "TransformNetConfig", "photo_scale_shift"]


def photo_scale_shift(x: Tensor) -> Tensor:
    """Return γ and β with which a normalised picture gets the contrasts and means of each photo; see `core.photo_scale`.

    (B, 3, H, W) float RGB in [0, 1] → (B, 2, 3).
    """
    logits = torch.logit(x.float().clamp(LOGIT_MARGIN, 1 - LOGIT_MARGIN))
    variance, mean = torch.var_mean(logits, (2, 3), correction=0)
    return torch.stack((variance.sqrt(), mean), 1)


class ConditionalInstanceNorm2d(nn.Module):
    """Instance normalization whose scale γ and shift β are chosen per style (Dumoulin, Shlens, Kudlur 2016, section 2.2).

    `weight` is γ and `bias` is β, both (rows, C). Any real style weights are allowed: γ = Σ wᵢ γᵢ and β = Σ wᵢ βᵢ.
    Without `normalise` it only scales and shifts.
    """

    def __init__(self, channels: int, rows: int, eps: float = 1e-5, *, normalise: bool = True) -> None:
        super().__init__()
        self.eps = eps
        self.normalise = normalise
        # A little noise breaks the symmetry between rows; the paper starts all at 1.
        self.weight = nn.Parameter(1 + 0.02 * torch.randn(rows, channels))
        self.bias = nn.Parameter(torch.zeros(rows, channels))

    def forward(self, x: Tensor, style_weights: Tensor, last_row: Tensor | None = None) -> Tensor:
        """Normalise `x` (B, C, H, W) by its own statistics, then scale and shift.

        `style_weights` is (B, rows), one mix per picture, or (B, rows, h, w), one per pixel, resized to (H, W) bilinearly.
        `last_row` (B, 2, C) holds γ and β that stand in for the last row, of each picture.
        """
        normalised = F.instance_norm(x, eps=self.eps) if self.normalise else x
        if style_weights.dim() == 2:
            maps = style_weights[:, :, None, None]  # (B, rows, 1, 1)
        else:
            maps = F.interpolate(style_weights, x.shape[-2:], mode="bilinear", align_corners=False)  # (B, rows, H, W)
        own = self.weight.shape[0] - (last_row is not None)
        gamma = torch.einsum("brhw,rc->bchw", maps[:, :own], self.weight[:own])
        beta = torch.einsum("brhw,rc->bchw", maps[:, :own], self.bias[:own])
        if last_row is not None:
            gamma = gamma + maps[:, own:] * last_row[:, 0, :, None, None]
            beta = beta + maps[:, own:] * last_row[:, 1, :, None, None]
        return normalised * gamma.to(x.dtype) + beta.to(x.dtype)


class ConvNorm(nn.Module):
    """Nearest enlargement, reflect padding, convolution, conditional instance normalization, and ReLU where `layer` says so."""

    def __init__(self, layer: Layer, config: TransformNetConfig) -> None:
        super().__init__()
        self.conv = nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel, layer.stride, bias=False)
        nn.init.normal_(self.conv.weight, 0.0, 0.01)
        self.norm = ConditionalInstanceNorm2d(layer.out_channels, config.rows, config.eps, normalise=layer.after != "clip")
        self.padding = layer.kernel // 2
        self.upsample = layer.upsample
        self.relu = layer.after == "relu"

    def forward(self, x: Tensor, style_weights: Tensor, last_row: Tensor | None = None) -> Tensor:
        """(B, in, H, W) → (B, out, H * upsample / stride, W * upsample / stride); `last_row`: see ConditionalInstanceNorm2d."""
        if self.upsample > 1:
            x = F.interpolate(x, scale_factor=self.upsample, mode="nearest")
        x = self.norm(self.conv(F.pad(x, [self.padding] * 4, mode="reflect")), style_weights, last_row)
        return F.relu(x) if self.relu else x


class TransformNet(nn.Module):
    """Repaints pictures in the style, or the mix of styles, that the weights name."""

    def __init__(self, config: TransformNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or TransformNetConfig()
        modules = {layer.name: ConvNorm(layer, config) for layer in config.layers}
        self.contract = nn.ModuleList(modules[f"contract.{i}"] for i in range(len(config.contract)))
        self.residual = nn.ModuleList(nn.ModuleList(modules[f"residual.{i}.{j}"] for j in range(2)) for i in range(config.residual_blocks))
        self.expand = nn.ModuleList(modules[f"expand.{i}"] for i in range(len(config.expand)))
        self.output = modules["output"]

    def forward(self, x: Tensor, style_weights: Tensor) -> Tensor:
        """Repaint `x`.

        Args:
            x: (B, 3, H, W) float RGB in [0, 1], any size; padded to the network's stride and cropped back.
            style_weights: (B, S) or per pixel (B, S, h, w). S is the number of styles, or of rows where the identity row is named too.
                The identity row's γ and β of the output layer are those of the photo, see `photo_scale_shift`.

        Returns:
            (B, 3, H, W) float RGB in [0, 1].
        """
        height, width = x.shape[-2:]
        below, right = self.config.padding(height, width)
        w = self._all_rows(style_weights)
        photo = photo_scale_shift(x) if self.config.identity and style_weights.shape[1] == self.config.rows else None
        if below or right:
            x = F.pad(x, (0, right, 0, below), mode="replicate")
            if w.dim() == 4:
                # Maps cover the photo only; stretch their edge over the padding in the same way.
                w = F.interpolate(w, (height, width), mode="bilinear", align_corners=False)
                w = F.pad(w, (0, right, 0, below), mode="replicate")
        for layer in self.contract:
            x = layer(x, w)
        for block in self.residual:
            x = x + block[1](block[0](x, w), w)  # type: ignore[index]
        for layer in self.expand:
            x = layer(x, w)
        painting = self.output(x, w, photo)
        painting = painting.clamp(0, 1) if self.config.output_after == "clip" else torch.sigmoid(painting)
        return painting[..., :height, :width]

    def _all_rows(self, style_weights: Tensor) -> Tensor:
        given, rows = style_weights.shape[1], self.config.rows
        if given == rows:
            return style_weights
        if given != self.config.styles:
            raise ValueError(f"style_weights has {given} columns, but the network has {self.config.styles} styles")
        return torch.cat((style_weights, torch.zeros_like(style_weights[:, :1])), 1)  # the identity row takes no part

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return all weights as float32 arrays, named as in a pack."""
        return {name: value.detach().float().cpu().contiguous().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_tensors(cls, config: TransformNetConfig, tensors: Mapping[str, NDArray[np.float32]]) -> TransformNet:
        """Build the network of a pack: what `tensors` returned, or a pack's `tensors`."""
        net = cls(config)
        net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()})
        return net
