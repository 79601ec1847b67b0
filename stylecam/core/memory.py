"""What glibc does with freed memory: a trainer keeps it for its next step, a window gives it back. Other allocators are left alone."""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any

#: Parameters of glibc's mallopt, and a threshold that no block reaches.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_memory() -> bool:
    """Tell glibc to keep freed memory for the next step; True if it was set. For processes that do nothing but train.

    glibc gives blocks of megabytes back to the system at once, and every page of them is a page fault in the next step. These are the
    settings of MALLOC_MMAP_MAX_ and MALLOC_TRIM_THRESHOLD_, which would have to be set before the process begins.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, _NEVER))


def give_memory_back() -> bool:
    """Let glibc give the system what is free between blocks in use; True if there was any. It takes some milliseconds.

    Engines, encoders and sources come and go in threads of their own, each with a heap that by itself shrinks at its end alone: in an hour
    a window held over 100 MB that nobody used.
    """
    trim = _of_glibc("malloc_trim")
    return trim is not None and bool(trim(0))


def _of_glibc(name: str) -> Any:
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return None
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None
