"""The photo's colours on the stylized image's light and strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylecam.core.params import Param
from stylecam.effects.base import Context, Effect, Place
from stylecam.effects.blend import check_alike, with_luma

if TYPE_CHECKING:
    from stylecam.effects.base import Image

KEEP_COLOR = Param(
    id="keep_color",
    kind="number",
    default=0.0,
    unit="%",
    label="Keep colours",
    help="how much of the photo's own colours stays",
    slider=True,
)


def keep_color(photo: Image, stylized: Image, amount: float) -> Image:
    """Replace the stylized image's chroma by the photo's, and leave its luma, in which light and strokes lie.

    Luma is linear in RGB, so exchanging the chroma is the same as fading to the photo and then giving back the luma that this took: no
    colour space in between, and a third of its time.

    Args:
        photo: uint8 RGB (H, W, 3).
        stylized: uint8 RGB of the same shape.
        amount: 0 returns `stylized` itself, 1 takes all colour from the photo, in between the chroma is blended.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ValueError: the shapes differ.
    """
    check_alike(photo, stylized)
    if amount <= 0:
        return stylized
    import cv2

    faded = photo if amount >= 1 else cv2.addWeighted(photo, amount, stylized, 1 - amount, 0)
    wanted = cv2.cvtColor(stylized, cv2.COLOR_RGB2GRAY)  # (H, W)
    return with_luma(faded, cv2.cvtColor(faded, cv2.COLOR_RGB2GRAY), wanted)


def _run(context: Context, state: None) -> tuple[Image, None]:
    return keep_color(context.photo, context.image, context.params[KEEP_COLOR]), state


EFFECT: Effect = Effect(
    name="colour", place=Place.COLOR, wanted=lambda context: context.params[KEEP_COLOR] > 0, run=_run, params=(KEEP_COLOR,)
)
