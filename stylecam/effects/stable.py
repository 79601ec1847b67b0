"""Carries a clip's stylized frames along with what moves in it, so that strokes stay on things instead of boiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stylecam.core.params import Param, Scope
from stylecam.effects.base import Context, Effect, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stylecam.effects.base import Image

    Floats = NDArray[np.float32]

#: How much of every new frame is taken where the earlier one can be followed: light that changes arrives, and blur cannot add up.
LEAST = 0.15
#: Photos that differ by this many grey levels after warping, averaged over a window, show something else there; by half, nothing else.
_OTHER, _WINDOW_PX = 16.0, 5

#: Mixing two frames whose strokes lie elsewhere blurs them, and so does warping: the mixture is given back the new frame's fine contrast,
#: within this factor per frame. Fine is what a blur of so many pixels takes away; contrast is measured in a window.
_MOST_CONTRAST, _FINE_PX, _CONTRAST_WINDOW_PX = 1.2, 1.5, 15

STABLE = Param(
    id="stable",
    kind="choice",
    default="off",
    choices=("off", "best"),
    label="Temporal consistency",
    help="best: carry the stylized image along by optical flow, against flicker in motion; slower",
    scope=Scope.VIDEO,
)


class Carried(NamedTuple):
    """What is carried from frame to frame: the photo, uint8 (H, W, 3), and the result, float32 (H, W, 3)."""

    photo: Image
    image: Floats


def stabilize(photo: Image, stylized: Image, before: Carried | None, least: float = LEAST) -> tuple[Image, Carried]:
    """Keep most of the frame before, warped by the optical flow of the photos, where the flow can be believed.

    It is believed where there and back again ends where it began and the warped photo shows the same; what appears or is uncovered is
    taken from the new frame whole.

    Args:
        photo: uint8 RGB (H, W, 3).
        stylized: uint8 RGB (H, W, 3).
        before: what the frame before returned; None for the first.
        least: how much of the new frame is taken at least.

    Returns:
        uint8 RGB (H, W, 3), and what the next frame must be given.
    """
    import cv2
    import numpy as np

    from stylecam.media.flow import dense_flow, visible, warp

    fresh = stylized.astype(np.float32)
    if before is None or before.image.shape != fresh.shape or before.photo.shape != photo.shape:
        return stylized, Carried(photo, fresh)
    back, forth = dense_flow(photo, before.photo), dense_flow(before.photo, photo)
    difference = cv2.absdiff(photo, np.asarray(warp(before.photo, back), np.uint8)).max(2).astype(np.float32)
    other = cv2.blur(difference, (_WINDOW_PX, _WINDOW_PX))
    keep = (2 - other * np.float32(2 / _OTHER)).clip(0, 1) * visible(back, forth)
    keep = (cv2.blur(keep.astype(np.float32), (3, 3)) * np.float32(1 - least))[..., None]
    image = _crisp(fresh + keep * (warp(before.image, back, sharp=True) - fresh), fresh)
    return np.asarray(image.round().clip(0, 255), np.uint8), Carried(photo, image)


def _crisp(image: Floats, like: Floats) -> Floats:
    """Return an image with as much fine contrast, place by place, as another one has; it loses none."""
    import cv2
    import numpy as np

    fine = image - cv2.GaussianBlur(image, (0, 0), _FINE_PX)
    wanted = like - cv2.GaussianBlur(like, (0, 0), _FINE_PX)
    window = (_CONTRAST_WINDOW_PX, _CONTRAST_WINDOW_PX)
    ours, theirs = (cv2.blur(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY) ** 2, window) for part in (fine, wanted))
    gain = np.sqrt((theirs + 1) / (ours + 1)).clip(1, _MOST_CONTRAST)
    return np.asarray(image + (gain - 1)[..., None] * fine, np.float32)


def _run(context: Context, before: Carried | None) -> tuple[Image, Carried]:
    return stabilize(context.photo, context.image, None if context.turned else before)


EFFECT: Effect = Effect(name="stable", place=Place.TIME, wanted=lambda context: context.params[STABLE] != "off", run=_run, params=(STABLE,))
