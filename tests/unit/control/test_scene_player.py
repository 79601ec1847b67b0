"""Recalling scenes by a clock that the test turns."""

from __future__ import annotations

import itertools
import random

import pytest

from stylecam.control.scene_player import STEP_S, ScenePlayer
from stylecam.control.scenes import Scene, Scenes
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import FREEZE, RAW, SIZE, STRENGTH, RenderParams
from stylecam.core.window_params import FADE_S, FADE_SHAPE, SCENE_HOLD_S, SCENE_ORDER
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.temporal import CALM
from stylecam.errors import UsageError

STYLES = ("starry_night", "great_wave", "senecio")


class Show:
    """Controls, three scenes and a player."""

    def __init__(self) -> None:
        self.now = 100.0
        self.woken = 0
        self.fixed: tuple[object, ...] = ()
        self.controls = Controls(STYLES, self.clock)
        self.controls.set(FADE_SHAPE, "linear")
        self.controls.set(FADE_S, 2.0)
        self.controls.set_weight("starry_night", 0.5)
        self.scenes = Scenes(
            {
                1: Scene.of(RenderParams(StyleMix({"great_wave": 1.0})), "Waves"),
                2: Scene.of(RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: 0.5, CALM: True, KEEP_COLOR: 1.0}), "Face", "everything"),
                7: Scene.of(RenderParams(StyleMix({"senecio": 0.5, "gone": 0.5}), {RAW: True}), "Gone"),
            }
        )
        self.player = ScenePlayer(
            self.controls, self.scenes, clock=self.clock, rng=random.Random(1), wake=self.wake, fixed=lambda: self.fixed
        )

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def wake(self) -> None:
        """Count."""
        self.woken += 1

    def wait(self, seconds: float) -> float | None:
        """Let time pass, in steps of a tenth of a second."""
        due = None
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            due = self.player.tick()
        return due

    @property
    def mix(self) -> dict[str, float]:
        """The weights that are shown."""
        return dict(self.controls.mix().weights)


@pytest.fixture
def show() -> Show:
    """Return a show at its start."""
    return Show()


def test_a_fade_goes_in_a_straight_line_and_arrives(show: Show) -> None:
    """Halfway both mixes count the same, at the end the scene stands exactly, and the thread may sleep."""
    assert show.player.recall(1) == ()
    assert show.mix == {"starry_night": 0.5}
    assert (show.player.current, show.player.is_fading, show.woken) == (1, True, 1)
    assert show.wait(1.0) == STEP_S
    assert show.mix == pytest.approx({"starry_night": 0.375, "great_wave": 0.375})
    assert show.player.progress == pytest.approx(0.5)
    assert show.wait(1.1) is None
    assert show.mix == {"great_wave": 1.0}
    assert (show.player.current, show.player.is_fading, show.player.progress) == (1, False, 1)


def test_without_a_fade_it_is_there_at_once(show: Show) -> None:
    """In one change; what a pack lacks is named, and a scene of the mix alone leaves the options as they are."""
    heard = []
    show.controls.set(FADE_S, 0.0)
    show.controls.set(KEEP_COLOR, 0.3)
    show.controls.subscribe(lambda: heard.append(show.mix))
    assert show.player.recall(7) == ("gone",)
    assert heard == [{"senecio": 0.5}]
    assert show.controls[RAW]
    assert show.controls[KEEP_COLOR] == 0.3


def test_everything_comes_and_undo_returns_to_before(show: Show) -> None:
    """One undo, also in the middle of the fade: mix, options, switches and solo; what was switched since by hand stays."""
    show.controls.set_solo("great_wave", on=True)
    before = show.controls.params()
    show.player.recall(2)
    assert show.mix == {"great_wave": 1.0}, "a fade begins with what is shown"
    show.wait(1.6)
    assert show.controls[CALM]
    assert show.controls[KEEP_COLOR] == pytest.approx(0.8)
    show.controls.set(FREEZE, True)
    assert show.controls.undo()
    assert not show.player.is_fading
    show.wait(1.0)
    assert show.controls.params() == before.but({FREEZE: True})
    assert show.controls.redo()
    assert show.controls[KEEP_COLOR] == pytest.approx(0.8)
    assert show.controls[CALM]
    assert show.controls.solo is None


