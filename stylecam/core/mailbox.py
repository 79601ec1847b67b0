"""A place for one value between two threads: the newest wins, and what it replaced unread is counted."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds the latest value that was put and not yet taken. Any thread may call any method."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._full = False
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Values that were replaced before anybody took them."""
        return self._dropped

    def put(self, value: T) -> None:
        """Leave `value`, replacing what was not taken yet. Never waits."""
        with self._condition:
            self._dropped += self._full
            self._value, self._full = value, True
            self._condition.notify()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for a value and take it; None when the time is over or the mailbox was closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._full or self._closed, timeout_s)
            value, self._value, self._full = self._value, None, False
            return value

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed

    def close(self) -> None:
        """Wake whoever waits; `take` still hands out a value that was left before."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
