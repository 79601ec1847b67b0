"""Records frames as they come, at the times at which they came, with sound if there is any."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from stylecam.core.frame import Frame
from stylecam.core.recording_params import FORMAT, NAME_PATTERN, RECORD_FOLDER, RECORD_MIRROR, SOUND_OFFSET_MS, TIMELAPSE
from stylecam.core.sound import SoundTap
from stylecam.errors import InputError, OutputError
from stylecam.outputs.base import NO_FRAME, Sink
from stylecam.outputs.clip_formats import H264, IMAGES, ClipFormat, find_format
from stylecam.outputs.clip_writer import ClipWriter, Encoding
from stylecam.outputs.names import new_path
from stylecam.outputs.parts import COMMENT
from stylecam.outputs.registry import SinkRequest
from stylecam.outputs.sound_track import SoundTrack

_TICKS_HZ = 90_000
_NS = 1_000_000_000
_LAPSE_FPS = 30
#: So long may a microphone that was switched on a moment ago take to open; frames wait meanwhile, and some may be left out.
_SOUND_WAIT_S = 1.5
#: What must stay free on the disk. To finish, a clip needs as much again as was written.
SPARE_BYTES = 200_000_000
_LOOK_AT_DISK_S = 2.0


class Recorder(Sink):
    """Clips: one, and another whenever frames of another size come, for a clip has one size; see `paths`.

    Args:
        path: name of the first clip; if it is taken, the next free one is used. See `path` once something was written.
        threads: for the encoder.
        kind: how it is written.
        listen: opens the sound, waiting so many seconds at most; None where there is none.
        offset_ms: how much later the sound is to be heard; asked for every chunk.
        speed: how many times as fast it plays; above 1 frames that are too many for 30 per second are left out.
        mirror: whether left and right are exchanged; asked for every frame.
        spare_bytes: a recording ends before there is less free on the disk; None writes until the disk refuses.
    """

    title, busy, done = "Recording", "encoder busy", "recorded"

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        kind: ClipFormat = H264,
        listen: Callable[[float], SoundTap | None] = lambda _: None,
        offset_ms: Callable[[], float] = lambda: 0.0,
        speed: int = 1,
        mirror: Callable[[], bool] = lambda: False,
        spare_bytes: int | None = SPARE_BYTES,
    ) -> None:
        self.path = path
        self.paths: list[Path] = []
        self.frames = 0
        # Without lookahead: ten frames that the encoder holds back are two seconds at 5 fps, lost in a crash.
        self._encoding = Encoding(Fraction(1, _TICKS_HZ), threads=threads, lookahead=0, format=kind)
        self._listen, self._offset_ms, self._speed, self._mirror = listen, offset_ms, speed, mirror
        self._tap: SoundTap | None = None
        self._sound: SoundTrack | None = None
        self._writer: ClipWriter | None = None
        self._shape: tuple[int, ...] = ()
        self._start_ns = 0
        self._pts = -1
        self._finished_s = 0.0
        self._looked_s, self._spare_bytes = 0.0, spare_bytes
        self._closed = False

    @property
    def seconds(self) -> float:
        """How long it plays: from the first frame of each clip to its last."""
        return self._finished_s + max(self._pts, 0) / _TICKS_HZ

    def write(self, frame: Frame) -> None:
        """Take one frame. A time that is not later than the one before is moved just behind it.

        Raises:
            ValueError: the recorder is closed.
            OutputError: the disk refuses, or is nearly full; what was written before stays, and plays.
        """
        if self._closed:
            raise ValueError("the recorder is closed")
        if frame.image.shape != self._shape:
            self._end()
        if self._writer is None:
            self._begin(frame)
        assert self._writer is not None  # noqa: S101 (for the type checker)
        pts = round((frame.media_ns - self._start_ns) * _TICKS_HZ / _NS / self._speed)
        if self._speed > 1 and self._pts >= 0 and pts < self._pts + _TICKS_HZ // _LAPSE_FPS:
            return
        # What stood still or ran backwards, as a clock may, must not end the recording.
        self._pts = max(pts, self._pts + 1)
        self._writer.write(frame.image, self._pts)
        if self._sound is not None:
            self._sound.advance(self._now_ns())
        self.frames += 1
        self._look_at_disk(self._writer)

    def close(self) -> None:
        """Finish the last clip: its index comes to the front.

        Raises:
            OutputError: the disk refuses; the sentence says where the written part is. Or no frame came.
        """
        if self._closed:
            return
        self._closed = True
        try:
            self._end()
        finally:
            if self._tap is not None:
                self._tap.close()
        if not self.paths:
            raise OutputError(NO_FRAME)

    @property
    def result(self) -> str:
        """Where the clips are."""
        return f"Recorded {' and '.join(map(str, self.paths))}." if self.paths else ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The clips."""
        return tuple(self.paths)

    @property
    def unfinished(self) -> str:
        """A part plays as it is, and is finished later."""
        return f"'{self.path}' takes long to finish; if stylecam ends before, it is finished at its next start, and plays until then."

    def _begin(self, frame: Frame) -> None:
        if self._tap is None and self._speed == 1:
            self._tap = self._listen(_SOUND_WAIT_S)
        height, width = frame.image.shape[:2]
        self._shape, self._start_ns = frame.image.shape, frame.media_ns
        self._writer = ClipWriter(self.path, width, height, self._encoding)
        self._writer.describe({"comment": COMMENT})
        self.path = self._writer.path
        if self._tap is not None:
            self._sound = SoundTrack(self._tap, self._writer, self._start_ns, self._encoding.format.sound, self._offset_ms)

    def _now_ns(self) -> int:
        return self._start_ns + self._pts * _NS // _TICKS_HZ

    def _look_at_disk(self, writer: ClipWriter) -> None:
        now_s = time.monotonic()
        if self._spare_bytes is None or now_s - self._looked_s < _LOOK_AT_DISK_S:
            return
        self._looked_s = now_s
        try:
            left = shutil.disk_usage(self.path.parent).free - writer.part.stat().st_size
        except OSError:  # a folder that tells nothing of itself
            return
        if left < self._spare_bytes:
            raise OutputError("The recording was ended because the disk is nearly full; free some space, or record to another folder.")

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        sound, self._sound = self._sound, None
        if writer is None:
            return
        end_ns = self._now_ns() + writer.last_duration * _NS // _TICKS_HZ
        seconds, self._pts = max(self._pts, 0) / _TICKS_HZ, -1
        try:
            if sound is not None:
                sound.finish(end_ns)
            self.path = writer.finish()
        except InputError:  # not one frame got as far as the file
            return
        finally:
            writer.abandon()
        self.paths.append(self.path)
        self._finished_s += seconds


def folder_of(request: SinkRequest) -> Path:
    """Return the folder for recordings: the user's choice, or the usual one."""
    return Path(request[RECORD_FOLDER]).expanduser() if request[RECORD_FOLDER] else request.folder


def make(request: SinkRequest) -> Sink:
    """Return a recorder of a new file, or of a folder of images, named by date and styles.

    Raises:
        OutputError: the folder cannot be written to, or PyAV here lacks the encoder.
    """
    folder, pattern = folder_of(request), request[NAME_PATTERN]
    if request[FORMAT] == IMAGES:
        from stylecam.outputs.image_sequence import ImageSequence

        return ImageSequence(new_path(folder, request.words, "", pattern=pattern), lambda: request[RECORD_MIRROR])
    kind = find_format(request[FORMAT])
    return Recorder(
        new_path(folder, request.words, kind.suffix, pattern=pattern),
        threads=request.threads,
        kind=kind,
        listen=request.listen,
        offset_ms=lambda: request[SOUND_OFFSET_MS],
        speed=request[TIMELAPSE] or 1,
        mirror=lambda: request[RECORD_MIRROR],
    )
