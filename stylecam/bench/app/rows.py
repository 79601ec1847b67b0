"""The whole app's rows of the speed table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stylecam.bench.app.latency import Latency, measure_latency
from stylecam.bench.app.run import run_app
from stylecam.bench.speed.report import SpeedRow
from stylecam.core.progress import Progress
from stylecam.errors import EngineError

#: Stylized frames per run; fewer where a frame has more pixels than `_QUICK_PIXELS`, but never fewer than `_LEAST_FRAMES`.
APP_FRAMES = 120
_QUICK_PIXELS = 640 * 480 * 2
_LEAST_FRAMES = 40


@dataclass
class AppFigures:
    """What the runs of the app reported. `startup_s` and `screen` are the first run's, `peak_rss_mb` the largest."""

    rows: list[SpeedRow] = field(default_factory=list)
    startup_s: float | None = None
    peak_rss_mb: float | None = None
    screen: str = ""


def measure_app(pack: str, pack_name: str, sizes: Sequence[tuple[int, int]]) -> Iterator[Progress | AppFigures]:
    """Run the real window at every size, fast and fine: as it is, recording, and watching a network camera.

    Yields progress, finally the figures.

    A size that the app does not manage is left out with a message.

    Args:
        pack: name or path.
        pack_name: what the rows call it.
        sizes: (width, height) in pixels.
    """
    found = AppFigures()
    for width, height in sizes:
        frames = frames_at(width, height)
        try:
            for quality, record in itertools.product(("fast", "fine"), (False, True)):
                what = f"the app at {width}x{height}, {quality}"
                yield Progress("speed", message=f"{what}{', recording' if record else ''}")
                side = max(width, height)
                numbers = run_app(f"pattern:{width}x{height}@30", frames, pack=pack, size_px=side, quality=quality, record=record)
                row = _row(numbers, pack_name, width, height, record=record, fast=quality == "fast")
                if not record:
                    yield Progress("speed", message=f"{what}, watching a network camera")
                    row = _with_latency(row, measure_latency(width, height, frames, pack=pack, quality=quality))
                found.rows.append(row)
                found.startup_s = found.startup_s or numbers["startup_s"]
                found.peak_rss_mb = max(found.peak_rss_mb or 0.0, numbers["peak_rss_mb"] or 0.0) or None
                found.screen = numbers["screen"]
        except EngineError as error:
            yield Progress("speed", message=f"left out the app at {width}x{height}: {error}")
    yield found


def frames_at(width: int, height: int) -> int:
    """Return how many frames of a size are stylized in a run, so that large ones do not take forever."""
    return max(_LEAST_FRAMES, min(APP_FRAMES, APP_FRAMES * _QUICK_PIXELS // (width * height)))


def _row(numbers: dict[str, Any], pack: str, width: int, height: int, *, record: bool, fast: bool) -> SpeedRow:
    engine, precision = numbers["engine"].split()[:2]
    return SpeedRow(
        what="app",
        engine=engine,
        precision=precision,
        pack=pack,
        width=width,
        height=height,
        ms_median=numbers["shown_latency_ms"],
        ms_p95=numbers["shown_latency_p95_ms"],
        fps=numbers["shown_fps"],
        peer_ratio=None,
        recording=record,
        fast=fast,
        stages_ms=numbers.get("stages_ms"),
        peak_rss_mb=numbers["peak_rss_mb"],
    )


def _with_latency(row: SpeedRow, latency: Latency) -> SpeedRow:
    return replace(
        row,
        sent_to_shown_ms_median=latency.sent_to_shown_ms_median,
        sent_to_shown_ms_p95=latency.sent_to_shown_ms_p95,
        control_ms_median=latency.control_ms_median,
        control_ms_p95=latency.control_ms_p95,
    )
