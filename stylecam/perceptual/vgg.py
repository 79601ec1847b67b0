"""The loss network: VGG-16 or VGG-19 (Simonyan and Zisserman 2014), whose features say what is depicted and in which style."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from stylecam.errors import TrainingError, UsageError
from stylecam.perceptual import torchvision_vgg

_MEAN_RGB = (123.68, 116.779, 103.939)
_LAYERS_VGG19 = {f"relu{block}_{index}" for block, count in enumerate((2, 2, 4, 4, 4), 1) for index in range(1, count + 1)}
_KEY = re.compile(r"conv([1-9])_([1-9])\.weight")


class LossNetwork:
    """VGG-16 up to relu5_1, or a whole VGG-16 or VGG-19 of torchvision; max pooling, zero padding, never trained.

    A feature is named after the block and the convolution whose ReLU it is: relu3_1. `layers` names those that it has, from fine to
    coarse.

    Args:
        path: safetensors with `conv1_1.weight` (O, I, 3, 3) … for BGR input, and biases, of any width; or torchvision's .pth.
        dtype: what it computes in; torch.bfloat16 is several times faster where the processor has it.
        device: where it computes.

    Raises:
        TrainingError: the file is missing or is not such a network.
    """

    def __init__(self, path: Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> None:
        if path.suffix.lower() in torchvision_vgg.SUFFIXES:
            units = torchvision_vgg.UNITS  # input and biases times this: so are all features, for there are but ReLUs and maxima
            found = [(block, index, weight, bias * units) for block, index, weight, bias in torchvision_vgg.read(path)]
            scale = [units / std for std in torchvision_vgg.STD_RGB]
            shift = [units * mean / std for mean, std in zip(torchvision_vgg.MEAN_RGB, torchvision_vgg.STD_RGB, strict=True)]
        else:
            found, scale, shift = _read(path), [255.0] * 3, list(_MEAN_RGB)
        self._layers = [
            (block, index, weight.to(device, dtype).contiguous(memory_format=torch.channels_last), bias.to(device, dtype))
            for block, index, weight, bias in found
        ]
        self.layers = tuple(f"relu{block}_{index}" for block, index, _, _ in found)
        self._dtype = dtype
        self._scale, self._shift = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (scale, shift))

    @property
    def convolutions(self) -> list[tuple[str, int, int, Tensor, Tensor]]:
        """From fine to coarse: layer, block, index in the block (pooling comes before a later block's first), weight, bias."""
        return [(name, *layer) for name, layer in zip(self.layers, self._layers, strict=True)]

    def normalized(self, x: Tensor) -> Tensor:
        """Return what the first convolution gets for an image (B, 3, H, W) in [0, 1]."""
        return (x * self._scale - self._shift).to(self._dtype).contiguous(memory_format=torch.channels_last)

    @property
    def input_scale(self) -> Tensor:
        """By how much `normalized` multiplies, (1, 3, 1, 1)."""
        return self._scale

    def check(self, layers: Collection[str]) -> None:
        """Refuse names of layers that it does not have.

        Raises:
            UsageError: one is unknown; the sentence lists those that exist.
        """
        for layer in layers:
            if layer not in self.layers:
                more = " Torchvision's own VGG-16 or VGG-19, named with --loss-network, has more." if layer in _LAYERS_VGG19 else ""
                raise UsageError(f"The loss network has no layer '{layer}'; it has {', '.join(self.layers)}.{more}")

    def reach(self, layers: Collection[str]) -> tuple[int, int]:
        """Return in pixels the grid of the deepest of these layers, and how far to each side their features depend on the image.

        The second is rounded up to the first: (16, 64) for relu5_1 of VGG-16.
        """
        needed = [layer for number, layer in enumerate(self.layers) if any(name in layers for name in self.layers[number:])]
        grid = max((stride_of(layer) for layer in needed), default=1)
        return grid, -(-sum(stride_of(layer) for layer in needed) // grid) * grid  # each convolution sees one further on its own grid

    def __call__(self, x: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """Return features, each after its ReLU; what lies deeper than the deepest of them is not computed.

        Args:
            x: (B, 3, H, W) float RGB in [0, 1], H and W at least 2 for every block but the first that is needed.
            layers: which features to return, of `self.layers`.

        Returns:
            Name of the feature → (B, C, H / 2^(block-1), W / 2^(block-1)) in the network's dtype.
        """
        features: dict[str, Tensor] = {}
        if not layers:
            return features
        x = self.normalized(x)
        for name, (block, index, weight, bias) in zip(self.layers, self._layers, strict=True):
            if index == 1 and block > 1:
                x = F.max_pool2d(x, 2)
            x = F.relu_(F.conv2d(x, weight, bias, padding=1))  # in place: nobody needs what was below zero
            if name in layers:
                features[name] = x
                if len(features) == len(layers):
                    break
        return features


def stride_of(layer: str) -> int:
    """Return how many pixels apart the positions of a layer are.

    >>> stride_of("relu3_1")
    4
    """
    return 1 << (int(layer[4]) - 1)


def _read(path: Path) -> list[torchvision_vgg.Convolution]:
    """Read `conv1_1.weight` and so on, block by block, as many as there are."""
    try:
        weights = load_file(path)
        places = sorted((int(match[1]), int(match[2])) for key in weights if (match := _KEY.fullmatch(key)))
        found = [(block, index, weights[f"conv{block}_{index}.weight"], weights[f"conv{block}_{index}.bias"]) for block, index in places]
    except (OSError, SafetensorError, KeyError) as error:
        raise TrainingError(f"The loss network '{path}' cannot be read ({error}); reinstall stylecam or name another file.") from error
    channels = 3
    for (block, index, weight, bias), before in zip(found, [(0, 0), *places], strict=False):
        follows = (block, index) in ((before[0], before[1] + 1), (before[0] + 1, 1))
        if not follows or weight.ndim != 4 or weight.shape[1:] != (channels, 3, 3) or bias.shape != weight.shape[:1]:
            raise TrainingError(f"The loss network '{path}' cannot be read: conv{block}_{index} does not fit the layer before it.")
        channels = weight.shape[0]
    if not found:
        raise TrainingError(f"The loss network '{path}' cannot be read: it holds no conv1_1; name another file.")
    block, index, weight, bias = found[0]
    return [(block, index, weight[:, [2, 1, 0]], bias), *found[1:]]  # published for BGR, fed with RGB
