"""Runs a target's inputs in a process whose memory is bounded; its parent learns of each, so that also a crash can be pinned to one.

What an input costs is measured one by one: processor time, and by how much the peak of resident memory exceeds what was held before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stylecam.core.process import peak_rss_mb, rss_mb
from tests.fuzz import targets

MAX_MB, MAX_S = 300, 5.0
_WARM = 20


class TooSlow(BaseException):
    """An input took longer than it may; no reader catches this."""


def main(name: str, seed: int, first: int, count: int, seconds: float, note: Callable[[int], object]) -> None:
    """Print one JSON line per finding, and a last one with what the costliest input cost; `note` is called with each input's number."""
    logging.disable()
    warnings.simplefilter("error")
    # In memory where there is such a folder: what waits for a disk reads fewer inputs.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        target = targets.make(name, Path(folder))
        for number in range(_WARM):  # caches and lazy imports are no input's cost
            with contextlib.suppress(Exception):
                target.read(target.make(input_rng(name, seed, -1 - number)))
        # Beyond what an input may cost, and what threads of libraries reserve and do not use.
        limit = _virtual_bytes() + 2 * MAX_MB * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        signal.signal(signal.SIGPROF, _too_slow)
        deadline = time.monotonic() + seconds
        costliest_mb = costliest_s = 0.0
        at = first
        while at < first + count and time.monotonic() < deadline:
            note(at)
            problem, mb, used_s = _one(target, target.make(input_rng(name, seed, at)))
            costliest_mb, costliest_s = max(costliest_mb, mb), max(costliest_s, used_s)
            if problem:
                _say({"found": at, **problem})
            at += 1
    _say({"done": at - first, "mb": round(costliest_mb, 1), "s": round(costliest_s, 3)})


def input_rng(name: str, seed: int, number: int) -> random.Random:
    """Return what makes an input: the same for the same three."""
    return random.Random(hashlib.sha256(f"{name} {seed} {number}".encode()).digest())


def _one(target: targets.Target, data: bytes) -> tuple[dict[str, Any], float, float]:
    """Read an input; return what is wrong, if anything, and what it cost."""
    before_mb = _reset_peak()
    begun_s = time.process_time()
    problem: dict[str, Any] = {}
    with _time_limit():
        try:
            target.read(data)
        except target.allowed:
            pass
        except (Exception, TooSlow) as error:
            frames = [
                frame for frame in traceback.extract_tb(error.__traceback__) if "stylecam" in frame.filename or "fuzz" in frame.filename
            ]
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
            problem = {"error": f"{type(error).__name__} at {place}: {str(error)[:300]}", "kind": f"{type(error).__name__} {place}"}
    used_s = time.process_time() - begun_s
    mb = max(0.0, (peak_rss_mb() or 0.0) - before_mb)
    if not problem and mb > MAX_MB:
        problem = {"error": f"it took {mb:.0f} MB", "kind": "memory"}
    if not problem and used_s > MAX_S:
        problem = {"error": f"it took {used_s:.1f} s", "kind": "time"}
    return problem, mb, used_s


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, MAX_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_slow(*_: object) -> None:
    raise TooSlow(f"more than {MAX_S:.0f} s of processor time")


def _reset_peak() -> float:
    """Let the peak of resident memory begin again, and return what is held now, in MB."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return rss_mb() or 0.0


def _virtual_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _noter(path: str) -> Callable[[int], object]:
    """Return what notes the input at hand where the parent finds it after a crash."""
    handle = os.open(path, os.O_WRONLY)

    def note(number: int) -> None:
        os.pwrite(handle, number.to_bytes(8, "little"), 0)

    return note


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), _noter(sys.argv[6]))
