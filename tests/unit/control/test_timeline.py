"""Scenes over the time of a clip, in numbers."""

from __future__ import annotations

import pytest

from stylecam.control.scenes import Scene
from stylecam.control.timeline import Timeline, parse_scene_times
from stylecam.core.mix import StyleMix
from stylecam.core.params import SIZE, STRENGTH, RenderParams
from stylecam.errors import UsageError

A, B, C = (RenderParams(StyleMix({style: 1.0})) for style in ("starry_night", "great_wave", "senecio"))


def shares(timeline: Timeline, seconds: float) -> tuple[float, ...]:
    """Return how much of A, B and C is in the mix."""
    weights = timeline.at(seconds).mix.weights
    return tuple(weights.get(style, 0.0) for style in ("starry_night", "great_wave", "senecio"))


def test_without_a_fade_one_turns_into_the_next_all_the_time() -> None:
    """At each moment exactly its scene, halfway the mean, before the first and after the last nothing moves."""
    timeline = Timeline([(1.0, A), (3.0, B), (4.0, C)], shape="linear")
    assert [timeline.at(seconds) for seconds in (0, 1.0, 3.0, 4.0, 99)] == [A, A, B, C, C]
    assert shares(timeline, 2.0) == pytest.approx((0.5, 0.5, 0))
    assert shares(timeline, 3.25) == pytest.approx((0, 0.75, 0.25))


def test_with_a_fade_each_begins_at_its_moment() -> None:
    """Until then the one before holds; a fade that is cut short goes on from where it was."""
    timeline = Timeline([(0.0, A), (2.0, B), (2.5, C)], fade_s=1.0, shape="linear")
    assert timeline.at(1.99) == A
    assert shares(timeline, 2.25) == pytest.approx((0.75, 0.25, 0))
    assert shares(timeline, 2.5) == pytest.approx((0.5, 0.5, 0))
    assert shares(timeline, 3.0) == pytest.approx((0.25, 0.25, 0.5))
    assert timeline.at(3.5) == C
    assert (timeline.is_moving(1.0), timeline.is_moving(2.2)) == (False, True)


def test_a_cut_is_a_cut() -> None:
    """With a fade of 0 the frame at the moment is the first of the new scene, and nothing is carried over."""
    timeline = Timeline([(0.0, A), (2.0, B)], fade_s=0.0)
    assert (timeline.at(1.999), timeline.at(2.0)) == (A, B)
    assert not timeline.is_moving(2.0)


@pytest.mark.parametrize("times", [[], [-1.0], [0.0, 0.0], [1.0, 0.5], [float("nan")], [0.0, float("inf")]], ids=str)
def test_times_must_ascend(times: list[float]) -> None:
    """What cannot be is said, not guessed."""
    with pytest.raises(UsageError, match="each later than the one before"):
        Timeline([(seconds, A) for seconds in times])


def test_names_and_times_are_read() -> None:
    """A name may hold an @; the last one is before the time."""
    asked = []
    assert parse_scene_times("Me@home@0, show.json#Night@4.5", lambda name: asked.append(name) or A) == [(0.0, A), (4.5, A)]
    assert asked == ["Me@home", "show.json#Night"]
    for text in ("Waves", "Waves@", "@3", "Waves@soon", ""):
        with pytest.raises(UsageError, match="names no scene and time"):
            parse_scene_times(text, lambda _: A)


def test_points_are_given_in_every_usual_way() -> None:
    """Text, a mapping, a mix, a scene without what only a window has, or all of it."""
    scene = Scene.of(A.but({SIZE: 320, STRENGTH: 0.5}), "a", "everything")
    points = [(0, "starry_night"), (1, {"starry_night": 1.0}), (2, StyleMix({"starry_night": 1.0})), (3, scene), (4, A)]
    timeline = Timeline(points)
    assert [timeline.at(seconds) for seconds in range(5)] == [A, A, A, A.but({STRENGTH: 0.5}), A]
