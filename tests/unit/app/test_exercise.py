"""The restless user: what he does, that the seed decides it, and that he comes to rest."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, replace

import pytest

from stylecam.app.live import exercise as module
from stylecam.app.live.exercise import ExercisePlan, _options, exercise, random_value
from stylecam.app.live.session import Session
from stylecam.core.params import BYPASS, SIZE
from tests.fakes import tiny_pack
from tests.live_fakes import World

PLAN = ExercisePlan(seed=4, seconds=60.0, sources=("pattern", "demo", "clip.mp4"), packs=("tiny", "other"), change_s=20.0)


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for frames that nobody renders."""
    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)


def run(plan: ExercisePlan) -> tuple[World, list[str]]:
    """Exercise a session of stand-ins by a clock that runs at once; return what it made, and the phases."""
    world, now = World(), [0.0]
    session = Session(tiny_pack(), world.services(), "tiny")
    phases = []
    try:
        for step in exercise(session, plan, lambda: now[0]):
            phases.append(step.phase)
            now[0] += step.wait_s
    finally:
        session.close()
    return world, phases


def test_sources_change_and_rests_are_alike(no_patience: None) -> None:
    """Every source comes before any comes again, each for its time; then the first source is shown, and nothing is recorded."""
    world, phases = run(PLAN)
    asked = [feed.text for feed in world.feeds]
    assert sorted(asked[:3]) == sorted(PLAN.sources)
    assert asked[3] == "pattern"
    assert len(world.sinks) > 0
    assert phases[-1] == "rest"
    assert phases.count("busy") > 60


def test_the_seed_decides_what_is_done(no_patience: None) -> None:
    """The same sources in the same order until the first rest; later what was loaded in the background takes part."""
    first, second, other = (run(replace(PLAN, seed=seed))[0] for seed in (PLAN.seed, PLAN.seed, PLAN.seed + 1))
    assert [feed.text for feed in first.feeds][:4] == [feed.text for feed in second.feeds][:4]
    assert [feed.text for feed in first.feeds] != [feed.text for feed in other.feeds]


def test_no_camera_is_opened(no_patience: None) -> None:
    """Whoever sits before the computer is not looked at, whatever is drawn."""
    for seed in range(3):
        world, _ = run(ExercisePlan(**{**asdict(PLAN), "seed": seed}))
        assert {feed.text for feed in world.feeds} <= set(PLAN.sources)


def test_random_values_are_allowed_ones() -> None:
    """Every option that is turned, and the network mostly runs."""
    rng = random.Random(0)
    for param in _options():
        assert all(param.accepts(random_value(param, rng)) for _ in range(50)), param.id
    assert sum(bool(random_value(BYPASS, rng)) for _ in range(200)) < 60
    assert all(0 < int(random_value(SIZE, rng)) <= 512 for _ in range(50))


def test_a_plan_is_read_again() -> None:
    """As it was written; anything else is refused."""
    assert ExercisePlan.from_json(json.dumps(asdict(PLAN))) == PLAN
    for text in ("{}", "[]", "{", json.dumps({**asdict(PLAN), "more": 1})):
        with pytest.raises(ValueError, match=r"no plan|Expecting|must be"):
            ExercisePlan.from_json(text)


def test_a_session_says_whether_it_is_quiet() -> None:
    """It is not while a job runs, and is soon after."""
    world = World(slow={"slow"})
    session = Session(tiny_pack(), world.services(), "tiny")
    session.open_source("slow")
    assert not session.is_quiet
    world.feed.may_open.set()
    deadline = time.monotonic() + 30
    while not session.is_quiet and time.monotonic() < deadline:
        time.sleep(0.01)
    assert session.is_quiet
    session.close()
