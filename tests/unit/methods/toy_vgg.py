"""A VGG-16 of torchvision's shape with a few channels and random weights, and a classifier of five classes."""

from __future__ import annotations

from pathlib import Path

import torch

#: Where torchvision's VGG-16 has its convolutions.
CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
CHANNELS = 6
CLASSES = 5


def write_toy_vgg(path: Path, *, classifier: bool = True) -> Path:
    """Write it and return its path."""
    generator = torch.Generator().manual_seed(5)
    state = {}
    for number in CONVOLUTIONS:
        inputs = 3 if number == 0 else CHANNELS
        state[f"features.{number}.weight"] = torch.randn(CHANNELS, inputs, 3, 3, generator=generator) * (2 / (9 * inputs)) ** 0.5 * 1.5
        state[f"features.{number}.bias"] = 0.3 * torch.rand(CHANNELS, generator=generator)
    sizes = (CHANNELS * 49, 12, 12, CLASSES)
    for place, inputs, outputs in zip((0, 3, 6), sizes, sizes[1:], strict=False):
        if classifier:
            state[f"classifier.{place}.weight"] = torch.randn(outputs, inputs, generator=generator) * (2 / inputs) ** 0.5
            state[f"classifier.{place}.bias"] = 0.1 * torch.rand(outputs, generator=generator)
    torch.save(state, path)
    return path
