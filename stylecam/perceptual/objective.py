"""What a good picture is: close to the photo in what it depicts, close to the painting in how (arXiv 1508.06576)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from stylecam.perceptual.losses import content_loss, covariance_matrix, gram_distance, gram_matrix, style_loss
from stylecam.perceptual.vgg import CONTENT_LAYER, STYLE_LAYERS, LossNetwork


class PictureLosses(NamedTuple):
    """Losses of each picture: content (B,), style summed over the layers (B,), and style per layer (B, layers).

    `covariance` (B,) is the style loss with covariance in place of Gram matrices; 0 unless the objective was made for it.
    """

    content: Tensor
    style: Tensor
    style_layers: Tensor
    covariance: Tensor


class Objective:
    """Holds the Gram matrices of the paintings and compares pictures with them.

    Args:
        network: the loss network.
        paintings: one (3, H, W) float RGB tensor in [0, 1] per style, any size; its size sets the stroke size.
        covariances: compare these too. No yardstick does; training may, and pays with a few milliseconds per picture.
    """

    def __init__(self, network: LossNetwork, paintings: Sequence[Tensor], *, covariances: bool = False) -> None:
        self._network = network
        grams: dict[str, list[Tensor]] = {layer: [] for layer in STYLE_LAYERS}
        spreads: dict[str, list[Tensor]] = {layer: [] for layer in STYLE_LAYERS} if covariances else {}
        with torch.no_grad():
            for painting in paintings:
                for layer, features in network(painting[None]).items():
                    gram = gram_matrix(features)
                    grams[layer].append(gram[0])
                    if covariances:
                        spreads[layer].append(covariance_matrix(gram, features)[0])
        self.grams = {layer: torch.stack(values) for layer, values in grams.items()}  # layer → (S, C, C)
        self.covariances = {layer: torch.stack(values) for layer, values in spreads.items()}

    def __call__(self, y: Tensor, x: Tensor, style: Tensor) -> PictureLosses:
        """Compare pictures `y` with their photos `x`, both (B, 3, H, W), and their paintings, `style` (B,) of row numbers."""
        with torch.no_grad():
            photo = self._network(x, upto=CONTENT_LAYER)[CONTENT_LAYER]
        features = self._network(y)
        grams = {layer: gram_matrix(features[layer]) for layer in STYLE_LAYERS}
        per_layer = torch.stack([style_loss(grams[layer], self.grams[layer][style]) for layer in STYLE_LAYERS], 1)  # (B, layers)
        content, covariance = content_loss(features[CONTENT_LAYER], photo), torch.zeros_like(per_layer[:, 0])
        for layer, targets in self.covariances.items():
            covariance = covariance + style_loss(covariance_matrix(grams[layer], features[layer]), targets[style])
        return PictureLosses(content, per_layer.sum(1), per_layer, covariance)

    @torch.no_grad()
    def nearest_painting(self, y: Tensor) -> Tensor:
        """Return for each picture (B, 3, H, W) the number of the painting whose normalised Gram matrices are nearest, (B,)."""
        features = self._network(y)
        nearest = []
        for i in range(len(y)):
            distances = [gram_distance(gram_matrix(features[layer][i : i + 1])[0], self.grams[layer]) for layer in STYLE_LAYERS]
            nearest.append(torch.stack(distances).sum(0).argmin())
        return torch.stack(nearest)
