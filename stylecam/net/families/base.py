"""Families of networks by name: each is one file with a frozen dataclass that draws its graph.

To add one: subclass `Architecture` in a new module of this package, decorate it with `@register("name")`, and list the module in
`net.families`. Engines, trainer, packs and costs follow from the graph.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from stylecam.net import cost, styles
from stylecam.net.ir import Conv, Graph

MAX_STYLES = 4096
#: The output that every network has, at the image's size, and the one that some have, twice as large as the image.
FINE, FAST = "fine", "fast"
#: How many times larger the fast output is than the image that it is given.
FAST_FACTOR = 2
#: Side of its kernel: with 3 it costs what a half-size fine output and an enlargement cost together, with 5 three times that.
FAST_KERNEL = 3

_Family = TypeVar("_Family", bound="type[Architecture]")
_FAMILIES: dict[str, type[Architecture]] = {}


@dataclass(frozen=True, kw_only=True)
class Architecture(ABC):
    """The shape of a network and how many styles it holds. Frozen, and equal where the networks are.

    `identity` adds one row of γ and β behind the styles' rows, which is never listed, counted or mixed as a style.
    `eps` is added to variances.
    """

    family: ClassVar[str]

    styles: int = 32
    identity: bool = False
    eps: float = 1e-5

    @abstractmethod
    def draw(self, head: str) -> Graph:
        """Return the network with its output `head`; for `FAST`, which takes a half-size image, only if `has_fast_head`."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the architecture as JSON data; `from_json` reads it."""

    @classmethod
    @abstractmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: a key is missing or unknown, or a value is out of range; the message says which.
        """

    @property
    def has_fast_head(self) -> bool:
        """Whether there is a second output, which makes of a half-size image one of full size."""
        return False

    @property
    def heads(self) -> tuple[str, ...]:
        """The outputs that the network has."""
        return (FINE, FAST) if self.has_fast_head else (FINE,)

    def graph(self, head: str = FINE) -> Graph:
        """Return the network with its output `head`.

        Raises:
            ValueError: it has no such output.
        """
        if head not in self.heads:
            raise ValueError(f"the network has no output '{head}', only {' and '.join(self.heads)}")
        return _drawn(self, head)

    @property
    def convs(self) -> tuple[Conv, ...]:
        """All convolutions once, those of the trunk and the fine output first."""
        return tuple({conv.name: conv for head in self.heads for conv in self.graph(head).convs}.values())

    @property
    def rows(self) -> int:
        """Rows of γ and β: one per style, and the identity row if there is one."""
        return self.styles + self.identity

    @property
    def scale_shift_size(self) -> int:
        """Numbers per style: γ and β of every channel of every normalization."""
        return styles.size(self.graph())

    @property
    def normalises_output(self) -> bool:
        """Whether the stylized image is normalised before its last activation: only then an identity row can give back a photo."""
        return self.graph().cins[-1].normalise

    @property
    def total_stride(self) -> int:
        """The image is padded to a multiple of this, in pixels."""
        return cost.grid_px(self.graph())

    def padding(self, height: int, width: int) -> tuple[int, int]:
        """Return how many pixels to add below and to the right of an image so that it fits the network."""
        return cost.padding(self.graph(), height, width)

    def with_styles(self, count: int, *, identity: bool | None = None) -> Self:
        """Return the same trunk for another number of styles."""
        return replace(self, styles=count, identity=self.identity if identity is None else identity)

    def with_fast_head(self, kernel: int = FAST_KERNEL) -> Self:  # noqa: ARG002
        """Return the same with a fast output whose kernel has sides of `kernel`.

        Raises:
            ValueError: networks of this family have none.
        """
        raise ValueError(f"networks of the family '{self.family}' have no fast output")

    def trunk_only(self) -> Self:
        """Return the same without its fast output."""
        return self

    def trunk_json(self) -> dict[str, Any]:
        """Return what `trunk_hash` covers of the architecture: neither styles nor the fast output, which share the trunk's γ and β."""
        description = self.to_json()
        for key in ("styles", "identity", "head_fast"):
            description.pop(key, None)
        return {"family": self.family, **description}

    def check_common(self) -> None:
        """Refuse a number of styles, an `eps` or an identity row that cannot be.

        Raises:
            ValueError: the message says which.
        """
        if not 1 <= self.styles <= MAX_STYLES:
            raise ValueError(f"architecture: {self.styles} styles, but 1 to {MAX_STYLES} are possible")
        if not 0 < self.eps < 1:
            raise ValueError(f"architecture: eps {self.eps} is not between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class HeadedArchitecture(Architecture):
    """A network that may have a fast output; `head_fast` is the side of its kernel, None for none. It shares all γ and β."""

    head_fast: int | None = None

    @property
    def has_fast_head(self) -> bool:
        """Whether there is a second output, see `head_fast`."""
        return self.head_fast is not None

    def with_fast_head(self, kernel: int = FAST_KERNEL) -> Self:
        """Return the same with a fast output; one that is there stays."""
        return self if self.has_fast_head else replace(self, head_fast=kernel)

    def trunk_only(self) -> Self:
        """Return the same without its fast output."""
        return replace(self, head_fast=None)


@lru_cache(64)
def _drawn(architecture: Architecture, head: str) -> Graph:
    return architecture.draw(head)


def register(name: str) -> Callable[[_Family], _Family]:
    """Make a family known by a name, which packs carry."""

    def add(family: _Family) -> _Family:
        family.family = name
        _FAMILIES[name] = family
        return family

    return add


def read_architecture(family: str, data: Any) -> Architecture:
    """Read the JSON of an architecture.

    Raises:
        ValueError: there is no such family, or its JSON makes no sense.
    """
    if family not in _FAMILIES:
        raise ValueError(f"there is no family of networks {family!a}, only {', '.join(_FAMILIES)}")
    return _FAMILIES[family].from_json(data)


def families() -> tuple[str, ...]:
    """Return the names of all families."""
    return tuple(_FAMILIES)


def trunk_hash(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> str:
    """Return "sha256:…" of the network without its styles: the convolutions' shapes and weights, up to the fine output.

    Args:
        architecture: its number of styles, its identity row and its fast output do not count.
        weights: per convolution float32 (out, in / groups, k, k), by `Conv.weight`.
    """
    return _hash(architecture.trunk_json(), architecture.graph().convs, weights)


def network_hash(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> str:
    """Return the same with every output; it is the trunk's where there is no fast one."""
    return _hash(architecture.trunk_json(), architecture.convs, weights)


def _hash(description: Mapping[str, Any], convs: Iterable[Conv], weights: Mapping[str, NDArray[np.float32]]) -> str:
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for conv in convs:
        digest.update(np.ascontiguousarray(weights[conv.weight], "<f4").tobytes())
    return f"sha256:{digest.hexdigest()}"
