"""The objective of one image of any size: whole where it fits, else tile by tile with the same loss and the same gradient.

Tiles: the Gram matrices are sums over positions, so they are summed over all tiles first; then each tile is looked at once more, with
the gradient that the whole image's matrices ask for. That is exact, and the memory is that of one tile (Galerne, Raad, Lezama, Morel
2022, SPST, arXiv 2212.13459). Regions: Gram matrices of a part of the image alone (Gatys and others 2016,
arXiv 1611.07865, "guided Gram matrices").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from stylecam.perceptual.losses import CONTENT_FLOOR, gram_matrix, style_loss, total_variation_loss
from stylecam.perceptual.vgg import LossNetwork, stride_of

#: The photo's features are kept up to so many bytes, and computed again for every evaluation beyond.
_KEPT_BYTES = 1_000_000_000
#: Style images are always looked at by tiles of about this side: the Gram matrices are the same, and a large one would take gigabytes.
_STYLE_TILE_PX = 1024


@dataclass(frozen=True, eq=False)
class Region:
    """A style for a part of the image.

    `style` (1, 3, h, w) in [0, 1] is the style image. `mask` (H, W) says where on the photo the style holds, `style_mask` (h, w) where on
    the style image it is taken from, both in [0, 1]; None is everywhere.
    """

    style: Tensor
    mask: Tensor | None = None
    style_mask: Tensor | None = None


@dataclass(frozen=True)
class _Tile:
    """Rows and columns of the image, [y0, y1) × [x0, x1), and of what features there depend on, [top, bottom) × [left, right)."""

    y0: int
    y1: int
    x0: int
    x1: int
    top: int
    bottom: int
    left: int
    right: int

    def cut(self, image: Tensor) -> Tensor:
        return image[..., self.top : self.bottom, self.left : self.right]

    def core(self, features: Tensor, layer: str) -> Tensor:
        """Return of the features of `cut(image)` those that are the tile's own; all of its borders lie on the layer's grid."""
        s = stride_of(layer)
        below = None if self.y1 == self.bottom else (self.y1 - self.top) // s
        right = None if self.x1 == self.right else (self.x1 - self.left) // s
        return features[..., (self.y0 - self.top) // s : below, (self.x0 - self.left) // s : right]

    def own(self, whole: Tensor, layer: str) -> Tensor:
        """Return the tile's part of what lies on the layer's grid over the whole image."""
        s = stride_of(layer)
        below = None if self.y1 == self.bottom else self.y1 // s
        right = None if self.x1 == self.right else self.x1 // s
        return whole[..., self.y0 // s : below, self.x0 // s : right]


class ImageObjective:
    """Content and style of one image against a photo and style images, as a function of the pixels: loss = objective(y).

    loss = content_weight × content + style_weight × Σ over regions (share of the area × style) + tv_weight × total variation, with content
    averaged and style added up over their layers by weight, each normalised by its target as in `perceptual.losses`.

    >>> objective = ImageObjective(network, photo, [Region(style)], {"relu4_2": 1.0}, {"relu1_1": 1.0}, tile_px=512)  # doctest: +SKIP
    >>> gradient, = torch.autograd.grad(objective(y), y)  # doctest: +SKIP

    Args:
        network: the loss network.
        photo: (1, 3, H, W) in [0, 1].
        regions: at least one where there is style.
        content: layer → weight.
        style: layer → weight.
        content_weight, style_weight, tv_weight: factors of the three parts.
        tile_px: side of a tile without its surroundings; 0 looks at the whole image at once. A tile is enlarged by what a feature at its
            border depends on: by 64 pixels a side for relu5_1 of VGG-16, by 128 for relu5_4 of VGG-19.

    Raises:
        UsageError: the loss network lacks a layer.
    """

    def __init__(
        self,
        network: LossNetwork,
        photo: Tensor,
        regions: Sequence[Region],
        content: Mapping[str, float],
        style: Mapping[str, float],
        *,
        content_weight: float = 1.0,
        style_weight: float = 1.0,
        tv_weight: float = 0.0,
        tile_px: int = 0,
    ) -> None:
        self._network, self._photo = network, photo
        self._content, self._style = dict(content), dict(style)
        self._layers = (*self._style, *(layer for layer in self._content if layer not in self._style))
        network.check(self._layers)
        self._weights = (content_weight, style_weight, tv_weight)
        self._tiles = list(self._cut_up(photo.shape[-2], photo.shape[-1], tile_px))
        with torch.no_grad():
            self._masks = _on_grids([region.mask for region in regions], self._style, *photo.shape[-2:])
            areas = [1.0 if region.mask is None else float(region.mask.mean()) for region in regions]
            self._shares = [area / sum(areas) for area in areas]
            self._targets = [self._target(region) for region in regions]
            self._kept: dict[tuple[_Tile, str], Tensor] = {}
            self._energies = self._look_at_photo()

    def __call__(self, y: Tensor) -> Tensor:
        """Return the loss of (1, 3, H, W), a scalar; it can be differentiated once."""
        if len(self._tiles) == 1:
            features = self._features(y, self._tiles[0], self._layers)
            sums = {layer: self._sums(features[layer], self._masks, layer, self._tiles[0]) for layer in self._style}
            loss = self._style_part(sums) + self._content_part(features, self._tiles[0])
        else:
            loss = _Tiled.apply(y, self)  # type: ignore[no-untyped-call]
        return loss + self._weights[2] * total_variation_loss(y).sum() if self._weights[2] else loss

    def loss_and_gradient(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return loss and gradient without total variation, tile by tile; see the module's words."""
        loss, gradient = torch.zeros(()), torch.zeros_like(y)
        slopes: dict[str, Tensor] = {}
        if self._style:
            with torch.no_grad():
                sums = self._summed(y, self._masks, self._tiles)
            leaves = {layer: found.requires_grad_() for layer, found in sums.items()}
            with torch.enable_grad():
                loss = self._style_part(leaves)
                slopes = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
            loss = loss.detach()
        for tile in self._tiles:
            with torch.enable_grad():
                part = tile.cut(y).detach().requires_grad_()
                features = {layer: tile.core(f, layer) for layer, f in self._network(part, self._layers).items()}
                content = self._content_part(features, tile)
                pull = content
                for layer, slope in slopes.items():
                    pull = pull + (self._sums(features[layer], self._masks, layer, tile) * slope).sum()
                tile.cut(gradient).add_(torch.autograd.grad(pull, part)[0])
            loss = loss + content.detach()
        return loss, gradient

    def _cut_up(self, height: int, width: int, tile_px: int) -> Iterator[_Tile]:
        stride, halo = self._network.reach(self._layers)
        for y0, y1 in _edges(height, tile_px, stride):
            for x0, x1 in _edges(width, tile_px, stride):
                yield _Tile(
                    y0, y1, x0, x1, max(0, y0 - halo), min(height, y1 + halo) if y1 < height else height,
                    max(0, x0 - halo), min(width, x1 + halo) if x1 < width else width,
                )  # fmt: skip

    def _features(self, image: Tensor, tile: _Tile, layers: Sequence[str]) -> dict[str, Tensor]:
        return {layer: tile.core(f, layer) for layer, f in self._network(tile.cut(image), layers).items()}

    def _sums(self, features: Tensor, masks: Mapping[str, Tensor | None], layer: str, tile: _Tile) -> Tensor:
        """Return Σ F Fᵀ over the tile, each position weighted by its masks squared: (R, C, C)."""
        positions = features.shape[-2] * features.shape[-1]
        mask = masks[layer]
        if mask is None:
            return gram_matrix(features) * positions
        own = tile.own(mask, layer).to(features.dtype)  # (R, 1, h, w)
        return torch.cat([gram_matrix(features * one) for one in own]) * positions

    def _summed(self, image: Tensor, masks: Mapping[str, Tensor | None], tiles: Sequence[_Tile]) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for tile in tiles:
            for layer, features in self._features(image, tile, tuple(self._style)).items():
                sums = self._sums(features, masks, layer, tile)
                found[layer] = found[layer] + sums if layer in found else sums
        return found

    def _target(self, region: Region) -> dict[str, Tensor]:
        """Return the Gram matrices of a region's style, layer → (1, C, C)."""
        height, width = region.style.shape[-2:]
        masks = _on_grids([region.style_mask], self._style, height, width)
        sums = self._summed(region.style, masks, list(self._cut_up(height, width, _STYLE_TILE_PX)))
        return {layer: found / _amount(masks[layer], layer, height, width) for layer, found in sums.items()}

    def _style_part(self, sums: Mapping[str, Tensor]) -> Tensor:
        loss = torch.zeros(())
        for layer, weight in self._style.items():
            grams = sums[layer] / _amount(self._masks[layer], layer, *self._photo.shape[-2:])
            for gram, target, share in zip(grams, self._targets, self._shares, strict=True):
                loss = loss + self._weights[1] * share * weight * style_loss(gram[None], target[layer]).sum()
        return loss

    def _content_part(self, features: Mapping[str, Tensor], tile: _Tile) -> Tensor:
        loss, total = torch.zeros(()), sum(self._content.values())
        if not self._content:
            return loss
        photo = {layer: self._kept[tile, layer] for layer in self._content if (tile, layer) in self._kept}
        if len(photo) < len(self._content):
            with torch.no_grad():
                photo = self._features(self._photo, tile, tuple(self._content))
        for layer, weight in self._content.items():
            count, energy = self._energies[layer]
            distance = (features[layer].float() - photo[layer].float()).pow(2).sum() / count
            loss = loss + self._weights[0] * weight / total * distance / (energy + CONTENT_FLOOR)
        return loss

    def _look_at_photo(self) -> dict[str, tuple[int, float]]:
        """Return for each content layer how many values it has and the mean of their squares; keep them if they are few enough."""
        found: dict[str, tuple[int, float]] = dict.fromkeys(self._content, (0, 0.0))
        kept_bytes = 0
        for tile in self._tiles if self._content else ():
            for layer, features in self._features(self._photo, tile, tuple(self._content)).items():
                count, energy = found[layer]
                found[layer] = count + features.numel(), energy + float(features.float().pow(2).sum())
                kept_bytes += features.nbytes
                if kept_bytes <= _KEPT_BYTES:
                    self._kept[tile, layer] = features.clone()
        if kept_bytes > _KEPT_BYTES:
            self._kept.clear()
        return {layer: (count, energy / count) for layer, (count, energy) in found.items()}


