"""Opens the window and runs it until it is closed, or until it has shown what it was asked to."""

from __future__ import annotations

import json
import logging
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from PyQt6.QtCore import QThreadPool, QTimer
from PyQt6.QtWidgets import QApplication

from stylecam.app.live.exercise import ExercisePlan
from stylecam.app.live.interfaces import Services
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.control.scenes import Scene
from stylecam.core.atomic_io import write_file
from stylecam.core.mix import StyleMix
from stylecam.core.process import peak_rss_mb, rss_mb
from stylecam.core.progress import Progress
from stylecam.core.stopping import stop_requests
from stylecam.core.window_params import START_SOURCE
from stylecam.errors import EngineError, InputError, OutputError
from stylecam.gui.garbage import Garbage
from stylecam.gui.live.exerciser import Exerciser
from stylecam.gui.live.latency_probe import Trace
from stylecam.gui.qt_app import prepare_environment
from stylecam.gui.widgets.theme import theme
from stylecam.gui.window import MainWindow
from stylecam.packs.pack import StylePack

#: With --frames or --screenshot: so long may nothing new be shown.
PATIENCE_S = 60.0
_WATCH_MS = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WindowJob:
    """What the window starts with. `mix` None takes the one of the settings, or a good first one.

    With `frames` it shows so many stylized frames, writes `screenshot` (PNG) and `stats` (JSON) if they are named, and closes. `scene`
    comes instead of the mix; `sinks` are switched on from the start; with `report_s` it prints a JSON line (`core.progress`) every so many
    seconds. `trace` adds to the numbers what `gui.live.latency_probe` notes, and `moves` how often it moves a slider for that. `exercise`
    gives the window to a restless user, and closes it after that.
    """

    services: Services
    pack: StylePack
    pack_name: str
    settings: Settings
    save_settings: Callable[[Settings], str]
    source: str = ""
    mix: StyleMix | None = None
    notice: str = ""
    qt_threads: int = 1
    frames: int = 0
    scene: Scene | None = None
    sinks: tuple[str, ...] = ()
    report_s: float = 0.0
    screenshot: Path | None = None
    stats: Path | None = None
    trace: bool = False
    moves: int = 0
    exercise: ExercisePlan | None = None


def build_window(job: WindowJob) -> MainWindow:
    """Return the window, with its session running."""
    settings = job.settings
    window = MainWindow(Session(job.pack, job.services, job.pack_name, settings, job.mix), job.save_settings)
    if job.scene is not None:
        window.session.scenes.show(job.scene)
    window.restore_geometry(settings)
    start = settings.values()[START_SOURCE]
    window.open_source(job.source or (settings.source if start == "last" else "" if start == "camera" else start))
    if not job.frames:
        window.training.unfinished(window.notices)
    window.warn(job.notice)
    return window


def run_window(job: WindowJob) -> int:
    """Show the window and return the exit code when it is closed.

    Raises:
        UsageError: there is no display.
        EngineError: with `frames`, no frame came in time, or the photo is shown because the engine failed.
        InputError: with `frames`, the source gave fewer.
        OutputError: the screenshot or the numbers cannot be written.
    """
    prepare_environment()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("stylecam")
    garbage = Garbage()
    theme.apply(job.settings.theme, job.settings.text_size)
    pool = QThreadPool.globalInstance()
    if pool is not None:
        pool.setMaxThreadCount(job.qt_threads)
    window = build_window(job)
    trace = Trace(window, job.moves) if job.trace else None
    window.show()
    window.rack.reveal_mix()
    if job.settings.mix is None and not (job.frames or job.sinks or job.exercise):
        window.extras.welcome.open_page()
    for name in job.sinks:
        window.actions_by_id[name].trigger()
    if job.exercise is not None:
        Exerciser(window, job.exercise, app.exit)
    reporter = _reporter(window, job.report_s)
    try:
        with guarded(app, window):
            return run_frames(app, window, job, trace) if job.frames else app.exec()
    finally:
        reporter.stop()
        window.close()
        garbage.end()


def _reporter(window: MainWindow, every_s: float) -> QTimer:
    """Print how the run goes on standard output, for the process that started it."""
    begun = time.monotonic()
    timer = QTimer()

    def report() -> None:
        numbers, (_, drops) = window.session.status().numbers, window.session.ledger.snapshot()
        values = {"fps": numbers.fps, "latency_ms": numbers.latency_ms, "rss_mb": rss_mb() or 0.0}
        values |= {f"dropped {cause}": float(count) for cause, count in drops.items()}
        sys.stdout.write(Progress("app", window.frames_shown, 0, time.monotonic() - begun, values).to_json() + "\n")
        sys.stdout.flush()

    timer.timeout.connect(report)
    if every_s > 0:
        timer.start(round(every_s * 1000))
    return timer


