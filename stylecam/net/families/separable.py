"""The plan of `residual` with depthwise-separable convolutions (Howard et al., arXiv 1704.04861).

Each inner k x k convolution is split into one per channel and one of 1 x 1 over all channels: fewer operations, more memory traffic.
No pack of it is trained yet; it shows what a family costs: one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from stylecam.net.families.base import Architecture, register
from stylecam.net.families.fields import (
    MAX_LAYERS,
    ConvSpec,
    check_ends,
    check_specs,
    read_common,
    read_integer,
    read_specs,
    require_keys,
    spec_to_json,
)
from stylecam.net.ir import IMAGE, IMAGE_CHANNELS, Draft, Graph


@register("separable")
@dataclass(frozen=True)
class SeparableConfig(Architecture):
    """The first and the last convolution are plain, the others separable; the blocks are residual.

    `skip` adds the first convolution's result to the last expand layer's, which must have its size and channels.
    """

    contract: tuple[ConvSpec, ...] = (ConvSpec(5, 16), ConvSpec(3, 32, stride=2), ConvSpec(3, 64, stride=2))
    blocks: int = 5
    kernel: int = 3
    expand: tuple[ConvSpec, ...] = (ConvSpec(3, 32, upsample=2), ConvSpec(3, 16, upsample=2))
    output_kernel: int = 5
    skip: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.blocks <= MAX_LAYERS:
            raise ValueError(f"architecture: more than {MAX_LAYERS} layers")
        self.check_common()
        check_specs((*self.contract, ConvSpec(self.kernel, 1), *self.expand, ConvSpec(self.output_kernel, IMAGE_CHANNELS)))
        check_ends(self.contract, self.expand)
        if self.skip and (self.contract[0].stride != 1 or not self.expand or self.expand[-1].channels != self.contract[0].channels):
            raise ValueError("architecture: a skip needs a first convolution of the size and channels of the last expand layer")

    def draw(self, head: str) -> Graph:  # noqa: ARG002, it has one output
        """Draw the network."""
        draft = Draft()

        def separable(x: str, label: str, before: int, spec: ConvSpec) -> str:
            y = draft.conv(x, f"{label}.depth", before, kernel=spec.kernel, stride=spec.stride, groups=before, enlarge=spec.upsample)
            return draft.cin(draft.conv(y, f"{label}.point", spec.channels, kernel=1), label)

        first, *inner = self.contract
        x = draft.conv(IMAGE, "contract.0", first.channels, kernel=first.kernel, stride=first.stride)
        x = early = draft.relu(draft.cin(x, "contract.0"))
        channels = first.channels
        for i, spec in enumerate(inner, 1):
            x, channels = draft.relu(separable(x, f"contract.{i}", channels, spec)), spec.channels
        block = ConvSpec(self.kernel, channels)
        for i in range(self.blocks):
            y = draft.relu(separable(x, f"residual.{i}.0", channels, block))
            x = draft.add(x, separable(y, f"residual.{i}.1", channels, block))
        for i, spec in enumerate(self.expand):
            x, channels = draft.relu(separable(x, f"expand.{i}", channels, spec)), spec.channels
        if self.skip:
            x = draft.add(early, x)
        x = draft.cin(draft.conv(x, "output", IMAGE_CHANNELS, kernel=self.output_kernel), "output")
        return draft.graph(draft.act(x, "sigmoid"), eps=self.eps)

    def to_json(self) -> dict[str, Any]:
        """Return the architecture as JSON data; `from_json` reads it."""
        return {
            "contract": [spec_to_json(spec) for spec in self.contract],
            "residual": {"blocks": self.blocks, "kernel": self.kernel},
            "expand": [spec_to_json(spec) for spec in self.expand],
            "output": {"kernel": self.output_kernel},
            "skip": self.skip,
            "styles": self.styles,
            "identity": self.identity,
            "eps": self.eps,
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; raises ValueError as `Architecture.from_json`."""
        require_keys(data, "architecture", {"contract", "residual", "expand", "output", "skip", "styles", "identity", "eps"})
        require_keys(data["residual"], "residual", {"blocks", "kernel"})
        require_keys(data["output"], "output", {"kernel"})
        read_common(data)
        if not isinstance(data["skip"], bool):
            raise ValueError("architecture: 'skip' must be true or false")
        return cls(
            contract=read_specs(data["contract"], "contract"),
            blocks=read_integer(data["residual"]["blocks"], "residual blocks"),
            kernel=read_integer(data["residual"]["kernel"], "residual kernel"),
            expand=read_specs(data["expand"], "expand"),
            output_kernel=read_integer(data["output"]["kernel"], "output kernel"),
            skip=data["skip"],
            styles=read_integer(data["styles"], "styles"),
            identity=data["identity"],
            eps=data["eps"],
        )
