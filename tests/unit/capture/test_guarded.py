"""Closing from another thread: at once when nothing is under way, and never under a read's feet."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from stylecam.capture.base import SourceInfo
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import InputError


class Slow(GuardedSource):
    """Its read waits for `go`, as a driver does that knows of no interruption."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.reading, self.go = threading.Event(), threading.Event()
        self.in_use = False
        self.released = 0
        self._broken = broken

    def _open(self) -> SourceInfo:
        if self._broken:
            raise InputError("It is broken.")
        return SourceInfo("slow", 4, 4, live=True)

    def _read(self) -> Frame:
        self.in_use = True
        self.reading.set()
        assert self.go.wait(30)
        self.in_use = False
        return Frame(np.zeros((4, 4, 3), np.uint8), 0, 0)

    def _release(self) -> None:
        assert not self.in_use
        self.released += 1


def test_close_during_a_read() -> None:
    """`close` returns soon though the read does not; the device is given back when it does, and its frame is not delivered."""
    source = Slow()
    source.open()
    got: list[Frame | None] = []
    thread = threading.Thread(target=lambda: got.append(source.read()))
    thread.start()
    assert source.reading.wait(30)
    begun = time.monotonic()
    source.close()
    assert time.monotonic() - begun < 5
    assert source.released == 0
    source.go.set()
    thread.join(30)
    assert (got, source.released) == ([None], 1)
    source.close()


def test_opened_again_it_works_again() -> None:
    """After `close` a read gives nothing; after another `open` it gives frames."""
    source = Slow()
    source.go.set()
    source.open()
    source.close()
    assert source.read() is None
    source.open()
    assert source.read() is not None


def test_a_failed_open_gives_back() -> None:
    """What was taken before opening failed is released."""
    source = Slow(broken=True)
    with pytest.raises(InputError):
        source.open()
    assert source.released == 1
