"""Records frames as they come, at the times at which they came."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from stylecam.core.frame import Frame
from stylecam.errors import InputError
from stylecam.outputs.base import Sink
from stylecam.outputs.clip_writer import ClipWriter, Encoding

_TICKS_HZ = 90_000
_NS = 1_000_000_000


class Recorder(Sink):
    """One clip, made as large as its first frame.

    Args:
        path: the final name; if it is taken, the next free one is used. See `path` once something was written.
        threads: for the encoder.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.path = path
        self.finished: Path | None = None
        self.frames = 0
        self._encoding = Encoding(Fraction(1, _TICKS_HZ), threads=threads)
        self._writer: ClipWriter | None = None
        self._size: tuple[int, ...] = ()
        self._start_ns = 0
        self._pts = -1

    @property
    def seconds(self) -> float:
        """The time of the last frame, from that of the first."""
        return max(self._pts, 0) / _TICKS_HZ

    def write(self, frame: Frame) -> None:
        """Take one frame. A time that is not later than the one before is moved just behind it.

        Raises:
            ValueError: the frame is not as large as those before, or the recorder is closed; begin another clip.
            OutputError: the disk refuses; what was written before stays, and plays.
        """
        if self._pts >= 0 and self._writer is None:
            raise ValueError("the recorder is closed")
        if self._writer is None:
            height, width = frame.image.shape[:2]
            self._size, self._start_ns = frame.image.shape, frame.media_ns
            self._writer = ClipWriter(self.path, width, height, self._encoding)
            self.path = self._writer.path
        if frame.image.shape != self._size:
            raise ValueError(f"a frame of {frame.image.shape} in a clip of {self._size}")
        # What stood still or ran backwards, as a clock may, must not end the recording.
        self._pts = max(round((frame.media_ns - self._start_ns) * _TICKS_HZ / _NS), self._pts + 1)
        self._writer.write(frame.image, self._pts)
        self.frames += 1

    def close(self) -> None:
        """Finish the clip as `finished`, an MP4 with its index in front.

        Raises:
            OutputError: the disk refuses; the sentence says where that lies which was written.
        """
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                self.finished = writer.finish()
            except InputError:  # not one picture came as far as the file
                self.finished = None
            finally:
                writer.abandon()
