"""How a fast output is trained: one frozen value, saved with what it made."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from stylecam.errors import TrainingError
from stylecam.training.checks import check_counts, check_end, check_minutes, check_sizes
from stylecam.training.config import photos_of


@dataclass(frozen=True)
class FastHeadConfig:
    """The numbers of a fit. It ends after `minutes` or after `steps`, whichever comes first; one of them may be None.

    The loss of an image is `style_weight` · style + `content_weight` · content, both as `perceptual.terms.FAST_DETAIL` sees a crop at
    full size, + `anchor_weight` · squared difference, at half size, to what the fine output draws from the same half-size image: strokes,
    forms and colours stay those of the fast mode, so that only what lies between the pixels is the head's; + `pattern_weight` ·
    checkerboard penalty, + `calm_weight` · temporal consistency loss. For the identity row it is `identity_weight` · squared difference to
    the photo.
    """

    steps: int | None = None
    minutes: float | None = 15.0
    batch: int = 4
    styles_per_photo: int = 2
    mix_share: float = 0.1
    size_px: int = 256
    learning_rate: float = 2e-3
    style_weight: float = 1.0
    content_weight: float = 1.0
    anchor_weight: float = 200.0
    pattern_weight: float = 8000.0
    identity_weight: float = 100.0
    #: 0 leaves it out; else it is asked for at every so many steps.
    calm_weight: float = 0.0
    calm_every: int = 2
    #: Short side of the style images: twice that of the fine output, as the strokes of the fast mode are twice as large.
    style_size_px: int = 800
    average_decay: float = 0.99
    seed: int = 0
    precision: str = "auto"
    save_every_s: float = 60.0

    def __post_init__(self) -> None:
        who = "A fast output"
        check_end(self.minutes, self.steps)
        check_minutes(self.minutes, who, "fifteen are usual")
        check_counts(self, ("steps", "batch"), who)
        check_sizes(self, ("size_px", "style_size_px"), who, "256 to 800 are usual")
        for name in ("learning_rate", "style_weight", "content_weight", "anchor_weight", "pattern_weight", "calm_weight"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise TrainingError(f"A fast output needs a {name} of at least 0, not {getattr(self, name)}.")

    @property
    def photos_per_step(self) -> int:
        """How many photos a step has; all have equally many images."""
        return photos_of(self.batch, self.styles_per_photo)

    def to_recipe(self) -> dict[str, Any]:
        """Return, as JSON data, what shaped the result."""
        return {key: value for key, value in asdict(self).items() if key not in ("precision", "save_every_s")}
