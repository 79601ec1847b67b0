"""The capture thread: what it passes on, counts, waits for, and survives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from stylecam.capture import reader
from stylecam.capture.base import Source, SourceInfo, SourceLost
from stylecam.capture.reader import CaptureThread, Phase
from stylecam.capture.test_pattern import TestPattern
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger, Mailbox
from stylecam.errors import InputError

IMAGE = np.zeros((4, 4, 3), np.uint8)
FAST = (0.01, 0.02)


class Script(Source):
    """Does at each `open` and `read` what a list says: an exception is raised, a number is a frame, None the end, an event waited for."""

    def __init__(self, opens: list[Exception | None], reads: list[object], *, live: bool = True) -> None:
        self.opens, self.reads, self.live = opens, reads, live
        self.opened = self.closed = 0

    def open(self) -> SourceInfo:
        """Do the next step of `opens`."""
        self.opened += 1
        step = self.opens.pop(0) if self.opens else None
        if step is not None:
            raise step
        return SourceInfo("script", 4, 4, self.live)

    def read(self) -> Frame | None:
        """Do the next step of `reads`."""
        step = self.reads.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, threading.Event):
            step.wait(30)
            return None
        return None if step is None else Frame(IMAGE, int(str(step)), time.monotonic_ns(), int(str(step)) * 1_000_000)

    def close(self) -> None:
        """Count."""
        self.closed += 1


def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def test_live_drops_are_counted_by_cause() -> None:
    """Of three frames that nobody takes the newest is left, and two are counted as dropped because stylizing was busy."""
    mailbox: Mailbox[Frame] = Mailbox()
    ledger, gate = Ledger(), threading.Event()
    capture = CaptureThread(Script([], [0, 1, 2, gate]), mailbox, ledger)
    capture.start()
    until(lambda: ledger.snapshot()[0].get("captured") == 3)
    frame = mailbox.take(10)
    assert frame is not None
    assert frame.index == 2
    until(lambda: bool(ledger.snapshot()[1]))
    assert ledger.snapshot() == ({"captured": 3}, {"render busy": 2})
    gate.set()
    assert capture.stop()


def test_files_are_paced_by_their_own_time() -> None:
    """Shown live, the last of eleven frames 50 ms apart comes about half a second after the first, by the times of showing."""
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(TestPattern(64, 48, fps=20, live=False, frames=11), mailbox)
    capture.start()
    frames = list(iter(mailbox.take, None))
    assert frames[-1].index == 10
    assert frames[-1].captured_ns - frames[0].captured_ns >= 0.7 * (frames[-1].media_ns - frames[0].media_ns)
    capture.stop()


def test_a_pause_is_not_made_up_for() -> None:
    """A file that stood still for a while (the machine slept) goes on at its pace from there, not by a burst."""

    class Sleepy(TestPattern):
        def read(self) -> Frame | None:
            frame = super().read()
            if frame is not None and frame.index == 2:
                threading.Event().wait(1.2)
            return frame

    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(Sleepy(64, 48, fps=10, live=False, frames=12), mailbox)
    capture.start()
    frames = list(iter(mailbox.take, None))
    rest = [frame for frame in frames if frame.index > 2]
    assert rest[-1].captured_ns - rest[0].captured_ns >= 0.5 * (rest[-1].media_ns - rest[0].media_ns)
    capture.stop()


def test_a_lost_source_comes_back_by_itself() -> None:
    """Lost: a sentence and an open inbox; it is opened again, also when that fails at first, and the frames go on."""
    mailbox: Mailbox[Frame] = Mailbox()
    gate = threading.Event()
    source = Script([None, InputError("not yet."), InputError("not yet.")], [0, SourceLost("The cable is out."), 7, gate])
    capture = CaptureThread(source, mailbox, retry_s=FAST)
    capture.start()
    until(lambda: source.opened == 4 and capture.state.phase is Phase.RUNNING)
    frame = mailbox.take(10)
    while frame is not None and frame.index != 7:
        frame = mailbox.take(10)
    assert frame is not None
    assert not mailbox.closed
    assert source.closed >= 3
    gate.set()
    assert capture.stop()


def test_the_sentence_of_a_lost_source_can_be_read() -> None:
    """While it is away, the state carries the sentence and what was known."""
    capture = CaptureThread(Script([], [0, SourceLost("The cable is out.")]), Mailbox(), retry_s=(60, 60))
    capture.start()
    until(lambda: capture.state.phase is Phase.LOST)
    assert capture.state.sentence == "The cable is out."
    assert capture.state.info is not None
    assert capture.stop()  # it was waiting for a minute
    assert capture.state.phase is Phase.STOPPED


def test_what_never_opened_has_failed() -> None:
    """A source that cannot be opened at all is not tried for ever: failed, its sentence, the inbox closed."""
    mailbox: Mailbox[Frame] = Mailbox()
    source = Script([InputError("There is no camera 'x'.")], [])
    capture = CaptureThread(source, mailbox)
    assert capture.state.phase is Phase.OPENING
    capture.start()
    assert mailbox.take(20) is None
    until(lambda: capture.state.phase is Phase.FAILED)
    assert capture.state.sentence == "There is no camera 'x'."
    assert source.closed >= 1
    assert capture.stop()


def test_a_file_that_breaks_has_failed() -> None:
    """A file is not opened again when it breaks half way."""
    source = Script([], [0, InputError("It is damaged.")], live=False)
    capture = CaptureThread(source, Mailbox())
    capture.start()
    until(lambda: capture.state.phase is Phase.FAILED)
    assert (source.opened, capture.state.sentence) == (1, "It is damaged.")


def test_a_fault_in_the_program_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody foresaw ends the capture with a sentence, the source closed, the trace in the log."""
    source = Script([], [KeyError("oops")])
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(source, mailbox)
    capture.start()
    until(lambda: capture.state.phase is Phase.FAILED)
    until(lambda: mailbox.closed)
    assert "fault in the program" in capture.state.sentence
    assert source.closed >= 1
    assert "capture stopped" in caplog.text


def test_silence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live source that blocks without an error shows a sentence after a while, although its read has not returned."""
    monkeypatch.setattr(reader, "STALL_S", 0.05)
    gate = threading.Event()
    capture = CaptureThread(Script([], [0, gate]), Mailbox())
    capture.start()
    until(lambda: capture.state.phase is Phase.LOST)
    assert "No frame has come from script" in capture.state.sentence
    gate.set()
    assert capture.stop()


def test_quitting_does_not_wait_for_a_stuck_driver(caplog: pytest.LogCaptureFixture) -> None:
    """A read that never returns is left behind after the time-out, which the log says; when it does return, the source is closed."""
    gate = threading.Event()
    source = Script([], [0, gate])
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(source, mailbox)
    capture.start()
    assert mailbox.take(10) is not None
    until(lambda: not source.reads)
    begun = time.monotonic()
    with caplog.at_level(logging.INFO, "stylecam"):
        assert not capture.stop(timeout_s=0.1)
    assert time.monotonic() - begun < 5
    assert "left to itself" in caplog.text
    assert capture.state.phase is Phase.STOPPED
    before = source.closed
    gate.set()
    until(lambda: source.closed > before)


def test_stopping_what_was_never_started() -> None:
    """`stop` is harmless before `start`, and ends a file that runs on."""
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(TestPattern(64, 48, live=False), mailbox)
    capture.start()
    assert mailbox.take(20) is not None
    assert capture.stop(timeout_s=20)
    assert CaptureThread(TestPattern(), Mailbox()).stop()
