"""One image stylized with any style image, by optimisation from coarse to fine: slow, and the best that this objective gives.

Gatys, Ecker, Bethge 2015 (arXiv 1508.06576); masks, the mix of scales and the way from coarse to fine are those of Gatys and others 2016
(arXiv 1611.07865). Large images are looked at tile by tile (`perceptual.image_objective`).
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylecam.core.process import available_memory
from stylecam.core.progress import Progress
from stylecam.effects.color import keep_color
from stylecam.errors import InputError
from stylecam.media.images import ImageFile, write_image
from stylecam.methods.color_transfer import grey, match_colors
from stylecam.methods.optimization_config import COLORS, MIN_SIDE_PX, STARTS, GatysConfig
from stylecam.methods.optimization_page import Page, page_path, strip_path, write_preview
from stylecam.methods.regions import regions, resized_mask
from stylecam.perceptual.image_objective import ImageObjective, Region
from stylecam.perceptual.lbfgs import descend, memory_bytes
from stylecam.perceptual.vgg import LossNetwork

__all__ = ["COARSE_PX", "COLORS", "STARTS", "GatysConfig", "Guides", "kept_path", "sizes", "stylize", "stylize_file", "written"]

Pixels = NDArray[np.uint8]

#: The longer side of the coarsest image; each finer one is at most twice as large and starts from the one before.
COARSE_PX = 512
#: Images of more pixels are looked at tile by tile.
_WHOLE_PX = 1_200_000
_TILE_PX = 640
_BYTES_PER_PIXEL = 2500  # features that the gradient needs, of the widest blocks, in float32
_HALO_PX = 128
#: The share of the iterations that mixing two scales of style takes.
_FINE_SHARE = 0.25
_PREVIEW_S = 2.0


@dataclass(frozen=True, eq=False)
class Guides:
    """What guides a style besides its image. Everything is uint8 RGB (H, W, 3).

    `photo_mask` and `style_mask`, of any size: regions of the same colour belong together. `fine_style`: a second style image, whose fine
    scale (brush strokes, grain) takes the place of the first one's.
    """

    photo_mask: Pixels | None = None
    style_mask: Pixels | None = None
    fine_style: Pixels | None = None


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return (height, width) from coarse to fine; the last is the image's own."""
    found = [(height, width)]
    while max(found[0]) > COARSE_PX:
        found.insert(0, ((found[0][0] + 1) // 2, (found[0][1] + 1) // 2))
    return found


def stylize(
    photo: Pixels, style_image: Pixels, network: Path, config: GatysConfig, guides: Guides | None = None
) -> Generator[tuple[Progress, Pixels]]:
    """Stylize by optimisation; yields after each iteration a report and the best image of the present size, uint8 RGB.

    Closing the generator stops the work; the last image yielded is the best one.

    Raises:
        InputError: the photo is too small, or too large for the memory, or the masks do not fit each other.
        UsageError: a layer does not exist.
        TrainingError: the loss network cannot be read.
    """
    guides = guides or Guides()
    check_image_size(*photo.shape[:2])
    vgg = LossNetwork(network, torch.bfloat16 if config.precision == "bf16" else torch.float32)
    vgg.check([*config.content, *config.style, *(config.fine_layers if guides.fine_style is not None else ())])
    begun, done = time.perf_counter(), 0
    if guides.fine_style is not None:
        done = max(1, int(config.iterations * _FINE_SHARE))
        for report in _with_fine_scale(style_image, guides.fine_style, vgg, replace(config, iterations=done)):
            style_image = report.image
            yield _progress(report, config, begun, f"style image {style_image.shape[1]}x{style_image.shape[0]}"), photo
    if config.color in ("cholesky", "analogies"):
        style_image = match_colors(style_image, photo, "cholesky" if config.color == "cholesky" else "analogies")
    source = grey(photo) if config.color == "luminance" else photo
    style = grey(style_image, photo) if config.color == "luminance" else style_image
    for report in _from_coarse_to_fine(source, style, vgg, replace(config, iterations=max(1, config.iterations - done)), guides):
        h, w = report.image.shape[:2]
        image = keep_color(_resized(photo, h, w), report.image, 1.0) if config.color == "luminance" else report.image
        yield _progress(replace(report, evaluations=report.evaluations + done), config, begun, f"{w}x{h}"), image


@dataclass(frozen=True, eq=False)
class _Report:
    evaluations: int
    loss: float
    image: Pixels


def _from_coarse_to_fine(photo: Pixels, style_image: Pixels, vgg: LossNetwork, config: GatysConfig, guides: Guides) -> Iterator[_Report]:
    levels = sizes(*photo.shape[:2])
    pairs = regions(guides.photo_mask, guides.style_mask) if guides.photo_mask is not None and guides.style_mask is not None else []
    done, image = 0, _start(photo, style_image, config)
    for number, ((h, w), budget) in enumerate(zip(levels, _budgets(config.iterations, len(levels)), strict=True)):
        # Enlarged strokes would be blurred ones: beyond its own size the style image only adds its detail to what is there.
        own = max(config.style_size_px, min(style_image.shape[:2]))
        style = at_short_side(style_image, min(config.style_size_px * 2**number, own))
        shown = to_tensor(style)
        held = [
            Region(shown, torch.from_numpy(resized_mask(here, h, w)), torch.from_numpy(resized_mask(there, *style.shape[:2])))
            for here, there in pairs
        ]
        objective = ImageObjective(
            vgg,
            to_tensor(_resized(photo, h, w)),
            held or [Region(shown)],
            config.content,
            config.style,
            content_weight=config.content_weight,
            style_weight=config.style_weight,
            tv_weight=config.tv_weight,
            tile_px=tile_px(h, w),
        )
        for report in _descend(objective, _resized(image, h, w), budget, config):
            image = report.image
            yield replace(report, evaluations=min(done + report.evaluations, config.iterations))
        done += budget


def _with_fine_scale(style_image: Pixels, fine: Pixels, vgg: LossNetwork, config: GatysConfig) -> Iterator[_Report]:
    """Turn a style image into one with the fine scale of another: from it, without content, on the fine layers alone."""
    coarse = at_short_side(style_image, min(2 * config.style_size_px, max(config.style_size_px, min(style_image.shape[:2]))))
    config = replace(config, start="content", content_weight=0.0, style_weight=1.0, style_layers=config.fine_layers)
    objective = ImageObjective(
        vgg,
        to_tensor(coarse),
        [Region(to_tensor(at_short_side(fine, min(coarse.shape[:2]))))],
        {},
        config.style,
        tile_px=tile_px(*coarse.shape[:2]),
    )
    yield from _descend(objective, coarse, config.iterations, config)


def _descend(objective: ImageObjective, start: Pixels, evaluations: int, config: GatysConfig) -> Iterator[_Report]:
    """Yield evaluations so far, lowest loss and the image with that loss, each time one iteration later."""
    for step in descend(objective, to_tensor(start), evaluations, method="adam" if config.method == "adam" else "lbfgs"):
        yield _Report(step.evaluations, step.best_loss, to_pixels(step.image))


def _progress(report: _Report, config: GatysConfig, begun: float, message: str) -> Progress:
    step = min(report.evaluations, config.iterations)
    return Progress("gatys", step, config.iterations, time.perf_counter() - begun, {"loss": report.loss}, message=message)


def tile_px(height: int, width: int) -> int:
    """Return the side of the tiles by which an image is looked at, or 0 where it is looked at as a whole."""
    return 0 if height * width <= _WHOLE_PX else _TILE_PX


def check_image_size(height: int, width: int) -> None:
    """Refuse what is too small to stylize, or too large for the memory.

    Raises:
        InputError: as a sentence.
    """
    if min(height, width) < MIN_SIDE_PX:
        raise InputError(f"{width}x{height} pixels are too few to stylize by optimisation; give an image of {MIN_SIDE_PX} or more a side.")
    needed, available = _memory_needed(height, width), available_memory()
    if needed > available:
        fitting = next(
            (size for size in range(8000, 0, -100) if _memory_needed(size, size * min(height, width) // max(height, width)) < available),
            100,
        )
        raise InputError(
            f"{width}x{height} pixels need about {needed / 1e9:.1f} GB of memory, and {available / 1e9:.1f} GB are free; "
            f"use --size {fitting} or less."
        )


def _memory_needed(height: int, width: int) -> int:
    """Return about the bytes of the coarser sizes, whole, or of the image itself by tiles with the memory of L-BFGS, whichever is more."""
    at_once = min(height * width, _WHOLE_PX)
    if at_once == height * width:
        return at_once * _BYTES_PER_PIXEL + memory_bytes(3 * at_once)
    return max(at_once * _BYTES_PER_PIXEL, (_TILE_PX + 2 * _HALO_PX) ** 2 * _BYTES_PER_PIXEL + memory_bytes(3 * height * width))


def stylize_file(
    photo: ImageFile,
    style_image: ImageFile,
    network: Path,
    output: Path,
    config: GatysConfig,
    *,
    guides: Guides | None = None,
    preview: Path | None = None,
    force: bool = False,
) -> Generator[Progress]:
    """Stylize into a file; yields reports, those with `files["kept"]` when an image to choose from was written (OUT-0100.png …).

    However the work ends, by itself, by closing the generator or by Ctrl-C, the best image so far is written to `output`, in the
    photo's size; and where images were kept, a strip and a page of them (OUT-strip.jpg, OUT.html). A small JPEG `preview` is written again
    every two seconds; then the report has `files["preview"]`.

    Raises:
        OutputError: a file cannot be written, or exists and `force` is not given.
        InputError, UsageError, TrainingError: see `stylize`.
    """
    best: Pixels | None = None
    height, width = photo.image.shape[:2]
    due, shown_s, page = config.keep_every, -_PREVIEW_S, Page(output, photo.image, style_image.image, config)
    try:
        for progress, best in stylize(photo.image, style_image.image, network, config, guides):
            page.note(progress)
            if preview is not None and progress.seconds - shown_s >= _PREVIEW_S:
                shown_s = progress.seconds
                write_preview(best, preview)
                progress = replace(progress, files={"preview": str(preview)})
            yield progress
            while config.keep_every and progress.step >= due:  # a line search may pass several at once
                kept = kept_path(output, due)
                whole = _resized(best, height, width)
                write_image(replace(photo, image=whole), kept, force=force)
                page.add(kept, whole, due, progress.values["loss"])
                due += config.keep_every
                yield replace(progress, files={"kept": str(kept)})
    finally:
        if best is not None:
            write_image(replace(photo, image=_resized(best, height, width)), output, force=force)
            page.write(force=force)


def kept_path(output: Path, iterations: int) -> Path:
    """Return where the image after so many iterations is kept: OUT-0100.png for OUT.png."""
    return output.with_name(f"{output.stem}-{iterations:04d}{output.suffix}")


def written(output: Path, config: GatysConfig) -> list[Path]:
    """Return every file that `stylize_file` writes, if it is not stopped before."""
    numbers = range(config.keep_every, config.iterations + 1, config.keep_every) if config.keep_every else ()
    kept = [kept_path(output, number) for number in numbers]
    return [output, *kept, *([strip_path(output), page_path(output)] if kept else [])]


def _budgets(iterations: int, levels: int) -> list[int]:
    """Share the iterations: each finer size gets a third of the one before, for it only adds detail, and at least one."""
    shares = [3.0**-number for number in range(levels)]
    budgets = [max(1, int(iterations * share / sum(shares))) for share in shares]
    budgets[0] = max(1, iterations - sum(budgets[1:]))
    return budgets


def _start(photo: Pixels, style_image: Pixels, config: GatysConfig) -> Pixels:
    height, width = photo.shape[:2]
    if config.start == "noise":
        h, w = sizes(height, width)[0]  # at the coarsest size: enlarged or reduced noise would be none
        return np.random.default_rng(config.seed).integers(0, 256, (h, w, 3), np.uint8)
    return photo if config.start == "content" else _resized(style_image, height, width)


def to_tensor(image: Pixels) -> Tensor:
    """Return uint8 RGB (H, W, 3) as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32) / 255)[None]


def to_pixels(image: Tensor) -> Pixels:
    """Return (1, 3, H, W) in [0, 1] as uint8 RGB (H, W, 3)."""
    return np.ascontiguousarray((image[0] * 255).round().byte().permute(1, 2, 0).numpy())


def at_short_side(image: Pixels, side: int) -> Pixels:
    """Return an image with its shorter side so long."""
    scale = side / min(image.shape[:2])
    height, width = (max(MIN_SIDE_PX, round(length * scale)) for length in image.shape[:2])
    return _resized(image, height, width)


def _resized(image: Pixels, height: int, width: int) -> Pixels:
    if image.shape[:2] == (height, width):
        return image
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
