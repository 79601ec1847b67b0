"""The real window for a long time: whether its memory grows and whether it falls behind."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from stylecam.bench.app.run import follow_app
from stylecam.core.progress import Progress
from stylecam.errors import EngineError

REPORT_S = 5.0
#: The first reports are of starting up: buffers fill, the engine warms.
_SETTLE_REPORTS = 4


@dataclass(frozen=True)
class SoakReport:
    """Medians over the first and the last quarter of the run, after starting up: memory in MB, latency in ms, frames per second."""

    minutes: float
    reports: int
    rss_mb: tuple[float, float]
    latency_ms: tuple[float, float]
    fps: tuple[float, float]
    drops: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        pairs = (("memory MB", self.rss_mb), ("latency ms", self.latency_ms), ("frames/s", self.fps))
        lines = [f"{name:<12} {first:8.1f} {last:8.1f} {last / first - 1 if first else 0:+8.1%}" for name, (first, last) in pairs]
        drops = ", ".join(f"{cause} {count:.0f}" for cause, count in sorted(self.drops.items())) or "none"
        return "\n".join([f"{self.minutes:.1f} minutes     first     last   change", *lines, f"skipped: {drops}"])


def soak(source: str, minutes: float, *, pack: str) -> Iterator[Progress | SoakReport]:
    """Run the app for `minutes` and yield its reports, finally the summary.

    Raises:
        EngineError: it ended before its time, or the run is too short to compare its quarters.
    """
    reports = []
    for report in follow_app(source, minutes * 60, REPORT_S, pack=pack):
        reports.append(report)
        yield report
    yield summarise(reports)


def summarise(reports: list[Progress]) -> SoakReport:
    """Compare the last quarter of a run with its first.

    Raises:
        EngineError: there are too few reports.
    """
    settled = [report.values for report in reports[_SETTLE_REPORTS:]]
    if len(settled) < 4:
        raise EngineError(f"The run gave only {len(reports)} reports, too few to compare; give --minutes 1 or more.")
    quarter = len(settled) // 4

    def ends(name: str) -> tuple[float, float]:
        first, last = ([values.get(name, 0.0) for values in part] for part in (settled[:quarter], settled[-quarter:]))
        return statistics.median(first), statistics.median(last)

    drops = {name.removeprefix("dropped "): count for name, count in settled[-1].items() if name.startswith("dropped ")}
    return SoakReport(reports[-1].seconds / 60, len(reports), ends("rss_mb"), ends("latency_ms"), ends("fps"), drops)