def test_a_new_scene_begins_where_the_fade_is(show: Show) -> None:
    """Nothing jumps when a second key is pressed meanwhile; each recall is undone by itself."""
    show.player.recall(1)
    show.wait(1.0)
    halfway = show.mix
    show.player.recall(2)
    assert show.mix == pytest.approx(halfway)
    show.wait(2.1)
    assert show.mix == {"senecio": 1.0}
    show.controls.undo()
    assert show.mix == pytest.approx(halfway)
    show.controls.undo()
    assert show.mix == {"starry_night": 0.5}


def test_whoever_moves_a_slider_has_the_last_word(show: Show) -> None:
    """Fade and loop end where they are, and no scene is marked any more; a switch alone changes none of that."""
    show.player.recall(1)
    show.wait(0.5)
    show.controls.set(FREEZE, True)
    assert show.player.is_fading
    show.controls.set_weight("senecio", 0.9)
    now = show.mix
    assert (show.player.is_fading, show.player.current) == (False, 0)
    assert show.wait(3) is None
    assert show.mix == now


def test_another_pack_ends_a_fade(show: Show) -> None:
    """Its styles are not the scene's."""
    show.player.recall(1)
    show.wait(0.5)
    show.controls.set_styles(["senecio"])
    assert not show.player.is_fading


def test_a_loop_goes_round(show: Show) -> None:
    """Fade, hold, the next, and from the last to the first; one undo leads out of it all."""
    show.controls.set(SCENE_HOLD_S, 3.0)
    show.player.loop(on=True)
    seen = [(show.player.current, show.now)]
    for _ in range(160):
        due = show.wait(0.1)
        assert due == STEP_S if show.player.is_fading else 0 < due <= 3
        if show.player.current != seen[-1][0]:
            seen.append((show.player.current, show.now))
    assert [number for number, _ in seen] == [1, 2, 7, 1]
    for (_, before), (_, after) in itertools.pairwise(seen):
        assert after - before == pytest.approx(5.0, abs=0.21), "two seconds of fade, three of rest"
    assert show.player.is_looping
    show.controls.undo()
    assert show.mix == {"starry_night": 0.5}
    assert not show.player.is_looping


def test_a_random_walk_never_stays(show: Show) -> None:
    """Each time another scene, in no fixed order, and not faster than is good for eyes."""
    show.controls.set(SCENE_ORDER, "random")
    show.controls.set(FADE_S, 0.0)
    show.controls.set(SCENE_HOLD_S, 0.0)
    show.player.loop(on=True)
    seen = [show.player.current]
    for _ in range(100):
        show.wait(0.1)
        seen.append(show.player.current)
    changes = [after for before, after in itertools.pairwise(seen) if before != after]
    assert 15 <= len(changes) <= 20
    assert {*changes} == {1, 2, 7}
    assert changes[:9] != [2, 7, 1] * 3


def test_next_and_previous_go_round(show: Show) -> None:
    """From nowhere to the first or the last."""
    for by, number in ((1, 1), (1, 2), (-1, 1), (-1, 7), (1, 1)):
        show.player.step(by)
        assert show.player.current == number


def test_a_loop_needs_two_and_ends_without_them(show: Show) -> None:
    """With a sentence at its start; scenes may be deleted meanwhile."""
    show.player.loop(on=True)
    show.scenes.delete(1)
    show.scenes.delete(2)
    assert show.wait(10) is None
    assert not show.player.is_looping
    with pytest.raises(UsageError, match="needs two scenes"):
        show.player.loop(on=True)
    with pytest.raises(UsageError, match="no scene 4 yet"):
        show.player.recall(4)
    show.scenes.delete(7)
    with pytest.raises(UsageError, match="no scene yet"):
        show.player.step(1)


def test_what_is_fixed_stays(show: Show) -> None:
    """Such as the size while a video is recorded."""
    show.controls.set(SIZE, 512)
    show.fixed = (SIZE,)
    show.player.recall(2, 0.0)
    assert show.controls[SIZE] == 512
    show.fixed = ()
    show.player.recall(2, 0.0)
    assert show.controls[SIZE] == 0
