"""The description of a network: what it refuses, what follows from it, and what a new family costs."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.net import cost, ir, module
from stylecam.net.families import base, residual, unet
from stylecam.net.families.base import Architecture, read_architecture, register
from stylecam.net.families.separable import SeparableConfig
from stylecam.net.ir import IMAGE, Cin, Conv, Draft, Graph
from stylecam.net.styles import STYLES
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.packs.store import load_pack, save_pack
from tests.fakes import gradient, random_styles


def test_what_does_not_fit_is_named() -> None:
    """Unknown inputs, doubled names, wrong channels, wrong groups and sums of different sizes are ValueErrors with the node's name."""
    first, half = Conv("a.conv", (IMAGE,), 3, 8, 3), Conv("b.conv", ("a.conv",), 8, 8, 3, stride=2)
    for nodes, said in (
        ((Conv("a.conv", ("b",), 3, 8, 3),), "a.conv: reads b"),
        ((first, first), "a.conv: stands twice"),
        ((first, Conv("b.conv", ("a.conv",), 4, 8, 3)), "b.conv: 8 channels do not fit"),
        ((first, Conv("b.conv", ("a.conv",), 8, 6, 3, groups=4)), "b.conv"),
        ((first, Cin("a.norm", ("a.conv",), 4, 0)), "a.norm: normalises 4 channels, but reads 8"),
        ((first, half, ir.Add("sum", ("a.conv", "b.conv"))), "sum: reads maps of different sizes"),
        ((first, ir.DepthToSpace("d", ("a.conv",), 3)), "d: 8 channels cannot become 3 x 3"),
    ):
        with pytest.raises(ValueError, match=said):
            Graph(nodes, 1e-5)


def test_results_are_images() -> None:
    """A graph must read the image by convolutions and give RGB of a whole multiple of its size."""
    draft = Draft()
    small = draft.conv(IMAGE, "small", 3, kernel=3, stride=2)
    with pytest.raises(ValueError, match="1/2 of the image's size"):
        draft.graph(small, eps=1e-5)
    with pytest.raises(ValueError, match="must have 3 channels, not 5"):
        draft.graph(draft.conv(IMAGE, "wide", 5, kernel=3), eps=1e-5)
    with pytest.raises(ValueError, match="only convolutions may read the image"):
        draft.graph(draft.relu(IMAGE), eps=1e-5)


def test_sizes_follow_from_the_graph() -> None:
    """Strides of 2 and 3 make a grid of 6 pixels; the deepest reflect padding decides the smallest image."""
    draft = Draft()
    x = draft.conv(draft.conv(IMAGE, "a", 4, kernel=3, stride=2), "b", 4, kernel=5, stride=3)
    x = draft.conv(draft.conv(x, "c", 4, kernel=7), "d", 3, kernel=1, enlarge=6)
    graph = draft.graph(x, eps=1e-5)
    assert cost.grid_px(graph) == 6
    assert cost.minimum_px(graph) == 24  # 7 // 2 + 1 = 4 pixels of 6
    assert cost.padding(graph, 25, 30) == (5, 0)
    assert cost.gflop(graph, 30, 24) == pytest.approx(2 * 720 * (3 * 4 * 9 / 4 + 16 * 25 / 36 + 16 * 49 / 36 + 12) / 1e9)


def test_a_residual_sum_is_held_meanwhile() -> None:
    """At the widest place of the small network 32 enlarged channels go in and 16 come out; a skip of 16 channels adds its own."""
    assert cost.peak_numbers(residual.TransformNetConfig.small().graph()) == 48
    plain, skipping = SeparableConfig(), replace(SeparableConfig(), skip=True)
    assert cost.peak_numbers(skipping.graph()) == cost.peak_numbers(plain.graph()) + 16


def test_examples_in_docstrings_are_true() -> None:
    """What the docs of the description, the families and the torch module show is what happens."""
    for each in (ir, residual, unet, module):
        assert doctest.testmod(each).failed == 0
        assert doctest.testmod(each).attempted > 0


@pytest.mark.parametrize("change", [{"skip": 1}, {"contract": []}, {"output": {"kernel": 4}}, {"surprise": 1}, {"eps": 2.0}, {"styles": 0}])
def test_a_second_family_refuses_nonsense_too(change: dict[str, Any]) -> None:
    """Its JSON survives a round trip, and a forged one is a ValueError."""
    config = SeparableConfig(styles=3, identity=True)
    assert read_architecture("separable", config.to_json()) == config
    with pytest.raises(ValueError, match=r"architecture|skip|kernel|eps|styles"):
        read_architecture("separable", config.to_json() | change)


@pytest.fixture
def mosaic() -> Iterator[type[Architecture]]:
    """A family that nobody has seen before, as one file would bring it: it works on blocks of 4 x 4 pixels."""

    @register("mosaic")
    @dataclass(frozen=True)
    class Mosaic(Architecture):
        width: int = 8

        def draw(self, head: str) -> Graph:
            draft = Draft()
            x = draft.relu(draft.cin(draft.conv(IMAGE, "in", self.width, kernel=5, stride=4), "in"))
            x = draft.depth_to_space(draft.conv(x, "out", 48, kernel=3), 4)
            return draft.graph(draft.act(draft.cin(x, "out"), "sigmoid"), eps=self.eps)

        def to_json(self) -> dict[str, Any]:
            return {"width": self.width, "styles": self.styles, "identity": self.identity, "eps": self.eps}

        @classmethod
        def from_json(cls, data: Any) -> Self:
            return cls(**data)

    yield Mosaic
    del base._FAMILIES["mosaic"]


def test_a_new_family_is_one_class(mosaic: type[Architecture], tmp_path: Path) -> None:
    """Nothing else need know it: it is saved, loaded, trained by torch, and runs on every engine, maps and odd sizes included."""
    config = mosaic(styles=2)
    rng = np.random.default_rng(0)
    tensors = {conv.weight: rng.normal(0, 0.2, conv.weight_shape).astype(np.float32) for conv in config.convs}
    infos = [StyleInfo(f"s{i}", "Style", "nobody", "2026", "CC0", "", "0" * 64) for i in range(2)]
    pack = StylePack("m", "Mosaic", "CC0", config, infos, {**tensors, STYLES: random_styles(config, rng, 0.3)})
    save_pack(pack, tmp_path / "m.stylepack")
    pack = load_pack(tmp_path / "m.stylepack")
    assert pack.config == config
    assert sum(p.numel() for p in pack.to_module().parameters()) == sum(value.size for value in pack.tensors.values())
    photo, maps = gradient(22, 33), rng.random((2, 3, 5), np.float32)
    engines = (
        TorchEngine(config, pack.tensors, device="cpu"),
        OnnxEngine(config, pack.tensors, device="cpu", threads=1),
        OpenVinoEngine(config, pack.tensors, precision="f32", threads=1),
    )
    plain = [engine.stylize(photo, pack.rows[0])[0].astype(int) for engine in engines]
    mixed = [engine.stylize(photo, pack.rows, maps=maps)[0].astype(int) for engine in engines]
    for images in (plain, mixed):
        assert images[0].shape == photo.shape
        assert np.abs(images[1] - images[0]).max() <= 1
        assert np.abs(images[2] - images[0]).max() <= 1
