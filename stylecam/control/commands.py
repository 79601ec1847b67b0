"""Everything that can be done by name: actions, switches and options by ids that window, hotkeys, controllers and scripts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from stylecam.control.state import Controls
from stylecam.core.params import HOLD_FPS, RAW, SIZE, STRENGTH, Param, Value
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.registry import every_param
from stylecam.errors import UsageError, did_you_mean

#: Longest sides to stylize at, of which "larger" and "smaller" take the next. 0 is the source's own.
SIZES_PX = (256, 384, 512, 640, 960, 1280, 0)
#: What "hold" holds: with fewer, a moving face seems to stutter.
HELD_FPS = 20.0
#: How far "stronger" and its like go.
STEP = 0.05
#: `weight.starry_night` is the weight of that style.
WEIGHT = "weight."


@dataclass(frozen=True)
class Command:
    """`run` does it; a switch or an option takes the new value, which `value` reads; without `value` it is an action."""

    run: Callable[[Any], object]
    value: Callable[[], Value] | None = None


class Commands:
    """The table of commands. Ids of options are those of their declarations; weights are `weight.STYLE`.

    >>> commands = Commands(Controls(["senecio"]))
    >>> commands.run("weight.senecio", 0.4)
    >>> commands.run("freeze")
    >>> commands.value("weight.senecio"), commands.value("freeze")
    (0.4, True)
    >>> commands.run("undo")
    >>> commands.value("weight.senecio")
    0.0
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._commands: dict[str, Command] = {}
        for name in ("undo", "redo", "reset", "randomise"):
            self.add("random" if name == "randomise" else name, getattr(controls, name))
        self.add("solo", lambda: controls.toggle_solo(controls.touched))
        self.add("lock", lambda: controls.toggle_lock(controls.touched))
        for name, param, by in (("strength", STRENGTH, STEP), ("color", KEEP_COLOR, STEP)):
            self.add(f"{name}_up", partial(self._shift, param, by))
            self.add(f"{name}_down", partial(self._shift, param, -by))
        for param in every_param():
            self.add_switch(param.id, partial(controls.set, param), partial(controls.__getitem__, param))
        # The same options, as a user thinks of them.
        self.add_switch("normalise", lambda on: controls.set(RAW, not on), lambda: not controls[RAW])
        self.add_switch("hold", lambda on: controls.set(HOLD_FPS, HELD_FPS if on else 0.0), lambda: controls[HOLD_FPS] > 0)
        # By name, so that whoever replaces the command for the size decides here too.
        self.add("larger", lambda: self.run(SIZE.id, _next_size(controls[SIZE], 1)))
        self.add("smaller", lambda: self.run(SIZE.id, _next_size(controls[SIZE], -1)))

    def add(self, name: str, act: Callable[[], object]) -> None:
        """Add an action, or replace the one of that name."""
        self._commands[name] = Command(lambda _: act())

    def add_switch(self, name: str, change: Callable[[Any], object], value: Callable[[], Value]) -> None:
        """Add a switch or an option, or replace the one of that name."""
        self._commands[name] = Command(change, value)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all commands, the weights of the styles last."""
        return (*self._commands, *(WEIGHT + style for style in self._controls.styles))

    def run(self, name: str, value: Value | None = None) -> None:
        """Do it. A switch without a value is turned over.

        Raises:
            UsageError: there is no such command, or it cannot have this value.
        """
        command = self._find(name)
        if command.value is None:
            command.run(None)
            return
        now = command.value()
        if value is None:
            if not isinstance(now, bool):
                raise UsageError(f"'{name}' needs a value.")
            value = not now
        command.run(value)

    def value(self, name: str) -> Value | None:
        """Return the value of a switch or an option; None for an action.

        Raises:
            UsageError: there is no such command.
        """
        command = self._find(name)
        return command.value() if command.value is not None else None

    def _find(self, name: str) -> Command:
        if name in self._commands:
            return self._commands[name]
        style = name.removeprefix(WEIGHT)
        if name.startswith(WEIGHT) and style in self._controls.styles:
            controls = self._controls
            return Command(lambda weight: controls.set_weight(style, float(weight)), lambda: controls.moves.weights.get(style, 0.0))
        raise UsageError(f"There is no command '{name}'.{did_you_mean(name, self.ids)}")

    def _shift(self, param: Param[float], by: float) -> None:
        with self._controls.changing():
            self._controls.set(param, self._controls[param] + by)


def _next_size(size_px: int, by: int) -> int:
    """Return the next size of the list; from one that is not on it, the next larger or smaller."""
    if size_px not in SIZES_PX:
        between = [size for size in SIZES_PX if size and (size > size_px if by > 0 else size < size_px)]
        return (min(between) if by > 0 else max(between)) if between else SIZES_PX[-1 if by > 0 else 0]
    return SIZES_PX[min(len(SIZES_PX) - 1, max(0, SIZES_PX.index(size_px) + by))]
