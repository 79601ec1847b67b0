"""The shape of a transform network, as plain data. No torch, so that packs and engines can read it anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

MAX_CHANNELS = 1024
MAX_LAYERS = 64
MAX_STYLES = 4096
MAX_KERNEL = 15


@dataclass(frozen=True)
class ConvSpec:
    """One convolution: reflect padding by kernel // 2, no bias, conditional instance normalization behind it.

    `upsample` is the factor of a nearest-neighbour enlargement before it.
    """

    kernel: int
    channels: int
    stride: int = 1
    upsample: int = 1


@dataclass(frozen=True)
class Layer:
    """A convolution in its place: `name` is the prefix of its tensors, `offset` where its γ begins in a scale-shift vector.

    `after` says what follows the normalisation: "relu", "add" (the residual sum, no activation), or at the output "sigmoid" or "clip".
    "clip" follows no normalisation: the convolution's own values are scaled by γ, shifted by β, and cut off at 0 and 1.
    """

    name: str
    in_channels: int
    out_channels: int
    kernel: int
    stride: int
    upsample: int
    after: Literal["relu", "add", "sigmoid", "clip"]
    offset: int

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the convolution's weight: (out, in, kernel, kernel)."""
        return (self.out_channels, self.in_channels, self.kernel, self.kernel)

    @property
    def scale(self) -> slice:
        """Where γ (out_channels numbers) stands in a scale-shift vector."""
        return slice(self.offset, self.offset + self.out_channels)

    @property
    def shift(self) -> slice:
        """Where β (out_channels numbers) stands in a scale-shift vector."""
        return slice(self.offset + self.out_channels, self.offset + 2 * self.out_channels)


