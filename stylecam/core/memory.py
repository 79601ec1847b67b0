"""How much memory this process holds."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_rss_mb() -> float | None:
    """Return the most memory that this process ever held, in MB, or None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)  # bytes there, kilobytes elsewhere


def rss_mb() -> float | None:
    """Return the memory that this process holds now, in MB, or None where the system does not tell (other than Linux)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1e3, 1)
    except (OSError, ValueError, IndexError, StopIteration):
        return None
