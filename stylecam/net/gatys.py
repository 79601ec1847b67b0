"""The objective of a single picture, with any layers and weights (Gatys, Ecker, Bethge 2015, arXiv 1508.06576)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam.errors import UsageError
from stylecam.net.descent import Method, descend
from stylecam.net.losses import content_loss, gram_matrix, style_loss
from stylecam.net.vgg import BLOCKS, CONTENT_LAYER, STYLE_LAYERS, LossNetwork

#: What `LossNetwork` gives, from fine to coarse.
LAYERS = tuple(f"relu{block}_{count}" for block, count in enumerate(BLOCKS, 1))

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
    content_layers: tuple[str, ...] = (CONTENT_LAYER,),
    style_layers: tuple[str, ...] = STYLE_LAYERS,
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
        content_weight: of the mean over `content_layers`.
        style_weight: of the sum over `style_layers`.
        content_layers: some of `LAYERS`.
        style_layers: some of `LAYERS`.
        method: "lbfgs" or "adam".

    Raises:
        UsageError: a layer does not exist.
        TrainingError: the loss network cannot be read.
    """
    for layer in (*content_layers, *style_layers):
        if layer not in LAYERS:
            raise UsageError(f"The loss network has no layer '{layer}'; choose from {', '.join(LAYERS)}.")
    vgg = LossNetwork(network)
    with torch.no_grad():
        contents = {layer: features for layer, features in vgg(_tensor(photo)).items() if layer in content_layers}
        grams = {layer: gram_matrix(features) for layer, features in vgg(_tensor(painting)).items() if layer in style_layers}

    def loss(y: Tensor) -> Tensor:
        features = vgg(y)
        total = y.new_zeros(())
        if content_weight:
            total = total + content_weight / len(contents) * sum(content_loss(features[k], target).sum() for k, target in contents.items())
        if style_weight:
            total = total + style_weight * sum(style_loss(gram_matrix(features[k]), target).sum() for k, target in grams.items())
        return total

    for step in descend(loss, _tensor(start), evaluations, method=method):
        pixels = (step.picture[0] * 255).round().byte().permute(1, 2, 0).numpy()
        yield step.evaluations, step.best_loss, np.ascontiguousarray(pixels)


def _tensor(image: Image) -> Tensor:
    return torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1) / 255)[None]
