"""Brings an image that was stylized at a smaller size to the photo's size, with the photo's edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stylecam.effects.base import Context, Effect, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stylecam.effects.base import Image

#: Side of the window in which stylized image and photo are compared, in pixels of half the small image.
_WINDOW_PX = 3
#: Variance of grey (0 to 255) below which an area of the photo counts as flat and lends no edges.
_FLAT = 60.0
#: Largest slope, in grey levels of the stylized image for one of the photo: more would make noise of a photo's faint edges.
_STEEPEST = 1.5
#: Share of a stylized area's variance that the photo must explain before any of its detail is added; all of it at 1. Where a stroke lies
#: beside the photo's edge, the edge would come out a second time, with teeth.
_LEAST_EXPLAINED = 0.5
#: A slope of 1 in the 16-bit fixed point in which frames are computed here: half the memory of float32, and a third less time.
_ONE = 1024


def enlarge(stylized: NDArray[np.uint8], photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enlarge a stylized image, and add the fine detail of the photo's light as strongly as the stylized image follows it.

    Where stylized image and photo grow lighter together, as along the outline of a face, the detail that the small image lacked is
    added; where they do not, as in a brush stroke on a wall, nothing is. This is the local linear model of the guided filter (He,
    Sun, Tang 2010; its fast form 2015, arXiv 1505.00996), used for the detail only, so that strokes stay as they are, and only as far as
    the model explains what the area shows (its coefficient of determination).

    Args:
        stylized: uint8 RGB (h, w, 3), of a smaller copy of the photo.
        photo: uint8 RGB (H, W, 3).

    Returns:
        uint8 RGB (H, W, 3).
    """
    if stylized.shape == photo.shape:
        return stylized
    import cv2
    import numpy as np

    small, large = (stylized.shape[1], stylized.shape[0]), (photo.shape[1], photo.shape[0])
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    # Both are enlarged in the same way, or the difference of the two ways would count as detail.
    grey_small = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
    detail = cv2.subtract(grey, cv2.resize(grey_small, large, interpolation=cv2.INTER_CUBIC), dtype=cv2.CV_16S)
    slopes = cv2.resize(_slopes(stylized, grey_small), large, interpolation=cv2.INTER_LINEAR)
    added = cv2.multiply(slopes, cv2.merge([detail] * 3), dst=slopes, scale=1 / _ONE)
    return np.asarray(cv2.add(cv2.resize(stylized, large, interpolation=cv2.INTER_CUBIC), added, dtype=cv2.CV_8U), np.uint8)


def _slopes(stylized: Image, grey: NDArray[Any]) -> NDArray[np.int16]:
    """Return how each colour of the stylized image follows the photo's grey, as fixed point.

    (h / 2, w / 2, 3) int16: at half the size, which is smooth enough.
    """
    import cv2
    import numpy as np

    half = (max(1, stylized.shape[1] // 2), max(1, stylized.shape[0] // 2))
    window = (_WINDOW_PX, _WINDOW_PX)
    y = cv2.resize(stylized, half, interpolation=cv2.INTER_AREA).astype(np.float32)  # (h / 2, w / 2, 3)
    x = cv2.resize(grey, half, interpolation=cv2.INTER_AREA).astype(np.float32)  # (h / 2, w / 2)
    mean_x, mean_y = cv2.blur(x, window), cv2.blur(y, window)
    per_variance = 1 / (cv2.blur(x * x, window) - mean_x * mean_x + _FLAT)
    covariance = cv2.subtract(cv2.blur(cv2.multiply(cv2.merge([x] * 3), y), window), cv2.multiply(cv2.merge([mean_x] * 3), mean_y))
    slope = cv2.multiply(covariance, cv2.merge([per_variance] * 3))
    variance_y = cv2.subtract(cv2.blur(cv2.multiply(y, y), window), cv2.multiply(mean_y, mean_y)) + 1  # 1: of a grey level's rounding
    explained = cv2.divide(cv2.multiply(covariance, slope), variance_y)
    slope *= ((explained - _LEAST_EXPLAINED) / (1 - _LEAST_EXPLAINED)).clip(0, 1)
    return np.asarray((_ONE * slope).clip(-_STEEPEST * _ONE, _STEEPEST * _ONE), np.int16)


def _run(context: Context, state: None) -> tuple[Image, None]:
    return enlarge(context.image, context.photo), state


EFFECT: Effect = Effect(name="enlarge", place=Place.UPSCALE, wanted=lambda context: context.image.shape != context.photo.shape, run=_run)
