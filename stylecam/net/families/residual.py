"""The network of arXiv 1610.07629 (Dumoulin, Shlens, Kudlur) and a small sister: contract, residual blocks, expand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from stylecam.net.families.base import FAST, FAST_FACTOR, HeadedArchitecture, register
from stylecam.net.families.fields import (
    MAX_LAYERS,
    ConvSpec,
    check_ends,
    check_specs,
    read_common,
    read_head,
    read_integer,
    read_spec,
    read_specs,
    require_keys,
    spec_to_json,
)
from stylecam.net.ir import IMAGE, IMAGE_CHANNELS, Draft, Graph

_OUTPUT = ConvSpec(9, IMAGE_CHANNELS)


@register("residual")
@dataclass(frozen=True)
class TransformNetConfig(HeadedArchitecture):
    """Every convolution of the network, and how many styles it holds. The default is the network of the paper.

    `output_after` is "sigmoid", or "clip" for networks that were trained without a normalization of their output: its values are scaled by
    γ, shifted by β, and cut off at 0 and 1. `head_fast` is the kernel of a second output, which gives four pixels (12 channels, then
    depth-to-space) per pixel of a half-size image; it shares all γ and β, those of the output too.

    >>> TransformNetConfig.small().scale_shift_size
    1574
    """

    contract: tuple[ConvSpec, ...] = (ConvSpec(9, 32), ConvSpec(3, 64, stride=2), ConvSpec(3, 128, stride=2))
    residual_blocks: int = 5
    residual_kernel: int = 3
    expand: tuple[ConvSpec, ...] = (ConvSpec(3, 64, upsample=2), ConvSpec(3, 32, upsample=2))
    output: ConvSpec = _OUTPUT
    output_after: Literal["sigmoid", "clip"] = "sigmoid"

    def __post_init__(self) -> None:
        if not 0 <= self.residual_blocks <= MAX_LAYERS:
            raise ValueError(f"architecture: more than {MAX_LAYERS} layers")
        self.check_common()
        fast = () if self.head_fast is None else (ConvSpec(self.head_fast, IMAGE_CHANNELS * FAST_FACTOR**2),)
        check_specs((*self.contract, ConvSpec(self.residual_kernel, 1), *self.expand, self.output, *fast))
        check_ends(self.contract, (*self.expand, self.output))
        if self.output.upsample != 1:
            raise ValueError("architecture: contract layers may only have a stride, expand layers only an upsampling, the output neither")
        if self.output_after not in ("sigmoid", "clip"):
            raise ValueError(f"architecture: the output cannot end with {self.output_after!a}, only with sigmoid or clip")
        if self.identity and self.output_after != "sigmoid":
            raise ValueError("architecture: an identity row needs an output with sigmoid")
        if self.output.channels != IMAGE_CHANNELS:
            raise ValueError(f"architecture: the output must have {IMAGE_CHANNELS} channels")

    @classmethod
    def small(cls, styles: int = 32, *, identity: bool = True) -> TransformNetConfig:
        """Return a small network, which the first packs had: 21.6 GFLOP at 640x480 where the paper's takes 94.5."""
        return cls(
            contract=(ConvSpec(5, 32, stride=2), ConvSpec(3, 64, stride=2)),
            expand=(ConvSpec(3, 32, upsample=2), ConvSpec(3, 16, upsample=2)),
            output=ConvSpec(5, 3),
            styles=styles,
            identity=identity,
        )

    def draw(self, head: str) -> Graph:
        """Draw the network with one of its outputs."""
        draft, x = Draft(), IMAGE

        def layer(x: str, label: str, spec: ConvSpec) -> str:
            y = draft.conv(x, label, spec.channels, kernel=spec.kernel, stride=spec.stride, enlarge=spec.upsample)
            return draft.cin(y, label)

        for i, spec in enumerate(self.contract):
            x = draft.relu(layer(x, f"contract.{i}", spec))
        block = ConvSpec(self.residual_kernel, self.contract[-1].channels)
        for i in range(self.residual_blocks):
            x = draft.add(x, layer(draft.relu(layer(x, f"residual.{i}.0", block)), f"residual.{i}.1", block))
        for i, spec in enumerate(self.expand):
            x = draft.relu(layer(x, f"expand.{i}", spec))
        normalise = self.output_after == "sigmoid"
        if head == FAST and self.head_fast is not None:
            x = draft.conv(x, "head_fast", IMAGE_CHANNELS * FAST_FACTOR**2, kernel=self.head_fast)
            x = draft.depth_to_space(x, FAST_FACTOR)
        else:
            x = draft.conv(x, "output", IMAGE_CHANNELS, kernel=self.output.kernel)
        return draft.graph(draft.act(draft.cin(x, "output", normalise=normalise), self.output_after), eps=self.eps)

    def trunk_json(self) -> dict[str, Any]:
        """As of every family, but without its name: it was the only one when the first packs were hashed."""
        description = super().trunk_json()
        del description["family"]
        return description

    def to_json(self) -> dict[str, Any]:
        """Return the architecture as JSON data; `from_json` reads it."""
        data = {
            "contract": [spec_to_json(spec) for spec in self.contract],
            "residual": {"blocks": self.residual_blocks, "kernel": self.residual_kernel},
            "expand": [spec_to_json(spec) for spec in self.expand],
            "output": spec_to_json(self.output),
            "styles": self.styles,
            "identity": self.identity,
            "eps": self.eps,
        }
        if self.output_after != "sigmoid":  # left out where it is, so that the packs and hashes of before stay as they are
            data["output_after"] = self.output_after
        if self.head_fast is not None:
            data["head_fast"] = {"kernel": self.head_fast}
        return data

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; raises ValueError as `Architecture.from_json`."""
        required = {"contract", "residual", "expand", "output", "styles", "identity", "eps"}
        require_keys(data, "architecture", required, frozenset({"output_after", "head_fast"}))
        require_keys(data["residual"], "residual", {"blocks", "kernel"})
        read_common(data)
        return cls(
            contract=read_specs(data["contract"], "contract"),
            residual_blocks=read_integer(data["residual"]["blocks"], "residual blocks"),
            residual_kernel=read_integer(data["residual"]["kernel"], "residual kernel"),
            expand=read_specs(data["expand"], "expand"),
            output=read_spec(data["output"], "output"),
            styles=read_integer(data["styles"], "styles"),
            identity=data["identity"],
            eps=data["eps"],
            output_after=data.get("output_after", "sigmoid"),
            head_fast=read_head(data),
        )
