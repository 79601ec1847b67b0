"""A restless user for the soak: turns controls at random, records, swaps packs and sources, and comes to rest now and then."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stylecam.app.live.session import Session
from stylecam.control.commands import SIZES_PX, WEIGHT
from stylecam.core.params import BYPASS, FREEZE, SIZE, Param, Value
from stylecam.core.recording_params import REPLAY
from stylecam.core.window_params import FADE_S, FADE_SHAPE
from stylecam.effects.registry import all_params

#: Commands without a value that are drawn. None opens a camera or a microphone: a soak must not watch whoever sits before it.
ACTIONS = ("undo", "redo", "reset", "random", "random", "random", "solo", "lock", "strength_up", "strength_down", "restart")
SCENE_ACTIONS = ("scene_next", "scene_previous", *(f"{what}.{number}" for what in ("scene", "keep_scene") for number in (1, 2, 3)))
SAVES = ("snapshot", "snapshot_full", "save_replay", "save_loop")
_PAUSE_S = (0.1, 1.2)
_LARGEST_PX = 512
_RARELY = 0.15  # the probability that what stops the network is on
_RESTS = 5  # reports of each
_LEAST_RESTS = 3  # however slow the machine: fewer compare nothing
_REST_S = 0.6
_FRAMES_TO_SETTLE = 12
_PATIENCE_S = 90.0
_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True)
class ExercisePlan:
    """What a restless user does for `seconds`: another of `sources` every `change_s`, a rest after every `changes_per_rest` of them.

    At a rest the first source and the first pack are shown, after the last pack was, so that every rest is alike.
    """

    seed: int
    seconds: float
    sources: tuple[str, ...]
    packs: tuple[str, ...]
    change_s: float = 20.0
    changes_per_rest: int = 3

    @classmethod
    def from_json(cls, text: str) -> ExercisePlan:
        """Read what `json.dumps(asdict(plan))` wrote.

        Raises:
            ValueError: it is something else.
        """
        data: Any = json.loads(text)
        try:
            return cls(**{**data, "sources": tuple(data["sources"]), "packs": tuple(data["packs"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"no plan of an exercise: {error}") from error


@dataclass(frozen=True)
class Step:
    """What the user does now, "busy", "settling" or "rest", and how long until the next step; `rests` counts the rests so far."""

    phase: str
    wait_s: float
    rests: int = 0


def exercise(session: Session, plan: ExercisePlan, clock: Callable[[], float] = time.monotonic) -> Iterator[Step]:
    """Do it, step by step; the caller waits between them. Ends with a rest, the third or a later one, after the plan's time."""
    rng = random.Random(plan.seed)  # noqa: S311 (a test's choices, no secret)
    end, deck, rests = clock() + plan.seconds, list[str](), 0
    while True:
        for _ in range(plan.changes_per_rest):
            deck = deck or rng.sample(plan.sources, len(plan.sources))
            session.open_source(deck.pop())
            until = clock() + plan.change_s
            while (left := until - clock()) > 0:
                turn(session, plan, rng)
                yield Step("busy", min(left, rng.uniform(*_PAUSE_S)), rests)
        yield from (Step("settling", _POLL_S, rests) for _ in _come_to_rest(session, plan, clock))
        yield from (Step("rest", _REST_S, rests) for _ in range(_RESTS))
        rests += 1
        if clock() >= end and rests >= _LEAST_RESTS:
            return


def turn(session: Session, plan: ExercisePlan, rng: random.Random) -> None:
    """Do one thing at random, by the session's commands."""
    draw = rng.random()
    if draw < 0.08:
        session.commands.run("record")
    elif draw < 0.12:
        session.commands.run(rng.choice(SAVES))
    elif draw < 0.17:
        session.open_pack(rng.choice(plan.packs))
    elif draw < 0.36:
        session.commands.run(rng.choice(ACTIONS))
    elif draw < 0.42:
        session.commands.run(rng.choice(SCENE_ACTIONS))
    elif draw < 0.7:
        session.commands.run(WEIGHT + rng.choice(session.controls.styles), round(rng.random(), 2))
    else:
        param = rng.choice(_options())
        session.commands.run(param.id, random_value(param, rng))


def random_value(param: Param[Any], rng: random.Random) -> Value:
    """Return a value that an option may have; what stops the network is mostly off, and sizes are such that frames keep coming."""
    if param is SIZE:
        return rng.choice([size for size in SIZES_PX if 0 < size <= _LARGEST_PX])
    if param.kind == "switch":
        return rng.random() < (_RARELY if param in (BYPASS, FREEZE) else 0.5)
    if param.kind == "choice":
        return str(rng.choice(param.choices))
    if param.zero and rng.random() < 0.5:
        return 0
    return rng.randint(int(param.low), int(param.high)) if param.kind == "whole" else rng.uniform(param.low, param.high)


def _options() -> tuple[Param[Any], ...]:
    return (*all_params(), FADE_S, FADE_SHAPE, REPLAY)


def _come_to_rest(session: Session, plan: ExercisePlan, clock: Callable[[], float]) -> Iterator[None]:
    """Bring everything to the state that all rests share; a machine under load may take its time for that."""
    for name in ("record", "scene_loop"):
        session.commands.run(name, False)
    with session.controls.changing():
        for param in _options():
            session.controls.set(param, param.first)
        session.controls.set(SIZE, SIZES_PX[0])
    session.open_source(plan.sources[0])
    for pack in (plan.packs[-1], plan.packs[0]):  # another network, so that the engine is opened again and holds one size
        session.open_pack(pack)
        yield from _until(lambda name=pack: session.pack_name == name and session.is_quiet, clock)  # type: ignore[misc]
        session.controls.set_mix(session.controls.first_mix())
        rendered = session.ledger.snapshot()[0].get("rendered", 0) + _FRAMES_TO_SETTLE
        yield from _until(lambda wanted=rendered: session.ledger.snapshot()[0].get("rendered", 0) >= wanted, clock)  # type: ignore[misc]


def _until(done: Callable[[], bool], clock: Callable[[], float]) -> Iterator[None]:
    deadline = clock() + _PATIENCE_S
    while not done() and clock() < deadline:
        yield
