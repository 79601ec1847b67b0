"""When this process was started: earlier than its first line of Python."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def process_begun_ns() -> int | None:
    """Return when this process was started, by `time.monotonic_ns`, to 10 ms; None where the system does not tell (other than Linux)."""
    if sys.platform != "linux":
        return None
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])  # behind the name, which may hold spaces
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return time.monotonic_ns() - round(age_s * 1e9)
