"""Few tones instead of many: the look of a poster or a linocut."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from stylecam.core.params import Param
from stylecam.effects.base import Context, Effect, Place
from stylecam.effects.blend import with_luma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stylecam.effects.base import Image

POSTERIZE = Param(
    id="posterize",
    kind="number",
    default=0.0,
    unit="%",
    label="Posterize",
    help="few tones instead of many, as on a poster; 0 leaves all",
    slider=True,
)
#: Tones just above 0, and at 1.
_MOST, _FEWEST = 16, 4
#: The luma is averaged over so many pixels before it is rounded: single strokes would else become speckles.
_WINDOW_PX = 3


def posterize(image: Image, amount: float) -> Image:
    """Round the luma to evenly spaced tones, black and white among them: 16 just above `amount` 0, down to 4 at 1. Colours stay.

    Args:
        image: uint8 RGB (H, W, 3).
        amount: 0 returns `image` itself.

    Returns:
        uint8 RGB (H, W, 3).
    """
    if amount <= 0:
        return image
    import cv2

    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)  # (H, W)
    tones = cv2.LUT(cv2.blur(luma, (_WINDOW_PX, _WINDOW_PX)), _tones(round(_MOST * (_FEWEST / _MOST) ** min(amount, 1.0))))
    return with_luma(image, luma, tones)


@lru_cache
def _tones(count: int) -> NDArray[np.uint8]:
    """Return the tone for each luma, (256,)."""
    import numpy as np

    return np.asarray(np.rint(np.rint(np.arange(256) * (count - 1) / 255) * 255 / (count - 1)), np.uint8)


def _run(context: Context, state: None) -> tuple[Image, None]:
    return posterize(context.image, context.params[POSTERIZE]), state


EFFECT: Effect = Effect(
    name="posterize", place=Place.FINISH, wanted=lambda context: context.params[POSTERIZE] > 0, run=_run, params=(POSTERIZE,)
)
