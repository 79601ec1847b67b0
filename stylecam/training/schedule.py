"""How rates and sizes follow a run: all of them depend on how far it is, from 0 to 1, in steps or in time."""

from __future__ import annotations

import math
from dataclasses import dataclass


def one_cycle(through: float, *, up: float = 0.05, hold: float = 0.0, start: float = 0.04, floor: float = 0.01) -> float:
    """Return a share of the peak learning rate: up in a straight line, held, then down along a cosine (Smith 2018, arXiv 1803.09820).

    >>> [round(one_cycle(t), 2) for t in (0.0, 0.05, 1.0)]
    [0.04, 1.0, 0.01]

    Args:
        through: how far the run is, 0 to 1.
        up: share of the run in which the rate rises.
        hold: share of the run, after that, in which it stays.
        start: where it begins.
        floor: where it ends.
    """
    if through < up:
        return start + (1 - start) * through / up
    down = min(1.0, max(0.0, (through - up - hold) / max(1e-9, 1 - up - hold)))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * down))


@dataclass(frozen=True)
class Pace:
    """When a run ends, reports and saves: after steps or seconds, whichever comes first; None leaves a bound out."""

    steps: int | None = None
    minutes: float | None = None
    report_steps: int | None = None
    report_s: float | None = None
    save_steps: int | None = None
    save_s: float | None = None

    def through(self, step: int, seconds: float) -> float:
        """Return how far a run is, from 0 to 1."""
        parts = [0.0]
        if self.steps is not None:
            parts.append(step / self.steps)
        if self.minutes is not None:
            parts.append(seconds / (60 * self.minutes))
        return min(1.0, max(parts))

    def report_due(self, step: int, seconds_since: float) -> bool:
        """Say whether `step`, so long after the last report, gets one."""
        return _due(step, self.report_steps, seconds_since, self.report_s)

    def save_due(self, step: int, seconds_since: float) -> bool:
        """Say whether to save after `step`, so long after the last time."""
        return _due(step, self.save_steps, seconds_since, self.save_s)


def _due(step: int, every_steps: int | None, since: float, every_s: float | None) -> bool:
    return (every_steps is not None and step % every_steps == 0) or (every_s is not None and since >= every_s)
