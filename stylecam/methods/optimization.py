"""One image stylized with any style image, by optimisation from coarse to fine: slow, and the best that this objective gives.

Gatys, Ecker, Bethge 2015 (arXiv 1508.06576); the way from coarse to fine is that of Gatys and others 2016 (arXiv 1611.07865).
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylecam.core.process import available_memory
from stylecam.core.progress import Progress
from stylecam.errors import InputError, UsageError
from stylecam.media.images import ImageFile, write_image
from stylecam.perceptual.lbfgs import descend
from stylecam.perceptual.objective import GATYS, Objective, Term
from stylecam.perceptual.vgg import LossNetwork

#: The longer side of the coarsest image; each finer one is at most twice as large and starts from the one before.
COARSE_PX = 512
MIN_SIDE_PX = 32
STARTS = ("content", "noise", "style")
#: The style image's short side grows with the image up to this; beyond, it would need more memory than the image.
_MAX_STYLE_PX = 1024
_BYTES_PER_PIXEL = 2500  # features that the gradient needs, of the widest blocks, in float32, and the memory of L-BFGS


@dataclass(frozen=True)
class GatysConfig:
    """How to stylize by optimisation.

    `iterations` are evaluations of the objective, over all sizes; `style_size_px` is the style image's short side at the coarsest size;
    `keep_every` 0 keeps none but the last; layers come with their weights.
    """

    iterations: int = 500
    keep_every: int = 0
    method: str = "lbfgs"
    start: str = "content"
    content_weight: float = 1.0
    style_weight: float = 3.0
    content_layers: Mapping[str, float] = field(default_factory=lambda: dict(GATYS[0].content))
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict(GATYS[0].style))
    style_size_px: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 1 <= self.iterations <= 100_000:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 to 100000.")
        if self.keep_every < 0:
            raise UsageError(f"--keep-every {self.keep_every} is out of range; give 1 or more.")
        if self.method not in ("lbfgs", "adam"):
            raise UsageError(f"There is no optimizer '{self.method}'; choose lbfgs or adam.")
        if self.start not in STARTS:
            raise UsageError(f"The image cannot start from '{self.start}'; choose from {', '.join(STARTS)}.")
        weights = (self.content_weight, self.style_weight)
        if not all(0 <= weight < 1e9 for weight in weights) or not any(weights):
            raise UsageError("The weights of content and style must be 0 or more, and not both 0.")
        for total, layers, name in (
            (self.content_weight, self.content_layers, "content"),
            (self.style_weight, self.style_layers, "style"),
        ):
            if not all(0 <= weight < 1e9 for weight in layers.values()):
                raise UsageError(f"A weight in --{name}-layers is out of range; give 0 or more, as in relu1_1=0.5,relu4_1=1.")
            if total and not any(layers.values()):
                raise UsageError(f"--{name}-layers needs a layer with a weight above 0; --{name}-weight 0 leaves out the {name}.")
        if not MIN_SIDE_PX <= self.style_size_px <= 4096:
            raise UsageError(f"--style-size {self.style_size_px} is out of range; give {MIN_SIDE_PX} to 4096 pixels.")

    def term(self) -> Term:
        """Return what the objective looks at; what weighs nothing is not computed."""
        content = {layer: weight for layer, weight in self.content_layers.items() if weight and self.content_weight}
        style = {layer: weight for layer, weight in self.style_layers.items() if weight and self.style_weight}
        return Term("image", style, content)


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return (height, width) from coarse to fine; the last is the image's own."""
    found = [(height, width)]
    while max(found[0]) > COARSE_PX:
        found.insert(0, ((found[0][0] + 1) // 2, (found[0][1] + 1) // 2))
    return found


def stylize(
    photo: NDArray[np.uint8], style_image: NDArray[np.uint8], network: Path, config: GatysConfig
) -> Generator[tuple[Progress, NDArray[np.uint8]]]:
    """Stylize by optimisation; yields after each iteration a report and the best image of the present size, uint8 RGB.

    Closing the generator stops the work; the last image yielded is the best one.

    Raises:
        InputError: the photo is too small, or too large for the memory.
        UsageError: a layer does not exist.
        TrainingError: the loss network cannot be read.
    """
    height, width = photo.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise InputError(f"{width}x{height} pixels are too few to stylize by optimisation; give an image of {MIN_SIDE_PX} or more a side.")
    available = available_memory()
    if height * width * _BYTES_PER_PIXEL > available:
        fitting = int(max(height, width) * (available / (height * width * _BYTES_PER_PIXEL)) ** 0.5) // 100 * 100
        raise InputError(
            f"{width}x{height} pixels need about {height * width * _BYTES_PER_PIXEL / 1e9:.1f} GB of memory, and "
            f"{available / 1e9:.1f} GB are free; use --size {max(fitting, 100)} or less."
        )
    vgg, term = LossNetwork(network), config.term()
    vgg.check(term.layers)
    levels = sizes(height, width)
    budgets = _budgets(config.iterations, len(levels))
    begun, done, image = time.perf_counter(), 0, _start(photo, style_image, config)
    for number, ((h, w), budget) in enumerate(zip(levels, budgets, strict=True)):
        image = _resized(image, h, w)
        style_px = min(config.style_size_px * 2**number, max(config.style_size_px, _MAX_STYLE_PX))
        scale = style_px / min(style_image.shape[:2])
        style_h, style_w = (max(MIN_SIDE_PX, round(side * scale)) for side in style_image.shape[:2])
        objective = Objective(vgg, (term,), [[_tensor(_resized(style_image, style_h, style_w))[0]]])
        run = _descend(objective, image, _resized(photo, h, w), budget, config)
        for evaluations, loss, best in run:
            image = best
            step = min(done + evaluations, config.iterations)
            yield Progress("gatys", step, config.iterations, time.perf_counter() - begun, {"loss": loss}, message=f"{w}x{h}"), image
        done += budget


def _descend(
    objective: Objective, start: NDArray[np.uint8], photo: NDArray[np.uint8], evaluations: int, config: GatysConfig
) -> Iterator[tuple[int, float, NDArray[np.uint8]]]:
    """Yield (evaluations so far, lowest loss, the image with that loss), each time one iteration later."""
    x, row = _tensor(photo), torch.tensor([0])

    def loss(y: Tensor) -> Tensor:
        losses = objective(y, x, row)
        return (config.content_weight * losses.content + config.style_weight * losses.style).sum()

    for step in descend(loss, _tensor(start), evaluations, method="adam" if config.method == "adam" else "lbfgs"):
        pixels = (step.image[0] * 255).round().byte().permute(1, 2, 0).numpy()
        yield step.evaluations, step.best_loss, np.ascontiguousarray(pixels)


def _tensor(image: NDArray[np.uint8]) -> Tensor:
    """Return uint8 RGB (H, W, 3) as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1) / 255)[None]


def stylize_file(
    photo: ImageFile, style_image: ImageFile, network: Path, output: Path, config: GatysConfig, *, force: bool = False
) -> Generator[Progress]:
    """Stylize into a file; yields reports, those with `files["kept"]` when an image to choose from was written (OUT-0100.png …).

    However the work ends, by itself, by closing the generator or by Ctrl-C, the best image so far is written to `output`, in the
    photo's size.

    Raises:
        OutputError: a file cannot be written, or exists and `force` is not given.
        InputError, UsageError, TrainingError: see `stylize`.
    """
    best: NDArray[np.uint8] | None = None
    height, width = photo.image.shape[:2]
    due = config.keep_every
    try:
        for progress, best in stylize(photo.image, style_image.image, network, config):
            yield progress
            while config.keep_every and progress.step >= due:  # a line search may pass several at once
                kept = kept_path(output, due)
                write_image(replace(photo, image=_resized(best, height, width)), kept, force=force)
                due += config.keep_every
                yield replace(progress, files={"kept": str(kept)})
    finally:
        if best is not None:
            write_image(replace(photo, image=_resized(best, height, width)), output, force=force)


def kept_path(output: Path, iterations: int) -> Path:
    """Return where the image after so many iterations is kept: OUT-0100.png for OUT.png."""
    return output.with_name(f"{output.stem}-{iterations:04d}{output.suffix}")


def _budgets(iterations: int, levels: int) -> list[int]:
    """Share the iterations: each finer size gets a third of the one before, for it only adds detail, and at least one."""
    shares = [3.0**-number for number in range(levels)]
    budgets = [max(1, int(iterations * share / sum(shares))) for share in shares]
    budgets[0] = max(1, iterations - sum(budgets[1:]))
    return budgets


def _start(photo: NDArray[np.uint8], style_image: NDArray[np.uint8], config: GatysConfig) -> NDArray[np.uint8]:
    height, width = photo.shape[:2]
    if config.start == "noise":
        h, w = sizes(height, width)[0]  # at the coarsest size: enlarged or reduced noise would be none
        return np.random.default_rng(config.seed).integers(0, 256, (h, w, 3), np.uint8)
    return photo if config.start == "content" else _resized(style_image, height, width)


def _resized(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if image.shape[:2] == (height, width):
        return image
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
