"""A network as plain data: which operations there are, what each one reads, where its numbers are. No arrays, no torch.

A `Graph` is a list of nodes in the order in which they can be computed; a node reads others by name. Everything that has to be known of a
network is derived from it: `net.cost` (padding, operations, memory), `net.module` (the torch module), `engines.lowering` (the ONNX graph).

Sizes are fractions of the image's: a map of `scale` 1/4 has a quarter of the image's height and of its width.

>>> draft = Draft()
>>> x = draft.relu(draft.cin(draft.conv(IMAGE, "wide", 8, kernel=3, stride=2), "wide"))
>>> x = draft.depth_to_space(draft.conv(x, "last", 12, kernel=1), 2)
>>> graph = draft.graph(draft.act(draft.cin(x, "last"), "sigmoid"), eps=1e-5)
>>> graph.channels["wide.norm"], graph.scale["wide.norm"], graph.enlargement
(8, Fraction(1, 2), 1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias

#: What the first nodes read: the image, RGB in [0, 1], scale 1. Only convolutions may read it.
IMAGE = "image"
IMAGE_CHANNELS = 3

ActKind: TypeAlias = Literal["relu", "sigmoid", "clip"]


@dataclass(frozen=True)
class Node:
    """One operation: its result is known by `name`, and it reads the results `inputs`."""

    name: str
    inputs: tuple[str, ...]

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return the channels of the result from those of the inputs; raise ValueError where they do not fit."""
        return channels[0]

    def scale_of(self, scale: Fraction) -> Fraction:
        """Return the scale of the result from that of the inputs."""
        return scale


