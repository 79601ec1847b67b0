"""Fixed pairs of photo and style image: how many iterations of L-BFGS one forward pass of a pack equals."""

from __future__ import annotations

import statistics
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from stylecam.bench.quality import measure as quality
from stylecam.bench.quality.artefacts import border_ratio, clipped_share, comb_power
from stylecam.bench.quality.lbfgs_reference import MARGIN, MAX_EVALUATIONS, Curve, compute_curve, curve_name, read_curve
from stylecam.core.progress import Progress
from stylecam.net.module import TransformNet
from stylecam.packs.pack import StylePack
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import CLASSIC
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training.data.dataset import center_crop, load_image
from stylecam.training.data.style_images import read_style_images

#: Where borders are judged, see `artefacts.border_ratio`.
_BORDER_LAYER = "relu3_3"


@dataclass(frozen=True)
class PairScore:
    """One image beside its reference run.

    `evaluations` of L-BFGS reach the image's objective if `reached`, else so many do not. `checker_excess`: power at periods of
    2 and 4 px over its neighbourhood, divided by the same of the reference. `border_ratio`: see `artefacts.border_ratio`;
    `saturated`: share of clipped pixels above the style image's. `image` (3, H, W) is the pack's, `other` that of the pack that it is
    compared with, if it has the style; `curve` is the reference run.
    """

    style: str
    photo: str
    objective: float
    evaluations: int
    reached: bool
    checker_excess: float
    border_ratio: float
    border_ratio_reference: float
    saturated: float
    image: torch.Tensor = field(repr=False, compare=False)
    other: torch.Tensor | None = field(repr=False, compare=False)
    curve: Curve = field(repr=False)


def fixed_pairs(styles: int, photos: int, *, full: bool = False) -> list[tuple[int, int]]:
    """Pair every style (row) with two photos (numbers), cycled through, first one of each style; `full`: with all photos."""
    rounds = photos if full else min(2, photos)
    return [(style, (style * (1 if full else 2) + turn) % photos) for turn in range(rounds) for style in range(styles)]


def equivalents_text(scores: Sequence[tuple[int, bool]]) -> float | str:
    """Return the median of (evaluations, reached); as ">N" where runs that did not get there leave only a lower bound."""
    middle = statistics.median(evaluations for evaluations, _ in scores)
    bounded = any(not reached and evaluations <= middle for evaluations, reached in scores)
    return f">{middle:g}" if bounded else middle


def pair_columns(scores: Sequence[PairScore]) -> dict[str, dict[str, Any]]:
    """Return JSON data per style id and, under "median", over all pairs."""
    rows: dict[str, dict[str, Any]] = {}
    for style in dict.fromkeys(score.style for score in scores):
        rows[style] = _columns([score for score in scores if score.style == style])
    rows["median"] = _columns(scores)
    return rows


def _columns(scores: Sequence[PairScore]) -> dict[str, Any]:
    columns: dict[str, Any] = {"lbfgs_equivalents": equivalents_text([(score.evaluations, score.reached) for score in scores])}
    for key in ("checker_excess", "border_ratio", "border_ratio_reference", "saturated"):
        columns[key] = round(statistics.median(getattr(score, key) for score in scores), 4)
    return columns


def measure_pairs(
    pack: StylePack,
    photos: Sequence[Path],
    styles: Path,
    loss_network: Path,
    curves: Path,
    *,
    full: bool = False,
    size_px: int | None = None,
    evaluations: int = MAX_EVALUATIONS,
    start: str = "photo",
    against: StylePack | None = None,
) -> Iterator[Progress | PairScore]:
    """Score the fixed pairs; missing reference curves, from the photo or from noise, are computed into `curves`, as far as this pack needs.

    Every curve is kept as soon as it is done, so that a stopped measurement continues where it was.

    Raises:
        TrainingError: a photo, a style image or the loss network cannot be read.
        OutputError: a curve cannot be written.
    """
    size = size_px or quality.SIZE_PX
    style_images = [source.path for source in read_style_images(styles, quality.STYLE_SIZE_PX, list(pack.style_ids))]
    network = LossNetwork(loss_network)
    net = TransformNet.from_tensors(pack.config, pack.tensors).eval()
    other_net = TransformNet.from_tensors(against.config, against.tensors).eval() if against is not None else None
    pairs = fixed_pairs(len(style_images), len(photos), full=full)
    for done, (row, number) in enumerate(pairs):
        photo, style_image = photos[number], style_images[row]
        x = center_crop(load_image(photo, size), size)[None]
        shown = load_image(style_image, quality.STYLE_SIZE_PX)
        objective = Objective(network, CLASSIC, [[shown]])
        with torch.no_grad():
            y = _stylized(net, x, row)
            other = None if against is None or other_net is None else _other(other_net, against, x, pack.style_ids[row])
            losses = objective(y, x, torch.tensor([0]))
        value = (losses.content + quality.STYLE_WEIGHT * losses.style).item()
        name = curve_name(photo, style_image, loss_network, size, quality.STYLE_SIZE_PX, quality.STYLE_WEIGHT, start)
        curve = read_curve(curves, name)
        if curve is None or not curve.suffices(value, evaluations):
            run = compute_curve(
                curves, name, objective, x, style_weight=quality.STYLE_WEIGHT, evaluations=evaluations, enough=MARGIN * value, start=start
            )
            curve = yield from _computed(run, evaluations, f"{style_image.stem}, {photo.stem}")
        count, reached = curve.equivalents(value, evaluations)
        reference_file = curve.snapshot(len(curve.losses))
        reference = load_image(reference_file, size)[None] if reference_file else x
        with torch.no_grad():
            maps = [network(image, (_BORDER_LAYER,))[_BORDER_LAYER] for image in (x, y, reference)]
        yield PairScore(
            style=pack.style_ids[row],
            photo=photo.name,
            objective=value,
            evaluations=count,
            reached=reached,
            checker_excess=comb_power(y[0]) / max(comb_power(reference[0]), 1e-9),
            border_ratio=border_ratio(maps[1], maps[0]),
            border_ratio_reference=border_ratio(maps[2], maps[0]),
            saturated=clipped_share(y[0]) - clipped_share(shown),
            image=y[0],
            other=other,
            curve=curve,
        )
        yield Progress("pairs", done + 1, len(pairs), message=f"{style_image.stem}, {photo.stem}")


def _computed(run: Iterator[tuple[int, float] | Curve], evaluations: int, what: str) -> Generator[Progress, None, Curve]:
    """Pass on how far a reference run is; return its curve."""
    for report in run:
        if isinstance(report, Curve):
            return report
        yield Progress("reference", report[0], evaluations, values={"loss": report[1]}, message=what)
    raise AssertionError("a run's last report is its curve")


def _stylized(net: TransformNet, x: torch.Tensor, row: int) -> torch.Tensor:
    weights = torch.zeros(1, net.config.styles)
    weights[0, row] = 1
    result: torch.Tensor = net(x, weights)
    return result


def _other(net: TransformNet, pack: StylePack, x: torch.Tensor, style: str) -> torch.Tensor | None:
    """Return the image (3, H, W) of another pack, or None where that lacks the style."""
    return _stylized(net, x, pack.style_ids.index(style))[0] if style in pack.style_ids else None
