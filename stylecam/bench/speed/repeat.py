"""Several whole speed measurements as one: medians over the runs, since a machine has good and bad minutes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from stylecam.bench.app.startup import Start
from stylecam.bench.speed.report import SpeedReport, SpeedRow
from stylecam.core.progress import Progress

#: What makes rows of several runs the same row.
_KEY = ("what", "engine", "precision", "pack", "width", "height", "recording", "styles", "regions", "steady", "fast")


def repeated(measure: Callable[[], Iterator[Progress | SpeedReport]], runs: int) -> Iterator[Progress | SpeedReport]:
    """Measure so many times, engines opened again and the baseline among them each time. Yields progress, finally the medians.

    Args:
        measure: starts one measurement, see `measure.measure_speed`.
        runs: how many, from 1; one is returned as it is.
    """
    reports: list[SpeedReport] = []
    for run in range(1, runs + 1):
        for item in measure():
            if isinstance(item, SpeedReport):
                reports.append(item)
            elif runs > 1:
                yield replace(item, message=f"run {run} of {runs}, {item.message}")
            else:
                yield item
    yield merged(reports)


def merged(reports: Sequence[SpeedReport]) -> SpeedReport:
    """Return the medians over several reports of one machine, row by row; `ms_runs` tells how far the runs' medians lie apart.

    A row that only some runs have, because an engine was left out in others, is the median of those. Memory is the largest.
    """
    if len(reports) == 1:
        return reports[0]
    found: dict[tuple[Any, ...], list[SpeedRow]] = {}
    for report in reports:
        for row in report.rows:
            found.setdefault(tuple(getattr(row, name) for name in _KEY), []).append(row)
    starts = [report.start for report in reports if report.start]
    return replace(
        reports[0],
        rows=[_median_row(rows) for rows in found.values()],
        startup_s=_median([report.startup_s for report in reports]),
        peak_rss_mb=max((report.peak_rss_mb for report in reports if report.peak_rss_mb is not None), default=None),
        start={name: Start(*(_median([getattr(s[name], f) for s in starts]) or 0.0 for f in _START)) for name in starts[0]}
        if starts
        else None,
    )


_START = tuple(each.name for each in fields(Start))


def _median_row(rows: Sequence[SpeedRow]) -> SpeedRow:
    numbers = {
        each.name: _median([getattr(row, each.name) for row in rows])
        for each in fields(SpeedRow)
        if each.name not in (*_KEY, "runs", "ms_runs", "stages_ms")
    }
    stages = [row.stages_ms for row in rows if row.stages_ms]
    names = dict.fromkeys(name for each in stages for name in each)
    medians = [row.ms_median for row in rows]
    return replace(
        rows[0],
        **numbers,  # type: ignore[arg-type]
        runs=len(rows),
        ms_runs=(min(medians), max(medians)),
        stages_ms={name: _median([each[name] for each in stages if name in each]) or 0.0 for name in names} or None,
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 3) if known else None
