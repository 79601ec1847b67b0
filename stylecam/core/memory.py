"""What glibc does with freed memory: a trainer keeps it for its next step, a window gives it back. Other allocators are left alone."""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Any

#: Parameters of glibc's mallopt, and a threshold that no block reaches.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8
_NEVER = 2**31 - 1
#: What a stage holds for a frame is smaller up to 1280x720, and is wanted again for the next one; an engine's maps are larger.
_LARGE_BYTES = 16 * 2**20
#: Heaps that all threads share. By itself glibc makes eight per core, and what one has free no thread of another can use.
_ARENAS = 2


def keep_memory() -> bool:
    """Tell glibc to keep freed memory for the next step; True if it was set. For processes that do nothing but train.

    glibc gives blocks of megabytes back to the system at once, and every page of them is a page fault in the next step. These are the
    settings of MALLOC_MMAP_MAX_ and MALLOC_TRIM_THRESHOLD_, which would have to be set before the process begins.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, _NEVER))


def return_large_blocks() -> bool:
    """Tell glibc to give large blocks back to the system as soon as they are freed; True if it was set. For processes that go on for hours.

    Otherwise it takes the largest block that was ever freed, up to 32 MB, as the measure of what is worth keeping, and then keeps the maps
    of closed engines in the heaps of threads that are gone: 120 MB after a few frame sizes.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is None:
        return False
    # Without the second, it would then give back and fetch again the end of a heap with every frame.
    settings = {_MMAP_THRESHOLD: _LARGE_BYTES, _TRIM_THRESHOLD: 2 * _LARGE_BYTES, _ARENA_MAX: _ARENAS}
    return all(bool(mallopt(name, value)) for name, value in settings.items())


def give_memory_back() -> bool:
    """Let glibc give the system what is free between blocks in use; True if there was any. It takes some milliseconds.

    Engines, encoders and sources come and go in threads of their own, each with a heap that by itself shrinks at its end alone.
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