@contextmanager
def guarded(app: QApplication, window: MainWindow) -> Iterator[None]:
    """Close in good order on Ctrl-C and on the system's wish; tell of a fault in a slot instead of ending the program, as PyQt would.

    Raises:
        KeyboardInterrupt: afterwards, if it was Ctrl-C.
    """

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log.error("a fault in the window", exc_info=(kind, error, trace))
        window.warn(f"This is a fault in stylecam: {kind.__name__}: {error}. Please report what `stylecam -v` prints.")

    with stop_requests(app.exit) as came:
        hook, sys.excepthook = sys.excepthook, tell
        try:
            yield
        finally:
            sys.excepthook = hook
    if signal.SIGINT in came:
        raise KeyboardInterrupt


def run_frames(app: QApplication, window: MainWindow, job: WindowJob, trace: Trace | None = None) -> int:
    """Run until `job.frames` stylized frames were shown or nothing new comes; write what was asked for; return the exit code or raise.

    With a `trace` it also runs until all sliders that are to be moved were followed.
    """
    begun = last_change = time.monotonic()
    last_count = 0

    def watch() -> None:
        nonlocal last_change, last_count
        if window.frames_shown != last_count:
            last_count, last_change = window.frames_shown, time.monotonic()
        shown_all = window.frames_shown >= job.frames and (trace is None or trace.is_done)
        if shown_all or time.monotonic() - last_change > PATIENCE_S or not window.isVisible():
            app.exit()  # unlike quit(), leaves the window open for its screenshot

    timer = QTimer()
    timer.timeout.connect(watch)
    timer.start(_WATCH_MS)
    app.exec()
    timer.stop()
    window.show_status()
    if job.screenshot is not None and not window.grab().save(str(job.screenshot), "PNG"):
        raise OutputError(f"The screenshot '{job.screenshot}' cannot be written; check the folder.")
    if job.stats is not None:
        numbers = collect_stats(window, time.monotonic() - begun)
        if trace is not None:
            numbers["trace"] = trace.to_json()
        write_file(job.stats, json.dumps(numbers, indent=2).encode(), force=True)
    if window.frames_shown < job.frames:
        shown = f"only {window.frames_shown} of {job.frames} frames were shown in time"
        if trouble := window.banner.text():
            raise EngineError(f"{trouble} So {shown}.")
        if window.frames_shown:  # so the engine works
            raise InputError(f"{shown.capitalize()}: the source gave no more, an image gives one. Ask for fewer --frames.")
        raise EngineError(f"{shown.capitalize()}. `stylecam doctor` tells which engines work here.")
    if window.shown is not None and window.shown.problem:
        raise EngineError(window.shown.problem)
    return 0


def collect_stats(window: MainWindow, seconds: float) -> dict[str, object]:
    """Return the numbers of a run as JSON data: times in ms are medians over the last frames."""
    status = window.session.status()
    events, drops = window.session.ledger.snapshot()
    shown = window.shown
    return {
        "seconds": round(seconds, 3),
        "frames_shown": window.frames_shown,
        "fps": round(status.numbers.fps, 2),
        "latency_ms": round(status.numbers.latency_ms, 2),
        "stages_ms": {stage: round(ms, 3) for stage, ms in status.numbers.stages_ms.items()},
        "shown_latency_ms": round(statistics.median(window.log.age_ms), 2) if window.log.age_ms else None,
        "shown_latency_p95_ms": round(float(np.percentile(window.log.age_ms, 95)), 2) if window.log.age_ms else None,
        "shown_fps": round(window.log.shown_fps, 2),
        "first_shown_unix_s": window.log.first_shown_unix_s,
        "peak_rss_mb": peak_rss_mb(),
        "paint_ms": round(statistics.median(window.log.paint_ms), 3) if window.log.paint_ms else None,
        "events": events,
        "drops": drops,
        "engine": shown.engine if shown is not None else "",
        "note": shown.note if shown is not None else "",
        "problem": window.banner.text(),
        "source": status.source,
        "scale": shown.scale if shown is not None else None,
        "quality": shown.quality if shown is not None else None,
        "size": [shown.image.shape[1], shown.image.shape[0]] if shown is not None else None,
        "mix": str(window.controls.mix()),
    }
