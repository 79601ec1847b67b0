"""How good a pack's stylized images are, measured on photos it has not seen, with fixed objectives that are never tuned.

Two yardsticks: the terms that packs are trained with (`perceptual.terms.TWO_SCALE`, here over whole images), and the classic
objective of the field, content + 3 · style, in which L-BFGS is counted too.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.bench.quality.artefacts import clipped_share, comb_power
from stylecam.core.progress import Progress
from stylecam.errors import InputError
from stylecam.media.formats import is_image
from stylecam.net.module import TransformNet
from stylecam.packs.pack import StylePack
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import CLASSIC, TWO_SCALE
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training.data.dataset import center_crop, load_image
from stylecam.training.data.style_images import read_style_images, style_images

#: The classic objective is content + STYLE_WEIGHT · style, on the middle square at SIZE_PX, style images at STYLE_SIZE_PX short side.
STYLE_WEIGHT = 3.0
SIZE_PX = 256
STYLE_SIZE_PX = 400
#: The terms of training without their random crop: every pixel counts, and two measurements agree.
TERMS = tuple(replace(term, crop=1.0) for term in TWO_SCALE)
#: No image should have more clipped pixels, as a share of all, than its style image has and this on top.
CLIPPED_LIMIT = 0.02
#: Half of the sides, from the middle: where the faces of portraits are.
FACE_SHARE = 0.5


@dataclass(frozen=True)
class StyleQuality:
    """Means over the photos for one style.

    `content`, `style_half`, `style_full`: the terms of training. `style_gained`: 1 − the style loss at half size of the result over
    that of the photo. `face_content`: content inside the middle of the photos. `classic_*`: the classic objective and its parts, None where
    only the terms of training were measured.
    `nearest_style_rate`: share of images nearest to their own style image. `clipped_excess`: the share of clipped pixels above the style
    image's, of the worst image. `comb_power`: how strong a regular pattern of 2 and 4 pixels is (`artefacts.comb_power`), the median of
    the images; `comb_power_style`: that of the style image, cut and scaled as the photos are.
    """

    id: str
    content: float
    style_half: float
    style_full: float
    style_gained: float
    face_content: float
    nearest_style_rate: float
    clipped_excess: float
    comb_power: float
    comb_power_style: float
    classic_content: float | None = None
    classic_style: float | None = None
    classic: float | None = None


#: Figures of a style that are averaged over the styles.
FIGURES = tuple(name for name in StyleQuality.__dataclass_fields__ if name != "id")


@dataclass(frozen=True)
class QualityReport:
    """What `measure_quality` found. `closest_pair` are the two styles that look most alike, with their mean absolute difference."""

    pack: str
    photos: int
    styles: list[StyleQuality]
    closest_pair: tuple[str, str, float]

    def column(self, figure: str) -> list[float]:
        """Return one figure of all styles; nothing if it was not measured."""
        return [value for style in self.styles if (value := getattr(style, figure)) is not None]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data, with means, medians and the worst over the styles."""
        return {
            "pack": self.pack,
            "photos": self.photos,
            "styles": [asdict(style) for style in self.styles],
            "mean": self._over_styles(statistics.fmean),
            "median": self._over_styles(statistics.median),
            "largest": self._over_styles(max),
            "clipped_limit": CLIPPED_LIMIT,
            "over_clipped": [style.id for style in self.styles if style.clipped_excess > CLIPPED_LIMIT],
            "closest_pair": {"styles": self.closest_pair[:2], "difference": round(self.closest_pair[2], 4)},
        }

    def _over_styles(self, of: Callable[[list[float]], float]) -> dict[str, float | None]:
        return {key: round(of(column), 4) if (column := self.column(key)) else None for key in FIGURES}


def photo_paths(folder: Path) -> list[Path]:
    """List the photos of a folder.

    Raises:
        InputError: it is missing or holds none.
    """
    paths = sorted(path for path in folder.glob("*") if is_image(path))
    if not paths:
        raise InputError(f"There are no photos in '{folder}'; name a folder with --photos.")
    return paths


