"""Networks of PyTorch's `fast_neural_style` example (Johnson, Alahi, Fei-Fei 2016, with instance normalization), read as ours.

Theirs is the paper's network but for three things. Its images go from 0 to 255: the first convolution takes up the factor on the way
in, the last one on the way out. Its convolutions have biases: before an instance normalization a bias changes nothing and is dropped;
the output's becomes β. And its output has neither normalization nor sigmoid: `output_after="clip"`.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stylecam.errors import PackError
from stylecam.net.families import TransformNetConfig
from stylecam.net.ir import IMAGE, Conv
from stylecam.net.styles import STYLES, slots

#: Those networks have 6.7 MB.
MAX_BYTES = 64 * 1024 * 1024

CONFIG = TransformNetConfig(styles=1, output_after="clip")

#: Statistics that networks saved before PyTorch 0.4 carry and never used.
_OBSOLETE = re.compile(r".*\bin\d+\.(running_mean|running_var|num_batches_tracked)")


def read_fast_neural_style(path: Path) -> tuple[TransformNetConfig, dict[str, NDArray[np.float32]]]:
    """Read a `.pth` or `.model` file of the example; only tensors are read, nothing in the file is run.

    Returns:
        The architecture and its tensors, as a pack has them, with one style.

    Raises:
        PackError: it cannot be read, holds more than tensors, or is another network.
    """
    state = _load(path)
    state = {name: value for name, value in state.items() if not _OBSOLETE.fullmatch(name)}
    tensors: dict[str, NDArray[np.float32]] = {}
    shape = {conv.name: conv for conv in CONFIG.convs}
    rows = np.empty((1, CONFIG.scale_shift_size), np.float32)
    for slot in slots(CONFIG.graph()):
        weight, gamma, beta = _layer(path, state, shape[slot.inputs[0]])
        tensors[f"{slot.inputs[0]}.weight"] = weight
        rows[0, slot.gamma], rows[0, slot.beta] = gamma, beta
    if state:
        raise _other(path, f"it also has {ascii(min(state))[:80]}")
    return CONFIG, {**tensors, STYLES: rows}


def _layer(path: Path, state: dict[str, torch.Tensor], node: Conv) -> tuple[NDArray[np.float32], ...]:
    """Take one layer's weight, γ and β out of `state`."""
    conv, norm = _their_names(node.name)
    channels = (node.channels,)
    weight = _take(path, state, f"{conv}.conv2d.weight", node.weight_shape)
    bias = _take(path, state, f"{conv}.conv2d.bias", channels)
    if IMAGE in node.inputs:
        weight = weight * np.float32(255)
    if norm:
        return weight, _take(path, state, f"{norm}.weight", channels), _take(path, state, f"{norm}.bias", channels)
    return weight / np.float32(255), np.ones(channels, np.float32), bias / np.float32(255)


def _their_names(ours: str) -> tuple[str, str]:
    """Return what the example calls a layer's convolution and its normalization; the output has none."""
    part, *numbers = ours.removesuffix(".conv").split(".")
    if part == "contract":
        return f"conv{int(numbers[0]) + 1}", f"in{int(numbers[0]) + 1}"
    if part == "residual":
        block, which = int(numbers[0]) + 1, int(numbers[1]) + 1
        return f"res{block}.conv{which}", f"res{block}.in{which}"
    if part == "expand":
        return f"deconv{int(numbers[0]) + 1}", f"in{int(numbers[0]) + 4}"
    return "deconv3", ""


def _take(path: Path, state: dict[str, torch.Tensor], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if name not in state:
        raise _other(path, f"it has no {name}")
    tensor = state.pop(name)
    if tuple(tensor.shape) != shape or not tensor.is_floating_point() or tensor.layout != torch.strided:
        raise _other(path, f"its {name} is {tensor.dtype} {tuple(tensor.shape)}, not {shape}")
    return tensor.detach().float().contiguous().numpy().copy()


def _load(path: Path) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise PackError(f"There is no file '{path}'; correct its name.")
    try:
        _check_size(path)
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except PackError:
        raise
    except Exception as error:  # torch refuses what is no plain tensor, and stumbles over damage in many ways
        why = ascii(str(error).split("\n", 1)[0])[1:-1][:120]
        raise PackError(
            f"'{path}' cannot be imported: it is damaged, or holds more than tensors, and the code of strangers is never run "
            f"({type(error).__name__}: {why}); get a state_dict saved with torch.save."
        ) from error
    if not isinstance(loaded, dict) or not all(isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in loaded.items()):
        raise _other(path, "it is no state_dict")
    return dict(loaded)


def _check_size(path: Path) -> None:
    """Refuse what would fill the memory before a tensor has been looked at."""
    if path.stat().st_size > MAX_BYTES:
        raise _other(path, f"it is larger than {MAX_BYTES // 1024**2} MiB")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 2 * MAX_BYTES:
                raise _other(path, "it unpacks to far more than such a network has")


def _other(path: Path, what: str) -> PackError:
    return PackError(f"'{path}' is not a network of PyTorch's fast_neural_style example: {what}; only those can be imported.")
