"""The state of the controls, without a window."""

from __future__ import annotations

import random

import pytest

from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import BYPASS, FREEZE, RAW, SIZE, STRENGTH
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.mirror import MIRROR

STYLES = ("starry_night", "great_wave", "senecio", "the_scream")


class Clock:
    """Seconds that pass on request."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock at zero."""
    return Clock()


@pytest.fixture
def controls(clock: Clock) -> Controls:
    """Return controls at zero."""
    return Controls(STYLES, clock)


def test_all_at_zero_is_the_photo(controls: Controls) -> None:
    """Untouched sliders stylize nothing."""
    assert controls.params().is_plain


def test_every_control_reaches_the_parameters(controls: Controls) -> None:
    """Each method and switch changes its own field and no other."""
    controls.set_weight("senecio", 0.4)
    controls.set(STRENGTH, 0.7)
    controls.set(KEEP_COLOR, 0.2)
    for switch in (RAW, MIRROR, FREEZE, BYPASS):
        controls.set(switch, True)
    controls.set(SIZE, 320)
    params = controls.params()
    assert params.mix == StyleMix({"senecio": 0.4})
    assert (params[STRENGTH], params[KEEP_COLOR], params[SIZE]) == (0.7, 0.2, 320)
    assert all(params[switch] for switch in (RAW, MIRROR, FREEZE, BYPASS))


def test_weights_stay_between_zero_and_one(controls: Controls) -> None:
    """Whatever a view sends, the parameters are valid."""
    controls.set_weight("senecio", 7)
    controls.set(STRENGTH, -3)
    assert controls.moves.weights["senecio"] == 1
    assert controls[STRENGTH] == 0


def test_solo_shows_one_and_forgets_nothing(controls: Controls) -> None:
    """The soloed style is alone, at full weight if its slider is at zero; ending solo brings the mix back."""
    controls.set_weight("senecio", 0.4)
    controls.toggle_solo("senecio")
    assert controls.mix() == StyleMix({"senecio": 0.4})
    controls.toggle_solo("great_wave")
    assert controls.mix() == StyleMix({"great_wave": 1.0})
    controls.toggle_solo("great_wave")
    assert controls.mix() == StyleMix({"senecio": 0.4})


def test_a_lock_holds_against_move_reset_and_random(controls: Controls) -> None:
    """A locked slider stays where it is, whatever is pressed, until it is freed."""
    controls.set_weight("senecio", 0.4)
    controls.toggle_lock("senecio")
    controls.set_weight("senecio", 0.9)
    controls.reset()
    assert controls.mix() == StyleMix({"senecio": 0.4})
    for seed in range(20):
        controls.randomise(random.Random(seed))
        assert controls.moves.weights["senecio"] == 0.4
    controls.toggle_lock("senecio")
    controls.reset()
    assert controls.mix().is_silent


def test_random_draws_a_few_styles_that_sum_to_one(controls: Controls) -> None:
    """One to three styles, about 1 in all, and not always the same."""
    drawn = set()
    for seed in range(30):
        controls.randomise(random.Random(seed))
        weights = controls.mix().weights
        assert 1 <= len(weights) <= 3
        assert sum(weights.values()) == pytest.approx(1, abs=0.03)
        drawn.add(tuple(weights))
    assert len(drawn) > 3


def test_random_with_everything_locked_changes_nothing(controls: Controls) -> None:
    """No free slider is no error."""
    for style in STYLES:
        controls.toggle_lock(style)
    controls.randomise()
    assert controls.mix().is_silent


def test_undo_takes_back_one_move_and_redo_makes_it_again(controls: Controls, clock: Clock) -> None:
    """Moves of different sliders are undone one by one, in order; nothing left to undo is said, not raised."""
    controls.set_weight("senecio", 0.4)
    controls.set(STRENGTH, 0.5)
    controls.reset()
    assert (controls.can_undo, controls.can_redo) == (True, False)
    assert controls.undo()
    assert controls.can_redo
    assert controls.mix() == StyleMix({"senecio": 0.4})
    assert controls.undo()
    assert controls[STRENGTH] == 1
    assert controls.redo()
    assert controls[STRENGTH] == 0.5
    assert controls.undo()
    assert controls.undo()
    assert not controls.undo()
    controls.set_weight("great_wave", 1)
    assert not controls.redo()


