"""What all controls say, whoever turns them: weights, locks, solo, the value of every option, undo."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from stylecam.core.mix import StyleMix
from stylecam.core.params import Param, RenderParams, Value

#: Moves of the same slider that follow each other faster than this are undone together.
_ONE_MOVE_S = 1.0
_HISTORY = 200
#: A mix of more than a few styles turns to mud; random draws so many at most.
_RANDOM_STYLES = 3
_FIRST_MIX = {"starry_night": 0.6, "great_wave": 0.4}

T = TypeVar("T", bound=Value)


@dataclass(frozen=True)
class Moves:
    """The positions of all sliders; what undo brings back. `weights` has every style of the pack, `values` the options with a slider."""

    weights: dict[str, float]
    values: dict[Param[Any], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Step:
    """What undo brings back: the sliders, and after a recalled scene also its options without a slider, and solo."""

    moves: Moves
    others: Mapping[Param[Any], Any] | None = None
    solo: str | None = None


class Controls:
    """The one place where the state of the controls lives. Every method leaves a valid state, and any thread may call any method.

    Clients (a window, a hotkey, a MIDI controller, a script) call methods; those that show something `subscribe`, and then look.

    >>> controls, seen = Controls(["senecio", "great_wave"]), []
    >>> end = controls.subscribe(lambda: seen.append(str(controls.mix())))
    >>> controls.set_weight("senecio", 0.4)
    >>> with controls.changing():
    ...     controls.set_weight("senecio", 0.5)
    ...     controls.set_weight("great_wave", 1.0)
    >>> seen
    ['senecio=0.4', 'senecio=0.5,great_wave=1']

    Args:
        styles: ids of the pack's styles, in order.
        clock: seconds, for joining quick moves of one slider.
    """

    def __init__(self, styles: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.lock = threading.RLock()
        self._depth = 0
        self._listeners: tuple[Callable[[], object], ...] = ()
        #: The style that was turned last, which solo and lock by key mean.
        self.touched = ""
        self._others: dict[Param[Any], Any] = {}  # the values of the options that have no slider
        self.moves = Moves({})
        self.locked: frozenset[str] = frozenset()
        self.set_styles(styles)

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener` after every change, in the thread that made it and before any other change; it must not wait for anything.

        Returns:
            What ends that.
        """

        def end() -> None:
            with self.lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        with self.lock:
            self._listeners = (*self._listeners, listener)
        return end

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make several changes one: nobody sees or hears of anything between, and listeners are called once, at the end."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    for listener in self._listeners:
                        listener()

    def set_styles(self, styles: Sequence[str]) -> None:
        """Begin again with another pack's styles; weights and locks of styles that both have are kept, the history is not."""
        with self.changing():
            self.moves = replace(self.moves, weights={style: self.moves.weights.get(style, 0.0) for style in styles})
            self.locked &= frozenset(styles)
            self.solo: str | None = None
            self._undo: list[_Step] = []
            self._redo: list[_Step] = []
            self._last_move: tuple[str, float] = ("", 0.0)
            if self.touched not in self.moves.weights:
                self.touched = next(iter(styles), "")

    def add_styles(self, styles: Sequence[str]) -> None:
        """Take in styles that a pack gained, at zero; weights, locks, solo and history stay as they are."""

        def wider(moves: Moves) -> Moves:
            return replace(moves, weights=moves.weights | {style: 0.0 for style in styles if style not in moves.weights})

        with self.changing():
            self.moves = wider(self.moves)
            self._undo = [replace(step, moves=wider(step.moves)) for step in self._undo]
            self._redo = [replace(step, moves=wider(step.moves)) for step in self._redo]

    def restore(self, mix: StyleMix, values: Mapping[Param[Any], Any], locked: Sequence[str] = ()) -> None:
        """Take what an earlier run left, without a move to undo; styles that the pack lacks are passed over."""
        with self.changing():
            weights = {style: _clip(mix.weights.get(style, 0.0)) for style in self.styles}
            self.moves = Moves(weights, {param: param.check(value) for param, value in values.items() if param.slider})
            self._others = {param: param.check(value) for param, value in values.items() if not param.slider}
            self.locked = frozenset(locked) & frozenset(self.styles)

    def __getitem__(self, param: Param[T]) -> T:
        """Return the value of an option."""
        value: T = (self.moves.values if param.slider else self._others).get(param, param.default)
        return value

    def set(self, param: Param[T], value: T) -> None:
        """Change an option. A slider's value is brought into its range, and its moves can be undone.

        Raises:
            UsageError: a switch or choice is given what it cannot be.
        """
        with self.changing():
            if param.slider:
                self._move(param.id, replace(self.moves, values={**self.moves.values, param: param.clip(float(value))}))
            else:
                self._others = {**self._others, param: param.check(value)}

    @property
    def values(self) -> dict[Param[Any], Any]:
        """The values of all options that were ever set."""
        return {**self._others, **self.moves.values}

    @property
    def styles(self) -> tuple[str, ...]:
        """The ids of the styles in order."""
        return tuple(self.moves.weights)

    def mix(self) -> StyleMix:
        """Return the mix that is shown: all that is above zero, or the soloed style alone."""
        with self.lock:
            if self.solo is not None:
                return StyleMix({self.solo: self.moves.weights[self.solo] or 1.0})
            return StyleMix({style: weight for style, weight in self.moves.weights.items() if weight})

    def params(self) -> RenderParams:
        """Return all that changes frames as one frozen value."""
        with self.lock:
            return RenderParams(self.mix(), {param: value for param, value in self.values.items() if not param.group})

    def set_weight(self, style: str, weight: float) -> None:
        """Move one slider. A locked one stays, and one that the pack lacks, such as a moment after another was opened, is passed over."""
        with self.changing():
            if style not in self.moves.weights:
                return
            self.touched = style
            if style not in self.locked:
                self._move(style, replace(self.moves, weights=self.moves.weights | {style: _clip(weight)}))

    def set_mix(self, mix: StyleMix) -> None:
        """Put all sliders where `mix` says, in one move; styles that the pack lacks are passed over."""
        with self.changing():
            self._move("", replace(self.moves, weights={style: _clip(mix.weights.get(style, 0.0)) for style in self.styles}))

    def begin_recall(self, params: Iterable[Param[Any]]) -> None:
        """Let undo come back to this moment, with these options and solo too: a scene is about to take over, see `recall`."""
        with self.changing():
            others = {param: self[param] for param in params if not param.slider}
            self._undo = [*self._undo[-_HISTORY + 1 :], _Step(self.moves, others, self.solo)]
            self._redo, self._last_move = [], ("", 0.0)

    def recall(self, mix: StyleMix, values: Mapping[Param[Any], Any]) -> None:
        """Put the sliders, locked ones too, and some options where a scene wants them; solo ends. Undo goes back to `begin_recall`."""
        with self.changing():
            weights = {style: _clip(mix.weights.get(style, 0.0)) for style in self.styles}
            sliders = {param: param.clip(float(value)) for param, value in values.items() if param.slider}
            self.moves = Moves(weights, {**self.moves.values, **sliders})
            self._others = {**self._others, **{param: param.check(value) for param, value in values.items() if not param.slider}}
            self.solo = None

    def reset(self) -> None:
        """Put every slider that is not locked to zero; solo ends."""
        with self.changing():
            self.solo = None
            self._move("", replace(self.moves, weights={s: w if s in self.locked else 0.0 for s, w in self.moves.weights.items()}))

    def randomise(self, rng: random.Random | None = None) -> None:
        """Draw a few styles and weights that sum to about 1; locked sliders stay as they are; solo ends."""
        rng = rng or random.Random()  # noqa: S311 (a mix, no secret)
        with self.changing():
            free = [style for style in self.styles if style not in self.locked]
            chosen = rng.sample(free, min(len(free), rng.randint(1, _RANDOM_STYLES)))
            shares = [rng.uniform(0.3, 1.0) for _ in chosen]
            drawn = {style: max(0.01, round(share / sum(shares), 2)) for style, share in zip(chosen, shares, strict=True)}
            self.solo = None
            weights = {s: w if s in self.locked else drawn.get(s, 0.0) for s, w in self.moves.weights.items()}
            self._move("", replace(self.moves, weights=weights))

    def toggle_lock(self, style: str) -> None:
        """Lock a slider against every move by hand, reset and random, or free it. Undo and a recalled scene move it too."""
        with self.changing():
            if style in self.moves.weights:
                self.touched = style
                self.locked ^= {style}

    def set_solo(self, style: str, on: bool) -> None:
        """Show one style alone, or all as the sliders say; no slider moves. Where another is shown alone, `on` false changes nothing."""
        with self.changing():
            if style in self.moves.weights and (self.solo == style) != on:
                self.solo = style if on else None

    def toggle_solo(self, style: str) -> None:
        """Show one style alone, or all again."""
        with self.changing():
            if style in self.moves.weights:
                self.touched = style
            self.set_solo(style, self.solo != style)

    @property
    def can_undo(self) -> bool:
        """True when there is a move to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """True when there is a move to make again."""
        return bool(self._redo)

    def undo(self) -> bool:
        """Take the last move back; False if there is none."""
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Make the move again that was taken back; False if there is none."""
        return self._step(self._redo, self._undo)

    def first_mix(self) -> StyleMix:
        """Return the mix for a first start: one that looks good, or the pack's first style."""
        known = {style: weight for style, weight in _FIRST_MIX.items() if style in self.moves.weights}
        return StyleMix(known or dict.fromkeys(self.styles[:1], 1.0))

    def _move(self, what: str, moves: Moves) -> None:
        if moves == self.moves:
            return
        now = self._clock()
        name, when = self._last_move
        if not (what and what == name and now - when < _ONE_MOVE_S and self._undo):
            self._undo = [*self._undo[-_HISTORY + 1 :], _Step(self.moves)]
        self._redo = []
        self._last_move = (what, now)
        self.moves = moves

    def _step(self, source: list[_Step], target: list[_Step]) -> bool:
        with self.changing():
            if not source:
                return False
            step = source.pop()
            if step.others is None:
                target.append(_Step(self.moves))
            else:
                target.append(_Step(self.moves, {param: self[param] for param in step.others}, self.solo))
                self._others = {**self._others, **step.others}
                self.solo = step.solo if step.solo in self.moves.weights else None
            self.moves = step.moves
            self._last_move = ("", 0.0)
            return True


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
