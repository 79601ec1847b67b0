"""Sound between threads: chunks with the times at which they were heard, and a tap from which one taker drinks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: int16 (n, channels).
Samples: TypeAlias = NDArray[np.int16]

#: What a taker that does not come may miss: with two channels at 48 kHz, 30 seconds are 6 MB.
_MAX_WAITING_S = 30.0


@dataclass(frozen=True)
class SoundFormat:
    """Samples per second and channel, and channels."""

    rate_hz: int = 48_000
    channels: int = 1


@dataclass(frozen=True, eq=False)
class SoundChunk:
    """Samples in a row; `captured_ns` is when the first was heard, on the clock of `core.frame.Frame.captured_ns`."""

    samples: Samples
    captured_ns: int


class SoundTap:
    """One taker's share of a sound that goes on: bounded, the oldest chunks are lost. Any thread may call any method.

    Args:
        sound: its format.
        on_close: is called when the taker wants no more.
    """

    def __init__(self, sound: SoundFormat, on_close: Callable[[SoundTap], object] = lambda _: None) -> None:
        self.format = sound
        self._on_close = on_close
        self._chunks: deque[SoundChunk] = deque()
        self._waiting = 0  # samples
        self._lock = threading.Lock()

    def put(self, chunk: SoundChunk) -> None:
        """Add a chunk. Never waits."""
        with self._lock:
            self._chunks.append(chunk)
            self._waiting += len(chunk.samples)
            while self._waiting > _MAX_WAITING_S * self.format.rate_hz and len(self._chunks) > 1:
                self._waiting -= len(self._chunks.popleft().samples)

    def take(self) -> list[SoundChunk]:
        """Return what came since the last call."""
        with self._lock:
            chunks, self._chunks, self._waiting = list(self._chunks), deque(), 0
        return chunks

    def close(self) -> None:
        """Want no more."""
        self._on_close(self)
