"""What a layer of the loss network holds of a photo, projected back to pixels.

Three ways down, which differ only in what happens at a ReLU: the gradient (Simonyan, Vedaldi, Zisserman 2013, arXiv 1312.6034) lets pass
where the feature was positive; the deconvolutional network with switches (Zeiler, Fergus 2013, arXiv 1311.2901) where the signal is
positive; guided backpropagation (Springenberg and others 2014, arXiv 1412.6806) where both are. Max pooling is undone by its switches: what
comes down goes where the maximum was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylecam.errors import UsageError
from stylecam.methods.sheets import Cell, sheet
from stylecam.perceptual.vgg import LossNetwork, stride_of

Rule = Literal["deconvnet", "guided", "gradient"]

_CELL_PX = 144
#: Projections are scaled so that this quantile of their values is as far from grey as can be.
_BRIGHT = 0.995


@dataclass(frozen=True, eq=False)
class _Step:
    """A convolution with its ReLU, and where the ReLU was open; or, without a weight, a pooling with its switches and its input's size."""

    weight: Tensor | None
    mask: Tensor
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Trace:
    """The way up to a layer. `features` (1, C, h, w)."""

    features: Tensor
    steps: tuple[_Step, ...]
    scale: Tensor

    def project(self, signal: Tensor, rule: Rule) -> Tensor:
        """Bring a signal at the layer, after its ReLU, (1, C, h, w), down to the pixels (1, 3, H, W), in units of [0, 1] images.

        With "gradient" the result is the gradient of (features × signal).sum().
        """
        for step in reversed(self.steps):
            if step.weight is None:
                signal = F.max_unpool2d(signal.contiguous(), step.mask, (2, 2), output_size=[*signal.shape[:2], *step.size])
                continue
            if rule != "deconvnet":
                signal = signal * step.mask
            if rule != "gradient":
                signal = signal.clamp_min(0)
            signal = F.conv_transpose2d(signal, step.weight, padding=1)
        return signal * self.scale


@torch.no_grad()
def trace(network: LossNetwork, x: Tensor, layer: str) -> Trace:
    """Go up to a layer with an image (1, 3, H, W) in [0, 1], and remember switches and open ReLUs.

    Raises:
        UsageError: the network lacks the layer.
    """
    network.check([layer])
    steps: list[_Step] = []
    x = network.normalized(x).contiguous()
    for name, block, index, weight, bias in network.convolutions:
        if index == 1 and block > 1:
            size = (x.shape[-2], x.shape[-1])
            x, switches = F.max_pool2d(x, 2, return_indices=True)
            steps.append(_Step(None, switches, size))
        x = F.conv2d(x, weight, bias, padding=1).relu_()
        steps.append(_Step(weight, x > 0))
        if name == layer:
            break
    return Trace(x, tuple(steps), network.input_scale)


def strongest(features: Tensor, count: int) -> list[tuple[int, int, int]]:
    """Return (channel, row, column) of the channels that react most at one place, the strongest first; without those that do not react."""
    peaks, places = features[0].flatten(1).max(1)
    order = peaks.argsort(descending=True)[:count].tolist()
    width = features.shape[-1]
    return [(int(channel), int(places[channel]) // width, int(places[channel]) % width) for channel in order if peaks[channel] > 0]


@torch.no_grad()
def channel_sheet(
    network: LossNetwork, photo: NDArray[np.uint8], layer: str, rule: Rule = "deconvnet", *, count: int = 9, channel: int | None = None
) -> Image.Image:
    """Return a sheet: for each of the layer's strongest channels the spot of the photo that excites it most, and what it holds of it.

    Args:
        network: the loss network.
        photo: uint8 RGB (H, W, 3).
        layer: such as relu4_1.
        rule: the way down.
        count: how many channels.
        channel: this channel alone.

    Raises:
        UsageError: the network lacks the layer, or the layer the channel.
    """
    seen = trace(network, tensor(photo), layer)
    reach = network.reach([layer])[1]
    if channel is None:
        chosen = strongest(seen.features, count)
    else:
        check_channel(seen.features, layer, channel)
        only = torch.zeros_like(seen.features)
        only[:, channel] = seen.features[:, channel]
        chosen = strongest(only, 1)
    spots: list[Cell] = []
    held: list[Cell] = []
    for number, row, column in chosen:
        signal = torch.zeros_like(seen.features)
        signal[0, number, row, column] = seen.features[0, number, row, column]
        down = pixels(seen.project(signal, rule))
        area = _spot(row, column, stride_of(layer), reach, photo.shape[:2])
        spots.append((f"{number}", Image.fromarray(np.ascontiguousarray(photo[area]))))
        held.append(("", Image.fromarray(np.ascontiguousarray(down[area]))))
    if not chosen:
        return Image.new("RGB", (_CELL_PX, _CELL_PX), "white")
    return sheet([spots, held], _CELL_PX)


def saliency(score: Callable[[Tensor], Tensor], photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return where a score depends on the photo: the largest gradient over the colours at each pixel, as greys (H, W, 3).

    Args:
        score: maps an image (1, 3, H, W) in [0, 1] to a scalar, such as a class's score or the sum of a channel.
        photo: uint8 RGB (H, W, 3).
    """
    x = tensor(photo).requires_grad_()
    slope = torch.autograd.grad(score(x), x)[0][0].abs().amax(0)
    bright = (slope / slope.quantile(_BRIGHT).clamp_min(1e-12)).clamp(0, 1)
    return np.repeat((bright * 255).round().byte().numpy()[..., None], 3, 2)


def check_channel(features: Tensor, layer: str, channel: int) -> None:
    """Refuse a channel that a layer does not have.

    Raises:
        UsageError: the number is out of range.
    """
    if not 0 <= channel < features.shape[1]:
        raise UsageError(f"{layer} has no channel {channel}; it has 0 to {features.shape[1] - 1}.")


def pixels(projection: Tensor) -> NDArray[np.uint8]:
    """Return a projection (1, 3, H, W) as an image around middle grey."""
    size = projection.abs().flatten()
    bright = size[size > 0].quantile(_BRIGHT) if 0 < (count := int((size > 0).sum())) <= 1 << 24 else size.max()
    shown = 0.5 + 0.5 * projection[0] / bright.clamp_min(1e-12) if count else torch.full_like(projection[0], 0.5)
    return np.ascontiguousarray((shown.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy())


def tensor(image: NDArray[np.uint8]) -> Tensor:
    """Return uint8 RGB (H, W, 3) as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32) / 255)[None]


def _spot(row: int, column: int, grid: int, reach: int, size: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the square of the photo that a position depends on, moved inside the photo where it juts out."""
    side = min(grid + 2 * reach, *size)
    top = min(max(0, row * grid + grid // 2 - side // 2), size[0] - side)
    left = min(max(0, column * grid + grid // 2 - side // 2), size[1] - side)
    return slice(top, top + side), slice(left, left + side)
