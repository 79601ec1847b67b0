"""Everything the user can turn while pictures run, as one frozen value that is swapped whole."""

from __future__ import annotations

from dataclasses import dataclass

from stylecam.core.mix import StyleMix


@dataclass(frozen=True)
class RenderParams:
    """How a picture is painted.

    `strength` and `keep_color` are between 0 and 1: 0 shows the photo (the painting's colours), 1 the painting (the photo's colours).
    `raw` leaves the weights of `mix` as they are instead of scaling them to sum to 1.
    """

    mix: StyleMix = StyleMix()
    raw: bool = False
    strength: float = 1.0
    keep_color: float = 0.0

    @property
    def is_plain(self) -> bool:
        """True when the picture is the untouched photo, so that no network need run."""
        return self.mix.is_silent or self.strength == 0
