"""What a good stylized image is: close to the photo in what it depicts, close to the style image in how (arXiv 1508.06576).

An objective is made of terms, see `perceptual.terms`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.perceptual.losses import content_loss, covariance_matrix, gram_distance, gram_matrix, style_loss
from stylecam.perceptual.terms import Term
from stylecam.perceptual.vgg import LossNetwork

#: Where crops lie, (down, across) as shares; None for no crops.
CropPlace = tuple[float, float] | None


class Losses(NamedTuple):
    """Losses of each image: content (B,), style (B,), weighted and added up over the terms, and the plain style of each term (B, T).

    `covariance` (B,) is the style loss with covariance in place of Gram matrices; 0 unless the objective was made for it.
    """

    content: Tensor
    style: Tensor
    terms: Tensor
    covariance: Tensor


class Look(NamedTuple):
    """What an objective sees in images, term by term: content features and Gram (and covariance) matrices by layer."""

    content: list[dict[str, Tensor]]
    grams: list[dict[str, Tensor]]
    covariances: list[dict[str, Tensor]]


class Objective:
    """Holds the Gram matrices of the style images and compares stylized images with them.

    Args:
        network: the loss network.
        terms: what to look at.
        style_images: per term one (3, H, W) float RGB tensor in [0, 1] per style, any size; its size sets the stroke size.
        covariances: compare these too. No yardstick does; training may, and pays with a few milliseconds per image.

    Raises:
        UsageError: the loss network lacks a layer.
    """

    def __init__(
        self, network: LossNetwork, terms: Sequence[Term], style_images: Sequence[Sequence[Tensor]], *, covariances: bool = False
    ) -> None:
        self._network, self.terms, self._with_covariances = network, tuple(terms), covariances
        #: Per term: layer → (S, C, C).
        self.grams: list[dict[str, Tensor]] = []
        self._covariances: list[dict[str, Tensor]] = []
        for term, images in zip(self.terms, style_images, strict=True):
            network.check(term.layers)
            with torch.no_grad():
                found = [self._matrices(network(image[None], term.style), term) for image in images]
            self.grams.append({layer: torch.cat([grams[layer] for grams, _ in found]) for layer in term.style})
            self._covariances.append({layer: torch.cat([spreads[layer] for _, spreads in found]) for layer in term.style if covariances})

    def __call__(self, y: Tensor, x: Tensor, style: Tensor, *, crop_at: CropPlace = (0.5, 0.5), emphasis: Tensor | None = None) -> Losses:
        """Compare stylized images with their photos and their style images.

        Args:
            y: (B, 3, H, W) in [0, 1].
            x: (P, 3, H, W), the photos; each belongs to B / P stylized images in a row, and its features are computed once.
            style: (B,) row numbers; or (B, S) convex weights of several styles. The target of a mix are the interpolated Gram matrices:
                they are those of an image of which each style fills its share.
            crop_at: where crops lie, as shares of the space that they leave: (down, across); None crops nothing.
            emphasis: (P, 1, H, W) for each photo: by how much more its content counts there than elsewhere; 0 is no more.
        """
        shown = None if emphasis is None else [_view(emphasis, term, crop_at) for term in self.terms]
        return self.compare(self.look(y, crop_at), self.look_at_photos(x, crop_at), style, shown)

    def look(self, y: Tensor, crop_at: CropPlace = (0.5, 0.5)) -> Look:
        """Look at stylized images (B, 3, H, W)."""
        look = Look([], [], [])
        for term in self.terms:
            features = self._network(_view(y, term, crop_at), term.layers)
            grams, covariances = self._matrices(features, term)
            look.content.append({layer: features[layer] for layer in term.content})
            look.grams.append(grams)
            look.covariances.append(covariances)
        return look

    @torch.no_grad()
    def look_at_photos(self, x: Tensor, crop_at: CropPlace = (0.5, 0.5)) -> list[dict[str, Tensor]]:
        """Return the content features of photos (P, 3, H, W), term by term."""
        return [self._network(_view(x, term, crop_at), term.content) if term.content else {} for term in self.terms]

    def compare(
        self, look: Look, photos: Sequence[Mapping[str, Tensor]], style: Tensor, emphasis: Sequence[Tensor] | None = None
    ) -> Losses:
        """Return the losses of images that were looked at; see `__call__`. `emphasis` is given as each term sees it."""
        zero = torch.zeros(len(style), device=style.device)
        content, style_sum, covariance, terms = zero, zero, zero, []
        for number, term in enumerate(self.terms):
            share = term.content_weight / sum(term.content.values()) if term.content else 0.0
            for layer, weight in term.content.items():
                target, times = photos[number][layer], len(style) // len(photos[number][layer])
                more = None if emphasis is None else _at(emphasis[number], target).repeat_interleave(times, 0)
                differs = content_loss(look.content[number][layer], target.repeat_interleave(times, 0), more)
                content = content + share * weight * differs
            found = zero
            for layer, weight in term.style.items():
                found = found + weight * style_loss(look.grams[number][layer], _target(self.grams[number][layer], style))
                if self._with_covariances:
                    spread = style_loss(look.covariances[number][layer], _target(self._covariances[number][layer], style))
                    covariance = covariance + term.weight * weight * spread
            terms.append(found)
            style_sum = style_sum + term.weight * found
        return Losses(content, style_sum, torch.stack(terms, 1), covariance)

    @torch.no_grad()
    def nearest_style(self, look: Look) -> Tensor:
        """Return for each image the number of the style whose normalised Gram matrices are nearest, (B,)."""
        distances = [
            torch.stack([gram_distance(gram, grams[layer]) for gram in seen[layer]])
            for seen, grams in zip(look.grams, self.grams, strict=True)
            for layer in grams
        ]
        return torch.stack(distances).sum(0).argmin(1)

    def _matrices(self, features: Mapping[str, Tensor], term: Term) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        grams = {layer: gram_matrix(features[layer]) for layer in term.style}
        return grams, {layer: covariance_matrix(grams[layer], features[layer]) for layer in term.style if self._with_covariances}


def _view(image: Tensor, term: Term, crop_at: CropPlace) -> Tensor:
    """Return what a term looks at."""
    if term.crop < 1 and crop_at is not None:
        height, width = (max(1, round(side * term.crop)) for side in image.shape[-2:])
        top, left = (round(share * (side - part)) for share, side, part in zip(crop_at, image.shape[-2:], (height, width), strict=True))
        image = image[..., top : top + height, left : left + width]
    return F.avg_pool2d(image, term.scale) if term.scale > 1 else image


def _at(image: Tensor, features: Tensor) -> Tensor:
    """Return (B, 1, H, W) at the size of features (B, C, h, w)."""
    height, width = features.shape[-2:]
    return F.adaptive_avg_pool2d(image, (height, width))


def _target(targets: Tensor, style: Tensor) -> Tensor:
    """Return the targets of rows (B,) or of weights (B, S) out of (S, C, C)."""
    return targets[style] if style.dim() == 1 else torch.tensordot(style.to(targets.dtype), targets, 1)
