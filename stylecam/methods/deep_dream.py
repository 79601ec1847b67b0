"""More of whatever a layer sees in a photo, from coarse to fine octaves (Mordvintsev, Olah, Tyka 2015, "Inceptionism", DeepDream)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.errors import UsageError
from stylecam.perceptual.vgg import LossNetwork

#: The shorter side of the coarsest octave is not smaller than this.
_LEAST_SIDE_PX = 64


@dataclass(frozen=True)
class DreamConfig:
    """How to dream: `iterations` in each of `octaves`, each `octave_scale` times as large as the one before.

    `step` is the mean change of a pixel per iteration, of full scale; `jitter_px` the shift by chance before each; `channel` dreams of
    one channel alone.
    """

    iterations: int = 10
    octaves: int = 4
    octave_scale: float = 1.4
    step: float = 0.006
    jitter_px: int = 16
    channel: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 1 <= self.iterations <= 10_000:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 to 10000 per octave.")
        if not 1 <= self.octaves <= 12:
            raise UsageError(f"--octaves {self.octaves} is out of range; give 1 to 12.")


def dream(network: LossNetwork, photo: Tensor, layer: str, config: DreamConfig | None = None) -> Iterator[tuple[float, Tensor]]:
    """Yield after each iteration half the mean square of the layer's features, and the image in the photo's size, (1, 3, H, W) in [0, 1].

    What was dreamt in a coarse octave is enlarged and added to the finer photo.

    Args:
        network: the loss network.
        photo: (1, 3, H, W) in [0, 1].
        layer: such as relu5_1.
        config: how to dream.

    Raises:
        UsageError: the network lacks the layer.
    """
    config = config or DreamConfig()
    network.check([layer])
    generator = torch.Generator().manual_seed(config.seed)
    size = (photo.shape[-2], photo.shape[-1])
    detail = torch.zeros_like(photo)
    for height, width in octave_sizes(*size, config):
        base = _at(photo, height, width)
        x = (base + _at(detail, height, width)).clamp(0, 1)
        for _ in range(config.iterations):
            value, x = _step(network, x, layer, config, generator)
            yield value, _at(x, *size).clamp(0, 1)
        detail = x - base


def octave_sizes(height: int, width: int, config: DreamConfig) -> list[tuple[int, int]]:
    """Return (height, width) from coarse to fine; octaves that would be too small are left out."""
    found: list[tuple[int, int]] = []
    for number in range(config.octaves):
        scale = config.octave_scale**-number
        if number and min(height, width) * scale < _LEAST_SIDE_PX:
            break
        found.insert(0, (round(height * scale), round(width * scale)))
    return found


def _step(network: LossNetwork, x: Tensor, layer: str, config: DreamConfig, generator: torch.Generator) -> tuple[float, Tensor]:
    shift = torch.randint(-config.jitter_px, config.jitter_px + 1, (2,), generator=generator).tolist()
    y = torch.roll(x, shift, (2, 3)).requires_grad_()
    features = network(y, [layer])[layer]
    if config.channel is not None:
        features = features[:, config.channel]
    value = 0.5 * features.float().pow(2).mean()
    slope = torch.autograd.grad(value, y)[0]
    with torch.no_grad():
        y = y + config.step * slope / slope.abs().mean().clamp_min(1e-12)
        return float(value.detach()), torch.roll(y, [-by for by in shift], (2, 3)).clamp(0, 1)


def _at(image: Tensor, height: int, width: int) -> Tensor:
    if image.shape[-2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False)
