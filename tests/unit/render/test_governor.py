"""The governor holds a frame rate by the size of what is stylized, and does not waver."""

from __future__ import annotations

import itertools

import pytest

from stylecam.render.dynamic_resolution import QUICK_FRAMES, SCALES, SETTLE_FRAMES, SLOW_FRAMES, Governor, govern

OTHERS_MS = 3.0


def run(governor: Governor, full_ms: float, frames: int, target_fps: float = 20) -> list[Governor]:
    """Play frames of an engine that takes `full_ms` for a whole frame; return the governor after each."""
    played = []
    for _ in range(frames):
        engine_ms = full_ms * governor.scale**2
        governor = govern(governor, engine_ms + OTHERS_MS, engine_ms, target_fps)
        played.append(governor)
    return played


def test_a_slow_machine_gets_the_largest_size_that_holds_the_rate() -> None:
    """It shrinks once, to where the frame fits, and stays there."""
    played = run(Governor(), full_ms=80, frames=300)
    assert played[SETTLE_FRAMES + SLOW_FRAMES - 1].rung == played[-1].rung == SCALES.index(0.75)
    assert len({governor.rung for governor in played}) == 2


@pytest.mark.parametrize("full_ms", [10.0, 44.0, 50.0, 57.0, 63.0, 80.0, 120.0, 300.0, 5000.0])
def test_it_never_wavers(full_ms: float) -> None:
    """With steady times the size changes at most twice, whatever the machine."""
    rungs = [governor.rung for governor in run(Governor(), full_ms, frames=600)]
    assert sum(a != b for a, b in itertools.pairwise(rungs)) <= 2


def test_one_slow_frame_changes_nothing() -> None:
    """A hiccup is not a slow machine."""
    governor = run(Governor(), full_ms=30, frames=20)[-1]
    governor = govern(governor, 400, 390, 20)
    assert governor.scale == 1
    assert run(governor, full_ms=30, frames=20)[-1].scale == 1


def test_it_grows_again_when_there_is_room() -> None:
    """When the machine is free again the frame grows back, a step at a time, and not at once."""
    governor = run(Governor(), full_ms=150, frames=100)[-1]
    assert governor.scale == 0.5
    played = run(governor, full_ms=20, frames=4 * (QUICK_FRAMES + SETTLE_FRAMES + 1))
    assert played[QUICK_FRAMES // 2].scale == 0.5
    assert played[-1].scale == 1
    assert all(abs(a.rung - b.rung) <= 1 for a, b in itertools.pairwise(played))


def test_a_change_is_given_time_to_settle() -> None:
    """The first frames at a new size, in which the engine prepares itself, do not count."""
    governor = Governor(2)
    for _ in range(SETTLE_FRAMES):
        governor = govern(governor, 900, 890, 20)
    assert (governor.rung, governor.slow) == (2, 0)


def test_without_a_rate_to_hold_it_stylizes_at_full_size() -> None:
    """Switched off, the size goes back at once."""
    assert govern(Governor(3, slow=2, settle=0), 500, 490, 0) == Governor()
