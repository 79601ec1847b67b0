"""From when chunks of sound arrived to when they were heard: callbacks come late by a few milliseconds, and each by another few."""

from __future__ import annotations

_NS = 1_000_000_000
#: How much of what a chunk is off goes into the clock: with 50 chunks a second it follows within about a second.
_GAIN = 0.02
#: A chunk that is off by more comes after a gap, such as an overflow or a computer that slept: the clock begins again.
_JUMP_NS = 100_000_000


class SampleClock:
    """Counts samples, and follows the computer's clock slowly, as the sound device's own runs a little faster or slower.

    >>> clock = SampleClock(48_000)
    >>> [clock.time_of(480, at) for at in (1_000_000_000, 1_013_000_000, 1_020_000_000)]
    [1000000000, 1010060000, 1020058800]

    Args:
        rate_hz: samples per second that the device promises.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._next_ns: float | None = None

    def time_of(self, samples: int, estimate_ns: int) -> int:
        """Return when the first of the next `samples` was heard, given an `estimate_ns` that jitters."""
        now = self._next_ns
        if now is None or abs(estimate_ns - now) > _JUMP_NS:
            now = float(estimate_ns)
        else:
            now += _GAIN * (estimate_ns - now)
        self._next_ns = now + samples * _NS / self._rate_hz
        return round(now)