@dataclass(frozen=True)
class Conv(Node):
    """Nearest-neighbour enlargement by `enlarge`, reflect padding by kernel // 2, a convolution without bias."""

    in_channels: int
    channels: int
    kernel: int
    stride: int = 1
    groups: int = 1
    enlarge: int = 1

    @property
    def weight(self) -> str:
        """Name of its weight among a network's tensors."""
        return f"{self.name}.weight"

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """(out, in / groups, kernel, kernel)."""
        return (self.channels, self.in_channels // self.groups, self.kernel, self.kernel)

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return `channels`; what it reads must have `in_channels`."""
        if channels[0] != self.in_channels or self.in_channels % self.groups or self.channels % self.groups:
            raise ValueError(f"node {self.name}: {channels[0]} channels do not fit a convolution {self.weight_shape}, {self.groups} groups")
        return self.channels

    def scale_of(self, scale: Fraction) -> Fraction:
        """Enlarge, then shrink by the stride."""
        return scale * self.enlarge / self.stride


@dataclass(frozen=True)
class Cin(Node):
    """Conditional instance normalization (arXiv 1610.07629): γ (x − μ) / σ + β with μ, σ of each channel of each image.

    γ and β are numbers `gamma` and `beta` of a style's parameters; two nodes may share them. Without `normalise` it is γ x + β alone.
    """

    channels: int
    offset: int
    normalise: bool = True

    @property
    def gamma(self) -> slice:
        """Where γ (`channels` numbers) stands among a style's parameters."""
        return slice(self.offset, self.offset + self.channels)

    @property
    def beta(self) -> slice:
        """Where β (`channels` numbers) stands among a style's parameters."""
        return slice(self.offset + self.channels, self.offset + 2 * self.channels)

    @property
    def statistics(self) -> slice:
        """Where its means, or variances, stand among those of all nodes: γ and β take two numbers per channel, a statistic one."""
        return slice(self.offset // 2, self.offset // 2 + self.channels)

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return `channels`, which must be those of its input."""
        if channels[0] != self.channels:
            raise ValueError(f"node {self.name}: normalises {self.channels} channels, but reads {channels[0]}")
        return self.channels


@dataclass(frozen=True)
class Act(Node):
    """An activation: "relu", "sigmoid", or "clip" (cut off at 0 and 1)."""

    kind: ActKind


@dataclass(frozen=True)
class Add(Node):
    """The sum of two maps of the same size: a residual sum or a skip connection."""

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return the channels of both, which must be the same."""
        if channels[0] != channels[1]:
            raise ValueError(f"node {self.name}: adds {channels[0]} and {channels[1]} channels")
        return channels[0]


@dataclass(frozen=True)
class DepthToSpace(Node):
    """Every `factor`² channels become the pixels of a block (Shi et al., arXiv 1609.05158): channel c · factor² + y · factor + x."""

    factor: int

    def channels_of(self, channels: Sequence[int]) -> int:
        """Return a `factor`² of them."""
        if channels[0] % self.factor**2:
            raise ValueError(f"node {self.name}: {channels[0]} channels cannot become {self.factor} x {self.factor} pixels each")
        return channels[0] // self.factor**2

    def scale_of(self, scale: Fraction) -> Fraction:
        """Enlarge by the factor."""
        return scale * self.factor


@dataclass(frozen=True)
class Graph:
    """A whole network; the last node is the stylized image, RGB in [0, 1].

    Raises:
        ValueError: a node reads what is not there yet, or sizes do not fit; the message names it.
    """

    nodes: tuple[Node, ...]
    eps: float
    channels: Mapping[str, int] = field(init=False, compare=False, repr=False)
    scale: Mapping[str, Fraction] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        channels, scale = {IMAGE: IMAGE_CHANNELS}, {IMAGE: Fraction(1)}
        for node in self.nodes:
            if missing := [name for name in node.inputs if name not in channels]:
                raise ValueError(f"node {node.name}: reads {missing[0]}, which does not stand before it")
            if node.name in channels:
                raise ValueError(f"node {node.name}: stands twice")
            scales = {scale[name] for name in node.inputs}
            if len(scales) != 1:
                raise ValueError(f"node {node.name}: reads maps of different sizes")
            channels[node.name] = node.channels_of([channels[name] for name in node.inputs])
            scale[node.name] = node.scale_of(scales.pop())
        object.__setattr__(self, "channels", channels)
        object.__setattr__(self, "scale", scale)

    @property
    def result(self) -> str:
        """Name of the last node."""
        return self.nodes[-1].name

    @property
    def enlargement(self) -> int:
        """How many times larger than the image the result is, along each side."""
        return int(self.scale[self.result])

    @cached_property
    def convs(self) -> tuple[Conv, ...]:
        """The convolutions in order."""
        return tuple(node for node in self.nodes if isinstance(node, Conv))

    @cached_property
    def cins(self) -> tuple[Cin, ...]:
        """The normalizations in order."""
        return tuple(node for node in self.nodes if isinstance(node, Cin))

    @cached_property
    def uses(self) -> Mapping[str, int]:
        """How many nodes read each result."""
        count = dict.fromkeys((IMAGE, *(node.name for node in self.nodes)), 0)
        for node in self.nodes:
            for name in node.inputs:
                count[name] += 1
        return count

    @cached_property
    def dies_at(self) -> Mapping[str, str]:
        """The last node that reads each result: after it the result need not be kept."""
        return {name: node.name for node in self.nodes for name in node.inputs}

    def check(self) -> None:
        """Refuse what no image network is: a result that is not RGB of a whole multiple of the image's size.

        Raises:
            ValueError: the message says what is wrong.
        """
        if not self.convs or any(IMAGE in node.inputs and not isinstance(node, Conv) for node in self.nodes):
            raise ValueError("only convolutions may read the image, and there must be one")
        if self.channels[self.result] != IMAGE_CHANNELS:
            raise ValueError(f"the output must have {IMAGE_CHANNELS} channels, not {self.channels[self.result]}")
        if self.scale[self.result].denominator != 1:
            raise ValueError(f"the output has {self.scale[self.result]} of the image's size")


class Draft:
    """Writes a graph down, node by node: every method returns the name of its result.

    The `label` of a layer is the first part of its nodes' names, and so of its tensors': `<label>.conv.weight`.
    """

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._channels = {IMAGE: IMAGE_CHANNELS}
        self._offset = 0

    def conv(self, x: str, label: str, channels: int, *, kernel: int, stride: int = 1, groups: int = 1, enlarge: int = 1) -> str:
        """Add a convolution, see `Conv`."""
        return self._add(Conv(f"{label}.conv", (x,), self._channels[x], channels, kernel, stride, groups, enlarge), channels)

    def cin(self, x: str, label: str, *, normalise: bool = True, offset: int | None = None) -> str:
        """Add a normalization with γ and β of its own, or with those that stand at `offset` already, see `Cin`."""
        channels = self._channels[x]
        node = Cin(f"{label}.norm", (x,), channels, self._offset if offset is None else offset, normalise)
        self._offset = max(self._offset, node.beta.stop)
        return self._add(node, channels)

    def act(self, x: str, kind: ActKind) -> str:
        """Add an activation."""
        return self._add(Act(f"{_label(x)}.{kind}", (x,), kind), self._channels[x])

    def relu(self, x: str) -> str:
        """Add max(x, 0)."""
        return self.act(x, "relu")

    def add(self, x: str, y: str) -> str:
        """Add a sum, named after `y`."""
        return self._add(Add(f"{_label(y)}.sum", (x, y)), self._channels[x])

    def depth_to_space(self, x: str, factor: int) -> str:
        """Add an enlargement by channels, see `DepthToSpace`."""
        return self._add(DepthToSpace(f"{_label(x)}.space", (x,), factor), self._channels[x] // factor**2)

    def graph(self, result: str, *, eps: float) -> Graph:
        """Return the graph up to `result`."""
        names = [node.name for node in self._nodes]
        graph = Graph(tuple(self._nodes[: names.index(result) + 1]), eps)
        graph.check()
        return graph

    def _add(self, node: Node, channels: int) -> str:
        self._nodes.append(node)
        self._channels[node.name] = channels
        return node.name


def _label(name: str) -> str:
    return name.rpartition(".")[0]
