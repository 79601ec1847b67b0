"""Keeps the stylized image where the photo stands still, so that neither a camera's noise nor a distant movement makes strokes flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from stylecam.core.params import Param, Scope
from stylecam.effects.base import Context, Effect, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stylecam.effects.base import Image

    Floats: TypeAlias = NDArray[np.float32]

#: How much of every new stylized frame is taken where nothing moves: light that changes slowly still arrives, within about a second.
LEAST = 0.1
#: Photos are compared at half their size, averaged over a window of so many of these pixels: a move is seen, noise is less.
_HALF, _WINDOW_PX = 2, 5
#: What counts as noise, in grey levels: so many times what the quieter parts of the frame differ by, within bounds. From the first number
#: on a difference counts as a move in part, from `_FULL` times as much wholly.
_OF_NOISE, _NOISE_LEAST, _NOISE_MOST, _FULL = 3.0, 1.5, 6.0, 2.0
_QUIETER_PERCENTILE = 25
#: A network's strokes reach beyond what they belong to, and answer to what passes beside them: where more than `_MOVED_LEAST` of a cell
#: of so many half-size pixels has moved wholly (light that wanders moves nothing), the cells around it, so many deep, take the new frame
#: too, and for some frames afterwards, each time by so much less.
_CELL, _REACH, _MOVED_LEAST, _FADE = 8, 2, 0.1, 0.8
#: The result is carried in 16-bit fixed point: 0.6 of the time that float32 takes, half the memory, and 1/128 of a grey level is enough
#: for light that changes slowly to arrive. A grey level is 2 to the power of `_LEVEL_BITS`, a share of 1 is `_ALL`.
_LEVEL_BITS, _ALL = 7, 1024

CALM = Param(
    id="calm",
    kind="switch",
    default=False,
    label="Temporal smoothing",
    help="temporal smoothing: keep the stylized image where nothing moves, against flicker",
    scope=Scope.WINDOW | Scope.VIDEO,
    start=True,
    shortcut="Ctrl+Shift+T",
)


class Smoothed(NamedTuple):
    """What is carried from frame to frame.

    Args:
        photo: the photo at half its size, (h, w, 3) float32.
        image: the result in fixed point, (H, W, 3) int16.
        stirred: how much of the new frame is taken around what moved, 0 to 1 per cell, (h / 8, w / 8) float32; None before the second.
    """

    photo: Floats
    image: NDArray[np.int16]
    stirred: Floats | None = None


def smooth(photo: Image, stylized: Image, before: Smoothed | None) -> tuple[Image, Smoothed]:
    """Take the new stylized frame where the photo has changed, and keep most of the one before where it has only other noise.

    What moves is replaced at once, and so is what lies within a few strokes of it: there the network drew its surroundings into the
    frame before, which would stay behind as a trail. A network's strokes answer to noise several times as strongly as the photo shows it,
    so without this a still scene shimmers. The noise is measured in every frame.

    Args:
        photo: uint8 RGB (H, W, 3), the camera's.
        stylized: uint8 RGB (H, W, 3), what the network made of it.
        before: what the frame before returned; None for the first, and where another source, mix or option begins.

    Returns:
        uint8 RGB (H, W, 3), `stylized` itself for a first frame and for one of another size, and what the next frame must be given.
    """
    import cv2
    import numpy as np

    height, width = stylized.shape[:2]
    half = (max(1, width // _HALF), max(1, height // _HALF))
    small: Floats = cv2.resize(photo, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    fresh = stylized.astype(np.int16)
    np.left_shift(fresh, _LEVEL_BITS, out=fresh)
    if before is None or before.image.shape != fresh.shape:
        return stylized, Smoothed(small, fresh)
    share, stirred = _share_of_new(small, before)
    small = np.asarray(cv2.blendLinear(small, before.photo, share, 1 - share), np.float32)
    weight = cv2.resize((share * _ALL).astype(np.int16), (width, height), interpolation=cv2.INTER_LINEAR)
    # before + weight × (fresh − before), all in the one array
    cv2.subtract(fresh, before.image, dst=fresh)
    cv2.multiply(fresh, cv2.merge([weight] * 3), dst=fresh, scale=1 / _ALL)
    cv2.add(before.image, fresh, dst=fresh)
    return np.asarray(cv2.convertScaleAbs(fresh, alpha=1 / (1 << _LEVEL_BITS)), np.uint8), Smoothed(small, fresh, stirred)


def _share_of_new(now: Floats, before: Smoothed) -> tuple[Floats, Floats]:
    """Return how much of the new frame is to be taken, from `LEAST` to 1, (h, w), and what to carry of that, see `Smoothed.stirred`."""
    import cv2
    import numpy as np

    red, green, blue = cv2.split(cv2.blur(cv2.absdiff(now, before.photo), (_WINDOW_PX, _WINDOW_PX)))
    change = cv2.max(cv2.max(red, green), blue)  # NumPy's maximum over the last axis takes 30 times as long
    sample = change[::4, ::4].ravel()
    rank = (sample.size - 1) * _QUIETER_PERCENTILE // 100
    quieter = float(np.partition(sample, rank)[rank])  # np.percentile takes six times as long
    noise = min(_NOISE_MOST, max(_NOISE_LEAST, _OF_NOISE * quieter))
    moved = ((change - noise) / (noise * (_FULL - 1))).clip(0, 1)
    height, width = moved.shape
    cells = cv2.resize((moved == 1).astype(np.float32), (max(1, width // _CELL), max(1, height // _CELL)), interpolation=cv2.INTER_AREA)
    stirred = cv2.dilate((cells > _MOVED_LEAST).astype(np.float32), np.ones((3, 3), np.uint8), iterations=_REACH)
    if before.stirred is not None:
        stirred = cv2.max(stirred, before.stirred * _FADE)
    share = LEAST + (1 - LEAST) * cv2.max(moved, cv2.resize(stirred, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(share, np.float32), np.asarray(stirred, np.float32)


def _run(context: Context, before: Smoothed | None) -> tuple[Image, Smoothed]:
    return smooth(context.photo, context.image, None if context.turned else before)


EFFECT: Effect = Effect(name="calm", place=Place.TIME, wanted=lambda context: context.params[CALM], run=_run, params=(CALM,))
