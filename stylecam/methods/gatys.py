"""The objective of a single picture, with any layers and weights (Gatys, Ecker, Bethge 2015, arXiv 1508.06576)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam.errors import UsageError
from stylecam.perceptual.lbfgs import Method, descend
from stylecam.perceptual.losses import content_loss, gram_matrix, style_loss
from stylecam.perceptual.vgg import CONTENT_LAYER, STYLE_LAYERS, LossNetwork

#: Layer → its share of the objective.
DEFAULT_CONTENT: Mapping[str, float] = {CONTENT_LAYER: 1.0}
DEFAULT_STYLE: Mapping[str, float] = dict.fromkeys(STYLE_LAYERS, 1.0)

Image = NDArray[np.uint8]


def descend_picture(
    network: Path,
    start: Image,
    photo: Image,
    painting: Image,
    evaluations: int,
    *,
    content_weight: float = 1.0,
    style_weight: float = 3.0,
    content_layers: Mapping[str, float] = DEFAULT_CONTENT,
    style_layers: Mapping[str, float] = DEFAULT_STYLE,
    method: Method = "lbfgs",
) -> Iterator[tuple[int, float, Image]]:
    """Paint by optimisation; yields (evaluations so far, lowest loss, the picture with that loss), each time one iteration later.

    A weight of zero leaves that part out: the reconstruction of content or of style alone.

    Args:
        network: file of the loss network, see `LossNetwork`.
        start: where to begin, uint8 RGB (H, W, 3).
        photo: what to depict, of the same shape.
        painting: how, uint8 RGB (h, w, 3).
        evaluations: of the objective.
        content_weight: of the weighted mean over `content_layers`.
        style_weight: of the weighted sum over `style_layers`.
        content_layers: layer of the network → its weight, 0 or more.
        style_layers: likewise.
        method: "lbfgs" or "adam".

    Raises:
        UsageError: a layer does not exist.
        TrainingError: the loss network cannot be read.
    """
    vgg = LossNetwork(network)
    for layer in (*content_layers, *style_layers):
        if layer not in vgg.layers:
            raise UsageError(f"The loss network '{network.name}' has no layer '{layer}'; it has {', '.join(vgg.layers)}.")
    content_of = {layer: weight for layer, weight in content_layers.items() if weight and content_weight}
    style_of = {layer: weight for layer, weight in style_layers.items() if weight and style_weight}
    deepest = max((*content_of, *style_of), key=vgg.layers.index)
    with torch.no_grad():
        contents = vgg(_tensor(photo), deepest, content_of)
        grams = {layer: gram_matrix(features) for layer, features in vgg(_tensor(painting), deepest, style_of).items()}
    share = content_weight / sum(content_of.values()) if content_of else 0.0

    def loss(y: Tensor) -> Tensor:
        features = vgg(y, deepest, {*content_of, *style_of})
        total = y.new_zeros(())
        if content_of:
            total = total + share * sum(weight * content_loss(features[k], contents[k]).sum() for k, weight in content_of.items())
        if style_of:
            total = total + style_weight * sum(
                weight * style_loss(gram_matrix(features[k]), grams[k]).sum() for k, weight in style_of.items()
            )
        return total

    for step in descend(loss, _tensor(start), evaluations, method=method):
        pixels = (step.picture[0] * 255).round().byte().permute(1, 2, 0).numpy()
        yield step.evaluations, step.best_loss, np.ascontiguousarray(pixels)


def _tensor(image: Image) -> Tensor:
    return torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1) / 255)[None]
