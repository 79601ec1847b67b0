"""Small networks, images, and what torch in f32 makes of them: the reference that every engine must meet."""

from __future__ import annotations

import numpy as np
import torch

from stylecam.engines.base import Image, Vector
from stylecam.net.families import ConvSpec, TransformNetConfig
from stylecam.net.families.separable import SeparableConfig
from stylecam.net.families.unet import Stage, UNetConfig
from stylecam.net.module import TransformNet
from stylecam.net.styles import STYLES
from stylecam.packs.pack import StyleInfo, StylePack
from tests.fakes import random_styles

#: Every kind of layer once: both rewritten forms, their literal forms, other strides, kernels and enlargements.
CONFIGS = {
    "tiny": TransformNetConfig(
        contract=(ConvSpec(5, 8, stride=2), ConvSpec(3, 12, stride=2)),
        residual_blocks=2,
        expand=(ConvSpec(3, 8, upsample=2), ConvSpec(3, 6, upsample=2)),
        output=ConvSpec(5, 3),
        styles=3,
        identity=True,
    ),
    "paper": TransformNetConfig(styles=2),
    "thirds": TransformNetConfig(
        contract=(ConvSpec(3, 8, stride=3),), residual_blocks=1, expand=(ConvSpec(5, 8, upsample=3),), output=ConvSpec(1, 3), styles=2
    ),
    "flat": TransformNetConfig(contract=(ConvSpec(1, 4),), residual_blocks=0, expand=(), output=ConvSpec(3, 3), styles=2),
    "wide": TransformNetConfig(
        contract=(ConvSpec(7, 8, stride=2),),
        residual_blocks=1,
        residual_kernel=5,
        expand=(ConvSpec(5, 6, upsample=2),),
        output=ConvSpec(7, 3),
        styles=2,
        eps=1e-3,
    ),
    "clip": TransformNetConfig(
        contract=(ConvSpec(3, 8, stride=2),),
        residual_blocks=1,
        expand=(ConvSpec(3, 6, upsample=2),),
        output=ConvSpec(5, 3),
        styles=2,
        output_after="clip",
    ),
    "separable": SeparableConfig(
        contract=(ConvSpec(3, 6), ConvSpec(3, 8, stride=2)),
        blocks=1,
        expand=(ConvSpec(3, 6, upsample=2),),
        output_kernel=3,
        skip=True,
        styles=2,
    ),
    "unet": UNetConfig(
        contract=(Stage(ConvSpec(5, 8, stride=2)), Stage(ConvSpec(3, 10, stride=2), blocks=1), Stage(ConvSpec(3, 12, stride=2), blocks=2)),
        expand=(Stage(ConvSpec(3, 10, upsample=2), blocks=1, skip=True), Stage(ConvSpec(3, 8, upsample=2))),
        styles=3,
        identity=True,
    ),
}


def make_pack(name: str = "tiny", seed: int = 0) -> StylePack:
    """Return a pack of random weights whose styles differ visibly."""
    config = CONFIGS[name]
    torch.manual_seed(seed)
    tensors = TransformNet(config).tensors()
    rng = np.random.default_rng(seed)
    tensors[STYLES] = random_styles(config, rng, 0.3)
    if not config.normalises_output:  # bring the image between black and white
        tensors["output.conv.weight"] *= 2
        tensors[STYLES][:, config.graph().cins[-1].beta] += 0.5
    styles = tuple(StyleInfo(f"s{i}", f"Style {i}", "nobody", "2026", "CC0", "", "0" * 64) for i in range(config.styles))
    return StylePack("test", "Test", "CC0-1.0", config, styles, tensors)


def make_photo(height: int, width: int, seed: int = 0) -> Image:
    """Return an image with soft shapes and a little noise, (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width, 8)
    phase, speed = rng.uniform(0, 6, (2, 3)), rng.uniform(3, 15, (2, 3))
    waves = np.sin(speed[0] * x[..., None] + phase[0]) * np.cos(speed[1] * y[..., None] + phase[1])
    return np.clip(127 + 90 * waves + rng.normal(0, 8, waves.shape), 0, 255).astype(np.uint8)


def reference(pack: StylePack, photo: Image, weights: Vector) -> Image:
    """Return what `TransformNet` in f32 makes of `photo` with style weights (S,) or per pixel (S, h, w)."""
    net = TransformNet.from_tensors(pack.config, pack.tensors)
    x = torch.from_numpy(photo.transpose(2, 0, 1)[None].copy()).float() / 255
    with torch.inference_mode():
        y = net(x, torch.from_numpy(weights)[None])[0]
    return (y * 255).round().byte().permute(1, 2, 0).contiguous().numpy()


def difference(a: Image, b: Image) -> tuple[float, float]:
    """Return the mean and the largest difference of two images, in parts of full scale."""
    assert a.shape == b.shape
    assert a.dtype == b.dtype == np.uint8
    d = np.abs(a.astype(np.float32) - b.astype(np.float32)) / 255
    return float(d.mean()), float(d.max())
