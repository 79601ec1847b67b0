"""Photos, style images and a loss network of next to no size for runs of a few steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file


def write_images(folder: Path, prefix: str, count: int, *, seed: int = 0) -> list[Path]:
    """Write blurred noise, 64x64, as PNG files; return their paths."""
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{prefix}{i}.png" for i in range(count)]
    for path in paths:
        small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(path)
    return paths


def write_loss_network(folder: Path) -> Path:
    """Write a VGG-16 of a few channels with random weights that keep the features' size; return its file."""
    generator = torch.Generator().manual_seed(7)
    tensors, channels = {}, 3
    for block, (count, width) in enumerate(((2, 8), (2, 8), (3, 12), (3, 16), (1, 16)), 1):
        for index in range(1, count + 1):
            tensors[f"conv{block}_{index}.weight"] = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
            tensors[f"conv{block}_{index}.bias"] = torch.zeros(width)
            channels = width
    path = folder / "loss_network.safetensors"
    save_file(tensors, path)
    return path