@torch.no_grad()
def measure_quality(
    pack: StylePack, photos: Sequence[Path], styles: Path, loss_network: Path, *, size_px: int | None = None, classic: bool = True
) -> Iterator[Progress | QualityReport]:
    """Stylize every photo in every style, in float32, and compare with photo and style image. Yields progress, finally the report.

    Args:
        pack: what to judge.
        photos: files that were not trained on.
        styles: folder with the style images of the pack's styles.
        loss_network: VGG-16 weights.
        size_px: side of the middle square; None is SIZE_PX.
        classic: measure the classic objective too; it takes more than half of the time.

    Raises:
        TrainingError: a photo, a style image or the loss network cannot be read.
    """
    sources = read_style_images(styles, STYLE_SIZE_PX, list(pack.style_ids))
    paths = [source.path for source in sources]
    network = LossNetwork(loss_network)
    terms = Objective(network, TERMS, style_images(paths, TERMS, STYLE_SIZE_PX))
    whole = Objective(network, CLASSIC, style_images(paths, CLASSIC, STYLE_SIZE_PX)) if classic else None
    net = TransformNet.from_tensors(pack.config, pack.tensors).eval()
    size = size_px or SIZE_PX
    x = torch.stack([center_crop(load_image(path, size), size) for path in photos])  # (P, 3, size, size)
    face_px = round(FACE_SHARE * size)
    seen = [_Photo(terms, whole, photo[None], face_px) for photo in x]
    results: list[StyleQuality] = []
    images: list[Tensor] = []  # per style (P, 3, size, size) as uint8
    for number, style in enumerate(pack.style_ids):
        weights = torch.zeros(1, pack.config.styles)
        weights[0, number] = 1
        y = torch.cat([net(photo[None], weights) for photo in x])
        images.append((y * 255).round().byte())
        figures = [photo.compare(y[i : i + 1], number) for i, photo in enumerate(seen)]
        mean = {key: statistics.fmean(each[key] for each in figures) for key in figures[0]}
        shown = load_image(paths[number], STYLE_SIZE_PX)
        results.append(
            StyleQuality(
                id=style,
                **mean,
                style_gained=1 - mean["style_half"] / max(statistics.fmean(photo.style_half(number) for photo in seen), 1e-6),
                clipped_excess=round(max(clipped_share(image) for image in y) - clipped_share(shown), 4),
                comb_power=round(statistics.median(comb_power(image) for image in y), 4),
                comb_power_style=round(comb_power(center_crop(load_image(paths[number], size), size)), 4),
            )
        )
        yield Progress("quality", number + 1, len(pack.style_ids), values={"content": results[-1].content}, message=style)
    yield QualityReport(pack.name, len(x), results, _closest_pair(pack.style_ids, images))


class _Photo:
    """One photo and all that does not depend on the style; one at a time, so that memory stays that of one."""

    def __init__(self, terms: Objective, classic: Objective | None, x: Tensor, face_px: int) -> None:
        self._terms, self._classic, self._face_px = terms, classic, face_px
        self._content = terms.look_at_photos(x)
        self._face = terms.look_at_photos(center_crop(x, face_px))
        self._classic_content = classic.look_at_photos(x) if classic else []
        self._look = terms.look(x)

    def style_half(self, number: int) -> float:
        """Return the style loss at half size of the photo itself."""
        return self._terms.compare(self._look, self._content, torch.tensor([number])).terms[0, 0].item()

    def compare(self, y: Tensor, number: int) -> dict[str, float]:
        """Return the figures of one image (1, 3, H, W) in one style."""
        style, look = torch.tensor([number]), self._terms.look(y)
        losses = self._terms.compare(look, self._content, style)
        face = self._terms.compare(self._terms.look(center_crop(y, self._face_px)), self._face, style)
        figures = {
            "content": losses.content.item(),
            "style_half": losses.terms[0, 0].item(),
            "style_full": losses.terms[0, 1].item(),
            "face_content": face.content.item(),
            "nearest_style_rate": float(self._terms.nearest_style(look).item() == number),
        }
        if self._classic:
            classic = self._classic.compare(self._classic.look(y), self._classic_content, style)
            content, style_loss = classic.content.item(), classic.style.item()
            figures |= {"classic_content": content, "classic_style": style_loss, "classic": content + STYLE_WEIGHT * style_loss}
        return figures


def _closest_pair(ids: Sequence[str], images: Sequence[Tensor]) -> tuple[str, str, float]:
    if len(ids) < 2:
        return ("", "", 0.0)
    pairs = ((ids[i], ids[j], (images[i].float() - images[j].float()).abs().mean().item() / 255) for i in range(len(ids)) for j in range(i))
    return min(pairs, key=lambda pair: pair[2])
