"""What a speed measurement found, as data and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stylecam.bench.app.startup import Start

TABLE_HEAD = (
    *("", "precision", "pack", "size", "median", "p95", "fps"),
    *("times the baseline's speed", "of the peak", "of the copy rate", "memory"),
)
LATENCY_HEAD = ("", "size", "sent → shown", "p95", "slider → shown", "p95")


@dataclass(frozen=True)
class SpeedRow:
    """One contestant at one size. `peer_ratio` is the baseline's median divided by this one's, None without a baseline.

    `styles` were mixed, or stood side by side in `regions` with a map of weights for each; `steady` frames were normalised by the cached
    statistics of an earlier one, see `render.cached_stats`; `fast` ones passed the network at half their size.
    `peak_share` is what an engine does of the
    network's arithmetic per second, as a share of the matrix product measured in the same precision. `copy_share` is what it must move
    of memory per second at least (see `peaks.network_gb`) as a share of the measured copy rate: near 1 it could not be faster without
    keeping layers in the processor's caches. Both are None where the engine does not compute on the processor, or in another precision.
    `stages_ms` are the medians of the app's stages, `peak_rss_mb` is the most memory that its process held.

    For the app, the times are from capture to the stylized pixel, and `fps` are the frames that reached the screen; its source gives 30.
    `sent_to_shown_ms_…` and `control_ms_…` come from another run, which watches a network camera; see `latency.Latency`.
    Of several `runs` everything is the median, and `ms_runs` the least and the largest of their `ms_median`.
    """

    what: str
    engine: str
    precision: str
    pack: str
    width: int
    height: int
    ms_median: float
    ms_p95: float
    fps: float
    peer_ratio: float | None
    recording: bool = False
    styles: int = 1
    regions: int = 1
    steady: bool = False
    fast: bool = False
    peak_share: float | None = None
    copy_share: float | None = None
    stages_ms: dict[str, float] | None = None
    peak_rss_mb: float | None = None
    sent_to_shown_ms_median: float | None = None
    sent_to_shown_ms_p95: float | None = None
    control_ms_median: float | None = None
    control_ms_p95: float | None = None
    runs: int = 1
    ms_runs: tuple[float, float] | None = None


@dataclass(frozen=True)
class SpeedReport:
    """What `measure_speed` found.

    `startup_s` and `peak_rss_mb` are the app's: the first stylized frame on the screen, the most memory; without the app, None and this
    process's. `start` are its starts, "cold" and "warm", see `startup.measure_starts`; None without the app.
    """

    machine: dict[str, Any]
    rows: list[SpeedRow]
    startup_s: float | None
    peak_rss_mb: float | None
    start: dict[str, Start] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self)


def markdown_table(report: SpeedReport) -> str:
    """Return the report as Markdown for people: the machine, a table of the rows, and for the app one of the latencies."""
    runs = max((row.runs for row in report.rows), default=1)
    lines = [
        f"{report.machine['cpu']}, {report.machine['cores']} cores"
        + (f"; medians over {runs} runs (least to largest)" if runs > 1 else ""),
        f"matrix products at {_peaks_text(report.machine)}, copies at {report.machine.get('copy_gb_per_s', '?')} GB/s",
        *([f"app: first stylized frame after {report.startup_s:.2f} s, at most {report.peak_rss_mb} MB"] if report.startup_s else []),
        *(
            f"{name} start: window after {start.window_s:.2f} s, first stylized frame after {start.first_frame_s:.2f} s"
            for name, start in (report.start or {}).items()
        ),
        "",
        *_table(TABLE_HEAD, 4, (_cells(row) for row in report.rows)),
    ]
    latencies = [_latency_cells(row) for row in report.rows if row.sent_to_shown_ms_median or row.control_ms_median]
    return "\n".join([*lines, "", *_table(LATENCY_HEAD, 2, latencies)] if latencies else lines)


def label(row: SpeedRow) -> str:
    """Return what a row is of, for people: "openvino, 8 styles mixed"."""
    parts = ["app" if row.what == "app" else "", row.engine, "recording" if row.recording else ""]
    parts += [f"{row.styles} styles mixed" if row.styles > 1 else "", f"{row.regions} regions" if row.regions > 1 else ""]
    parts += ["cached statistics" if row.steady else "", "fast" if row.fast else ""]
    return ", ".join(filter(None, parts))


def _table(head: Sequence[str], words: int, rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, whose first columns are words and the others numbers."""
    rule = "|" + "---|" * words + "---:|" * (len(head) - words)
    return [f"| {' | '.join(head)} |".replace("|  |", "| |"), rule, *(f"| {' | '.join(cells)} |" for cells in rows)]


def _cells(row: SpeedRow) -> list[str]:
    ratio = "" if row.peer_ratio is None else f"{row.peer_ratio:.2f}"
    shares = ["" if share is None else f"{share:.0%}" for share in (row.peak_share, row.copy_share)]
    memory = "" if row.peak_rss_mb is None else f"{row.peak_rss_mb:.0f} MB"
    spread = "" if row.ms_runs is None else f" ({row.ms_runs[0]:.1f} to {row.ms_runs[1]:.1f})"
    times = [_ms(row.ms_median) + spread, _ms(row.ms_p95), f"{row.fps:.1f}"]
    return [label(row), row.precision, row.pack, f"{row.width}x{row.height}", *times, ratio, *shares, memory]


def _latency_cells(row: SpeedRow) -> list[str]:
    times = (row.sent_to_shown_ms_median, row.sent_to_shown_ms_p95, row.control_ms_median, row.control_ms_p95)
    return [label(row), f"{row.width}x{row.height}", *map(_ms, times)]


def _ms(ms: float | None) -> str:
    return "" if ms is None else f"{ms:.1f} ms"


def _peaks_text(machine: Mapping[str, Any]) -> str:
    peaks = machine.get("peak_gflops") or {}
    return ", ".join(f"{gflops:.0f} GFLOP/s in {precision}" for precision, gflops in peaks.items()) or "an unknown speed"
