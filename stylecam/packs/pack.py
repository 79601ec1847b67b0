"""A style pack in memory: the network's tensors and what is known of each style. Reading and writing: `packs.store`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex, cast, overload

import numpy as np
from numpy.typing import NDArray

from stylecam.core.folding import run_together
from stylecam.core.mix import StyleMix
from stylecam.errors import UsageError
from stylecam.net.families import Architecture, network_hash, trunk_hash
from stylecam.net.output_stats import photo_scale_shift
from stylecam.net.styles import STYLES

if TYPE_CHECKING:
    from stylecam.net.module import TransformNet

#: So many styles of an artist are named to somebody who named him.
MOST_MEANT = 5


@dataclass(frozen=True)
class StyleInfo:
    """What is known of one style. `sha256` is that of the style image's file; `thumbnail` the bytes of a small JPEG or PNG.

    `style_size_px` is the short side at which the style image was shown to the loss network: it decides the stroke size.
    `vector` holds its γ and β, (N,) float32, once it is in a pack.
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
    vector: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32), repr=False, compare=False)


class Styles(tuple[StyleInfo, ...]):
    """A pack's styles in the order of their rows, by number or by id."""

    __slots__ = ()

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> StyleInfo: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[StyleInfo, ...]: ...
    def __getitem__(self, key: SupportsIndex | str | slice) -> StyleInfo | tuple[StyleInfo, ...]:
        """Return the style of a number or an id.

        Raises:
            KeyError: there is no style of that id.
        """
        if not isinstance(key, str):
            return super().__getitem__(key)
        for style in self:
            if style.id == key:
                return style
        raise KeyError(key)


