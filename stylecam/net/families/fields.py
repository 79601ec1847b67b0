"""Reading the JSON of an architecture: every wrong field is a ValueError that names it. What a stranger wrote is checked here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_CHANNELS = 1024
MAX_LAYERS = 64
MAX_KERNEL = 15


@dataclass(frozen=True)
class ConvSpec:
    """One convolution of a family's configuration; `upsample` is the factor of a nearest-neighbour enlargement before it."""

    kernel: int
    channels: int
    stride: int = 1
    upsample: int = 1


def require_keys(data: Any, where: str, required: set[str], optional: frozenset[str] = frozenset()) -> None:
    """Refuse what is no JSON object with these keys."""
    if not isinstance(data, dict):
        raise ValueError(f"{where} must be a JSON object")
    if missing := required - data.keys():
        raise ValueError(f"{where} lacks {', '.join(sorted(missing))}")
    if unknown := data.keys() - required - optional:
        raise ValueError(f"{where} has unknown keys: {', '.join(sorted(map(str, unknown)))}")


def read_integer(value: Any, where: str) -> int:
    """Return a whole number; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{where} must be a whole number, not {value!r}")
    return value


def read_common(data: Any) -> None:
    """Check `identity` and `eps`, which every family has."""
    if not isinstance(data["identity"], bool):
        raise ValueError("architecture: 'identity' must be true or false")
    if not isinstance(data["eps"], float):
        raise ValueError("architecture: 'eps' must be a number such as 1e-05")


def read_head(data: dict[str, Any]) -> int | None:
    """Return the kernel of the fast output, or None where there is none."""
    if "head_fast" not in data:
        return None
    require_keys(data["head_fast"], "head_fast", {"kernel"})
    return read_integer(data["head_fast"]["kernel"], "head_fast kernel")


def spec_to_json(spec: ConvSpec) -> dict[str, int]:
    """Return a convolution as JSON data; what is usual is left out."""
    data = {"kernel": spec.kernel, "channels": spec.channels}
    if spec.stride != 1:
        data["stride"] = spec.stride
    if spec.upsample != 1:
        data["upsample"] = spec.upsample
    return data


def read_spec(data: Any, where: str) -> ConvSpec:
    """Read what `spec_to_json` wrote."""
    require_keys(data, where, {"kernel", "channels"}, frozenset({"stride", "upsample"}))
    return ConvSpec(**{key: read_integer(value, f"{where} {key}") for key, value in data.items()})


def read_specs(data: Any, where: str) -> tuple[ConvSpec, ...]:
    """Read a list of convolutions."""
    if not isinstance(data, list) or len(data) > MAX_LAYERS:
        raise ValueError(f"{where} must be a list of at most {MAX_LAYERS} convolutions")
    return tuple(read_spec(item, f"{where}[{i}]") for i, item in enumerate(data))


def check_specs(specs: tuple[ConvSpec, ...]) -> None:
    """Refuse convolutions that no network and no machine is made for."""
    for spec in specs:
        if not (1 <= spec.kernel <= MAX_KERNEL and spec.kernel % 2):
            raise ValueError(f"architecture: kernel {spec.kernel} is not an odd number up to {MAX_KERNEL}")
        if not 1 <= spec.channels <= MAX_CHANNELS:
            raise ValueError(f"architecture: {spec.channels} channels, but 1 to {MAX_CHANNELS} are possible")
        if not (1 <= spec.stride <= 4 and 1 <= spec.upsample <= 4):
            raise ValueError("architecture: stride and upsample must be between 1 and 4")


def check_ends(contract: tuple[ConvSpec, ...], expand: tuple[ConvSpec, ...]) -> None:
    """Refuse a network that does not give back the image's size, or that shrinks and enlarges in the wrong places."""
    if not contract:
        raise ValueError("architecture: at least one contract convolution is needed")
    if len(contract) + len(expand) > MAX_LAYERS:
        raise ValueError(f"architecture: more than {MAX_LAYERS} layers")
    if any(s.upsample != 1 for s in contract) or any(s.stride != 1 for s in expand):
        raise ValueError("architecture: contract layers may only have a stride, expand layers only an upsampling, the output neither")
    shrinking = enlarging = 1
    for spec in contract:
        shrinking *= spec.stride
    for spec in expand:
        enlarging *= spec.upsample
    if enlarging != shrinking:
        raise ValueError(f"architecture: shrinks by {shrinking} but enlarges by {enlarging}")
