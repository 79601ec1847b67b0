"""The trainer as a child process of low priority: started, followed, paused and stopped. Nothing that happens to it reaches the video."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from stylecam.app.training.runs import DONE, RUNNING, STOPPED, WHOLE, TrainRun
from stylecam.core.atomic_io import reason
from stylecam.core.process import child_environment
from stylecam.core.progress import Progress
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import StylecamError, TrainingError

#: What is run; tests put a small script here.
PROGRAM = (sys.executable, "-m", "stylecam")
#: A step of a large batch on a busy machine takes seconds, then pack and checkpoint are written. Who takes longer hangs.
STOP_TIMEOUT_S = 60.0
#: More points than a plot is wide are thinned out.
MAX_POINTS = 1200

PAUSED, STOPPING, FAILED = "paused", "stopping", "failed"


@dataclass(frozen=True)
class TrainStatus:
    """How a job stands. `state` is one of running, paused, stopping, done, stopped, failed.

    `count` grows with every report, so that a view knows when to look again. `files` has the newest path for every role, `packs`
    counts how often the style was written. `curve` is (step, objective) from the beginning.
    """

    state: str = RUNNING
    problem: str = ""
    report: Progress | None = None
    count: int = 0
    packs: int = 0
    files: dict[str, str] = field(default_factory=dict)
    curve: tuple[tuple[int, float], ...] = ()

    @property
    def is_over(self) -> bool:
        """True when the child has ended."""
        return self.state in (DONE, STOPPED, FAILED)


class TrainJob:
    """One run of the trainer. No method waits for it, except `close`; any thread may ask for the status.

    Raises:
        TrainingError: the trainer cannot be started.
    """

    def __init__(self, run: TrainRun) -> None:
        self.run = run
        self._lock = threading.Lock()
        self._status = TrainStatus()
        self._log = run.folder / "trainer.log"
        self._wants_stop = False
        self._watchdog: threading.Timer | None = None
        try:
            # A file: nobody reads a pipe until the end, and a full one would stop the child.
            with self._log.open("wb") as stderr:
                self._process = subprocess.Popen(  # noqa: S603 (our own program)
                    trainer_command(run),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    encoding="utf-8",
                    errors="replace",
                    env=child_environment(PYTHONIOENCODING="utf-8"),
                )
        except OSError as error:
            raise TrainingError(f"The trainer cannot be started: {reason(error)}.") from error
        born = _lower_priority(self._process.pid)
        with contextlib.suppress(StylecamError):  # without it a crash is not offered to be resumed; the training goes on
            run.mark(RUNNING, (self._process.pid, born))
        self._reader = threading.Thread(target=self._read, name="stylecam-trainer", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def status(self) -> TrainStatus:
        """Return how it stands."""
        with self._lock:
            return self._status

    def pause(self) -> None:
        """Wait after the step at hand, and leave the processor to others."""
        self._send("pause", RUNNING, PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        self._send("resume", PAUSED, RUNNING)

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Ask the child to end after the step at hand and to keep what it has; one that does not within `timeout_s` is killed."""
        with self._lock:
            if self._wants_stop or self._status.is_over:
                return
            self._wants_stop = True
            self._set(state=STOPPING)
        self._close_stdin()
        self._watchdog = threading.Timer(timeout_s, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def close(self, timeout_s: float = 3.0) -> bool:
        """Ask for a stop because the window closes, and wait a little. A child that needs longer keeps its work by itself.

        The run counts as unfinished, so that it is offered at the next start. Returns whether the child has ended.
        """
        with self._lock:
            if not self._status.is_over and not self._wants_stop:
                self._status = _changed(self._status, state=STOPPING)
        self._close_stdin()
        self._reader.join(timeout_s)
        return not self._reader.is_alive()

    def _send(self, word: str, before: str, after: str) -> None:
        with self._lock:
            if self._status.state != before or self._process.stdin is None:
                return
            self._set(state=after)
            with contextlib.suppress(OSError, ValueError):  # it has ended just now, which the reader will tell
                self._process.stdin.write(f"{word}\n")
                self._process.stdin.flush()

    def _close_stdin(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            try:
                report = Progress.from_json(line)
            except (ValueError, TypeError):
                continue  # a library that prints
            self._take(report)
        code = self._process.wait()
        self._close_stdin()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._end(code)

    def _take(self, report: Progress) -> None:
        value = report.values.get("objective")
        with self._lock:
            curve = self._status.curve
            if isinstance(value, (int, float)):
                curve = thinned((*curve, (report.step, float(value))))
            files = self._status.files | report.files
            packs = self._status.packs + ("pack" in report.files)
            self._set(report=report, count=self._status.count + 1, packs=packs, files=files, curve=curve)

    def _end(self, code: int) -> None:
        if code == 0 and not self._wants_stop:
            state, problem = DONE, ""
        elif self._wants_stop or code == STOPPED_EXIT_CODE:
            state, problem = STOPPED, ""
        else:
            state, problem = FAILED, self._complaint(code)
        kept = self.run.pack.is_file()
        if state == DONE or self._wants_stop:
            try:
                if kept:
                    self.run.install()
                self.run.mark(state)
            except StylecamError as error:
                problem = str(error)
        with self._lock:
            if kept:  # what it wrote at the very end was not reported
                self._set(files=self._status.files | {"pack": str(self.run.pack)}, packs=self._status.packs + 1)
            self._set(state=state, problem=problem, count=self._status.count + 1)

    def _complaint(self, code: int) -> str:
        try:
            lines = self._log.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        last = lines[-1].removeprefix("stylecam: ").strip() if lines and code > 0 else ""
        if last:
            return last
        how = f"it was ended by signal {-code}" if code < 0 else f"exit code {code}"
        kept = "what it had learnt up to its last checkpoint is kept" if self.run.can_resume else "it had nothing to keep yet"
        return f"The trainer ended unexpectedly ({how}); {kept}. Go on with Resume."

    def _set(self, **changes: object) -> None:
        self._status = _changed(self._status, **changes)


def trainer_command(run: TrainRun) -> list[str]:
    """Return the command that trains the style of `run`, from its checkpoint if there is one. The user's words may begin with a dash."""
    request = run.request
    command = [*PROGRAM, "train", "add-style", str(run.style_image), f"--to={request.pack}", "-o", str(run.pack), "--run", str(run.folder)]
    command += ["--minutes", f"{request.minutes:g}", "--id", request.style, f"--title={request.title}", f"--artist={request.artist}"]
    command += ["--scale", f"{request.stroke_scale:g}", "--json", "--until-stdin-closes"]
    if run.photos is not None:
        command += ["--photos", str(run.photos)]
    if run.live_photo.is_file():
        command += ["--preview", str(run.live_photo)]
    if request.colors:
        command += ["--colors", str(request.colors)]
    if request.crop != WHOLE:
        command.append("--crop=" + ",".join(f"{value:g}" for value in request.crop))
    return [*command, "--resume" if run.can_resume else "--force"]


def thinned(curve: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return a curve of at most `MAX_POINTS` points: the older of them lose every second one."""
    if len(curve) <= MAX_POINTS:
        return tuple(curve)
    old = len(curve) - MAX_POINTS // 4
    return (*curve[:old:2], *curve[old:])


def _changed(status: TrainStatus, **changes: object) -> TrainStatus:
    return TrainStatus(**{**vars(status), **changes})


def _lower_priority(pid: int) -> float:
    """Let the live frames go first; return when the child began, in seconds since 1970. A system that refuses is no reason not to train."""
    try:
        child = psutil.Process(pid)
        born = float(child.create_time())
        child.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 15)
    except psutil.Error:
        return 0.0
    return born
