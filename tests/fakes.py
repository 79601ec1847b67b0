"""Stand-ins: a style pack of a few kilobytes, an engine that paints by arithmetic, and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import MEASURE, Engine, Image, LayerStats, Vector
from stylecam.net import styles as layout
from stylecam.net.families import Architecture, ConvSpec, TransformNetConfig
from stylecam.packs.pack import StyleInfo, StylePack

TINY_STYLES = ("starry_night", "great_wave", "senecio")


def tiny_config(styles: int = 3, *, identity: bool = False) -> TransformNetConfig:
    """Return a network that has every kind of layer and a few hundred weights."""
    return TransformNetConfig(
        contract=(ConvSpec(3, 4), ConvSpec(3, 6, stride=2)),
        residual_blocks=1,
        expand=(ConvSpec(3, 4, upsample=2),),
        output=ConvSpec(3, 3),
        styles=styles,
        identity=identity,
    )


def tiny_pack(styles: Sequence[str] = TINY_STYLES, *, identity: bool = False, seed: int = 0, name: str = "tiny") -> StylePack:
    """Return a pack with random weights; the same seed gives the same trunk."""
    config = tiny_config(len(styles), identity=identity)
    rng = np.random.default_rng(seed)
    tensors: dict[str, NDArray[np.float32]] = {}
    for conv in config.convs:
        fan_in = conv.in_channels * conv.kernel**2
        tensors[conv.weight] = rng.normal(0, fan_in**-0.5, conv.weight_shape).astype(np.float32)
    tensors[layout.STYLES] = random_styles(config, rng, 0.2)  # after the trunk, so that the number of styles does not change it
    infos = tuple(
        StyleInfo(style, style.replace("_", " ").title(), "A. Painter", "1889", "public domain", f"https://example.org/{style}", "0" * 64)
        for style in styles
    )
    return StylePack(name, name.title(), "CC-BY-4.0", config, infos, tensors)


def random_styles(config: Architecture, rng: np.random.Generator, spread: float) -> NDArray[np.float32]:
    """Return γ around 1 and β around 0 for every style of a network, (rows, N)."""
    rows = np.empty((config.rows, config.scale_shift_size), np.float32)
    for slot in layout.slots(config.graph()):
        rows[:, slot.gamma] = rng.normal(1, spread, (config.rows, slot.channels))
        rows[:, slot.beta] = rng.normal(0, spread, (config.rows, slot.channels))
    return rows


class FakeEngine(Engine):
    """Inverts the picture and shifts it by a number that depends on the style vector: quick, exact, and different per mix.

    With the fast head, every pixel comes out four times.
    """

    name = "fake"

    def __init__(self, config: Architecture, head: str = "fine") -> None:
        self.config, self.head = config, head
        self.precision = "u8"
        self.device = "CPU"
        self.calls: list[tuple[int, ...]] = []
        self.closed = False

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Return `255 - image` plus `shift(scale_shift)`, modulo 256."""
        assert not self.closed
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert scale_shift.shape == (self.config.scale_shift_size,)
        self.calls.append(image.shape)
        drawn = (255 - image) + self.shift(scale_shift)
        return drawn if self.head == "fine" else drawn.repeat(2, 0).repeat(2, 1), None

    @staticmethod
    def shift(scale_shift: Vector) -> np.uint8:
        """Return the number that `stylize` adds: a hash of the vector's values, rounded."""
        return np.uint8(round(float(np.abs(scale_shift).sum()) * 1000) % 256)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


class MeasuringEngine(FakeEngine):
    """A `FakeEngine` that takes and measures statistics, which change nothing; it notes which pictures it measured."""

    supports_stats = True

    def __init__(self, config: Architecture, head: str = "fine") -> None:
        super().__init__(config, head)
        self.exact: list[bool] = []

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Paint, and return statistics if asked for."""
        self.exact.append(stats is MEASURE)
        count = self.config.scale_shift_size // 2
        found = LayerStats(np.zeros(count, np.float32), np.ones(count, np.float32))
        return super().stylize(image, scale_shift)[0], found if stats is MEASURE else None


def gradient(height: int = 24, width: int = 32) -> Image:
    """Return a picture in which every pixel differs from its neighbours: x in red, y in green, both in blue."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * 7 + y * 13) % 256], axis=-1).astype(np.uint8)
