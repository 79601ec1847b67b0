"""The tie between a trainer and the window that started it, over a real pipe."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from stylecam.cli.parent_watch import ParentWatch


@pytest.fixture
def pipe() -> Iterator[list[int]]:
    """Return the reading and the writing end; a test that closes one takes it out."""
    ends = list(os.pipe())
    yield ends
    for end in ends[::-1]:
        os.close(end)


def waits(watch: ParentWatch, timeout_s: float = 0.4) -> bool:
    """Return whether `wait` is still waiting after a while."""
    thread = threading.Thread(target=watch.wait, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return thread.is_alive()


def until(condition: object) -> None:
    """Wait for the thread that reads."""
    deadline = time.monotonic() + 10
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_pause_and_resume_also_in_pieces(pipe: list[int]) -> None:
    """Words count when their line is whole, however it arrives; what is no word is passed over."""
    requests: list[int] = []
    watch = ParentWatch(requests, pipe[0])
    assert not waits(watch)
    os.write(pipe[1], b"hello\npau")
    assert not waits(watch)
    os.write(pipe[1], b"se\r\n")
    until(lambda: not watch._go_on.is_set())
    assert waits(watch)
    os.write(pipe[1], b"resume\n")
    until(watch._go_on.is_set)
    assert not waits(watch)
    assert requests == []
    os.close(pipe.pop())
    until(lambda: requests)


def test_a_closed_pipe_asks_for_one_stop_and_ends_a_pause(pipe: list[int]) -> None:
    """The parent has died or wants a stop: exactly one request, and a paused child wakes."""
    requests: list[int] = []
    watch = ParentWatch(requests, pipe[0])
    os.write(pipe[1], b"pause\n")
    until(lambda: not watch._go_on.is_set())
    os.close(pipe.pop())
    until(lambda: requests)
    assert not waits(watch)
    assert requests == [0]


def test_a_signal_before_the_pipe_closes_is_one_stop(pipe: list[int]) -> None:
    """Ctrl-C reaches window and child alike: the closing pipe is no second request, which would end the child without saving."""
    requests = [2]
    ParentWatch(requests, pipe[0])
    os.close(pipe.pop())
    time.sleep(0.3)
    assert requests == [2]


def test_without_a_parent_nothing_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """The command used by hand: lines are printed, and nobody is asked."""
    requests: list[int] = []
    watch = ParentWatch(requests, None)
    watch.wait()
    watch.tell("a line")
    assert capsys.readouterr().out == "a line\n"
    assert requests == []
