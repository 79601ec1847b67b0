"""What `stylecam see` makes: one image that shows what a layer, a channel or a class is about, from the methods of 2009 to 2015."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylecam.core.atomic_io import write_file
from stylecam.core.progress import Progress
from stylecam.errors import InputError, UsageError
from stylecam.media.images import ImageFile, encode_image
from stylecam.methods.activation_maximization import MaximizationConfig, maximize
from stylecam.methods.deep_dream import DreamConfig, dream, octave_sizes
from stylecam.methods.feature_visualization import Rule, channel_sheet, check_channel, saliency, strongest, tensor, trace
from stylecam.methods.sheets import Cell, sheet
from stylecam.perceptual.classifier import Classifier
from stylecam.perceptual.vgg import LossNetwork, stride_of

VIEWS = ("channels", "saliency", "maximize", "dream")
_CELL_PX = 192
MIN_SIDE_PX = 32


@dataclass(frozen=True)
class SeeConfig:
    """What to look at: `view` of VIEWS, one `layer`, perhaps one `channel` of it, or a `class_number`; `count` channels otherwise.

    `iterations` 0 are the view's own.
    """

    layer: str = "relu4_1"
    view: str = "channels"
    rule: str = "deconvnet"
    count: int = 9
    channel: int | None = None
    class_number: int | None = None
    iterations: int = 0
    octaves: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range, or views and classes do not go together.
        """
        for value, choices, name in ((self.view, VIEWS, "--view"), (self.rule, get_args(Rule), "--rule")):
            if value not in choices:
                raise UsageError(f"There is no {name} '{value}'; choose from {', '.join(choices)}.")
        if not 1 <= self.count <= 64:
            raise UsageError(f"--top {self.count} is out of range; give 1 to 64.")
        if self.class_number is not None and self.view not in ("saliency", "maximize"):
            raise UsageError("--class goes with --view saliency or --view maximize; the other views look at a layer.")
        if self.iterations < 0:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 or more.")


def see(photo: NDArray[np.uint8], network: Path, config: SeeConfig) -> Generator[tuple[Progress, NDArray[np.uint8]]]:
    """Look at a photo, uint8 RGB (H, W, 3); yields reports, each with the image so far. Closing the generator stops the work.

    Raises:
        InputError: the photo is too small.
        UsageError: there is no such layer, channel or class.
        TrainingError: the network cannot be read, or knows no classes.
    """
    if min(photo.shape[:2]) < MIN_SIDE_PX:
        raise InputError(f"{photo.shape[1]}x{photo.shape[0]} pixels are too few; give an image of {MIN_SIDE_PX} or more a side.")
    classifier = Classifier(network) if config.class_number is not None else None
    if classifier is not None and config.class_number is not None:
        classifier.check(config.class_number)
    vgg = classifier.network if classifier is not None else LossNetwork(network)
    vgg.check([config.layer])
    begun = time.perf_counter()
    if config.view == "dream":
        run = _dream(photo, vgg, config)
    elif config.view == "maximize":
        run = _maximized(photo, vgg, classifier, config)
    else:
        run = _at_once(photo, vgg, classifier, config)
    what = config.layer if config.class_number is None else f"class {config.class_number}"
    for step, total, value, image in run:
        yield Progress("see", step, total, time.perf_counter() - begun, {"value": value}, message=what), image


def see_file(photo: ImageFile, network: Path, output: Path, config: SeeConfig, *, force: bool = False) -> Generator[Progress]:
    """Look at a photo and write the image, however the work ends; yields reports, the last with `files["image"]`.

    Raises:
        OutputError: the file cannot be written, or exists and `force` is not given.
        InputError, UsageError, TrainingError: see `see`.
    """
    image: NDArray[np.uint8] | None = None
    progress = Progress("see")
    try:
        for report, shown in see(photo.image, network, config):
            progress, image = report, shown
            yield progress
    finally:
        if image is not None:
            kept = photo if image.shape == photo.image.shape else ImageFile(image)
            write_file(output, encode_image(replace(kept, image=image), output.suffix.lower())[0], force=force)
    yield replace(progress, files={"image": str(output)})


_Steps = Generator[tuple[int, int, float, NDArray[np.uint8]]]


def _at_once(photo: NDArray[np.uint8], vgg: LossNetwork, classifier: Classifier | None, config: SeeConfig) -> _Steps:
    if config.view == "saliency":
        image = saliency(_score(photo, vgg, classifier, config, config.channel), photo)
    else:
        rule: Rule = next(rule for rule in get_args(Rule) if rule == config.rule)
        image = np.array(channel_sheet(vgg, photo, config.layer, rule, count=config.count, channel=config.channel))
    yield 1, 1, 0.0, image


def _dream(photo: NDArray[np.uint8], vgg: LossNetwork, config: SeeConfig) -> _Steps:
    wanted = DreamConfig(config.iterations or DreamConfig.iterations, config.octaves, channel=config.channel, seed=config.seed)
    if config.channel is not None:
        check_channel(trace(vgg, tensor(photo), config.layer).features, config.layer, config.channel)
    total = wanted.iterations * len(octave_sizes(photo.shape[0], photo.shape[1], wanted))
    for number, (value, x) in enumerate(dream(vgg, tensor(photo), config.layer, wanted), 1):
        yield number, total, value, _image(x)


def _maximized(photo: NDArray[np.uint8], vgg: LossNetwork, classifier: Classifier | None, config: SeeConfig) -> _Steps:
    """Maximize a class or channel in the photo's size; or the photo's strongest channels, a sheet of small images."""
    wanted = MaximizationConfig(config.iterations or MaximizationConfig.iterations, seed=config.seed)
    if classifier is not None or config.channel is not None:
        score = _score(photo, vgg, classifier, config, config.channel)
        for number, (value, x) in enumerate(maximize(score, photo.shape[0], photo.shape[1], wanted), 1):
            yield number, wanted.iterations, value, _image(x)
        return
    channels = [channel for channel, _, _ in strongest(trace(vgg, tensor(photo), config.layer).features, config.count)]
    side = max(96, 12 * stride_of(config.layer))
    cells: list[Cell] = []
    columns = max(1, math.ceil(len(channels) ** 0.5))
    for channel in channels:
        for number, (value, x) in enumerate(maximize(_score(photo, vgg, None, config, channel), side, side, wanted), 1):
            if number == wanted.iterations:
                cells.append((f"{channel}", Image.fromarray(_image(x))))
                rows = [cells[first : first + columns] for first in range(0, len(cells), columns)]
                yield len(cells), len(channels), value, np.array(sheet(rows, _CELL_PX))


def _score(
    photo: NDArray[np.uint8], vgg: LossNetwork, classifier: Classifier | None, config: SeeConfig, channel: int | None
) -> Callable[[Tensor], Tensor]:
    """Return what is to be explained or raised: a class's score, the mean of a channel, or that of the whole layer."""
    if classifier is not None and config.class_number is not None:
        number = config.class_number
        return lambda x: classifier(x)[0, number]
    if channel is None:
        return lambda x: vgg(x, [config.layer])[config.layer].mean()
    check_channel(trace(vgg, tensor(photo), config.layer).features, config.layer, channel)
    return lambda x: vgg(x, [config.layer])[config.layer][:, channel].mean()


def _image(x: Tensor) -> NDArray[np.uint8]:
    return np.ascontiguousarray((x[0].detach() * 255).round().byte().permute(1, 2, 0).numpy())
