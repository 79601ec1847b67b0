"""Everything the user can turn while pictures run, as one frozen value that is swapped whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from stylecam.core.mix import StyleMix
from stylecam.errors import UsageError


@dataclass(frozen=True)
class RenderParams:
    """How a picture is painted.

    `strength` and `keep_color` are between 0 and 1: 0 shows the photo (the painting's colours), 1 the painting (the photo's colours).
    `raw` leaves the weights of `mix` as they are instead of scaling them to sum to 1. `size_px` is the longest side at which
    pictures are painted; 0 leaves them as large as they come. With `hold_fps` they are painted smaller, and enlarged again, for as
    long as so many frames per second are not reached; 0 never does. `steady` paints most frames of a video by the statistics of an earlier
    one (see `pipeline.steady`), `calm` keeps the painting where the photo stands still (see `effects.calm`). `freeze` keeps the picture at
    hand and goes on painting it; `panic` shows the plain photo whatever the mix is. Stills use neither `mirror` nor what stands after it.

    Raises:
        UsageError: `strength` or `keep_color` is not between 0 and 1, or `size_px` or `hold_fps` is negative.
    """

    mix: StyleMix = field(default_factory=StyleMix)
    raw: bool = False
    strength: float = 1.0
    keep_color: float = 0.0
    mirror: bool = False
    size_px: int = 0
    freeze: bool = False
    panic: bool = False
    hold_fps: float = 0.0
    steady: bool = False
    calm: bool = False

    def __post_init__(self) -> None:
        for name, value in (("strength", self.strength), ("keep-color", self.keep_color)):
            if not 0 <= value <= 1:  # also catches NaN, which compares as false
                raise UsageError(f"The {name} {value:g} is out of range; give a number from 0 to 1, such as 0.5.")
        if self.size_px < 0:
            raise UsageError(f"The size {self.size_px} is negative; give the longest side in pixels, or 0 for the picture's own.")
        if not 0 <= self.hold_fps <= 1000:
            raise UsageError(f"{self.hold_fps:g} frames per second cannot be held; give a rate such as 20, or 0 for none.")

    @property
    def is_plain(self) -> bool:
        """True when the picture is the untouched photo, so that no network need run."""
        return self.panic or self.mix.is_silent or self.strength == 0
