"""How long the program takes until it can do anything: whole starts, and which modules they spend their time on."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from stylecam.core.process import last_line
from stylecam.errors import EngineError

#: What is started: the words for people, and the arguments of python.
STARTS = {
    "stylecam --help": ("-m", "stylecam", "--help"),
    "stylecam pack list": ("-m", "stylecam", "pack", "list"),
    "the window's modules": ("-c", "import stylecam.gui.main, stylecam.app.live.services, stylecam.packs.library"),
}
_REPEATS = 5
_LINE = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \|(\s*)(\S+)")


@dataclass(frozen=True)
class Start:
    """One way to start: the median time in seconds, and the modules that took longest by themselves, in milliseconds."""

    what: str
    seconds: float
    slowest_ms: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return asdict(self)


def measure_start(what: str, *, slowest: int = 8) -> Start:
    """Start python `what` (a key of STARTS) five times, once more with its import times.

    Raises:
        EngineError: it fails.
    """
    times = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        _run(what)
        times.append(time.perf_counter() - begin)
    own: dict[str, float] = {}
    for line in _run(what, "-X", "importtime").splitlines():
        if found := _LINE.match(line):
            package = found[4].split(".")[0]
            own[package] = own.get(package, 0.0) + int(found[1]) / 1000
    longest = sorted(own.items(), key=lambda item: -item[1])[:slowest]
    return Start(what, round(statistics.median(times), 3), {name: round(ms, 1) for name, ms in longest})


def _run(what: str, *options: str) -> str:
    done = subprocess.run([sys.executable, *options, *STARTS[what]], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise EngineError(f"'{what}' ended with exit code {done.returncode}: {last_line(done.stderr)}")
    return done.stderr
