"""What a soak swaps: packs and sources of every kind that needs no device, made or shipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylecam.core.paths import shipped
from stylecam.net import styles
from stylecam.net.families.fields import ConvSpec
from stylecam.net.families.residual import TransformNetConfig
from stylecam.packs.ops import subset
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack

_FEW = 8


def soak_sources(camera_url: str) -> tuple[str, ...]:
    """Return the sources, the one of the rests first: two sizes of the pattern, a clip, a network camera, an image, a folder of images."""
    photos = shipped("assets", "photos")
    return ("pattern:320x240@30", "pattern:640x480@30", "demo", camera_url, str(photos / "chelsea.jpg"), str(photos))


def write_packs(pack: StylePack, folder: Path) -> tuple[str, str]:
    """Write a pack of fewer styles of the same network, and one of another network, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    few = subset(pack, pack.style_ids[:_FEW], name="soak_few")
    paths = []
    for each in (few, _other_network(few)):
        path = folder / f"{each.name}.stylepack"
        save_pack(each, path)
        paths.append(str(path))
    return paths[0], paths[1]


def _other_network(pack: StylePack) -> StylePack:
    """Return a pack of a small network with random weights: what it makes is no art, but it is another engine."""
    config = TransformNetConfig(
        contract=(ConvSpec(9, 8), ConvSpec(3, 16, stride=2)),
        residual_blocks=1,
        expand=(ConvSpec(3, 8, upsample=2),),
        output=ConvSpec(9, 3),
        styles=len(pack.styles),
        identity=False,
    )
    rng = np.random.default_rng(0)
    tensors = {conv.weight: _weights(rng, conv.weight_shape) for conv in config.convs}
    tensors[styles.STYLES] = styles.neutral(config.graph(), config.rows)
    infos = [replace(style, vector=np.empty(0, np.float32)) for style in pack.styles]
    return StylePack("soak_other", "Another network", pack.licence, config, infos, tensors)


def _weights(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return rng.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)
