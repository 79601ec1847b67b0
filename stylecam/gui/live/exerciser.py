"""The window with a restless user (`app.live.exercise`), and what the soak wants to know of that, as JSON lines."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QTimer

from stylecam.app.live.exercise import ExercisePlan, Step, exercise
from stylecam.core.memory import give_memory_back
from stylecam.core.process import handle_count, rss_mb, thread_count
from stylecam.core.progress import Progress
from stylecam.gui.window import MainWindow

_BUSY_REPORT_S = 2.0
#: So long a rest waits for threads that end by themselves: those of Qt's pools do after 30 s without work.
_LINGER_S, _LINGER_POLL_MS = 40.0, 500
#: Drawn later than this, in frames, is late: a busy window, no queue.
LATE_FRAMES = 3

_log = logging.getLogger(__name__)


class Exerciser(QObject):
    """Begins when it is made; calls `done` at the end.

    Prints a report (`core.progress`) every two seconds, and several at each rest: memory, threads, handles, how many frames old the oldest
    frame was when it was finished (finished frames since it was captured, itself included), how many were older than `LATE_FRAMES` when
    they were drawn, and how many exceptions there were, with the last one's words.

    Args:
        window: what is exercised.
        plan: how.
        done: called once, from a timer.
    """

    def __init__(self, window: MainWindow, plan: ExercisePlan, done: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._done = window, done
        self._steps = exercise(window.session, plan)
        self._faults = _Faults()
        self._oldest = self._late = 0
        self._fewest: tuple[int, int] | None = None
        self._waits: Step | None = None
        self._waits_since = 0.0
        self._begun = time.monotonic()
        self._reported = 0.0
        window.preview.drawn.connect(self._note_age)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)
        self._timer.start(0)

    def _step(self) -> None:
        try:
            step, self._waits = self._waits or next(self._steps, None), None
        except Exception:
            _log.exception("the exercise ended")
            step = None
        if step is None:
            self._report(Step("end", 0))
            self._faults.end()
            self._done()
            return
        if step.phase == "rest":
            gc.collect()  # what is merely not collected or given back yet is no leak
            give_memory_back()
            if self._must_wait():
                self._waits = step
                self._timer.start(_LINGER_POLL_MS)
                return
        else:
            self._waits_since = time.monotonic()
        if step.phase == "rest" or time.monotonic() - self._reported > _BUSY_REPORT_S:
            self._report(step)
        self._timer.start(round(step.wait_s * 1000))

    def _must_wait(self) -> bool:
        """Return whether there are more threads or handles than at a rest before, and they may yet end by themselves."""
        now = thread_count(), handle_count()
        fewest = self._fewest or now
        self._fewest = min(now[0], fewest[0]), min(now[1], fewest[1])
        return now != self._fewest and time.monotonic() - self._waits_since < _LINGER_S

    def _note_age(self) -> None:
        shown = self._window.shown
        if shown is not None and not (shown.repeated or shown.starting):
            since = self._window.session.frames_since
            drawn = since(shown.frame.captured_ns)
            self._oldest = max(self._oldest, drawn - since(shown.done_ns))
            self._late += drawn > LATE_FRAMES

    def _report(self, step: Step) -> None:
        self._reported = time.monotonic()
        values: dict[str, float] = {
            "rests": step.rests,
            "rss_mb": rss_mb() or 0.0,
            "threads": thread_count(),
            "handles": handle_count(),
            "oldest_frames": self._oldest,
            "late": self._late,
            "exceptions": self._faults.count,
            "fps": round(self._window.session.status().numbers.fps, 2),
            "frames": self._window.frames_shown,
        }
        report = Progress(step.phase, self._window.frames_shown, 0, self._reported - self._begun, values, message=self._faults.last)
        try:
            sys.stdout.write(report.to_json() + "\n")
            sys.stdout.flush()
        except OSError:  # the soak was killed: a window without it would go on for ever
            self._timer.timeout.disconnect()
            self._faults.end()
            self._done()


class _Faults(logging.Handler):
    """Counts exceptions wherever they end: logged, in a thread, or where Python can only print them."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count, self.last = 0, ""
        logger = logging.getLogger("stylecam")
        logger.addHandler(self)
        logger.setLevel(min(logger.getEffectiveLevel(), logging.INFO))  # failed jobs and stages are logged there
        self._hooks = threading.excepthook, sys.unraisablehook
        threading.excepthook, sys.unraisablehook = self._in_thread, self._unraisable

    def emit(self, record: logging.LogRecord) -> None:
        """Count what was logged with an exception, or as an error."""
        if record.exc_info or record.levelno >= logging.ERROR:
            error = record.exc_info[1] if record.exc_info else ""
            self.add(f"{record.getMessage()}: {error!r}")

    def add(self, what: str) -> None:
        """Count one."""
        self.count, self.last = self.count + 1, what[:500]

    def end(self) -> None:
        """Listen no more."""
        logging.getLogger("stylecam").removeHandler(self)
        threading.excepthook, sys.unraisablehook = self._hooks

    def _in_thread(self, args: Any) -> None:
        self.add(f"in the thread {args.thread.name if args.thread else '?'}: {args.exc_value!r}")
        self._hooks[0](args)

    def _unraisable(self, args: Any) -> None:
        self.add(f"in {args.object!r}: {args.exc_value!r}")
        self._hooks[1](args)
