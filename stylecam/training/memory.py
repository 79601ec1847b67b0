"""Memory of a training process: blocks as large as ours are kept, instead of being given back and fetched again in every step."""

from __future__ import annotations

import ctypes
import platform
import sys

#: Parameters of glibc's mallopt, and a threshold that no block reaches.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_memory() -> bool:
    """Tell glibc to keep freed memory for the next step; True if it was set. For processes that do nothing but train.

    glibc gives blocks of megabytes back to the system at once, and every page of them is a page fault in the next step. These are the
    settings of MALLOC_MMAP_MAX_ and MALLOC_TRIM_THRESHOLD_, which would have to be set before the process begins. Other systems have
    other allocators, which are left alone.
    """
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, _NEVER))
