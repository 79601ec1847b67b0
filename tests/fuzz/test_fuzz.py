"""A minute of fuzzing with a fixed seed, and a proof that the harness finds what it looks for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz import run, targets
from tests.fuzz.child import input_rng
from tests.fuzz.run import run_target

_SECONDS = 60


@pytest.mark.slow
@pytest.mark.parametrize("name", targets.names())
def test_nothing_is_found_in_a_minute(name: str) -> None:
    """Every reader refuses what it cannot use with its own errors, within 300 MB and 5 s of processor time. They share the minute."""
    outcome = run_target(name, seed=2026, inputs=100_000, seconds=_SECONDS / len(targets.names()))
    assert outcome.inputs > 0
    assert outcome.kinds == {}


def test_inputs_are_the_same_each_time(tmp_path: Path) -> None:
    """What was found is made again from target, seed and number; another number gives another input."""
    for name in targets.names():
        folder = tmp_path / name
        folder.mkdir()
        target = targets.make(name, folder)
        first, again, other = (target.make(input_rng(name, 1, number)) for number in (5, 5, 6))
        assert first == again != other, name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "found"),
    [("raise", "KeyError"), ("memory", "memory"), ("loop", "TooSlow"), ("crash", "SIGSEGV"), ("exit", "exit code 3"), ("hang", "SIGKILL")],
)
def test_the_harness_finds(kind: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of another class, too much memory or time, a crash, an end, a hang: each is pinned to its input, and the rest is read."""
    if kind == "hang":
        monkeypatch.setattr(run, "HANG_S", 5.0)
    outcome = run_target(f"faulty:{kind}", seed=0, inputs=5)
    assert outcome.inputs == 5
    (finding,) = outcome.found
    assert finding["found"] == 2
    assert found in finding["kind"]


def test_damage_is_bounded(tmp_path: Path) -> None:
    """An input is damaged, not grown without end."""
    from tests.fuzz.mutate import damaged

    rng = random.Random(0)
    assert all(len(damaged(bytes(100), rng)) < 3000 for _ in range(200))
