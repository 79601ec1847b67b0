"""How fast frames come, how old they are when they are done, and what each stage takes."""

from __future__ import annotations

import statistics
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise

_WINDOW = 60
#: After so long without a frame, the rate is zero rather than what it once was.
_STALE_NS = 2_000_000_000


@dataclass(frozen=True)
class Numbers:
    """Medians over the last frames. `latency_ms` is from capture to rendered, 0 while unknown; `stages_ms` holds each stage's time."""

    fps: float = 0.0
    latency_ms: float = 0.0
    stages_ms: dict[str, float] = field(default_factory=dict)


class Stats:
    """Collects times; any thread may write and read."""

    def __init__(self, window: int = _WINDOW) -> None:
        self._lock = threading.Lock()
        self._done_ns: deque[int] = deque(maxlen=window)
        self._latency_ms: deque[float] = deque(maxlen=window)
        self._stages_ms: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=window))

    def add(self, stage: str, ms: float) -> None:
        """Note what one run of a stage took."""
        with self._lock:
            self._stages_ms[stage].append(ms)

    def frame(self, done_ns: int, captured_ns: int | None) -> None:
        """Note a finished frame; `captured_ns` is None where its age means nothing, as for a frame that is rendered again."""
        with self._lock:
            self._done_ns.append(done_ns)
            if captured_ns is not None:
                self._latency_ms.append((done_ns - captured_ns) / 1e6)

    def frames_since(self, time_ns: int) -> int:
        """Return how many frames were finished after a moment, repeated ones too; not more than the window holds."""
        with self._lock:
            return sum(done_ns > time_ns for done_ns in self._done_ns)

    def clear(self) -> None:
        """Forget everything: another source or size begins."""
        with self._lock:
            self._done_ns.clear()
            self._latency_ms.clear()
            self._stages_ms.clear()

    def numbers(self, now_ns: int | None = None) -> Numbers:
        """Return the medians as they stand."""
        now_ns = time.monotonic_ns() if now_ns is None else now_ns
        with self._lock:
            done = list(self._done_ns)
            gaps = [later - earlier for earlier, later in pairwise(done)]
            fresh = bool(gaps) and now_ns - done[-1] < _STALE_NS
            return Numbers(
                fps=1e9 / max(statistics.median(gaps), 1) if fresh else 0.0,
                latency_ms=statistics.median(self._latency_ms) if self._latency_ms else 0.0,
                stages_ms={stage: statistics.median(times) for stage, times in self._stages_ms.items()},
            )
