"""Long work as a child process of low priority: started, followed, paused and stopped. Nothing that happens to it reaches the video."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import psutil

from stylecam.core.atomic_io import reason
from stylecam.core.process import child_environment
from stylecam.core.progress import Progress
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import TrainingError

#: What is run.
PROGRAM = (sys.executable, "-m", "stylecam")
#: A step on a busy machine takes seconds, then results are written. Who takes longer hangs.
STOP_TIMEOUT_S = 60.0
#: How far a child steps back behind the live frames, as Unix counts it; Windows has a class for that.
NICENESS = 15

RUNNING, PAUSED, STOPPING = "running", "paused", "stopping"
DONE, STOPPED, FAILED = "done", "stopped", "failed"


@dataclass(frozen=True)
class ChildStatus:
    """How a job stands. `state` is one of running, paused, stopping, done, stopped, failed.

    `count` grows with every report, so that a view knows when to look again. `files` has the newest path for every role.
    """

    state: str = RUNNING
    problem: str = ""
    report: Progress | None = None
    count: int = 0
    files: dict[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """True when the child has ended."""
        return self.state in (DONE, STOPPED, FAILED)


S = TypeVar("S", bound=ChildStatus)


class ChildJob(Generic[S]):
    """A command of stylecam that reports in JSON lines and stops when its standard input ends.

    No method waits for it, except `close`; any thread may ask for the status.

    Args:
        command: what is run, with `--json --until-stdin-closes`.
        log: a file for what it says besides.
        status: how it stands at the beginning.
        name: what messages call it.

    Raises:
        TrainingError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], log: Path, status: S, name: str) -> None:
        self._lock = threading.Lock()
        self._status: S = status
        self._log, self._name = log, name
        self._wants_stop = False
        self._watchdog: threading.Timer | None = None
        try:
            # Passive: beside a busy video torch's threads would burn three times the processor's time, waiting for each other (measured).
            # A file: nobody reads a pipe until the end, and a full one would stop the child.
            with log.open("wb") as stderr:
                self._process = subprocess.Popen(  # noqa: S603 (our own program)
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    encoding="utf-8",
                    errors="replace",
                    env=child_environment(PYTHONIOENCODING="utf-8", OMP_WAIT_POLICY=os.environ.get("OMP_WAIT_POLICY", "PASSIVE")),
                )
        except OSError as error:
            raise TrainingError(f"The {name} cannot be started: {reason(error)}.") from error
        self.born = _lower_priority(self._process.pid)
        self._reader = threading.Thread(target=self._read, name=f"stylecam-{name}", daemon=True)

    def follow(self) -> None:
        """Begin to read what the child reports."""
        self._reader.start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def status(self) -> S:
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

        Returns whether the child has ended.
        """
        with self._lock:
            if not self._status.is_over and not self._wants_stop:
                self._set(state=STOPPING)
        self._close_stdin()
        self._reader.join(timeout_s)
        return not self._reader.is_alive()

    def _take(self, report: Progress) -> dict[str, Any]:
        """Return what a report changes in the status; called with the lock held."""
        return {"report": report, "count": self._status.count + 1, "files": self._status.files | report.files}

    def _end(self, code: int) -> None:
        """Note how the child ended."""
        state, problem = self._ending(code)
        with self._lock:
            self._set(state=state, problem=problem, count=self._status.count + 1)

    def _ending(self, code: int) -> tuple[str, str]:
        """Return state and problem."""
        if code == 0 and not self._wants_stop:
            return DONE, ""
        if self._wants_stop or code == STOPPED_EXIT_CODE:
            return STOPPED, ""
        return FAILED, self._complaint(code)

    def _complaint(self, code: int) -> str:
        try:
            lines = self._log.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        last = lines[-1].removeprefix("stylecam: ").strip() if lines and code > 0 else ""
        if last:
            return last
        how = f"it was ended by signal {-code}" if code < 0 else f"exit code {code}"
        return f"The {self._name} ended unexpectedly ({how}); {self._advice()}"

    def _advice(self) -> str:
        return "try again."

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
            with self._lock:
                self._set(**self._take(report))
        code = self._process.wait()
        self._close_stdin()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._end(code)

    def _set(self, **changes: Any) -> None:
        self._status = replace(self._status, **changes)


def _lower_priority(pid: int) -> float:
    """Let the live frames go first; return when the child began, in seconds since 1970. A system that refuses is no reason not to work."""
    try:
        child = psutil.Process(pid)
        born = float(child.create_time())
    except psutil.Error:
        return 0.0
    with contextlib.suppress(psutil.Error):
        child.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICENESS)
    return born
