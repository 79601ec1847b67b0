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
    assert not memory.give_memory_back()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not memory.keep_memory()
    assert not memory.give_memory_back()
