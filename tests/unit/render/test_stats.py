"""Rates and times are medians, and a stage that fails is left out."""

from __future__ import annotations

import pytest

from stylecam.render.budget import ThreadBudget
from stylecam.render.guard import Guard
from stylecam.render.stats import Numbers, Stats

MS = 1_000_000


def test_rate_and_latency_are_medians() -> None:
    """One hiccup among steady frames changes neither number."""
    stats = Stats()
    times = [0, 40, 80, 120, 500, 540, 580]
    for ms in times:
        stats.frame(ms * MS, (ms - (300 if ms == 500 else 25)) * MS)
    numbers = stats.numbers(now_ns=600 * MS)
    assert numbers.fps == pytest.approx(25)
    assert numbers.latency_ms == pytest.approx(25)


def test_the_rate_of_what_has_stopped_is_zero() -> None:
    """Seconds after the last frame no rate is claimed; nothing at all gives zeros."""
    stats = Stats()
    assert stats.numbers() == Numbers()
    for ms in (0, 40, 80):
        stats.frame(ms * MS, None)
    assert stats.numbers(now_ns=5000 * MS).fps == 0
    stats.clear()
    assert stats.numbers(now_ns=90 * MS) == Numbers()


def test_stages_are_timed_also_when_they_fail() -> None:
    """The status bar has the time of a stage that raised; what the next frame is planned by has only those that succeeded."""
    stats = Stats()
    guard = Guard(stats)
    assert guard.run("colour", lambda: 1, 0) == 1
    assert guard.run("engine", lambda: 1 // 0, 0) == 0
    assert stats.numbers().stages_ms.keys() == {"colour", "engine"}
    assert guard.took_ms.keys() == {"colour"}


def test_a_stage_that_raises_is_off_until_restarted() -> None:
    """The replacement is returned, the stage is not run again, its sentence stands; a restart runs it again."""
    stages, runs = Guard(Stats()), []

    def fail() -> int:
        runs.append(1)
        raise ValueError("bad shape")

    assert stages.run("colour", fail, 7) == 7
    assert stages.run("colour", fail, 8) == 8
    assert len(runs) == 1
    assert "colour" in stages.problem
    assert "bad shape" in stages.problem
    assert stages.run("strength", lambda: 1, 0) == 1
    stages.restart()
    assert stages.problem == ""
    assert stages.run("colour", lambda: 3, 0) == 3


@pytest.mark.parametrize(("cores", "engine"), [(1, 1), (2, 2), (4, 3), (8, 7)])
def test_the_budget_leaves_a_core_where_there_are_many(cores: int, engine: int) -> None:
    """The engine gets both of two cores and all but one of more; OpenCV never adds threads of its own."""
    budget = ThreadBudget.of(cores)
    assert (budget.engine, budget.opencv, budget.qt) == (engine, 1, 1)
    assert budget.encoder >= 1


def test_an_age_in_frames_counts_what_was_finished_since() -> None:
    """A frame captured before the last two were finished is two frames old, however long they took."""
    stats = Stats()
    for done_ns in (10, 20, 30):
        stats.frame(done_ns, None)
    assert [stats.frames_since(at) for at in (5, 10, 15, 30)] == [3, 2, 2, 0]
