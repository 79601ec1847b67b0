"""A clip stylized with any style image by optimisation, frame after frame, so that strokes stay on things.

Ruder, Dosovitskiy, Brox 2016, "Artistic Style Transfer for Videos" (arXiv 1604.08610). Each frame begins with the one before, warped by
optical flow, and a temporal loss holds it there where the flow can be believed. Other than in the paper, flow comes from DIS, the loss is
normalised, and the first of several passes is temporally consistent already: further ones go backwards and forwards over its result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam.core.progress import Progress
from stylecam.errors import UsageError
from stylecam.methods.optimization import GatysConfig, at_short_side, check_image_size, stylize, tile_px, to_pixels, to_tensor
from stylecam.methods.temporal_targets import FrameStore, Target, start_image, targets
from stylecam.perceptual.image_objective import ImageObjective, Region
from stylecam.perceptual.lbfgs import descend
from stylecam.perceptual.vgg import LossNetwork

Pixels = NDArray[np.uint8]

#: A frame of which less than this share can be believed begins a new scene: it is stylized like the first.
_NEW_SCENE = 0.15


@dataclass(frozen=True, kw_only=True)
class ClipConfig:
    """How to stylize a clip by optimisation.

    `gatys` holds what one image needs; its `iterations` are those of the first frame, which is stylized from scratch. `iterations` are
    those of each further frame, and of each frame in further passes. `temporal_weight` is the factor of the temporal loss: the mean
    squared difference to earlier frames, full scale being 1. `references` are the distances of those frames. In further passes a frame
    begins with `blend` of its warped neighbour and the rest of itself.
    """

    gatys: GatysConfig = field(default_factory=lambda: GatysConfig(200))
    iterations: int = 40
    temporal_weight: float = 500.0
    passes: int = 1
    references: tuple[int, ...] = (1, 2, 4)
    blend: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 1 <= self.iterations <= 10_000:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 to 10000.")
        if not 0 <= self.temporal_weight < 1e9:
            raise UsageError(f"--temporal-weight {self.temporal_weight:g} is out of range; give 0 or more.")
        if not 1 <= self.passes <= 50:
            raise UsageError(f"--passes {self.passes} is out of range; give 1 to 50.")
        if not self.references or list(self.references) != sorted(set(self.references)) or self.references[0] < 1:
            raise UsageError("The distances of earlier frames must grow, as in 1,2,4.")


def stylize_frames(store: FrameStore, style_image: Pixels, network: Path, config: ClipConfig) -> Generator[Progress]:
    """Stylize all frames of a store; yields a report after each iteration, and one with a new `step` after each frame of each pass.

    Closing the generator stops the work: the store holds what is complete.

    Args:
        store: with the frames; takes the results.
        style_image: uint8 RGB (H, W, 3).
        network: the loss network's file.
        config: see there.

    Raises:
        InputError: frames are too small, or too large for the memory.
        UsageError: a layer does not exist.
        TrainingError: the loss network cannot be read.
    """
    if store.photos == 0:
        return
    height, width = store.photo(0).shape[:2]
    check_image_size(height, width)
    gatys = config.gatys
    vgg = LossNetwork(network, torch.bfloat16 if gatys.precision == "bf16" else torch.float32)
    vgg.check([*gatys.content, *gatys.style])
    style = Region(to_tensor(at_short_side(style_image, min(gatys.style_size_px, min(style_image.shape[:2])))))
    begun, total = time.perf_counter(), store.photos * config.passes

    def report(done: int, number: int, loss: float) -> Progress:
        values = {"loss": loss, "pass": number + 1.0}
        return Progress("optimization", done, total, time.perf_counter() - begun, values, message=f"pass {number + 1} of {config.passes}")

    done = 0
    for number in range(config.passes):
        indices = range(store.photos) if number % 2 == 0 else range(store.photos - 1, -1, -1)
        for index in indices:
            photo, loss = store.photo(index), 0.0
            others = _neighbours(index, config.references, store.photos, backwards=number % 2 == 1)
            found = targets(store, index, others)
            image = photo
            if number == 0 and (not found or found[0].weights.mean() < _NEW_SCENE):
                for progress, best in stylize(photo, style_image, network, gatys):
                    image, loss = best, progress.values["loss"]
                    yield report(done, number, loss)
            else:
                start = start_image(photo, found) if number == 0 else start_image(store.result(index), found[:1], config.blend)
                objective = ImageObjective(
                    vgg,
                    to_tensor(photo),
                    [style],
                    gatys.content,
                    gatys.style,
                    content_weight=gatys.content_weight,
                    style_weight=gatys.style_weight,
                    tv_weight=gatys.tv_weight,
                    tile_px=tile_px(height, width),
                )
                image = start
                for step in descend(_with_temporal_loss(objective, found, config.temporal_weight), to_tensor(start), config.iterations):
                    image, loss = to_pixels(step.image), step.best_loss
                    yield report(done, number, loss)
            store.put_result(index, image)
            done += 1
            yield report(done, number, loss)


def temporal_loss(image: Tensor, found: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Return the sum over warped frames of the mean of c (x − w)², section 4.2 of the paper.

    Args:
        image: x, (1, 3, H, W) in [0, 1].
        found: of each warped frame w, (1, 3, H, W), and its weights c, (H, W).
    """
    return sum((((image - warped) ** 2 * weights).mean() for warped, weights in found), torch.zeros(()))


def _with_temporal_loss(objective: ImageObjective, found: Iterable[Target], weight: float) -> Callable[[Tensor], Tensor]:
    held = [(to_tensor(target.image), torch.from_numpy(target.weights)) for target in found]
    return lambda y: objective(y) + weight * temporal_loss(y, held)


def _neighbours(index: int, distances: Sequence[int], count: int, *, backwards: bool) -> list[int]:
    """Return the frames that were stylized before this one in the present pass, at the distances asked for, the nearest first."""
    places = (index + distance if backwards else index - distance for distance in distances)
    return [place for place in places if 0 <= place < count]
