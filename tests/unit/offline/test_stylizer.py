"""Stylizing from a program: what goes in, what comes out, and when an engine is opened and closed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stylecam.control.timeline import Timeline
from stylecam.core import process
from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, RenderParams
from stylecam.engines import select
from stylecam.errors import InputError, PackError, UsageError
from stylecam.offline.stylizer import Stylizer, stylize
from stylecam.render.frame import stylize_frame
from tests.fakes import FakeEngine, gradient, tiny_pack

PACK = tiny_pack(identity=True)
PHOTO = gradient()
WEIGHTS = {"starry_night": 0.7, "great_wave": 0.3}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[FakeEngine]:
    """Every engine that is opened from now on."""
    engines: list[FakeEngine] = []

    def open_engine(pack: Any, name: str, **options: Any) -> FakeEngine:
        engines.append(FakeEngine(pack.config))
        return engines[-1]

    monkeypatch.setattr(select, "open_engine", open_engine)
    return engines


def test_a_mix_can_be_given_in_every_usual_way(opened: list[FakeEngine]) -> None:
    """A mapping, text, a `StyleMix`, or one with options: the same image, and one engine for all."""
    expected = stylize_frame(PHOTO, FakeEngine(PACK.config), PACK, RenderParams(StyleMix(WEIGHTS)))[0]
    with Stylizer(PACK) as stylizer:
        for style in (WEIGHTS, "starry_night=0.7,great_wave=0.3", StyleMix(WEIGHTS), RenderParams(StyleMix(WEIGHTS))):
            np.testing.assert_array_equal(stylizer.stylize(PHOTO, style), expected)
    assert [engine.closed for engine in opened] == [True]


def test_options_are_those_of_the_commands(opened: list[FakeEngine]) -> None:
    """They are named as declared, join those of `RenderParams`, and a slip is a sentence."""
    given = RenderParams(StyleMix(WEIGHTS), {RAW: True})
    expected = stylize_frame(PHOTO, FakeEngine(PACK.config), PACK, given.but({STRENGTH: 0.5}))[0]
    stylizer = Stylizer(PACK)
    np.testing.assert_array_equal(stylizer.stylize(PHOTO, given, strength=0.5), expected)
    with pytest.raises(UsageError, match=r"no option 'strenght'.* Did you mean strength"):
        stylizer.stylize(PHOTO, given, strenght=0.5)
    with pytest.raises(UsageError, match="2 is out of range"):
        stylizer.stylize(PHOTO, given, strength=2)
    with pytest.raises(UsageError, match="no option 'calm'"):  # it looks back, and an image has no past
        stylizer.stylize(PHOTO, given, calm=True)
    with pytest.raises(UsageError, match=r"no style 'stary_night'.*Did you mean starry_night"):
        stylizer.stylize(PHOTO, "stary_night")


def test_plain_images_need_no_engine(opened: list[FakeEngine]) -> None:
    """With all weights zero, or strength 0, the image comes back and nothing is opened."""
    stylizer = Stylizer(PACK)
    assert stylizer.stylize(PHOTO, {"starry_night": 0}) is PHOTO
    assert stylizer.stylize(PHOTO, WEIGHTS, strength=0) is PHOTO
    assert opened == []


def test_state_goes_in_and_comes_out(opened: list[FakeEngine]) -> None:
    """Temporal smoothing follows the state that is given: the same call gives the same frame, another past another one."""
    rng = np.random.default_rng(0)
    frames = [np.clip(PHOTO.astype(int) + rng.integers(-2, 3, PHOTO.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    stylizer = Stylizer(PACK)
    first, state = stylizer.next_frame(frames[0], WEIGHTS, calm=True)
    once, _ = stylizer.next_frame(frames[1], WEIGHTS, state, calm=True)
    again, _ = stylizer.next_frame(frames[1], WEIGHTS, state, calm=True)
    alone, _ = stylizer.next_frame(frames[1], WEIGHTS, calm=True)
    np.testing.assert_array_equal(first, stylizer.stylize(frames[0], WEIGHTS))
    np.testing.assert_array_equal(once, again)
    assert (once != alone).any()


def test_an_engine_that_is_given_stays_open(opened: list[FakeEngine]) -> None:
    """It belongs to the caller: neither `Stylizer` nor `stylize` closes it or opens another."""
    engine = FakeEngine(PACK.config)
    with Stylizer(PACK, engine=engine) as stylizer:
        stylizer.stylize(PHOTO, WEIGHTS)
    stylize(PHOTO, WEIGHTS, pack=PACK, engine=engine)
    assert not engine.closed
    assert len(engine.calls) == 2
    assert opened == []


def test_what_cannot_be_stylized_is_refused(opened: list[FakeEngine], monkeypatch: pytest.MonkeyPatch) -> None:
    """Floats and grey images are a programmer's error; an image beyond the memory, or a pack that is not there, a user's."""
    stylizer = Stylizer(PACK)
    for wrong in (PHOTO / 255, PHOTO[..., 0]):
        with pytest.raises(ValueError, match="uint8 RGB"):
            stylizer.stylize(wrong, WEIGHTS, strength=0)
    monkeypatch.setattr(process, "available_memory", lambda: 1000)
    with pytest.raises(InputError, match="GB of memory"):
        stylizer.stylize(PHOTO, WEIGHTS)
    with pytest.raises(PackError, match="no style pack 'live23'"):
        Stylizer("live23")


def test_a_vector_is_a_style(opened: list[FakeEngine]) -> None:
    """A style's own γ and β, or the sum of a mix, make the image that the id or the mix makes, with every option."""
    stylizer = Stylizer(PACK)
    row = PACK.styles["senecio"].vector
    np.testing.assert_array_equal(stylizer.stylize(PHOTO, row), stylizer.stylize(PHOTO, "senecio"))
    half = stylizer.stylize(PHOTO, PACK.scale_shift(StyleMix(WEIGHTS)), strength=0.5)
    np.testing.assert_array_equal(half, stylizer.stylize(PHOTO, WEIGHTS, strength=0.5))
    np.testing.assert_array_equal(stylizer.callback(row)(PHOTO), stylizer.next_frame(PHOTO, row)[0])
    for wrong in (row[:-1], row.astype(np.float64)):
        with pytest.raises(ValueError, match="scale_shift must be float32"):
            stylizer.stylize(PHOTO, wrong)


