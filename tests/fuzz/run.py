"""Runs a target in child processes until its inputs are through; a child that dies is an input that was found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stylecam.core.process import child_environment, last_line

#: So long may one input take by the clock, on a machine however busy, before it counts as hanging.
HANG_S = 120.0
_MAX_DEATHS = 20


@dataclass
class Outcome:
    """What came of a target: how many inputs were read, what was found (number, kind, error), and what the costliest one cost."""

    name: str
    inputs: int = 0
    found: list[dict[str, Any]] = field(default_factory=list)
    mb: float = 0.0
    s: float = 0.0

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """One finding of each kind."""
        return {each["kind"]: each for each in reversed(self.found)}


def run_target(name: str, *, seed: int, inputs: int, seconds: float = 1e9, first: int = 0) -> Outcome:
    """Read `inputs` inputs, or as many as `seconds` allow."""
    outcome, deadline = Outcome(name), time.monotonic() + seconds
    at, deaths = first, 0
    while at < first + inputs and time.monotonic() < deadline and deaths <= _MAX_DEATHS:
        read, death = _child(outcome, seed, at, first + inputs - at, deadline - time.monotonic())
        outcome.inputs += read
        at += read
        if death:
            outcome.found.append({"found": at - 1, "kind": death, "error": death})
            deaths += 1
        elif read == 0:
            break
    return outcome


def _child(outcome: Outcome, seed: int, first: int, count: int, seconds: float) -> tuple[int, str]:
    """Return how many inputs a child read, and how it died, if it did; then the last of them is the one that killed it."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder) / "at"
        at.write_bytes((2**64 - 1).to_bytes(8, "little"))
        words = [outcome.name, str(seed), str(first), str(count), str(seconds), str(at)]
        # One arena: each more would reserve memory that nobody uses, and that the limit counts.
        environment = child_environment(MALLOC_ARENA_MAX="1", QT_QPA_PLATFORM="offscreen", STYLECAM_HOME=folder)
        command, complaints = [sys.executable, "-m", "tests.fuzz.child", *words], Path(folder) / "stderr"
        with (
            complaints.open("w") as stderr,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment) as process,
        ):
            threading.Thread(target=_watch, args=(process, at), daemon=True).start()
            for line in process.stdout or ():
                found = json.loads(line)
                if "done" in found:
                    outcome.mb, outcome.s = max(outcome.mb, found["mb"]), max(outcome.s, found["s"])
                    return found["done"], ""
                outcome.found.append(found)
            code = process.wait()
        number = int.from_bytes(at.read_bytes(), "little")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        why = last_line(complaints.read_text(errors="replace"))[:200]
        if number == 2**64 - 1:
            raise RuntimeError(f"{outcome.name} could not begin ({how}): {why}")
        return number - first + 1, f"the process ended with {how}: {why}"


def _watch(process: subprocess.Popen[str], at: Path) -> None:
    """End a child whose input hangs."""
    seen, since = b"", time.monotonic()
    while process.poll() is None:
        try:
            now = at.read_bytes()
        except OSError:
            return
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > HANG_S:
            os.kill(process.pid, signal.SIGKILL)
            return
        time.sleep(0.5)
