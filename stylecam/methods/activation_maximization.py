"""An image that excites a part of the network: gradient ascent from grey noise, held back by regularisers.

Erhan and others 2009; the class model of Simonyan, Vedaldi, Zisserman 2013 (arXiv 1312.6034), with an L2 penalty; total variation from
Mahendran, Vedaldi 2014 (arXiv 1412.0035); blurring from Yosinski and others 2015 (arXiv 1506.06579); shifting by chance from Mordvintsev,
Olah, Tyka 2015 ("Inceptionism").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.errors import UsageError
from stylecam.perceptual.losses import total_variation_loss

_NOISE = 0.1
_BLUR_KERNEL = (0.0625, 0.25, 0.375, 0.25, 0.0625)


@dataclass(frozen=True)
class MaximizationConfig:
    """How to climb.

    `step` is the change of a pixel, of full scale and in the mean of squares, at the first iteration; it shrinks to a fifth. `jitter_px`:
    by how much the image is shifted by chance before each step; `blur_every` 0 never blurs; `l2` pulls towards grey, `tv` towards flatness.
    """

    iterations: int = 160
    step: float = 0.02
    jitter_px: int = 8
    blur_every: int = 8
    l2: float = 0.05
    tv: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 1 <= self.iterations <= 100_000:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 to 100000.")


def maximize(
    score: Callable[[Tensor], Tensor], height: int, width: int, config: MaximizationConfig | None = None
) -> Iterator[tuple[float, Tensor]]:
    """Yield after each iteration the score, and the image (1, 3, H, W) in [0, 1].

    Args:
        score: maps an image to a scalar, such as the mean of a channel.
        height: of the image.
        width: of the image.
        config: how to climb.
    """
    config = config or MaximizationConfig()
    generator = torch.Generator().manual_seed(config.seed)
    x = (0.5 + _NOISE * torch.randn(1, 3, height, width, generator=generator)).clamp(0, 1)
    for number in range(config.iterations):
        shift = torch.randint(-config.jitter_px, config.jitter_px + 1, (2,), generator=generator).tolist()
        y = torch.roll(x, shift, (2, 3)).requires_grad_()
        value = score(y)
        up = torch.autograd.grad(value, y)[0]
        hold = torch.autograd.grad(config.tv * total_variation_loss(y).sum() * y.numel(), y)[0] + config.l2 * (y.detach() - 0.5)
        with torch.no_grad():
            size = config.step * (1 - 0.8 * number / config.iterations)
            y = y + size * (up / up.pow(2).mean().sqrt().clamp_min(1e-12) - hold)
            x = torch.roll(y, [-by for by in shift], (2, 3)).clamp(0, 1)
            if config.blur_every and (number + 1) % config.blur_every == 0 and number + 1 < config.iterations:
                x = blurred(x)
        yield float(value.detach()), x


def blurred(x: Tensor) -> Tensor:
    """Return an image (1, 3, H, W), blurred by a pixel."""
    kernel = torch.tensor(_BLUR_KERNEL)
    x = F.conv2d(F.pad(x, (2, 2, 0, 0), "replicate"), kernel.view(1, 1, 1, 5).expand(3, 1, 1, 5), groups=3)
    return F.conv2d(F.pad(x, (0, 0, 2, 2), "replicate"), kernel.view(1, 1, 5, 1).expand(3, 1, 5, 1), groups=3)
