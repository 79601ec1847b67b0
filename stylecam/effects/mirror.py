"""Left and right exchanged, as in a mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylecam.core.params import Param
from stylecam.effects.base import Context, Effect, Place

if TYPE_CHECKING:
    from stylecam.effects.base import Image

MIRROR = Param(
    id="mirror",
    kind="switch",
    default=False,
    label="Mirror",
    help="flip the image like a mirror",
    start=True,
    shortcut="Ctrl+M",
)


def mirror(image: Image) -> Image:
    """Exchange left and right of (H, W, 3)."""
    import cv2
    import numpy as np

    return np.asarray(cv2.flip(image, 1), np.uint8)


def _run(context: Context, state: None) -> tuple[Image, None]:
    return mirror(context.image), state


EFFECT: Effect = Effect(name="mirror", place=Place.MIRROR, wanted=lambda context: context.params[MIRROR], run=_run, params=(MIRROR,))
