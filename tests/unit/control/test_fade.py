"""The way between two scenes, in numbers."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from stylecam.control import fade as fade_module
from stylecam.control.fade import between, ease
from stylecam.core.mix import StyleMix
from stylecam.core.params import HOLD_FPS, QUALITY, RAW, SIZE, STRENGTH, RenderParams
from stylecam.core.window_params import FADE_SHAPES
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.temporal import CALM
from stylecam.render.style_vector import style_vector
from tests.fakes import gradient, tiny_pack

PACK = tiny_pack(identity=True, seed=5)
A = RenderParams(StyleMix({"starry_night": 0.6, "great_wave": 0.9}))
B = RenderParams(StyleMix({"senecio": 0.5}))


def vector(params: RenderParams) -> np.ndarray:
    """Return γ and β as a frame is stylized with."""
    return style_vector(gradient(8, 8), PACK, params)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (A, B),
        (A, B.but({STRENGTH: 0.4})),
        (A.but({RAW: True}), B.but({RAW: True})),
        (A.but({RAW: True}), B),
        (RenderParams(StyleMix({"senecio": 1.0})), RenderParams(StyleMix({"starry_night": 1.0, "great_wave": 1.0, "senecio": 1.0}))),
    ],
    ids=["plain", "strengths", "raw", "half raw", "sums differ"],
)
def test_the_networks_parameters_move_in_a_straight_line(start: RenderParams, end: RenderParams, share: float) -> None:
    """In the middle γ and β are the mean of both ends, at any share the weighted mean, and no weight leaves a slider's range."""
    way = between(start, end, share)
    assert vector(way) == pytest.approx((1 - share) * vector(start) + share * vector(end), abs=2e-6)
    assert all(0 <= weight <= 1 + 1e-12 for _, weight in way.mix)


def test_out_of_the_photo_and_into_it() -> None:
    """A mix at zero is the photo: the other's mix comes and goes by its strength, with no style of a third kind on the way."""
    photo = RenderParams(StyleMix({"starry_night": 0.0}))
    coming = between(photo, B, 0.25)
    assert coming.mix == B.mix
    assert coming[STRENGTH] == 0.25
    going = between(B.but({STRENGTH: 0.8}), photo, 0.25)
    assert going.mix == B.mix
    assert going[STRENGTH] == pytest.approx(0.6)
    assert between(photo, photo, 0.5).is_plain


def test_both_ends_are_exact_and_sliders_do_not_jump() -> None:
    """At 0 and 1 everything stands as in the scenes, and just beside them nearly so."""
    assert between(A, B, 0) is A
    assert between(A, B, 1) is B
    assert between(A, B, 1e-6).mix.weights == pytest.approx({"starry_night": 0.6, "great_wave": 0.9, "senecio": 0}, abs=1e-5)
    assert between(A, B, 1 - 1e-6).mix.weights == pytest.approx({"starry_night": 0, "great_wave": 0, "senecio": 0.5}, abs=1e-5)


def test_numbers_move_and_switches_flip_in_the_middle() -> None:
    """A number goes all the way in proportion; switch, choice and size change once; so does a number with one end at "off"."""
    end = B.but({KEEP_COLOR: 0.8, CALM: True, QUALITY: "fast", SIZE: 512, HOLD_FPS: 20.0})
    before, after = between(A, end, 0.49), between(A, end, 0.51)
    assert between(A, end, 0.25)[KEEP_COLOR] == pytest.approx(0.2)
    assert (before[CALM], before[QUALITY], before[SIZE], before[HOLD_FPS]) == (False, "fine", 0, 0.0)
    assert (after[CALM], after[QUALITY], after[SIZE], after[HOLD_FPS]) == (True, "fast", 512, 20.0)


@pytest.mark.parametrize("shape", FADE_SHAPES)
def test_every_shape_begins_at_the_start_ends_at_the_end_and_never_turns_back(shape: str) -> None:
    """Also where it is asked beyond its ends."""
    way = [ease(share / 50, shape) for share in range(-5, 56)]
    assert way[0] == way[5] == 0
    assert way[-1] == way[-6] == 1
    assert way == sorted(way)
    assert len(set(way)) == 51


def test_the_examples_run() -> None:
    """Those of the module's docstrings."""
    assert doctest.testmod(fade_module).failed == 0
