"""The generator of texture networks: noise at five scales, joined from coarse to fine (Ulyanov, Lebedev, Vedaldi, Lempitsky 2016).

Their figure 2, with instance in place of batch normalization, as the authors advise later (arXiv 1607.08022). Each scale's noise goes
through a block of convolutions; the coarser result is enlarged, both are normalized and stand side by side, and a block joins them. Maps
are padded by what stands at the other border, as in the paper, so that a texture tiles without seams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylecam.net.training_ops import apply_here, conditional_instance_norm

_Padding: TypeAlias = Literal["reflect", "circular"]
_SLOPE = 0.01
_EPS = 1e-5


@dataclass(frozen=True)
class TextureConfig:
    """How many scales (each half as large as the one before), channels per scale, and whether a photo goes in beside the noise.

    >>> TextureConfig().grid_px
    16
    """

    levels: int = 5
    channels: int = 8
    photo: bool = False

    def __post_init__(self) -> None:
        for name, value, high in (("levels", self.levels, 7), ("channels", self.channels, 64)):
            if not (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= high):
                raise ValueError(f"{name} must be a whole number from 1 to {high}")
        if not isinstance(self.photo, bool):
            raise ValueError("photo must be true or false")

    @property
    def grid_px(self) -> int:
        """What both sides of an image must be a multiple of."""
        return 1 << (self.levels - 1)

    @property
    def least_px(self) -> int:
        """The least side of an image: a map of one pixel cannot be normalized."""
        return 2 * self.grid_px

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; raises ValueError where it is something else."""
        if not isinstance(data, dict) or set(data) != {"levels", "channels", "photo"}:
            raise ValueError("levels, channels and photo, and nothing else, describe a texture network")
        return cls(**data)


class TextureGenerator(nn.Module):
    """Makes images (B, 3, H, W) in [0, 1] of noise at several scales, see `noise`, and a photo where it was made for one.

    >>> generator = TextureGenerator(TextureConfig(levels=2))
    >>> generator([torch.rand(1, 3, 32, 32), torch.rand(1, 3, 16, 16)]).shape
    torch.Size([1, 3, 32, 32])
    """

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        n, inputs = config.channels, 6 if config.photo else 3
        around: _Padding = "reflect" if config.photo else "circular"
        self.scales = nn.ModuleList(_block(inputs, n, around) for _ in range(config.levels))
        joined = [n * (config.levels - i) for i in range(config.levels)]  # channels of level i, finest first
        self.coarse_norms = nn.ModuleList(_Norm(joined[i + 1]) for i in range(config.levels - 1))
        self.fine_norms = nn.ModuleList(_Norm(n) for _ in range(config.levels - 1))
        self.joins = nn.ModuleList(_block(joined[i], joined[i], around) for i in range(config.levels - 1))
        self.output = nn.Conv2d(joined[0], 3, 1)

    def forward(self, noise: Sequence[Tensor], photo: Tensor | None = None) -> Tensor:
        """Return the image of noise, finest first, each (B, 3, H / 2^i, W / 2^i), and of a photo (B, 3, H, W) in [0, 1]."""
        inputs = [z.contiguous(memory_format=torch.channels_last) for z in noise]
        if photo is not None:
            inputs = [torch.cat((z, F.avg_pool2d(photo, 1 << i) if i else photo), 1) for i, z in enumerate(inputs)]
        x: Tensor = self.scales[-1](inputs[-1])
        for i in range(self.config.levels - 2, -1, -1):
            large = F.interpolate(x, scale_factor=2, mode="nearest")
            fine = self.scales[i](inputs[i])
            x = self.joins[i](torch.cat((self.coarse_norms[i](large), self.fine_norms[i](fine)), 1))
        return torch.sigmoid(self.output(x).float())


class _Norm(nn.Module):
    """Instance normalization with γ and β, quick in training too."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        if apply_here(x):
            return conditional_instance_norm(x, self.gamma.expand(len(x), -1), self.beta.expand(len(x), -1), _EPS)
        return F.instance_norm(x, weight=self.gamma.to(x.dtype), bias=self.beta.to(x.dtype), eps=_EPS)


def _block(inputs: int, channels: int, around: _Padding) -> nn.Sequential:
    """Three convolutions of 3, 3 and 1 pixels, each normalized."""
    layers: list[nn.Module] = []
    for before, kernel in ((inputs, 3), (channels, 3), (channels, 1)):
        conv = nn.Conv2d(before, channels, kernel, padding=kernel // 2, padding_mode=around, bias=False)
        layers += [conv, _Norm(channels), nn.LeakyReLU(_SLOPE)]
    return nn.Sequential(*layers)


def noise(config: TextureConfig, seed: Sequence[int], batch: int, height: int, width: int) -> list[Tensor]:
    """Return noise in [0, 1) for images of height × width, multiples of `grid_px`, finest first; a seed gives the same everywhere."""
    random = np.random.default_rng(list(seed))
    shapes = [(batch, 3, height >> i, width >> i) for i in range(config.levels)]
    return [torch.from_numpy(random.random(shape, np.float32)) for shape in shapes]
