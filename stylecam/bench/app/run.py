"""The whole app, timed: the real window in a child process, which reports its own numbers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stylecam.core.process import child_environment, last_line
from stylecam.core.progress import Progress
from stylecam.errors import EngineError

_TIMEOUT_S = 300.0
_SCREEN = ("xvfb-run", "-a", "-s", "-screen 0 1400x900x24")


def run_app(
    source: str,
    frames: int,
    *,
    pack: str,
    size_px: int = 0,
    quality: str = "fine",
    record: bool = False,
    moves: int | None = None,
    home: Path | None = None,
) -> dict[str, Any]:
    """Show `frames` stylized frames of `source` in the real window and return its numbers (see `gui.main.collect_stats`).

    Adds `startup_s`, from the child's start (and its virtual screen's) to the first stylized frame on the screen, `begun_ns`, when that
    was by `time.monotonic_ns`, and `screen`, where it was shown. The child has its own user folders, so it neither reads nor changes
    anybody's settings, and its recording is thrown away.

    Args:
        source: as for the window.
        frames: how many.
        pack: name or path.
        size_px: the long side that is stylized, or the source's own if it is 0.
        quality: fast, fine or auto.
        record: record, too.
        moves: with a number, the run is traced (see `gui.live.latency_probe`), and so often a slider is moved in it.
        home: the child's user folders, for runs that follow each other; None for new ones that are thrown away.

    Raises:
        EngineError: the app failed, with its own message, or took too long.
    """
    with tempfile.TemporaryDirectory() as scratch:
        stats = Path(scratch) / "stats.json"
        arguments = [
            "--source",
            source,
            "--pack",
            pack,
            "--size",
            str(size_px),
            "--quality",
            quality,
            "--frames",
            str(frames),
            "--stats",
            str(stats),
        ]
        arguments += ["--record"] if record else []
        arguments += ["--trace", "--moves", str(moves)] if moves is not None else []
        command, environment, screen = _command(str(home or scratch), arguments)
        begun, begun_ns = time.time(), time.monotonic_ns()
        with subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        ) as process:
            try:
                _, complaints = process.communicate(timeout=_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                raise EngineError(f"The app could not be timed: it did not show {frames} frames in {_TIMEOUT_S:.0f} s.") from None
            finally:
                if process.poll() is None:
                    _end(process)
        if process.returncode or not stats.is_file():
            raise EngineError(f"The app could not be timed: {last_line(complaints, process.returncode)}")
        numbers: dict[str, Any] = json.loads(stats.read_text())
    return {**numbers, "startup_s": round(numbers["first_shown_unix_s"] - begun, 3), "begun_ns": begun_ns, "screen": screen}


def follow_app(arguments: Sequence[str], home: str, timeout_s: float) -> Iterator[Progress]:
    """Run the real window with `arguments` until it ends by itself, and yield the reports that it prints.

    Args:
        arguments: of the window.
        home: its user folders.
        timeout_s: how long nothing may be reported.

    Raises:
        EngineError: the app failed, with its own message, or was silent for too long.
    """
    command, environment, _ = _command(home, list(arguments))
    complaints = Path(home) / "stderr"  # a file: nobody reads a pipe during the run, and a full one would stop it
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment, start_new_session=True) as process,  # noqa: S603
    ):
        lines = iter(process.stdout or ())
        try:
            while True:
                watchdog = threading.Timer(timeout_s, _stop, (process,))
                watchdog.start()
                try:
                    line = next(lines, "")
                    if not line:
                        process.wait()
                        break
                finally:
                    watchdog.cancel()
                yield Progress.from_json(line)
        finally:
            if process.poll() is None:
                _end(process)
    if process.returncode:
        raise EngineError(f"The app ended before its time: {last_line(complaints.read_text(), process.returncode)}")


def _end(process: subprocess.Popen[str]) -> None:
    """End the app, and the virtual screen around it, and wait for that."""
    _stop(process)
    process.communicate(timeout=30)


def _stop(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()


def _command(home: str, arguments: list[str]) -> tuple[list[str], dict[str, str], str]:
    """Return the child's command, its environment, and where its window will be."""
    environment = child_environment(STYLECAM_HOME=home)
    command = [sys.executable, "-m", "stylecam", *arguments]
    if any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")) or not sys.platform.startswith("linux"):
        return command, environment, environment.get("QT_QPA_PLATFORM", "the screen")
    if shutil.which(_SCREEN[0]):
        return [*_SCREEN, *command], environment, "Xvfb"
    return command, environment | {"QT_QPA_PLATFORM": "offscreen"}, "offscreen"
