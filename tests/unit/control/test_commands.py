"""Commands by id: what they do to the controls, and how they refuse."""

from __future__ import annotations

import pytest

from stylecam.control.commands import HELD_FPS, SIZES_PX, Commands
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import HOLD_FPS, RAW, SIZE, STRENGTH
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.registry import every_param
from stylecam.errors import UsageError


@pytest.fixture
def controls() -> Controls:
    """Return controls at their defaults."""
    return Controls(["senecio", "great_wave"])


@pytest.fixture
def commands(controls: Controls) -> Commands:
    """Return their commands."""
    return Commands(controls)


def test_every_option_and_weight_has_an_id(controls: Controls, commands: Commands) -> None:
    """A declaration is all that an option needs: its id reads and sets it. New styles have theirs at once."""
    assert {param.id for param in every_param()} <= set(commands.ids)
    for param in every_param():
        assert commands.value(param.id) == param.default
    controls.add_styles(["new"])
    commands.run("weight.new", 0.5)
    assert controls.mix() == StyleMix({"new": 0.5})
    assert commands.value("weight.new") == 0.5
    assert "weight.new" in commands.ids


def test_switches_are_set_or_turned_over(controls: Controls, commands: Commands) -> None:
    """With a value they are set, without one they turn; the two that say it the other way round too."""
    commands.run("freeze")
    assert commands.value("freeze") is True
    commands.run("freeze", True)
    assert commands.value("freeze") is True
    commands.run("freeze")
    assert commands.value("freeze") is False
    assert commands.value("normalise") is True
    commands.run("normalise")
    assert controls[RAW] is True
    commands.run("hold")
    assert controls[HOLD_FPS] == HELD_FPS
    commands.run("hold", False)
    assert (controls[HOLD_FPS], commands.value("hold")) == (0, False)


def test_actions_move_the_sliders(controls: Controls, commands: Commands) -> None:
    """Stronger and weaker stop at the ends; undo and redo, reset and random, solo and lock of what was touched last."""
    for name in ("strength_up", "strength_down", "strength_down", "color_up"):
        commands.run(name)
    assert controls[STRENGTH] == pytest.approx(0.9)
    assert controls[KEEP_COLOR] == pytest.approx(0.05)
    commands.run("weight.great_wave", 0.4)
    commands.run("weight.senecio", 0.6)
    commands.run("solo")
    assert controls.mix() == StyleMix({"senecio": 0.6})
    commands.run("solo")
    commands.run("lock")
    commands.run("reset")
    assert controls.mix() == StyleMix({"senecio": 0.6})
    commands.run("undo")
    assert controls.mix() == StyleMix({"senecio": 0.6, "great_wave": 0.4})
    commands.run("redo")
    commands.run("random")
    assert controls.moves.weights["senecio"] == 0.6, "a locked one stays"
    assert commands.value("undo") is None


@pytest.mark.parametrize(("begin", "name", "end"), [(640, "larger", 960), (0, "larger", 0), (256, "smaller", 256), (0, "smaller", 1280)])
def test_sizes_go_along_the_list(controls: Controls, commands: Commands, begin: int, name: str, end: int) -> None:
    """Its ends hold."""
    controls.set(SIZE, begin)
    commands.run(name)
    assert controls[SIZE] == end


def test_a_size_that_is_not_on_the_list_goes_to_its_neighbours(controls: Controls, commands: Commands) -> None:
    """One of the command line; beyond the largest there is only the source's own."""
    for begin, name, end in ((700, "larger", 960), (700, "smaller", 640), (4000, "larger", 0), (4000, "smaller", 1280)):
        controls.set(SIZE, begin)
        commands.run(name)
        assert controls[SIZE] == end
        assert end in SIZES_PX


def test_what_is_not_there_is_refused(commands: Commands) -> None:
    """An unknown id is suggested a known one, an option needs a value, and one that it cannot have is said."""
    with pytest.raises(UsageError, match="Did you mean freeze"):
        commands.run("freze")
    with pytest.raises(UsageError, match=r"no command 'weight\.mona_lisa'"):
        commands.run("weight.mona_lisa", 1.0)
    with pytest.raises(UsageError, match="needs a value"):
        commands.run("strength")
    with pytest.raises(UsageError, match="out of range"):
        commands.run("size_px", 3)
