"""How good a pack's pictures are, measured on photos it has not seen, with a fixed objective that is never tuned."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
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
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training.data.dataset import center_crop, load_picture
from stylecam.training.data.style_images import read_paintings

#: The objective is content + STYLE_WEIGHT · style, on the middle square at SIZE_PX, paintings at STYLE_SIZE_PX short side.
STYLE_WEIGHT = 3.0
SIZE_PX = 256
STYLE_SIZE_PX = 400
#: No picture should have more clipped pixels, as a share of all, than its painting has and this on top.
CLIPPED_LIMIT = 0.02


@dataclass(frozen=True)
class StyleQuality:
    """Means over the photos for one style. `nearest_painting_rate` is the share of pictures nearest to their own painting.

    `clipped_excess`: the share of clipped pixels above the painting's, of the worst picture. `comb_power`: how strong a regular
    pattern of 2 and 4 pixels is (`artefacts.comb_power`), the median of the pictures; `comb_power_painting`: that of the painting, cut
    and scaled as the photos are.
    """

    id: str
    content: float
    style: float
    style_layers: list[float]
    objective: float
    nearest_painting_rate: float
    clipped_excess: float
    comb_power: float
    comb_power_painting: float


@dataclass(frozen=True)
class QualityReport:
    """What `measure_quality` found. `closest_pair` are the two styles that look most alike, with their mean absolute difference."""

    pack: str
    photos: int
    styles: list[StyleQuality]
    closest_pair: tuple[str, str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data, with means and medians over the styles."""
        keys = ("content", "style", "objective", "nearest_painting_rate", "clipped_excess", "comb_power", "comb_power_painting")
        columns = {key: torch.tensor([getattr(style, key) for style in self.styles]) for key in keys}
        layers = torch.tensor([style.style_layers for style in self.styles]).quantile(0.5, 0)
        return {
            "pack": self.pack,
            "photos": self.photos,
            "styles": [asdict(style) for style in self.styles],
            "mean": {key: round(float(values.mean()), 4) for key, values in columns.items()},
            "median": {key: round(float(values.quantile(0.5)), 4) for key, values in columns.items()}
            | {"style_layers": [round(value, 4) for value in layers.tolist()]},
            "clipped_limit": CLIPPED_LIMIT,
            "over_clipped": [style.id for style in self.styles if style.clipped_excess > CLIPPED_LIMIT],
            "closest_pair": {"styles": self.closest_pair[:2], "difference": round(self.closest_pair[2], 4)},
        }


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
    pack: StylePack, photos: Sequence[Path], styles: Path, loss_network: Path, *, size_px: int | None = None
) -> Iterator[Progress | QualityReport]:
    """Paint every photo in every style, in float32, and compare with photo and painting. Yields progress, at last the report.

    Args:
        pack: what to judge.
        photos: files that were not trained on.
        styles: folder with the paintings of the pack's styles.
        loss_network: VGG-16 weights.
        size_px: side of the middle square; None is SIZE_PX.

    Raises:
        TrainingError: a photo, a painting or the loss network cannot be read.
    """
    paintings = read_paintings(styles, STYLE_SIZE_PX, list(pack.style_ids))
    shown = [load_picture(painting.path, STYLE_SIZE_PX) for painting in paintings]
    objective = Objective(LossNetwork(loss_network), shown)
    net = TransformNet.from_tensors(pack.config, pack.tensors).eval()
    size = size_px or SIZE_PX
    x = torch.stack([center_crop(load_picture(path, size), size) for path in photos])  # (P, 3, size, size)
    results: list[StyleQuality] = []
    pictures: list[Tensor] = []  # per style (P, 3, size, size) as uint8
    for number, style in enumerate(pack.style_ids):
        weights = torch.zeros(1, pack.config.styles)
        weights[0, number] = 1
        y = torch.cat([net(photo[None], weights) for photo in x])
        pictures.append((y * 255).round().byte())
        losses = [objective(y[i : i + 1], x[i : i + 1], torch.tensor([number])) for i in range(len(x))]
        content, style_sum = (torch.cat([getattr(loss, key) for loss in losses]).mean().item() for key in ("content", "style"))
        layers = torch.cat([loss.style_layers for loss in losses]).mean(0).tolist()
        right = sum(objective.nearest_painting(y[i : i + 1]).item() == number for i in range(len(x)))
        results.append(
            StyleQuality(
                style,
                content,
                style_sum,
                layers,
                content + STYLE_WEIGHT * style_sum,
                right / len(x),
                round(max(clipped_share(picture) for picture in y) - clipped_share(shown[number]), 4),
                round(statistics.median(comb_power(picture) for picture in y), 4),
                round(comb_power(center_crop(load_picture(paintings[number].path, size), size)), 4),
            )
        )
        yield Progress("quality", number + 1, len(pack.style_ids), values={"content": content, "style": style_sum}, message=style)
    yield QualityReport(pack.name, len(x), results, _closest_pair(pack.style_ids, pictures))


def _closest_pair(ids: Sequence[str], pictures: Sequence[Tensor]) -> tuple[str, str, float]:
    if len(ids) < 2:
        return ("", "", 0.0)
    pairs = (
        (ids[i], ids[j], (pictures[i].float() - pictures[j].float()).abs().mean().item() / 255) for i in range(len(ids)) for j in range(i)
    )
    return min(pairs, key=lambda pair: pair[2])