def test_a_timeline_passes_through_both_ends_and_the_mean(opened: list[FakeEngine]) -> None:
    """First and last frames are those of the plain styles to the byte, the middle one that of the mean γ and β; a number is no time."""
    vectors = [PACK.scale_shift(StyleMix({style: 1.0})) for style in ("starry_night", "senecio")]
    with Stylizer(PACK) as stylizer:
        callback = stylizer.callback(Timeline([(0, "starry_night"), (2, "senecio")]))
        frames = [callback.at(PHOTO, seconds) for seconds in (0.0, 1.0, 2.0, 3.0)]
        for frame, vector in zip(frames, [vectors[0], (vectors[0] + vectors[1]) / 2, vectors[1], vectors[1]], strict=True):
            np.testing.assert_array_equal(frame, stylizer.stylize(PHOTO, vector))
        with pytest.raises(ValueError, match="needs the time of each frame"):
            callback(PHOTO, 3)


def test_smoothing_lasts_through_a_fade_and_ends_at_a_cut(opened: list[FakeEngine]) -> None:
    """A photo that stands still: a cut shows the new style at once, a fade keeps most of the frame before."""
    grey = np.full((48, 64, 3), 120, np.uint8)
    with Stylizer(PACK) as stylizer:
        new = stylizer.stylize(grey, "senecio").astype(int)
        off = {}
        for fade_s in (0.0, 0.01):
            callback = stylizer.callback(Timeline([(0, "starry_night"), (1, "senecio")], fade_s=fade_s), calm=True)
            callback.at(grey, 0.9)
            off[fade_s] = np.abs(callback.at(grey, 1.1) - new).mean()
    assert off[0.0] == 0
    assert off[0.01] > 5
