"""The loss network: VGG-16 or VGG-19 (Simonyan and Zisserman 2014), whose features say what is depicted and how it is painted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from stylecam.errors import TrainingError
from stylecam.perceptual import torchvision_vgg

#: Convolutions per block of the network that ships. A feature is named after the block and the convolution whose ReLU it is: relu3_3.
BLOCKS = (2, 2, 3, 3)
CONTENT_LAYER = "relu3_3"
STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
_MEAN_RGB = (123.68, 116.779, 103.939)


class LossNetwork:
    """VGG-16 up to relu4_3, or a whole VGG-16 or VGG-19 of torchvision; max pooling, zero padding, never trained.

    `layers` names the features that it has, from fine to coarse.

    Args:
        path: safetensors with `conv1_1.weight` (O, I, 3, 3) … for BGR input, and biases; or torchvision's .pth.
        dtype: what it computes in; torch.bfloat16 is several times faster where the processor has it.
        device: where it computes.

    Raises:
        TrainingError: the file is missing or is not this network.
    """

    def __init__(self, path: Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> None:
        if path.suffix.lower() in torchvision_vgg.SUFFIXES:
            units = torchvision_vgg.UNITS  # input and biases times this: so are all features, for there are but ReLUs and maxima
            found = [(block, index, weight, bias * units) for block, index, weight, bias in torchvision_vgg.read(path)]
            scale = [units / std for std in torchvision_vgg.STD_RGB]
            shift = [units * mean / std for mean, std in zip(torchvision_vgg.MEAN_RGB, torchvision_vgg.STD_RGB, strict=True)]
        else:
            found, scale, shift = self._shipped(path), [255.0] * 3, list(_MEAN_RGB)
        self._layers = [
            (block, index, weight.to(device, dtype).contiguous(memory_format=torch.channels_last), bias.to(device, dtype))
            for block, index, weight, bias in found
        ]
        self.layers = tuple(f"relu{block}_{index}" for block, index, _, _ in found)
        self._dtype = dtype
        self._scale, self._shift = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (scale, shift))

    @staticmethod
    def _shipped(path: Path) -> list[torchvision_vgg.Convolution]:
        try:
            weights = load_file(path)
            found = [
                (block, index, weights[f"conv{block}_{index}.weight"], weights[f"conv{block}_{index}.bias"])
                for block, count in enumerate(BLOCKS, 1)
                for index in range(1, count + 1)
            ]
        except (OSError, SafetensorError, KeyError) as error:
            raise TrainingError(f"The loss network '{path}' cannot be read ({error}); reinstall stylecam or name another file.") from error
        block, index, weight, bias = found[0]
        return [(block, index, weight[:, [2, 1, 0]], bias), *found[1:]]  # published for BGR, fed with RGB

    def __call__(self, x: Tensor, upto: str = STYLE_LAYERS[-1], layers: Collection[str] = STYLE_LAYERS) -> dict[str, Tensor]:
        """Return features, each after its ReLU.

        Args:
            x: (B, 3, H, W) float RGB in [0, 1], H and W at least 8, or 16 for the fifth block.
            upto: stop after this feature.
            layers: which features to return, of `self.layers`.

        Returns:
            Name of the feature → (B, C, H / 2^(block-1), W / 2^(block-1)) in the network's dtype.
        """
        features: dict[str, Tensor] = {}
        x = (x * self._scale - self._shift).to(self._dtype).contiguous(memory_format=torch.channels_last)
        for block, index, weight, bias in self._layers:
            if index == 1 and block > 1:
                x = F.max_pool2d(x, 2)
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            name = f"relu{block}_{index}"
            if name in layers:
                features[name] = x
            if name == upto:
                break
        return features
