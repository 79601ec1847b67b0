"""Changing to a faster engine while frames run, with engines whose speed is known."""

import threading
import time

import numpy as np
import pytest

from stylecam.engines.auto import AutoEngine
from stylecam.engines.base import Engine
from stylecam.errors import EngineError
from tests.fakes import tiny_config

CONFIG = tiny_config()
VECTOR = np.zeros(CONFIG.scale_shift_size, np.float32)
PHOTO = np.zeros((4, 4, 3), np.uint8)


class Paced(Engine):
    """Takes a known time and stylizes its own number, so that an image tells who stylized it."""

    def __init__(self, name, number, seconds, *, maps=False):
        self.name, self.number, self.seconds = name, number, seconds
        self.precision, self.device, self.config, self.supports_maps = "u8", name.upper(), CONFIG, maps
        self.closed = False
        self.broken = False
        self.threads = set()

    def stylize(self, image, scale_shift, *, maps=None, stats=None):
        """Stylize the number, after the time."""
        assert not self.closed
        if self.broken:
            raise EngineError("the device is gone.")
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        return np.full_like(image, self.number), None

    def close(self):
        """Remember that it was closed."""
        self.closed = True


def paint(engine, frames):
    """Return the numbers that `frames` frames were stylized with."""
    return [int(engine.stylize(PHOTO, VECTOR)[0][0, 0, 0]) for _ in range(frames)]


@pytest.fixture
def start():
    """Return the engine that runs first: 10 ms per image, stylizes 1."""
    return Paced("start", 1, 0.01)


def test_faster_engine_takes_over_between_frames(start):
    """Images come from the first engine until the second is warm and timed; then from the second, which lends its name."""
    fast = Paced("fast", 2, 0.0, maps=True)
    engine = AutoEngine(start, lambda: fast)
    assert (engine.name, engine.device, engine.supports_maps) == ("start", "START", False)
    assert paint(engine, 1) == [1]
    engine.wait(20)
    numbers = paint(engine, 12)
    assert numbers[:7] == [1] * 7  # timed without the background's competition
    assert numbers[-1] == 2
    assert numbers == sorted(numbers)
    assert (engine.name, engine.device, engine.supports_maps) == ("fast", "FAST", True)
    assert not start.closed
    engine.close()
    assert start.closed
    assert fast.closed


def test_slower_engine_is_closed(start):
    """A candidate that loses never stylizes."""
    slow = Paced("slow", 2, 0.02)
    engine = AutoEngine(start, lambda: slow)
    paint(engine, 1)
    engine.wait(20)
    assert paint(engine, 10) == [1] * 10
    assert slow.closed


@pytest.mark.parametrize("error", [EngineError("no GPU."), RuntimeError("driver"), MemoryError()])
def test_failing_candidate_never_disturbs_the_image(start, error):
    """Whatever the background raises, at opening or at painting, frames keep coming from the first engine."""

    def fail():
        raise error

    engine = AutoEngine(start, fail)
    paint(engine, 1)
    engine.wait(20)
    assert paint(engine, 10) == [1] * 10
    broken = Paced("broken", 2, 0.0)
    broken.broken = True
    engine = AutoEngine(start, lambda: broken)
    paint(engine, 1)
    engine.wait(20)
    assert paint(engine, 10) == [1] * 10
    assert broken.closed


def test_engine_that_dies_after_the_change_is_left(start, caplog):
    """The frame on which the new engine fails is stylized by the first, which then stays, and a note says why."""
    fast = Paced("fast", 2, 0.0)
    engine = AutoEngine(start, lambda: fast)
    paint(engine, 1)
    engine.wait(20)
    assert paint(engine, 10)[-1] == 2
    fast.broken = True
    assert paint(engine, 10) == [1] * 10
    assert engine.name == "start"
    assert engine.note == "fast failed, so start goes on: the device is gone."
    assert caplog.messages == [engine.note]
    assert fast.closed


def test_a_fallback_within_the_faster_engine_is_reported(start):
    """What an engine notes while it stylizes, such as a GPU recording that failed, reaches the user."""
    fast = Paced("fast", 2, 0.0)
    engine = AutoEngine(start, lambda: fast)
    paint(engine, 1)
    engine.wait(20)
    assert paint(engine, 10)[-1] == 2
    fast.note = "it got slower."
    paint(engine, 1)
    assert engine.note == "it got slower."


def test_error_of_the_first_engine_is_passed_on(start):
    """With nothing to fall back to, the caller learns of the failure."""
    engine = AutoEngine(start, lambda: start)
    start.broken = True
    with pytest.raises(EngineError, match="the device is gone"):
        paint(engine, 1)


def test_candidate_is_warmed_in_the_background(start):
    """Only the background thread touches the candidate before the change, and only the caller's the first engine."""
    fast = Paced("fast", 2, 0.0)
    engine = AutoEngine(start, lambda: fast)
    paint(engine, 1)
    engine.wait(20)
    assert fast.threads == {"stylecam-warm-engine"}
    assert start.threads == {threading.current_thread().name}


def test_closing_while_warming_closes_the_candidate(start):
    """A candidate that is still opening when all is closed is closed as soon as it is there."""
    release, fast = threading.Event(), Paced("fast", 2, 0.0)

    def open_late():
        assert release.wait(20)
        return fast

    engine = AutoEngine(start, open_late)
    paint(engine, 1)
    engine.close()
    assert start.closed
    release.set()
    engine.wait(20)
    assert fast.closed


def test_closing_before_the_decision_closes_the_candidate(start):
    """A warm candidate that has not been chosen yet is closed with the rest."""
    fast = Paced("fast", 2, 0.0)
    engine = AutoEngine(start, lambda: fast)
    paint(engine, 1)
    engine.wait(20)
    engine.close()
    assert fast.closed
