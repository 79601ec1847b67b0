"""Records frames as they come, at the times at which they came."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from stylecam.core.frame import Frame
from stylecam.errors import InputError, OutputError
from stylecam.outputs.base import Sink
from stylecam.outputs.clip_writer import ClipWriter, Encoding
from stylecam.outputs.names import new_path
from stylecam.outputs.registry import SinkRequest

_TICKS_HZ = 90_000
_NS = 1_000_000_000


class Recorder(Sink):
    """Clips: one, and another whenever frames of another size come, for a clip has one size; see `paths`.

    Args:
        path: name of the first clip; if it is taken, the next free one is used. See `path` once something was written.
        threads: for the encoder.
    """

    title, busy, done = "Recording", "encoder busy", "recorded"

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.path = path
        self.paths: list[Path] = []
        self.frames = 0
        # Without lookahead: ten frames that the encoder holds back are two seconds at 5 fps, lost in a crash.
        self._encoding = Encoding(Fraction(1, _TICKS_HZ), threads=threads, lookahead=0)
        self._writer: ClipWriter | None = None
        self._shape: tuple[int, ...] = ()
        self._start_ns = 0
        self._pts = -1
        self._finished_s = 0.0
        self._closed = False

    @property
    def seconds(self) -> float:
        """How long it plays: from the first frame of each clip to its last."""
        return self._finished_s + max(self._pts, 0) / _TICKS_HZ

    def write(self, frame: Frame) -> None:
        """Take one frame. A time that is not later than the one before is moved just behind it.

        Raises:
            ValueError: the recorder is closed.
            OutputError: the disk refuses; what was written before stays, and plays.
        """
        if self._closed:
            raise ValueError("the recorder is closed")
        if frame.image.shape != self._shape:
            self._end()
        if self._writer is None:
            height, width = frame.image.shape[:2]
            self._shape, self._start_ns = frame.image.shape, frame.media_ns
            self._writer = ClipWriter(self.path, width, height, self._encoding)
            self.path = self._writer.path
        # What stood still or ran backwards, as a clock may, must not end the recording.
        self._pts = max(round((frame.media_ns - self._start_ns) * _TICKS_HZ / _NS), self._pts + 1)
        self._writer.write(frame.image, self._pts)
        self.frames += 1

    def close(self) -> None:
        """Finish the last clip: an MP4 with its index in front.

        Raises:
            OutputError: the disk refuses; the sentence says where the written part is. Or no frame came.
        """
        if self._closed:
            return
        self._closed = True
        self._end()
        if not self.paths:
            raise OutputError("Nothing was recorded: no frame came; wait for one, and record again.")

    @property
    def result(self) -> str:
        """Where the clips are."""
        return f"Recorded {' and '.join(map(str, self.paths))}." if self.paths else ""

    @property
    def unfinished(self) -> str:
        """A part plays as it is, and is finished later."""
        return f"'{self.path}' takes long to finish; if stylecam ends before, it is finished at its next start, and plays until then."

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        seconds, self._pts = max(self._pts, 0) / _TICKS_HZ, -1
        try:
            self.path = writer.finish()
        except InputError:  # not one frame got as far as the file
            return
        finally:
            writer.abandon()
        self.paths.append(self.path)
        self._finished_s += seconds


def make(request: SinkRequest) -> Recorder:
    """Return a recorder of a new file, named by date and styles.

    Raises:
        OutputError: the folder cannot be written to.
    """
    return Recorder(new_path(request.folder, request.words, ".mp4"), threads=request.threads)