def test_one_pull_of_a_slider_is_one_move(controls: Controls, clock: Clock) -> None:
    """A hundred steps of the same slider in a second are undone at once; after a pause a new move begins."""
    for step in range(100):
        clock.now += 0.01
        controls.set_weight("senecio", step / 100)
    clock.now += 5
    controls.set_weight("senecio", 0.2)
    assert controls.undo()
    assert controls.moves.weights["senecio"] == 0.99
    assert controls.undo()
    assert controls.mix().is_silent


def test_the_history_has_a_bound(controls: Controls, clock: Clock) -> None:
    """A long evening of moves does not grow without end."""
    for step in range(1000):
        clock.now += 5
        controls.set_weight("senecio", step % 2)
    undone = 0
    while controls.undo():
        undone += 1
    assert undone == 200


def test_another_pack_keeps_what_both_know(controls: Controls) -> None:
    """Weights and locks of shared styles stay; the others are gone, solo and history with them."""
    controls.set_weight("senecio", 0.4)
    controls.set_weight("great_wave", 0.6)
    controls.toggle_lock("senecio")
    controls.toggle_solo("great_wave")
    controls.set_styles(["new", "senecio"])
    assert controls.styles == ("new", "senecio")
    assert controls.mix() == StyleMix({"senecio": 0.4})
    assert controls.locked == {"senecio"}
    assert not controls.undo()


def test_the_first_mix_is_one_the_pack_can_render() -> None:
    """Known styles mixed, or the first style of a pack that has none of them."""
    assert Controls(STYLES).first_mix() == StyleMix({"starry_night": 0.6, "great_wave": 0.4})
    assert Controls(["mine", "yours"]).first_mix() == StyleMix({"mine": 1.0})


def test_listeners_hear_of_every_change_until_they_leave(controls: Controls) -> None:
    """Also of one that came to nothing, so that a slider which was held shows where it is; joined ones are reported once."""
    seen: list[StyleMix] = []
    end = controls.subscribe(lambda: seen.append(controls.mix()))
    controls.set_weight("senecio", 0.4)
    controls.toggle_lock("senecio")
    controls.set_weight("senecio", 0.9)
    assert seen == [StyleMix({"senecio": 0.4})] * 3
    with controls.changing():
        controls.reset()
        controls.toggle_lock("senecio")
        controls.set_weight("great_wave", 1.0)
    assert seen[3:] == [StyleMix({"senecio": 0.4, "great_wave": 1.0})]
    end()
    controls.undo()
    assert len(seen) == 4


def test_a_listener_may_turn_the_controls(controls: Controls) -> None:
    """Such as one that shows a style alone when it joins; the others hear of both."""
    seen: list[str | None] = []
    controls.subscribe(lambda: controls.set_solo("new", on=True) if "new" in controls.styles and controls.solo is None else None)
    controls.subscribe(lambda: seen.append(controls.solo))
    controls.add_styles(["new"])
    assert seen[-1] == "new"


def test_styles_that_are_gone_are_passed_over(controls: Controls) -> None:
    """A slider that is pulled while its pack goes, a lock or solo of it: nothing happens."""
    controls.set_weight("senecio", 0.4)
    controls.set_styles(["other"])
    controls.set_weight("senecio", 1.0)
    controls.toggle_lock("senecio")
    controls.toggle_solo("senecio")
    assert (controls.moves.weights, controls.locked, controls.solo, controls.touched) == ({"other": 0.0}, frozenset(), None, "other")


def test_solo_can_be_set_and_ended(controls: Controls) -> None:
    """Ending it for a style that is not the one changes nothing."""
    controls.set_solo("senecio", on=True)
    controls.set_solo("great_wave", on=False)
    assert controls.solo == "senecio"
    controls.set_solo("senecio", on=False)
    assert controls.solo is None
