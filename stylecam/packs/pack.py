"""A style pack in memory: the network's tensors and what is known of each style. Reading and writing: `packs.store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.core.mix import StyleMix
from stylecam.net.architecture import TransformNetConfig, trunk_hash
from stylecam.net.output_stats import photo_scale_shift


@dataclass(frozen=True)
class StyleInfo:
    """What is known of one style. `sha256` is that of the painting's file; `thumbnail` the bytes of a small JPEG or PNG.

    `style_size_px` is the short side at which the painting was shown to the loss network: it decides the stroke size.
    """

    id: str
    title: str
    artist: str
    year: str
    licence: str
    source: str
    sha256: str
    style_size_px: int = 0
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, eq=False)
class StylePack:
    """A network with its styles.

    `tensors` holds float32 arrays: `<layer>.conv.weight` (O, I, k, k), `<layer>.norm.weight` γ and `<layer>.norm.bias` β (rows, C).
    The rows are the styles in order, then the identity row if `config.identity`. Treat the arrays as read-only.
    """

    name: str
    title: str
    licence: str
    config: TransformNetConfig
    styles: tuple[StyleInfo, ...]
    tensors: Mapping[str, NDArray[np.float32]] = field(repr=False)
    recipe: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def style_ids(self) -> tuple[str, ...]:
        """The ids of the styles in the order of their rows."""
        return tuple(style.id for style in self.styles)

    @cached_property
    def trunk(self) -> str:
        """Hash of the network without its styles; packs with the same trunk can share styles."""
        return trunk_hash(self.config, self.tensors)

    @cached_property
    def rows(self) -> NDArray[np.float32]:
        """All γ and β, (rows, N): per layer γ then β, in the order of `config.layers`."""
        parts = []
        for layer in self.config.layers:
            parts += [self.tensors[f"{layer.name}.norm.weight"], self.tensors[f"{layer.name}.norm.bias"]]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def scale_shift(self, mix: StyleMix, *, raw: bool = False) -> NDArray[np.float32]:
        """Mix the styles' γ and β: Σ wᵢ γᵢ and Σ wᵢ βᵢ at every layer (arXiv 1610.07629, section 3.4).

        Returns:
            (N,) float32, what `Engine.stylize` takes.

        Raises:
            UsageError: a style is unknown, or the weights cancel out and `raw` is not set.
        """
        weights = mix.vector(self.style_ids, raw=raw)
        mixed: NDArray[np.float32] = weights @ self.rows[: self.config.styles]
        return mixed

    def identity_scale_shift(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the γ and β that give back `photo`: the identity row, at the output layer with the photo's own contrasts and means.

        Args:
            photo: uint8 RGB (H, W, 3).

        Returns:
            (N,) float32, what `Engine.stylize` takes.

        Raises:
            ValueError: the pack has no identity row; see `config.identity`.
        """
        if not self.config.identity:
            raise ValueError(f"the pack '{self.name}' has no identity row")
        vector: NDArray[np.float32] = self.rows[-1].copy()
        output = self.config.layers[-1]
        vector[output.offset : output.offset + 2 * output.out_channels] = photo_scale_shift(photo)
        return vector
