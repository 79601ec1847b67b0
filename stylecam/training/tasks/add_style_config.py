"""How a style is added: one frozen value, saved with what it made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from stylecam.training.checks import check_counts, check_end, check_minutes, check_positive, check_shares, check_sizes, check_weights
from stylecam.training.schedule import Pace, one_cycle

REPORT_EVERY_S = 1.0


@dataclass(frozen=True)
class AddStyleConfig:
    """The numbers of a fit. It ends after `minutes` or after `steps`, whichever comes first; one of them may be None.

    The loss of an image is content + `style_weight` · style, as `perceptual.terms.TWO_SCALE` sees them, but at full size style weighs
    `full_size_style` and content `small_content`, + `tv_weight` · total variation + `pattern_weight` · checkerboard penalty (see
    `training.losses.checkerboard`). Rates follow how far the fit is, from 0 to 1, in time or in steps, so that it always ends annealed.
    """

    minutes: float | None = 10.0
    steps: int | None = None
    batch: int = 2
    size_px: int = 256
    #: Peak for the mix of the pack's styles, and for the difference from it in units of the styles' spread.
    mix_rate: float = 0.03
    difference_rate: float = 0.2
    #: Share of the fit in which only the mix is sought.
    mix_until: float = 0.06
    #: These three are what `live32` was trained with last, or near it, so that a new style is as bold as its neighbours.
    style_weight: float = 7.0
    full_size_style: float = 1.5
    small_content: float = 0.6
    #: From this share of the fit on the term at full size sees all of the image, see `random_window.crop_place`.
    whole_from: float = 0.5
    tv_weight: float = 1.0
    pattern_weight: float = 8000.0
    style_size_px: int = 400
    clip_norm: float = 10.0
    seed: int = 0
    #: "bf16", "f32", or "auto": bf16 where the processor has it.
    precision: str = "auto"
    #: Checkpoint, pack and preview are written at least this often.
    save_every_s: float = 30.0

    def __post_init__(self) -> None:
        who = "Adding a style"
        check_end(self.minutes, self.steps)
        check_minutes(self.minutes, "A style", "ten are usual")
        check_counts(self, ("steps", "batch"), who)
        check_sizes(self, ("size_px", "style_size_px"), who, "256 to 512 is usual")
        check_shares(self, {"whole_from": "1 keeps to crops"}, who)
        check_weights(self, {"full_size_style": "style at full size", "small_content": "content at full size"}, who)
        check_positive(self, ("mix_rate", "difference_rate", "style_weight", "clip_norm", "save_every_s"), who)

    def pace(self) -> Pace:
        """Return when to end, report and save."""
        return Pace(steps=self.steps, minutes=self.minutes, report_s=REPORT_EVERY_S, save_s=self.save_every_s)

    def learning_rates_at(self, through: float) -> tuple[float, float]:
        """Return the rates of mix and difference.

        First only the mix is sought; then it rests, and the difference's rate goes up over 3 % of the fit and down along a cosine to a
        hundredth. Both at once measured worse: the difference runs off before the mix is near.
        """
        if through < self.mix_until:
            return self.mix_rate * min(1.0, 0.1 + 4 * through / self.mix_until), 0.0
        after = (through - self.mix_until) / (1 - self.mix_until)
        return 0.0, self.difference_rate * one_cycle(after, up=0.03, start=0.1)

    def to_recipe(self) -> dict[str, Any]:
        """Return, as JSON data, what shaped the result."""
        settings = asdict(self)
        del settings["precision"], settings["save_every_s"]
        return settings
