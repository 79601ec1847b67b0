"""Networks of Magenta's `image_stylization` (Dumoulin, Shlens, Kudlur 2016), read as ours.

Theirs is the network of our family `residual`: mirror padding, enlargement before a convolution, normalization of the output too. Kernels
are (height, width, in, out) there, and (out, in, height, width) here. γ and β have a row per style. A network that was made narrower (their
`alpha`) is read as narrow as it is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylecam.core.atomic_io import reason
from stylecam.errors import PackError
from stylecam.net.families import TransformNetConfig
from stylecam.net.families.fields import ConvSpec
from stylecam.net.importers.tf_checkpoint import Tensors, read_checkpoint
from stylecam.net.styles import STYLES, slots

_SCOPE = "transformer/"


def read_magenta(path: Path) -> tuple[TransformNetConfig, dict[str, NDArray[np.float32]], list[Path]]:
    """Read a checkpoint; nothing in it is run.

    Returns:
        The architecture, its tensors as a pack has them, and the files that were read.

    Raises:
        PackError: it cannot be read, is damaged, or holds another network.
    """
    try:
        found, files = read_checkpoint(path, _SCOPE)
        config = _config(found)
        return config, _tensors(config, found), files
    except (OSError, ValueError) as error:
        found_out = f"{Path(error.filename).name}: {reason(error)}" if isinstance(error, OSError) and error.filename else str(error)
        why = ascii(found_out)[1:-1][:160]
        raise PackError(
            f"'{path}' cannot be imported as a checkpoint of Magenta's image_stylization: {why}; get .index and .data file again."
        ) from error


def _config(found: Tensors) -> TransformNetConfig:
    """Return the architecture that the kernels' sizes say."""
    widths = [
        _get(found, f"{_theirs(f'{part}.{i}')}/weights", 4).shape[3] for part, i in (("contract", 0), ("contract", 1), ("contract", 2))
    ]
    widths += [_get(found, f"{_theirs(f'expand.{i}')}/weights", 4).shape[3] for i in (0, 1)]
    styles = _get(found, f"{_theirs('contract.0')}/InstanceNorm/gamma", 2).shape[0]
    return TransformNetConfig(
        contract=(ConvSpec(9, widths[0]), ConvSpec(3, widths[1], stride=2), ConvSpec(3, widths[2], stride=2)),
        expand=(ConvSpec(3, widths[3], upsample=2), ConvSpec(3, widths[4], upsample=2)),
        styles=styles,
    )


def _tensors(config: TransformNetConfig, found: Tensors) -> dict[str, NDArray[np.float32]]:
    tensors: dict[str, NDArray[np.float32]] = {}
    rows = np.empty((config.styles, config.scale_shift_size), np.float32)
    shapes = {conv.name: conv.weight_shape for conv in config.convs}
    for slot in slots(config.graph()):
        conv = slot.inputs[0]
        theirs = _theirs(conv.removesuffix(".conv"))
        weight = _get(found, f"{theirs}/weights", 4).transpose(3, 2, 0, 1)
        gamma, beta = (_get(found, f"{theirs}/InstanceNorm/{which}", 2) for which in ("gamma", "beta"))
        if weight.shape != shapes[conv] or gamma.shape != beta.shape or gamma.shape != (config.styles, slot.channels):
            raise ValueError(f"{theirs} has {weight.shape} and {gamma.shape}, not {shapes[conv]} and {(config.styles, slot.channels)}")
        if not all(np.isfinite(array).all() for array in (weight, gamma, beta)):
            raise ValueError(f"{theirs} has numbers that are not finite")
        tensors[f"{conv}.weight"] = np.ascontiguousarray(weight)
        rows[:, slot.gamma], rows[:, slot.beta] = gamma, beta
    return {**tensors, STYLES: rows}


def _theirs(label: str) -> str:
    """Return the scope in which a layer of ours lies in their checkpoint.

    >>> _theirs("residual.4.1"), _theirs("output")
    ('transformer/residual/residual5/conv2', 'transformer/expand/conv3/conv')
    """
    part, *numbers = label.split(".")
    place = [int(number) + 1 for number in numbers]
    if part == "contract":
        return f"{_SCOPE}contract/conv{place[0]}"
    if part == "residual":
        return f"{_SCOPE}residual/residual{place[0]}/conv{place[1]}"
    return f"{_SCOPE}expand/conv{place[0] if place else 3}/conv"


def _get(found: Tensors, name: str, dimensions: int) -> NDArray[np.float32]:
    if name not in found:
        raise ValueError(f"it has no {name}")
    if found[name].ndim != dimensions:
        raise ValueError(f"its {name} has the shape {found[name].shape}")
    return found[name]
