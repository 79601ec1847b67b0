"""Posterize: few tones, the same colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stylecam.effects.posterize import posterize
from tests.fakes import gradient

GREY = np.repeat(np.tile(np.arange(256, dtype=np.uint8), (32, 1))[..., None], 3, 2)


@pytest.mark.parametrize(("amount", "tones"), [(0.01, 16), (0.5, 8), (1.0, 4)])
def test_the_amount_sets_how_many_tones_are_left(amount: float, tones: int) -> None:
    """A grey ramp becomes so many even steps from black to white, and stays grey."""
    result = posterize(GREY, amount)
    levels = np.unique(result)
    assert len(levels) == tones
    assert (levels[0], levels[-1]) == (0, 255)
    assert np.ptp(result.astype(int), axis=2).max() == 0


def test_colours_stay() -> None:
    """Only light is rounded: the chroma of a colour that is far from black and white is the one it had."""
    flat = np.full((16, 16, 3), (150, 100, 90), np.uint8)
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[8, 8].astype(int) for image in (flat, posterize(flat, 1.0)))
    assert abs(before - after)[1:].max() <= 1
    assert after[0] in (85, 170)


def test_nothing_is_nothing() -> None:
    """At 0 the image itself comes back, and an argument is never written into."""
    image = gradient()
    assert posterize(image, 0.0) is image
    posterize(image, 1.0)
    np.testing.assert_array_equal(image, gradient())