@dataclass(frozen=True)
class TransformNetConfig:
    """Every convolution of the network, and how many styles it holds. The default is the network of arXiv 1610.07629.

    `identity` adds one row of γ and β behind the styles' rows, which is never listed, counted or mixed as a style.
    `output_after` is "sigmoid", or "clip" for networks that were trained without a normalisation of their output (see `Layer`).
    """

    contract: tuple[ConvSpec, ...] = (ConvSpec(9, 32), ConvSpec(3, 64, stride=2), ConvSpec(3, 128, stride=2))
    residual_blocks: int = 5
    residual_kernel: int = 3
    expand: tuple[ConvSpec, ...] = (ConvSpec(3, 64, upsample=2), ConvSpec(3, 32, upsample=2))
    output: ConvSpec = ConvSpec(9, 3)
    styles: int = 32
    identity: bool = False
    eps: float = 1e-5
    output_after: Literal["sigmoid", "clip"] = "sigmoid"

    def __post_init__(self) -> None:
        self._check()

    @classmethod
    def live32(cls, styles: int = 32, *, identity: bool = True) -> TransformNetConfig:
        """Return the small network for live pictures: 21.6 GFLOP at 640x480 where the paper's takes 94.5."""
        return cls(
            contract=(ConvSpec(5, 32, stride=2), ConvSpec(3, 64, stride=2)),
            expand=(ConvSpec(3, 32, upsample=2), ConvSpec(3, 16, upsample=2)),
            output=ConvSpec(5, 3),
            styles=styles,
            identity=identity,
        )

    @property
    def rows(self) -> int:
        """Rows of γ and β: one per style, and the identity row if there is one."""
        return self.styles + self.identity

    @property
    def total_stride(self) -> int:
        """The image is padded to a multiple of this, in pixels."""
        stride = 1
        for spec in self.contract:
            stride *= spec.stride
        return stride

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All convolutions in the order in which a picture passes them."""
        layers: list[Layer] = []
        channels, offset = 3, 0

        def append(name: str, spec: ConvSpec, after: Literal["relu", "add", "sigmoid", "clip"]) -> None:
            nonlocal channels, offset
            layers.append(Layer(name, channels, spec.channels, spec.kernel, spec.stride, spec.upsample, after, offset))
            channels, offset = spec.channels, offset + 2 * spec.channels

        for i, spec in enumerate(self.contract):
            append(f"contract.{i}", spec, "relu")
        for i in range(self.residual_blocks):
            spec = ConvSpec(self.residual_kernel, channels)
            append(f"residual.{i}.0", spec, "relu")
            append(f"residual.{i}.1", spec, "add")
        for i, spec in enumerate(self.expand):
            append(f"expand.{i}", spec, "relu")
        append("output", self.output, self.output_after)
        return tuple(layers)

    @property
    def scale_shift_size(self) -> int:
        """Numbers per style: γ and β of every channel of every layer (3,206 for the paper's network)."""
        return 2 * sum(layer.out_channels for layer in self.layers)

    @property
    def minimum_size(self) -> int:
        """Smallest padded side in pixels on which every reflect padding is defined."""
        need, scale = 1, 1  # `scale`: image pixels per pixel of the layer's input
        for layer in self.layers:
            scale //= layer.upsample
            need = max(need, (layer.kernel // 2 + 1) * scale)
            scale *= layer.stride
        return -(-need // self.total_stride) * self.total_stride

    def padding(self, height: int, width: int) -> tuple[int, int]:
        """Return how many pixels to add below and to the right of a picture so that it fits the network."""
        stride, least = self.total_stride, self.minimum_size
        return max(-(-height // stride) * stride, least) - height, max(-(-width // stride) * stride, least) - width

    def with_styles(self, styles: int, *, identity: bool | None = None) -> TransformNetConfig:
        """Return the same trunk for another number of styles."""
        return replace(self, styles=styles, identity=self.identity if identity is None else identity)

    def to_json(self) -> dict[str, Any]:
        """Return the config as JSON data; `from_json` reads it."""
        data = {
            "contract": [_spec_to_json(spec) for spec in self.contract],
            "residual": {"blocks": self.residual_blocks, "kernel": self.residual_kernel},
            "expand": [_spec_to_json(spec) for spec in self.expand],
            "output": _spec_to_json(self.output),
            "styles": self.styles,
            "identity": self.identity,
            "eps": self.eps,
        }
        if self.output_after != "sigmoid":  # left out where it is, so that the packs and hashes of before stay as they are
            data["output_after"] = self.output_after
        return data

    @classmethod
    def from_json(cls, data: Any) -> TransformNetConfig:
        """Read what `to_json` wrote.

        Raises:
            ValueError: a key is missing or unknown, or a value is out of range; the message says which.
        """
        _keys(data, "architecture", {"contract", "residual", "expand", "output", "styles", "identity", "eps"}, frozenset({"output_after"}))
        _keys(data["residual"], "residual", {"blocks", "kernel"})
        if not isinstance(data["identity"], bool):
            raise ValueError("architecture: 'identity' must be true or false")
        if not isinstance(data["eps"], float):
            raise ValueError("architecture: 'eps' must be a number such as 1e-05")
        return cls(
            contract=_specs(data["contract"], "contract"),
            residual_blocks=_integer(data["residual"]["blocks"], "residual blocks"),
            residual_kernel=_integer(data["residual"]["kernel"], "residual kernel"),
            expand=_specs(data["expand"], "expand"),
            output=_spec(data["output"], "output"),
            styles=_integer(data["styles"], "styles"),
            identity=data["identity"],
            eps=data["eps"],
            output_after=data.get("output_after", "sigmoid"),
        )

    def _check(self) -> None:
        if not self.contract:
            raise ValueError("architecture: at least one contract convolution is needed")
        if not 0 <= self.residual_blocks <= MAX_LAYERS or len(self.contract) + len(self.expand) > MAX_LAYERS:
            raise ValueError(f"architecture: more than {MAX_LAYERS} layers")
        if not 1 <= self.styles <= MAX_STYLES:
            raise ValueError(f"architecture: {self.styles} styles, but 1 to {MAX_STYLES} are possible")
        if not 0 < self.eps < 1:
            raise ValueError(f"architecture: eps {self.eps} is not between 0 and 1")
        specs = (*self.contract, ConvSpec(self.residual_kernel, 1), *self.expand, self.output)
        for spec in specs:
            if not (1 <= spec.kernel <= MAX_KERNEL and spec.kernel % 2):
                raise ValueError(f"architecture: kernel {spec.kernel} is not an odd number up to {MAX_KERNEL}")
            if not 1 <= spec.channels <= MAX_CHANNELS:
                raise ValueError(f"architecture: {spec.channels} channels, but 1 to {MAX_CHANNELS} are possible")
            if not (1 <= spec.stride <= 4 and 1 <= spec.upsample <= 4):
                raise ValueError("architecture: stride and upsample must be between 1 and 4")
        if (
            any(s.upsample != 1 for s in self.contract)
            or any(s.stride != 1 for s in (*self.expand, self.output))
            or self.output.upsample != 1
        ):
            raise ValueError("architecture: contract layers may only have a stride, expand layers only an upsampling, the output neither")
        enlargement = 1
        for spec in self.expand:
            enlargement *= spec.upsample
        if enlargement != self.total_stride:
            raise ValueError(f"architecture: shrinks by {self.total_stride} but enlarges by {enlargement}")
        if self.output_after not in ("sigmoid", "clip"):
            raise ValueError(f"architecture: the output cannot end with {self.output_after!a}, only with sigmoid or clip")
        if self.identity and self.output_after != "sigmoid":
            raise ValueError("architecture: an identity row needs an output with sigmoid")
        if self.output.channels != 3:
            raise ValueError("architecture: the output must have 3 channels")


def trunk_hash(config: TransformNetConfig, weights: Mapping[str, NDArray[np.float32]]) -> str:
    """Return "sha256:…" of the network without its styles: the convolutions' shapes and weights.

    Args:
        config: the architecture; its number of styles and identity row do not count.
        weights: per layer `name + ".conv.weight"`, float32 (out, in, k, k).
    """
    description = config.to_json()
    del description["styles"], description["identity"]
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for layer in config.layers:
        digest.update(np.ascontiguousarray(weights[f"{layer.name}.conv.weight"], "<f4").tobytes())
    return f"sha256:{digest.hexdigest()}"


def _spec_to_json(spec: ConvSpec) -> dict[str, int]:
    data = {"kernel": spec.kernel, "channels": spec.channels}
    if spec.stride != 1:
        data["stride"] = spec.stride
    if spec.upsample != 1:
        data["upsample"] = spec.upsample
    return data


def _keys(data: Any, where: str, required: set[str], optional: frozenset[str] = frozenset()) -> None:
    if not isinstance(data, dict):
        raise ValueError(f"{where} must be a JSON object")
    if missing := required - data.keys():
        raise ValueError(f"{where} lacks {', '.join(sorted(missing))}")
    if unknown := data.keys() - required - optional:
        raise ValueError(f"{where} has unknown keys: {', '.join(sorted(map(str, unknown)))}")


def _integer(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{where} must be a whole number, not {value!r}")
    return value


def _spec(data: Any, where: str) -> ConvSpec:
    _keys(data, where, {"kernel", "channels"}, frozenset({"stride", "upsample"}))
    return ConvSpec(**{key: _integer(value, f"{where} {key}") for key, value in data.items()})


def _specs(data: Any, where: str) -> tuple[ConvSpec, ...]:
    if not isinstance(data, list) or len(data) > MAX_LAYERS:
        raise ValueError(f"{where} must be a list of at most {MAX_LAYERS} convolutions")
    return tuple(_spec(item, f"{where}[{i}]") for i, item in enumerate(data))
