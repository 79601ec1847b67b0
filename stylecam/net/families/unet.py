"""A U-Net (Ronneberger et al., arXiv 1505.04597) of residual blocks: most of the work on maps of an eighth of the image's size.

There a block of 96 channels takes half of what one of 64 takes on maps of a quarter, and sees twice as far: large forms are drawn where
they are small. What the contracting side knows of edges is added on the way back, as in LinkNet (Chaurasia, Culurciello, arXiv 1707.03718).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

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
    require_keys,
    spec_to_json,
)
from stylecam.net.ir import IMAGE, IMAGE_CHANNELS, Draft, Graph


@dataclass(frozen=True)
class Stage:
    """A convolution that shrinks or enlarges, and the residual blocks after it; `skip` adds the contracting side's map of that size."""

    conv: ConvSpec
    blocks: int = 0
    skip: bool = False


@register("unet")
@dataclass(frozen=True)
class UNetConfig(HeadedArchitecture):
    """Every stage of the network, and how many styles it holds. The default is the network of the pack `live32`.

    The output makes 3 · `output_factor`² channels on the last stage's map, then pixels of them (depth-to-space): nothing wide has the
    image's own size, where processors wait for memory. `head_fast` is the kernel of a second output, which makes twice as many pixels along
    each side, for half-size images; it shares all γ and β.

    >>> UNetConfig().scale_shift_size, UNetConfig().total_stride
    (2374, 8)
    """

    contract: tuple[Stage, ...] = (
        Stage(ConvSpec(5, 32, stride=2)),
        Stage(ConvSpec(3, 64, stride=2)),
        Stage(ConvSpec(3, 96, stride=2), blocks=4),
    )
    expand: tuple[Stage, ...] = (
        Stage(ConvSpec(3, 64, upsample=2), blocks=1, skip=True),
        Stage(ConvSpec(3, 32, upsample=2)),
    )
    output_kernel: int = 3
    output_factor: int = 2
    kernel: int = 3

    def __post_init__(self) -> None:
        self.check_common()
        stages = (*self.contract, *self.expand)
        if len(stages) > MAX_LAYERS or not all(0 <= stage.blocks <= MAX_LAYERS for stage in stages):
            raise ValueError(f"architecture: more than {MAX_LAYERS} layers")
        if not 1 <= self.output_factor <= 4:
            raise ValueError("architecture: output_factor must be between 1 and 4")
        output = ConvSpec(self.output_kernel, IMAGE_CHANNELS * self.output_factor**2, upsample=self.output_factor)
        fast = () if self.head_fast is None else (ConvSpec(self.head_fast, 1),)
        check_specs((*(stage.conv for stage in stages), ConvSpec(self.kernel, 1), output, *fast))
        check_ends(tuple(stage.conv for stage in self.contract), (*(stage.conv for stage in self.expand), output))
        if any(stage.skip for stage in self.contract):
            raise ValueError("architecture: only expand stages may have a skip")
        self._skipped()

    @classmethod
    def live32(cls, styles: int = 32, *, identity: bool = True) -> UNetConfig:
        """Return the network for live video: 16.3 GFLOP at 640x480 where the paper's takes 94.5."""
        return cls(styles=styles, identity=identity)

    def draw(self, head: str) -> Graph:
        """Draw the network with one of its outputs."""
        draft, x, kept = Draft(), IMAGE, list[str]()

        def layer(x: str, label: str, spec: ConvSpec) -> str:
            y = draft.conv(x, label, spec.channels, kernel=spec.kernel, stride=spec.stride, enlarge=spec.upsample)
            return draft.cin(y, label)

        def blocks(x: str, label: str, stage: Stage) -> str:
            spec = ConvSpec(self.kernel, stage.conv.channels)
            for i in range(stage.blocks):
                y = draft.relu(layer(x, f"{label}.block.{i}.0", spec))
                x = draft.add(x, layer(y, f"{label}.block.{i}.1", spec))
            return x

        for i, stage in enumerate(self.contract):
            x = blocks(draft.relu(layer(x, f"contract.{i}", stage.conv)), f"contract.{i}", stage)
            kept.append(x)
        for i, (stage, skipped) in enumerate(zip(self.expand, self._skipped(), strict=True)):
            x = draft.relu(layer(x, f"expand.{i}", stage.conv))
            if skipped is not None:
                x = draft.add(kept[skipped], x)
            x = blocks(x, f"expand.{i}", stage)
        factor, kernel, label = self.output_factor, self.output_kernel, "output"
        if head == FAST and self.head_fast is not None:
            factor, kernel, label = factor * FAST_FACTOR, self.head_fast, "head_fast"
        x = draft.conv(x, label, IMAGE_CHANNELS * factor**2, kernel=kernel)
        if factor > 1:
            x = draft.depth_to_space(x, factor)
        return draft.graph(draft.act(draft.cin(x, "output"), "sigmoid"), eps=self.eps)

    def _skipped(self) -> list[int | None]:
        """Return for each expand stage which contract stage's map it adds.

        Raises:
            ValueError: there is none of its size and channels.
        """
        sizes = _shrunk(self.contract)
        result: list[int | None] = []
        shrunk = sizes[-1]
        for number, stage in enumerate(self.expand):
            shrunk //= stage.conv.upsample
            fitting = [i for i, size in enumerate(sizes) if (size, self.contract[i].conv.channels) == (shrunk, stage.conv.channels)]
            if stage.skip and not fitting:
                raise ValueError(f"architecture: expand stage {number} has a skip, but no contract stage has its size and channels")
            result.append(fitting[-1] if stage.skip else None)
        return result

    def to_json(self) -> dict[str, Any]:
        """Return the architecture as JSON data; `from_json` reads it."""
        data = {
            "contract": [_to_json(stage) for stage in self.contract],
            "expand": [_to_json(stage) for stage in self.expand],
            "kernel": self.kernel,
            "output": {"kernel": self.output_kernel, "factor": self.output_factor},
            "styles": self.styles,
            "identity": self.identity,
            "eps": self.eps,
        }
        if self.head_fast is not None:
            data["head_fast"] = {"kernel": self.head_fast}
        return data

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; raises ValueError as `Architecture.from_json`."""
        required = {"contract", "expand", "kernel", "output", "styles", "identity", "eps"}
        require_keys(data, "architecture", required, frozenset({"head_fast"}))
        require_keys(data["output"], "output", {"kernel", "factor"})
        read_common(data)
        return cls(
            contract=_read_stages(data["contract"], "contract"),
            expand=_read_stages(data["expand"], "expand"),
            kernel=read_integer(data["kernel"], "kernel"),
            output_kernel=read_integer(data["output"]["kernel"], "output kernel"),
            output_factor=read_integer(data["output"]["factor"], "output factor"),
            styles=read_integer(data["styles"], "styles"),
            identity=data["identity"],
            eps=data["eps"],
            head_fast=read_head(data),
        )


def _shrunk(contract: Sequence[Stage]) -> list[int]:
    """Return by how much the image is shrunk after each stage."""
    sizes, shrunk = list[int](), 1
    for stage in contract:
        shrunk *= stage.conv.stride
        sizes.append(shrunk)
    return sizes


def _to_json(stage: Stage) -> dict[str, Any]:
    """Return a stage as JSON data; what is usual is left out."""
    data: dict[str, Any] = {"conv": spec_to_json(stage.conv)}
    if stage.blocks:
        data["blocks"] = stage.blocks
    if stage.skip:
        data["skip"] = True
    return data


def _read_stages(data: Any, where: str) -> tuple[Stage, ...]:
    """Read what `_to_json` wrote of several."""
    if not isinstance(data, list) or len(data) > MAX_LAYERS:
        raise ValueError(f"{where} must be a list of at most {MAX_LAYERS} stages")
    return tuple(_read_stage(item, f"{where}[{i}]") for i, item in enumerate(data))


def _read_stage(data: Any, where: str) -> Stage:
    require_keys(data, where, {"conv"}, frozenset({"blocks", "skip"}))
    if not isinstance(data.get("skip", False), bool):
        raise ValueError(f"{where} skip must be true or false")
    return Stage(read_spec(data["conv"], f"{where} conv"), read_integer(data.get("blocks", 0), f"{where} blocks"), data.get("skip", False))
