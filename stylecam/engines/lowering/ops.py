"""The operations of a lowered graph: what a runtime really does, one step each. Beside them `Act`, `Add` and `DepthToSpace` of `net.ir`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from stylecam.net.ir import Cin, Conv, Node

PadMode: TypeAlias = Literal["reflect", "edge"]
#: How a weight is rewritten, see `weight_rewrites`.
Form: TypeAlias = Literal["plain", "enlarging", "tiled"]


@dataclass(frozen=True)
class Pad(Node):
    """`pixels` more on every side. Its scale is that of the map that it pads."""

    pixels: int
    mode: PadMode


@dataclass(frozen=True)
class Enlarge(Node):
    """Nearest-neighbour enlargement."""

    factor: int

    def scale_of(self, scale: Fraction) -> Fraction:
        """Enlarge by the factor."""
        return scale * self.factor


@dataclass(frozen=True)
class Kernel(Node):
    """A convolution of what was padded before: `conv` says of which one; "enlarging" does its enlargement too, "tiled" gives rows."""

    conv: Conv
    form: Form = "plain"

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return those of the convolution."""
        return self.conv.channels_of(channels)

    def scale_of(self, scale: Fraction) -> Fraction:
        """Shrink by the stride, enlarge where the kernel does that."""
        return scale * (self.conv.enlarge if self.form == "enlarging" else 1) / self.conv.stride


@dataclass(frozen=True)
class Normalise(Node):
    """Zero mean and unit variance for every channel."""

    cin: Cin


@dataclass(frozen=True)
class Affine(Node):
    """γ x + β."""

    cin: Cin


@dataclass(frozen=True)
class Rows(Node):
    """From a map to rows as an image lies in memory, (H, W · 3): `factor`² pixels per place where channels still hold that many."""

    factor: int = 1

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return the channels of a pixel."""
        return channels[0] // self.factor**2

    def scale_of(self, scale: Fraction) -> Fraction:
        """Count the pixels of a place."""
        return scale * self.factor


@dataclass(frozen=True)
class RowCin(Node):
    """Normalization, scale and shift of rows, all at once; statistics are pooled over the pixels of a place."""

    cin: Cin
    normalise: bool
