"""VGG-16 and VGG-19 (Simonyan and Zisserman 2014) from torchvision's weight files; torchvision itself is not needed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.errors import TrainingError

SUFFIXES = (".pth", ".pt")
#: What torchvision's networks are fed: RGB in [0, 1], less the mean, by the deviation.
MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)
#: Features are given so many times as large as in torchvision: in units of inputs up to 255, for which the losses have their floors.
UNITS = 255 * sum(STD_RGB) / 3
#: Convolutions per block of the networks that are known.
_NETWORKS = {"VGG-16": (2, 2, 3, 3, 3), "VGG-19": (2, 2, 4, 4, 4)}

#: (block, index in the block, weight (O, I, 3, 3), bias (O,)), all from 1.
Convolution = tuple[int, int, Tensor, Tensor]


def read(path: Path) -> list[Convolution]:
    """Read the convolutions of a state dict with `features.N.weight` and `.bias`; any channel counts that fit each other will do.

    Nothing but tensors is unpickled. The classifier, where there is one, is left out.

    Raises:
        TrainingError: the file is missing, damaged, holds code, or is not one of these networks.
    """
    state = _load(path)
    numbers = {key for key in state if isinstance(key, str) and key.startswith("features.")}
    for blocks in _NETWORKS.values():
        places = _places(blocks)
        if numbers == {f"features.{place[2]}.{part}" for place in places for part in ("weight", "bias")}:
            return _checked(path, state, places)
    raise _refusal(path, "its layers are not those of VGG-16 or VGG-19 without batch normalization")


def read_classifier(path: Path, features: int) -> list[tuple[Tensor, Tensor]]:
    """Read the three full layers behind the convolutions: `classifier.0`, `.3`, `.6`, each weight (O, I) and bias (O,).

    Args:
        path: the same file that `read` takes.
        features: channels of its last convolution; the first layer looks at a grid of 7 × 7 of them.

    Raises:
        TrainingError: as `read`; or the file holds no classifier, or one that does not fit.
    """
    state, found, inputs = _load(path), [], features * 49
    for number in (0, 3, 6):
        weight, bias = state.get(f"classifier.{number}.weight"), state.get(f"classifier.{number}.bias")
        if not all(isinstance(part, Tensor) and part.is_floating_point() and bool(part.isfinite().all()) for part in (weight, bias)):
            raise _refusal(path, "it holds no classifier of VGG, only convolutions")
        assert isinstance(weight, Tensor)  # noqa: S101 (just checked)
        assert isinstance(bias, Tensor)  # noqa: S101
        if weight.ndim != 2 or weight.shape[1] != inputs or bias.shape != weight.shape[:1]:
            raise _refusal(path, f"the shape of classifier.{number} does not fit the layer before")
        inputs = weight.shape[0]
        found.append((weight.detach().float(), bias.detach().float()))
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _refusal(path, error.strerror or "it cannot be opened") from error
    except pickle.UnpicklingError as error:
        raise _refusal(path, "it is damaged, or holds more than tensors, which is never run") from error
    except Exception as error:  # a damaged file raises nearly anything inside torch and pickle
        raise _refusal(path, "it is damaged or not a file of torch") from error
    if not isinstance(state, dict):
        raise _refusal(path, "it is not a dictionary of tensors")
    return state


def _places(blocks: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Return (block, index, number in `features`): each convolution is followed by a ReLU, each block by a pooling."""
    found, number = [], 0
    for block, count in enumerate(blocks, 1):
        for index in range(1, count + 1):
            found.append((block, index, number))
            number += 2
        number += 1
    return found


def _checked(path: Path, state: dict[str, Any], places: list[tuple[int, int, int]]) -> list[Convolution]:
    found: list[Convolution] = []
    channels = 3
    for block, index, number in places:
        weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
        if not all(isinstance(part, Tensor) and part.is_floating_point() and part.layout == torch.strided for part in (weight, bias)):
            raise _refusal(path, f"features.{number} is not made of plain floating-point tensors")
        if weight.ndim != 4 or weight.shape[0] < 1 or weight.shape[1:] != (channels, 3, 3) or bias.shape != weight.shape[:1]:
            raise _refusal(path, f"the shape of features.{number} does not fit the layer before")
        if not (weight.isfinite().all() and bias.isfinite().all()):
            raise _refusal(path, f"features.{number} holds values that are not numbers")
        channels = weight.shape[0]
        found.append((block, index, weight.detach(), bias.detach()))
    return found


def _refusal(path: Path, why: str) -> TrainingError:
    return TrainingError(f"The loss network '{path}' cannot be read: {why}; give torchvision's file, such as vgg19-dcbb9e9d.pth.")
