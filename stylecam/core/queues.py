"""Between threads: a mailbox (the newest value wins), a bounded queue with a named policy, and the ledger of what became of every frame."""

from __future__ import annotations

import enum
import threading
from collections import Counter, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Ledger:
    """Thread-safe counters. Events: captured, rendered, shown, recorded; drops are counted by cause ("render busy", "encoder busy" …)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: Counter[str] = Counter()
        self._drops: Counter[str] = Counter()

    def count(self, event: str) -> None:
        """Add a frame to an event."""
        with self._lock:
            self._events[event] += 1

    def drop(self, cause: str, number: int = 1) -> None:
        """Add `number` frames to the drops of a cause."""
        with self._lock:
            self._drops[cause] += number

    def snapshot(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return the current events and drops."""
        with self._lock:
            return dict(self._events), dict(self._drops)


class _Closable:
    """What both ends of a way between threads wait on."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._closed = False

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed

    def close(self) -> None:
        """Wake whoever waits; what is inside can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


class Mailbox(_Closable, Generic[T]):
    """Holds the latest value that was put and not yet taken. Any thread may call any method."""

    def __init__(self) -> None:
        super().__init__()
        self._value: T | None = None
        self._full = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Values that were replaced before anybody took them."""
        return self._dropped

    @property
    def is_full(self) -> bool:
        """True while a value waits to be taken."""
        return self._full

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


class Overflow(enum.Enum):
    """What `put` does when the queue is full: wait for space (files), drop the new item (recording live) or the oldest (a live device)."""

    WAIT = "wait"
    DROP_NEW = "drop new"
    DROP_OLD = "drop old"


class FrameQueue(_Closable, Generic[T]):
    """First in, first out, at most `capacity` items; none once it is closed. Any thread may call any method."""

    def __init__(self, capacity: int, overflow: Overflow) -> None:
        super().__init__()
        if capacity < 1:
            raise ValueError(f"a queue for {capacity} items holds nothing")
        self._capacity, self._overflow = capacity, overflow
        self._items: deque[T] = deque()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Items that found the queue full (DROP_NEW) or closed, or that made space (DROP_OLD)."""
        return self._dropped

    def put(self, item: T) -> bool:
        """Append `item`; False if it was dropped because the queue was full (DROP_NEW) or closed."""
        with self._condition:
            if self._overflow is Overflow.WAIT:
                self._condition.wait_for(lambda: len(self._items) < self._capacity or self._closed)
            if not self._closed and self._overflow is Overflow.DROP_OLD and len(self._items) >= self._capacity:
                self._items.popleft()
                self._dropped += 1
            if self._closed or len(self._items) >= self._capacity:
                self._dropped += 1
                return False
            self._items.append(item)
            self._condition.notify_all()
            return True

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item and take it; None when the time is over, or when the queue is closed and empty."""
        with self._condition:
            self._condition.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            self._condition.notify_all()
            return item
