"""What became of every frame: counted, with drops by cause."""

from __future__ import annotations

import threading
from collections import Counter


class Ledger:
    """Thread-safe counters. Events: captured, rendered, shown, recorded; drops are counted by cause ("render busy", "encoder busy" …)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: Counter[str] = Counter()
        self._drops: Counter[str] = Counter()

    def count(self, event: str, number: int = 1) -> None:
        """Add `number` frames to an event."""
        with self._lock:
            self._events[event] += number

    def drop(self, cause: str, number: int = 1) -> None:
        """Add `number` frames to the drops of a cause."""
        with self._lock:
            self._drops[cause] += number

    def snapshot(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return events and drops as they stand."""
        with self._lock:
            return dict(self._events), dict(self._drops)
