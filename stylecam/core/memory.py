"""How much memory this process holds."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_rss_mb() -> float | None:
    """Return the most memory that this process ever held, in MB, or None where the system does not tell."""
    if sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)
    # Not getrusage: on Linux its peak counts the parent's memory too, from before the child became another program.
    return _status_mb("VmHWM:")


def rss_mb() -> float | None:
    """Return the memory that this process holds now, in MB, or None where the system does not tell (other than Linux)."""
    return _status_mb("VmRSS:")


def _status_mb(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6, 1)
    except (OSError, ValueError, IndexError, StopIteration):
        return None
