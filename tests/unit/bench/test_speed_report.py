"""The speed report as Markdown, and the README that shows it."""

from __future__ import annotations

from pathlib import Path

from stylecam.bench.speed.report import SpeedReport, SpeedRow, markdown_table

MACHINE = {"cpu": "Pentium", "cores": 1}


def test_the_readme_shows_the_tables_as_they_are_printed(repository: Path) -> None:
    """A column that is added, renamed or dropped must be so in the README too, for its table is the bench's own output."""
    row = SpeedRow("app", "openvino", "bf16", "tiny", 16, 12, 70.0, 80.0, 19.0, None, sent_to_painted_ms_median=1.0, control_ms_median=1.0)
    printed = [line for line in markdown_table(SpeedReport(MACHINE, [row], None, None)).splitlines() if line.startswith("|")]
    heads = [printed[number : number + 2] for number in (0, 3)]
    readme = (repository / "README.md").read_text()
    for head in heads:
        assert "\n".join(head) in readme


def test_without_latencies_there_is_one_table() -> None:
    """Engines alone have no latency, and what the machine does not tell is left open."""
    text = markdown_table(SpeedReport(MACHINE, [SpeedRow("engine", "onnx", "f32", "tiny", 16, 12, 5.0, 6.0, 200.0, None)], None, None))
    assert "slider" not in text
    assert text.splitlines()[1] == "matrix products at an unknown speed, copies at ? GB/s"
    assert text.endswith("| onnx | f32 | tiny | 16x12 | 5.0 ms | 6.0 ms | 200.0 |  |  |  |")
