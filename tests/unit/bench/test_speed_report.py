"""The speed report as Markdown."""

from __future__ import annotations

from stylecam.bench.speed.report import SpeedReport, SpeedRow, markdown_table

MACHINE = {"cpu": "Pentium", "cores": 1}


def test_both_tables_are_markdown() -> None:
    """Head, rule and rows have equally many cells, so that the tables can be pasted into a document as they are printed."""
    row = SpeedRow("app", "openvino", "bf16", "tiny", 16, 12, 70.0, 80.0, 19.0, None, sent_to_shown_ms_median=1.0, control_ms_median=1.0)
    printed = [line for line in markdown_table(SpeedReport(MACHINE, [row], None, None)).splitlines() if line.startswith("|")]
    assert [line.count("|") for line in printed] == [11] * 3 + [7] * 3
    assert printed[3] == "| | size | sent → shown | p95 | slider → shown | p95 |"


def test_without_latencies_there_is_one_table() -> None:
    """Engines alone have no latency, and what the machine does not say is left open."""
    text = markdown_table(SpeedReport(MACHINE, [SpeedRow("engine", "onnx", "f32", "tiny", 16, 12, 5.0, 6.0, 200.0, None)], None, None))
    assert "slider" not in text
    assert text.splitlines()[1] == "matrix products at an unknown speed, copies at ? GB/s"
    assert text.endswith("| onnx | f32 | tiny | 16x12 | 5.0 ms | 6.0 ms | 200.0 |  |  |  |")
