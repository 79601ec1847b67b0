"""A source that any thread may close at any time, though the libraries below bear only one thread."""

from __future__ import annotations

import threading
from abc import abstractmethod

from stylecam.capture.base import Source, SourceInfo
from stylecam.core.frame import Frame

_CLOSE_WAIT_S = 0.2


class GuardedSource(Source):
    """Lets `_open`, `_read` and `_release` run one at a time.

    `close` never waits for long: if a read is under way, that read releases the device when it returns.
    """

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._lock = threading.Lock()

    def open(self) -> SourceInfo:
        """Open it and return what is known; see `Source.open`."""
        with self._lock:
            self._closing.clear()
            try:
                return self._open()
            except BaseException:
                self._release()
                raise

    def read(self) -> Frame | None:
        """Wait for the next frame; None at the end and after `close`; see `Source.read`."""
        with self._lock:
            frame = None if self._closing.is_set() else self._read()
            if self._closing.is_set():
                self._release()
                return None
            return frame

    def close(self) -> None:
        """Give the device or file back, at once or when the read at hand returns. Harmless when called twice."""
        self._closing.set()
        if self._lock.acquire(timeout=_CLOSE_WAIT_S):
            try:
                self._release()
            finally:
                self._lock.release()

    @abstractmethod
    def _open(self) -> SourceInfo:
        """Do what `open` promises."""

    @abstractmethod
    def _read(self) -> Frame | None:
        """Do what `read` promises; look at `_closing` while waiting."""

    @abstractmethod
    def _release(self) -> None:
        """Give everything back; called also when nothing is open."""