@dataclass(frozen=True, eq=False)
class StylePack:
    """A network with its styles.

    `tensors` holds float32 arrays: the convolutions' weights (O, I / groups, k, k) by `Conv.weight`, and `styles`, ONE matrix (rows, N) of
    γ and β as `net.styles` lays them out. The rows are the styles in order, then the identity row if `config.identity`. Treat the arrays as
    read-only.

    >>> import stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> pack.styles["starry_night"].title, pack.styles["starry_night"].vector.shape, pack.rows.shape
    ('The Starry Night', (2374,), (33, 2374))
    """

    name: str
    title: str
    licence: str
    config: Architecture
    styles: Styles
    tensors: Mapping[str, NDArray[np.float32]] = field(repr=False)
    recipe: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __init__(
        self,
        name: str,
        title: str,
        licence: str,
        config: Architecture,
        styles: Iterable[StyleInfo],
        tensors: Mapping[str, NDArray[np.float32]],
        recipe: Mapping[str, Any] | None = None,
    ) -> None:
        rows = tensors[STYLES]
        values = {
            "name": name,
            "title": title,
            "licence": licence,
            "config": config,
            "styles": Styles(replace(style, vector=row) for style, row in zip(styles, rows, strict=False)),
            "tensors": tensors,
            "recipe": {} if recipe is None else recipe,
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def style_ids(self) -> tuple[str, ...]:
        """The ids of the styles in the order of their rows.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> len(pack.style_ids), pack.style_ids[0]
        (32, 'starry_night')
        """
        return tuple(style.id for style in self.styles)

    @cached_property
    def trunk(self) -> str:
        """Hash of the network without its styles; packs with the same trunk can share styles.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> pack.trunk.partition(":")[0], len(pack.trunk.partition(":")[2])
        ('sha256', 64)
        """
        return trunk_hash(self.config, self.tensors)

    @cached_property
    def network(self) -> str:
        """Hash of all that an engine reads: the trunk and every output. An engine runs each pack with the same network.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> fewer = pack.with_rows(pack.rows[:2], pack.styles[:2], identity=False)
        >>> fewer.network == pack.network
        True
        """
        return network_hash(self.config, self.tensors)

    @property
    def rows(self) -> NDArray[np.float32]:
        """All γ and β, (rows, N), as `net.styles` lays them out: the styles in order, then the identity row if there is one.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> (pack.rows[0] == pack.styles["starry_night"].vector).all()
        np.True_
        """
        return self.tensors[STYLES]

    @property
    def trunk_tensors(self) -> dict[str, NDArray[np.float32]]:
        """The convolutions' weights: the tensors without the styles.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> sum(weight.size for weight in pack.trunk_tensors.values()) > 100_000
        True
        """
        return {name: value for name, value in self.tensors.items() if name != STYLES}

    def with_rows(self, rows: NDArray[np.float32], styles: Iterable[StyleInfo], *, identity: bool) -> StylePack:
        """Return the same network with other styles.

        Args:
            rows: (styles, N) float32, with `identity` one more.
            styles: what is known of each.
            identity: whether the last row is an identity row.

        >>> import dataclasses
        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> a, b = pack.styles["starry_night"], pack.styles["great_wave"]
        >>> between = dataclasses.replace(a, id="between", title="Halfway")
        >>> pack.with_rows((a.vector + b.vector)[None] / 2, [between], identity=False).style_ids
        ('between',)
        """
        infos = Styles(styles)
        config = self.config.with_styles(len(infos), identity=identity)
        return replace(self, config=config, styles=infos, tensors={**self.trunk_tensors, STYLES: np.ascontiguousarray(rows, np.float32)})

    def to_module(self) -> TransformNet:
        """Return the network as a torch module with these weights; imports torch, which nothing else here does.

        >>> import stylecam, torch
        >>> net = stylecam.load_pack("live32").to_module()
        >>> with torch.no_grad():  # images (B, 3, H, W) in [0, 1], γ and β (B, N)
        ...     net.stylize(torch.rand(1, 3, 48, 64), net.styles[:1]).shape
        torch.Size([1, 3, 48, 64])
        """
        # By name, so that nobody who only reads packs can be led to torch.
        module = cast("Any", importlib.import_module("stylecam.net.module"))
        net: TransformNet = module.TransformNet.from_tensors(self.config, self.tensors)
        return net

    def scale_shift(self, mix: StyleMix, *, raw: bool = False) -> NDArray[np.float32]:
        """Mix the styles' γ and β: Σ wᵢ γᵢ and Σ wᵢ βᵢ at every layer (arXiv 1610.07629, section 3.4).

        Returns:
            (N,) float32, what `Engine.stylize` takes.

        >>> import stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> pack.scale_shift(stylecam.StyleMix({"starry_night": 0.7, "great_wave": 0.3})).shape
        (2374,)

        Raises:
            UsageError: a style is unknown, or the weights cancel out and `raw` is not set.
        """
        self._refuse_artists(mix)
        weights = mix.vector(self.style_ids, raw=raw)
        mixed: NDArray[np.float32] = weights @ self.rows[: self.config.styles]
        return mixed

    def _refuse_artists(self, mix: StyleMix) -> None:
        """Answer an artist's name, or words of a title, with the styles that have it; another unknown id is left to `StyleMix.vector`."""
        for style in mix.weights:
            if style not in self.style_ids and len(words := run_together(style)) > 2:
                meant = [each.id for each in self.styles if words in run_together(f"{each.title} {each.artist}")]
                if meant:
                    raise UsageError(f"There is no style '{style}' in this pack. Did you mean {' or '.join(meant[:MOST_MEANT])}?")

    def identity_scale_shift(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the γ and β that give back `photo`: the identity row, at the output layer with the photo's own contrasts and means.

        Args:
            photo: uint8 RGB (H, W, 3).

        Returns:
            (N,) float32, what `Engine.stylize` takes.

        >>> import numpy as np, stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> pack.identity_scale_shift(np.zeros((48, 64, 3), np.uint8)).shape
        (2374,)

        Raises:
            ValueError: the pack has no identity row; see `config.identity`.
        """
        if not self.config.identity:
            raise ValueError(f"the pack '{self.name}' has no identity row")
        vector: NDArray[np.float32] = self.rows[-1].copy()
        output = self.config.graph().cins[-1]
        vector[output.gamma.start : output.beta.stop] = photo_scale_shift(photo)
        return vector