class _Tiled(torch.autograd.Function):
    """The loss of a tiled image, whose gradient is known when the loss is."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, objective: ImageObjective) -> Tensor:
        loss, gradient = objective.loss_and_gradient(y)
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * slope, None


def _edges(length: int, tile_px: int, stride: int) -> Iterator[tuple[int, int]]:
    """Cut a length into parts of about `tile_px`, all but the last border on the coarsest grid."""
    count = max(1, round(length / tile_px)) if tile_px else 1
    cuts = sorted({round(number * length / count / stride) * stride for number in range(count)})
    return zip(cuts, [*cuts[1:], length], strict=True)


def _on_grids(masks: Sequence[Tensor | None], layers: Mapping[str, float], height: int, width: int) -> dict[str, Tensor | None]:
    """Return the masks on the grid of each layer, (R, 1, h, w), each the mean over what a position covers; None where none is needed."""
    if all(mask is None for mask in masks):
        return dict.fromkeys(layers)
    full = torch.stack([torch.ones(height, width) if mask is None else mask.float() for mask in masks])[:, None]
    return {layer: F.interpolate(full, (height // (s := stride_of(layer)), width // s), mode="area") for layer in layers}


def _amount(mask: Tensor | None, layer: str, height: int, width: int) -> Tensor:
    """Return what a sum of products is divided by, (R, 1, 1) or a scalar."""
    if mask is None:
        stride = stride_of(layer)
        return torch.tensor(float((height // stride) * (width // stride)))
    return mask.pow(2).sum((2, 3), keepdim=True)[:, 0].clamp_min(1e-6)
