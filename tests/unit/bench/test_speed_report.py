"""The speed report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stylecam.bench.app.startup import Start
from stylecam.bench.speed.repeat import merged, repeated
from stylecam.bench.speed.report import SpeedReport, SpeedRow, markdown_table
from stylecam.core.progress import Progress

MACHINE = {"cpu": "Pentium", "cores": 1}


def test_both_tables_are_markdown() -> None:
    """Head, rule and rows have equally many cells, so that the tables can be pasted into a document as they are printed."""
    row = SpeedRow("app", "openvino", "bf16", "tiny", 16, 12, 70.0, 80.0, 19.0, None, sent_to_shown_ms_median=1.0, control_ms_median=1.0)
    row = replace(row, peak_rss_mb=321.4)
    printed = [line for line in markdown_table(SpeedReport(MACHINE, [row], None, None)).splitlines() if line.startswith("|")]
    assert [line.count("|") for line in printed] == [12] * 3 + [7] * 3
    assert printed[2].endswith("| 321 MB |")
    assert printed[3] == "| | size | sent → shown | p95 | slider → shown | p95 |"


def test_without_latencies_there_is_one_table() -> None:
    """Engines alone have no latency, and what the machine does not say is left open."""
    text = markdown_table(SpeedReport(MACHINE, [SpeedRow("engine", "onnx", "f32", "tiny", 16, 12, 5.0, 6.0, 200.0, None)], None, None))
    assert "slider" not in text
    assert text.splitlines()[1] == "matrix products at an unknown speed, copies at ? GB/s"
    assert text.endswith("| onnx | f32 | tiny | 16x12 | 5.0 ms | 6.0 ms | 200.0 |  |  |  |  |")


def run_of(ms: float, *rows: SpeedRow, rss: float = 100.0) -> SpeedReport:
    """A run in which the engine took `ms`, with more rows behind."""
    first = SpeedRow("engine", "onnx", "f32", "tiny", 16, 12, ms, 2 * ms, 1000 / ms, 2.0 / ms, stages_ms={"engine": ms})
    return SpeedReport(MACHINE, [first, *rows], ms / 10, rss, {"warm": Start(ms, 2 * ms)})


def test_several_runs_are_their_medians() -> None:
    """Row by row the median of every figure, how far the runs lie apart, and the largest memory; a row of one run stays."""
    only_once = SpeedRow("engine", "onnx", "f32", "tiny", 16, 12, 7.0, 8.0, 140.0, None, fast=True)
    found = merged([run_of(5.0), run_of(9.0, only_once, rss=300.0), run_of(6.0)])
    assert [(row.ms_median, row.runs, row.ms_runs) for row in found.rows] == [(6.0, 3, (5.0, 9.0)), (7.0, 1, (7.0, 7.0))]
    assert (found.rows[0].ms_p95, found.rows[0].peer_ratio, found.rows[0].stages_ms) == (12.0, 0.333, {"engine": 6.0})
    assert (found.startup_s, found.peak_rss_mb, found.start) == (0.6, 300.0, {"warm": Start(6.0, 12.0)})
    text = markdown_table(found)
    assert text.startswith("Pentium, 1 cores; medians over 3 runs (least to largest)")
    assert "| onnx | f32 | tiny | 16x12 | 6.0 ms (5.0 to 9.0) | 12.0 ms |" in text


def test_one_run_is_what_it_was() -> None:
    """A single measurement is passed on untouched, with its messages; of several, the messages name the run."""
    runs = iter([run_of(5.0), run_of(9.0), run_of(6.0)])

    def measure() -> Iterator[Progress | SpeedReport]:
        yield Progress("speed", 1, 1, message="16x12")
        yield next(runs)

    progress, last = repeated(measure, 1)
    assert (progress.message, last) == ("16x12", run_of(5.0))  # type: ignore[union-attr]
    *messages, last = repeated(measure, 2)
    assert [each.message for each in messages] == ["run 1 of 2, 16x12", "run 2 of 2, 16x12"]  # type: ignore[union-attr]
    assert isinstance(last, SpeedReport)
    assert last.rows[0].ms_median == 7.5
