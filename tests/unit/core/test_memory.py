"""Freed memory: given back where the allocator can be asked, and no more than that elsewhere."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from stylecam.core import memory

#: Frees 60 MB in small blocks, of which the last stays in use, so that the heap cannot shrink by itself.
HOLES = """
from stylecam.core.memory import give_memory_back
from stylecam.core.process import rss_mb

blocks = [bytearray(40_000) for _ in range(1500)]
del blocks[:-1]
before = rss_mb()
print(give_memory_back(), before - rss_mb())
"""


#: A block of 30 MB is freed, so that glibc would keep the next such; then a thread leaves some of 20 MB below a block in use.
LARGE = """
import threading
from stylecam.core.memory import return_large_blocks
from stylecam.core.process import rss_mb

assert return_large_blocks()
bytearray(30_000_000)
kept = []

def work():
    large = [bytearray(20_000_000) for _ in range(2)]
    kept.append(bytearray(100_000))
    before = rss_mb()
    del large
    print(before - rss_mb())

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_large_blocks_are_given_back_at_once() -> None:
    """Also those of a thread with a smaller block above them, and although a larger one was freed before."""
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 35


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_what_is_free_between_blocks_is_given_back() -> None:
    """The system has it again, though a block behind it is in use."""
    said = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "True"
    assert float(said[1]) > 40


def test_other_systems_keep_their_allocator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no glibc nothing is changed, and nothing fails."""
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not memory.keep_memory()
    assert not memory.return_large_blocks()
    assert not memory.give_memory_back()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not memory.keep_memory()
    assert not memory.give_memory_back()
