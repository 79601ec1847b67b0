"""The loss network: VGG-16 (Simonyan and Zisserman 2014), whose features say what is depicted and how it is painted."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from stylecam.errors import TrainingError

#: Convolutions per block. A feature is named after the block and the convolution whose ReLU it is: relu3_3.
BLOCKS = (2, 2, 3, 3)
CONTENT_LAYER = "relu3_3"
STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
_MEAN_RGB = (123.68, 116.779, 103.939)


class LossNetwork:
    """VGG-16 up to relu4_3, max pooling, zero padding, never trained.

    Args:
        path: safetensors with `conv1_1.weight` (O, I, 3, 3) … for BGR input, and biases.
        dtype: what it computes in; torch.bfloat16 is several times faster where the processor has it.
        device: where it computes.

    Raises:
        TrainingError: the file is missing or is not this network.
    """

    def __init__(self, path: Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> None:
        try:
            weights = load_file(path)
            self._layers = [
                (block, index, *self._prepare(weights, block, index, dtype, device))
                for block, count in enumerate(BLOCKS, 1)
                for index in range(1, count + 1)
            ]
        except (OSError, SafetensorError, KeyError) as error:
            raise TrainingError(f"The loss network '{path}' cannot be read ({error}); reinstall stylecam or name another file.") from error
        self._dtype = dtype
        self._mean = torch.tensor(_MEAN_RGB, device=device).view(1, 3, 1, 1)

    @staticmethod
    def _prepare(
        weights: dict[str, Tensor], block: int, index: int, dtype: torch.dtype, device: str | torch.device
    ) -> tuple[Tensor, Tensor]:
        weight, bias = weights[f"conv{block}_{index}.weight"], weights[f"conv{block}_{index}.bias"]
        if (block, index) == (1, 1):
            weight = weight[:, [2, 1, 0]]  # published for BGR, fed with RGB
        return weight.to(device, dtype).contiguous(memory_format=torch.channels_last), bias.to(device, dtype)

    def __call__(self, x: Tensor, upto: str = STYLE_LAYERS[-1]) -> dict[str, Tensor]:
        """Return the features after the last ReLU of each block.

        Args:
            x: (B, 3, H, W) float RGB in [0, 1], H and W at least 8.
            upto: stop after this feature.

        Returns:
            Name of the feature → (B, C, H / 2^(block-1), W / 2^(block-1)) in the network's dtype.
        """
        features: dict[str, Tensor] = {}
        x = (x * 255 - self._mean).to(self._dtype).contiguous(memory_format=torch.channels_last)
        for block, index, weight, bias in self._layers:
            if index == 1 and block > 1:
                x = F.max_pool2d(x, 2)
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            if index == BLOCKS[block - 1]:
                features[f"relu{block}_{index}"] = x
                if f"relu{block}_{index}" == upto:
                    break
        return features
