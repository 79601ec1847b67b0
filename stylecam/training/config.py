"""How a pack is trained: one frozen value, saved with what it made."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from stylecam.errors import TrainingError
from stylecam.training.checks import check_counts, check_minutes, check_positive, check_shares, check_sizes, check_weights
from stylecam.training.schedule import Pace, one_cycle

#: What `TrainConfig.optimizer` may be, see `training.optimizer`; named here too, so that the command line need not import torch.
OPTIMIZERS = ("adam", "muon")
#: Peak of the learning rate of a network that starts from nothing; `TrainConfig.learning_rate` suits one that was trained before.
LEARNING_RATE_FROM_NOTHING = 3e-3
#: The checkpoint in a run's folder; named here, so that whoever only asks whether it is there need not import torch.
CHECKPOINT = "checkpoint.safetensors"
#: Settings that shape no result.
_NOT_RECORDED = ("report_every", "checkpoint_every", "precision")


def photos_of(images: int, styles_per_photo: int) -> int:
    """Return of how many photos a step's images are, if each has up to so many styles; all have equally many images.

    >>> photos_of(4, 2), photos_of(3, 2)
    (2, 3)
    """
    return images // math.gcd(images, styles_per_photo)


@dataclass(frozen=True)
class TrainConfig:
    """The numbers of a training run. Paths are kept apart: they are the user's, these travel with the pack.

    The loss of an image is content + `style_weight` · `style_weights[id]` · (style + `covariance_weight` · covariance), as
    `perceptual.terms.TWO_SCALE` sees them, but at full size style weighs `full_size_style` and content `small_content`, + `tv_weight` ·
    total variation + `pattern_weight` · checkerboard penalty (see `training.losses.checkerboard`).
    `style_weights` has 1 for a style that is not named.
    """

    steps: int = 10_000
    #: The run ends after so long too, with the learning rate brought down to its end; None: steps alone end it.
    minutes: float | None = None
    #: Images per step; up to `styles_per_photo` of them are of the same photo, whose features are then computed once.
    batch: int = 4
    styles_per_photo: int = 2
    #: Share of images stylized in a mix of two styles.
    mix_share: float = 0.1
    size_px: int = 256
    #: In this share of the steps crops are `large_times` as large, and fewer: a network that sees one size alone fits that size alone.
    large_share: float = 0.4
    large_times: float = 1.75
    #: Share of samples that show four photos, each at half the size: see `PhotoFolder`.
    four_share: float = 0.25
    #: From this share of the run on the term at full size sees all of the image instead of crops: see `random_window.crop_place`.
    whole_from: float = 0.7
    learning_rate: float = 1.5e-3
    #: One of `OPTIMIZERS`.
    optimizer: str = "adam"
    style_weight: float = 4.0
    style_weights: Mapping[str, float] = field(default_factory=dict)
    #: Weight of the style at full size, beside 1 at half size: see `perceptual.terms.with_full_size`.
    full_size_style: float = 0.5
    #: Weight of the content at full size, for what is small; 0 leaves it out.
    small_content: float = 0.4
    #: Gram matrices say little of contrast and of colours far from the mean, covariances do: see `perceptual.losses`; 0 leaves them out.
    covariance_weight: float = 0.0
    #: By how much more the content counts in faces, where the job says where they are: see `training.data.faces`.
    face_content: float = 2.5
    tv_weight: float = 1.0
    pattern_weight: float = 8000.0
    identity_weight: float = 30.0
    #: Short side at which the style images are shown to the loss network: it decides the stroke size.
    style_size_px: int = 400
    #: The style weight rises to its value over this many steps; without that, a fresh network forgets the photo.
    style_warm_up: int = 800
    #: Weight of the temporal consistency loss, see `training.losses.temporal`; 0 leaves it out. It joins at this share of the run, at every
    #: so many steps.
    calm_weight: float = 0.0
    calm_start: float = 0.67
    calm_every: int = 2
    #: In this share of those steps the camera stands still before things that pass: see `training.data.filmed`.
    filmed_share: float = 0.5
    clip_norm: float = 1.0
    average_decay: float = 0.998
    seed: int = 0
    #: "bf16", "fp16", "f32", or "auto": see `training.precision`.
    precision: str = "auto"
    report_every: int = 10
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        who = "Training"
        check_counts(self, ("steps", "batch", "styles_per_photo", "calm_every", "report_every", "checkpoint_every"), who)
        check_minutes(self.minutes, "A network", "leave them out, and steps end the run")
        check_sizes(self, ("size_px", "style_size_px"), who, "256 to 512 is usual")
        check_positive(self, ("learning_rate", "style_weight", "clip_norm"), who)
        check_weights(
            self,
            {
                "covariance_weight": "covariances",
                "pattern_weight": "the checkerboard penalty",
                "full_size_style": "style at full size",
                "small_content": "content at full size",
                "face_content": "the emphasis on faces",
                "calm_weight": "the temporal consistency loss",
            },
            who,
        )
        check_shares(
            self,
            {
                "mix_share": "0 leaves mixes out",
                "large_share": "0 leaves large crops out",
                "four_share": "0 leaves four photos in one out",
                "whole_from": "1 keeps to crops",
                "calm_start": "0 begins at once",
                "filmed_share": "0 leaves filmed pairs out",
            },
            who,
        )
        if self.precision not in ("auto", "bf16", "fp16", "f32"):
            raise TrainingError(f"There is no precision '{self.precision}'; choose auto, bf16, fp16 or f32.")
        if self.optimizer not in OPTIMIZERS:
            raise TrainingError(f"There is no optimizer '{self.optimizer}'; choose {' or '.join(OPTIMIZERS)}.")
        if not 1 <= self.large_times <= 4:
            raise TrainingError(f"large_times is {self.large_times}, but must be from 1 to 4.")
        if not 0 <= self.average_decay < 1:
            raise TrainingError(f"average_decay is {self.average_decay}, but must be at least 0 and below 1.")

    @property
    def large_px(self) -> int:
        """Side of the large crops, a multiple of 8."""
        return 8 * round(self.size_px * self.large_times / 8)

    def is_large(self, step: int) -> bool:
        """Whether the crops of `step` are large; `seed` and `step` decide."""
        return self._drawn(f"{self.seed} {step}") < self.large_share

    @staticmethod
    def _drawn(text: str) -> float:
        # Not NumPy, whose import takes longer than --help.
        return random.Random(text).random()  # noqa: S311, nothing is kept secret here

    def images(self, *, large: bool) -> int:
        """Return the images of a step: of large ones as many as have the pixels of `batch` small ones, in whole photos."""
        if not large:
            return self.batch
        per_photo = self.batch // photos_of(self.batch, self.styles_per_photo)
        return per_photo * max(1, int(self.batch * (self.size_px / self.large_px) ** 2) // per_photo)

    def photos_in(self, processes: int, *, large: bool = False) -> int:
        """Return how many photos a step has in all processes together, each with a batch of its own; see `photos_of`."""
        return photos_of(self.images(large=large) * processes, self.styles_per_photo)

    def pace(self) -> Pace:
        """Return when to end, report and save."""
        return Pace(steps=self.steps, minutes=self.minutes, report_steps=self.report_every, save_steps=self.checkpoint_every)

    def learning_rate_at(self, through: float) -> float:
        """One cycle: up in a straight line over the first 5 %, then down along a cosine to a hundredth."""
        return self.learning_rate * one_cycle(through)

    def style_weight_at(self, step: int, *, warm: bool) -> float:
        """Style weight at `step`; `warm` says that the network has been trained before and needs no warm-up."""
        return self.style_weight * (1.0 if warm else min(1.0, 0.02 + step / max(1, self.style_warm_up)))

    def temporal_at(self, step: int, through: float) -> bool:
        """Whether `step`, so far through the run, shows each photo twice, for the temporal consistency loss."""
        return self.calm_weight > 0 and through >= self.calm_start and step % self.calm_every == 0

    def is_filmed(self, step: int, through: float) -> bool:
        """Whether that is done with filmed photos; `seed` and `step` decide."""
        return self.temporal_at(step, through) and self._drawn(f"{self.seed} {step} filmed") < self.filmed_share

    def to_recipe(self) -> dict[str, Any]:
        """Return, as JSON data, what shaped the result."""
        return {key: value for key, value in asdict(self).items() if key not in _NOT_RECORDED}
