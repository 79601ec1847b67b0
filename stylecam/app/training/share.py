"""How much of the processor a trainer gets beside everything else: on a busy machine it makes fewer steps in the same minutes."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from stylecam.engines.machine import usable_cores

#: With less than this of the processor's cores a training is slowed by others.
BUSY = 0.6
#: So long must be measured before anything is said.
_LEAST_S = 15.0


def processor_seconds(pid: int) -> float | None:
    """Return how long a process has kept a core busy, or None if it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


class ProcessorShare:
    """Measures while a trainer makes steps; pauses do not count.

    >>> times, spent = iter([0.0, 10.0, 20.0]), iter([0.0, 5.0, 10.0])
    >>> share = ProcessorShare(lambda: next(spent), lambda: next(times), cores=2)
    >>> for _ in range(3):
    ...     share.note(works=True)
    >>> share.share
    0.25
    """

    def __init__(self, spent_s: Callable[[], float | None], clock: Callable[[], float] = time.monotonic, cores: int | None = None) -> None:
        self._spent_s, self._clock = spent_s, clock
        self._cores = cores or usable_cores()
        self._last: tuple[float, float] | None = None
        self._measured_s = self._busy_s = 0.0

    def note(self, *, works: bool) -> None:
        """Take in the time since the last call, if the trainer worked then and now."""
        spent = self._spent_s() if works else None
        if spent is None:
            self._last = None
            return
        now = self._clock()
        if self._last is not None:
            self._measured_s += now - self._last[0]
            self._busy_s += spent - self._last[1]
        self._last = now, spent

    @property
    def share(self) -> float | None:
        """The share of the cores that it had, or None as long as too little was measured."""
        return self._busy_s / (self._measured_s * self._cores) if self._measured_s >= _LEAST_S else None

    @property
    def is_small(self) -> bool:
        """True if others took so much that it made clearly fewer steps."""
        return self.share is not None and self.share < BUSY
