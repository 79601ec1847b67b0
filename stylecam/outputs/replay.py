"""The last half minute, kept in memory, so that it can be saved after something happened."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame
from stylecam.core.sound import SoundChunk, SoundFormat, SoundTap
from stylecam.outputs.base import Sink

_NS = 1_000_000_000
SECONDS = 30.0
#: Frames are kept as JPEG: 0.9 ms for one of 640x480, where H.264 takes 4.5 at least, and no loss that the clip's own codec does not hide.
_QUALITY = 90
#: 30 seconds at 640x480 and 30 fps are some 70 MB. What needs more is kept for less long.
MAX_BYTES = 140_000_000


@dataclass(frozen=True)
class Moment:
    """The last seconds: encoded frames with their times in ns, and their sound."""

    frames: tuple[tuple[int, bytes], ...]
    sound: tuple[SoundChunk, ...] = ()
    format: SoundFormat | None = None

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return (self.frames[-1][0] - self.frames[0][0]) / _NS if self.frames else 0.0

    def last(self, seconds: float) -> Moment:
        """Return the end of it."""
        since = self.frames[-1][0] - round(seconds * _NS) if self.frames else 0
        return Moment(tuple(frame for frame in self.frames if frame[0] >= since), self.sound, self.format)


def image_of(data: bytes) -> NDArray[np.uint8]:
    """Return a frame that was kept, uint8 RGB (H, W, 3)."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None  # noqa: S101 (it was encoded here)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


class Replay(Sink):
    """Keeps frames and sound, the newest ones, within bounds of time and memory. `moment` may be called by any thread.

    Args:
        listen: opens the sound, waiting so many seconds at most; None where there is none. It is tried again while there is none.
        mirror: whether left and right are exchanged; asked for every frame.
        seconds: how much is kept.
        max_bytes: of encoded frames.
    """

    title, busy, done = "Replay", "replay busy", "kept"

    def __init__(
        self,
        listen: Callable[[float], SoundTap | None] = lambda _: None,
        *,
        mirror: Callable[[], bool] = lambda: False,
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._mirror = mirror
        self._listen, self._seconds, self._max_bytes = listen, seconds, max_bytes
        self._frames: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._sound: deque[SoundChunk] = deque()
        self._tap: SoundTap | None = None
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How much memory the frames take."""
        return self._bytes

    def write(self, frame: Frame) -> None:
        """Keep one frame; the oldest go."""
        _, data = cv2.imencode(".jpg", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
        if self._tap is None:
            self._tap = self._listen(0.0)
        with self._lock:
            self._frames.append((frame.media_ns, data.tobytes()))
            self._bytes += len(data)
            if self._tap is not None:
                self._sound.extend(self._tap.take())
            oldest_ns = frame.media_ns - round(self._seconds * _NS)
            while self._frames[0][0] < oldest_ns or (self._bytes > self._max_bytes and len(self._frames) > 1):
                self._bytes -= len(self._frames.popleft()[1])
            while self._sound and self._sound[0].captured_ns < self._frames[0][0] - _NS:
                self._sound.popleft()

    def close(self) -> None:
        """Forget everything."""
        if self._tap is not None:
            self._tap.close()
        with self._lock:
            self._frames.clear()
            self._sound.clear()
            self._bytes = 0

    def moment(self) -> Moment:
        """Return what is kept at this moment, for which nothing is copied."""
        with self._lock:
            return Moment(tuple(self._frames), tuple(self._sound), self._tap.format if self._tap is not None else None)
