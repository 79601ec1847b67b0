"""When this process was started, how much memory it holds, and what its children need to find the same program."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process that finds the same stylecam, wherever either was started; `more` is added."""
    root = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))), **more}


def process_begun_ns() -> int | None:
    """Return when this process was started, by `time.monotonic_ns`, to 10 ms; None where the system does not say (other than Linux)."""
    if sys.platform != "linux":
        return None
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])  # behind the name, which may hold spaces
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return time.monotonic_ns() - round(age_s * 1e9)


def peak_rss_mb() -> float | None:
    """Return the most memory that this process ever held, in MB, or None where the system does not say."""
    if sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)
    # Not getrusage: on Linux its peak counts the parent's memory too, from before the child became another program.
    return _status_mb("VmHWM:")


def rss_mb() -> float | None:
    """Return the memory that this process holds now, in MB, or None where the system does not say (other than Linux)."""
    return _status_mb("VmRSS:")


def _status_mb(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6, 1)
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def available_memory() -> int:
    """Return the bytes that programs can still take, without swapping others out."""
    import psutil  # here, not above: only who reads large files needs it

    return int(psutil.virtual_memory().available)
