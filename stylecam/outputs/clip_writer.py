"""Writes clips with real times, by default in H.264, which plays everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from stylecam.core.atomic_io import reason
from stylecam.errors import OutputError
from stylecam.outputs.clip_formats import H264, ClipFormat
from stylecam.outputs.names import free, part_of
from stylecam.outputs.parts import PartFile, finish_part

if TYPE_CHECKING:
    from av.container.core import Chapter

_BT709 = 1  # the number of its matrix, its primaries and its curve in H.264
_RGB = 0  # the number of the matrix that is none
_FRAME_DURATION_FLAG = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION: packets keep how long their frame is shown
_FLUSH_PACKETS_FLAG = 1 << 9  # AVFMT_FLAG_FLUSH_PACKETS: nothing waits in libav's own buffer
_INTRA_FRAME = 1  # AV_PICTURE_TYPE_I
#: A place to jump to at least so often.
_KEY_EVERY_S = 2
#: A fragment goes to the file so often, key frame or not. With what the encoder holds back, all that a crash can cost.
_FRAGMENT_S = 0.5


@dataclass(frozen=True)
class Encoding:
    """How a clip is encoded. `time_base` is in seconds per tick, `rate` the nominal frames per second.

    `preset`, `crf` and `lookahead` are for H.264; other formats bring their own. `lookahead` is how many frames the encoder may hold back
    to plan their bits; by default as the preset says.
    """

    time_base: Fraction
    rate: Fraction = Fraction(30)
    preset: str = "veryfast"
    crf: int = 20
    threads: int = 1
    b_frames: int = 0
    lookahead: int | None = None
    format: ClipFormat = H264

    def options(self) -> dict[str, str]:
        """Return the encoder's options."""
        if self.format is not H264:
            return dict(self.format.options)
        options = {"preset": self.preset, "crf": str(self.crf), "forced-idr": "1"}
        return options if self.lookahead is None else {**options, "rc-lookahead": str(self.lookahead)}


class ClipWriter:
    """A clip under way beside the final name, which plays also if the program is killed; `finish` gives the name.

    An MP4 is written in fragments, a Matroska or WebM file in clusters.

    Args:
        path: the final name. If it is taken and `force` is not set, the next free one is used.
        width: of the frames in pixels; an odd one gets its last column twice.
        height: likewise.
        encoding: codec settings.
        force: a file under the name is replaced at the end.

    Raises:
        OutputError: the file cannot be made.
    """

    def __init__(self, path: Path, width: int, height: int, encoding: Encoding, *, force: bool = False) -> None:
        self._force = force
        self._size = (height, width)
        self._time_base = encoding.time_base
        self._waiting: VideoFrame | None = None
        self._last_duration = max(1, round(1 / encoding.rate / encoding.time_base))
        self._key_pts = 0
        self._chapters: list[Chapter] = []
        self._ended = False
        self._error: OSError | None = None
        self.frames = 0
        try:
            self.path, self.part, self._file = _create(path, force=force)
        except OSError as error:
            raise OutputError(f"'{path}' cannot be written: {reason(error)}.") from error
        kind = self._format = encoding.format
        os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder writes 20 lines about itself to the terminal; 1: errors alone
        if kind.container == "mp4":
            muxing = {"movflags": "delay_moov+default_base_moof", "frag_duration": str(round(_FRAGMENT_S * 1e6))}
        else:
            muxing = {"cluster_time_limit": str(round(_FRAGMENT_S * 1e3))}
        # Frames do not wait in memory for a sound that has stopped, nor the other way.
        muxing["max_interleave_delta"] = str(round(_FRAGMENT_S * 1e6))
        self._container = av.open(self._file, "w", format=kind.container, options=muxing)
        self._container.flags = self._container.flags | _FLUSH_PACKETS_FLAG
        self._stream = cast("VideoStream", self._container.add_stream(kind.encoder, rate=encoding.rate, options=encoding.options()))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width + width % 2, height + height % 2, kind.pixels
        codec = self._stream.codec_context
        if kind.tag:
            codec.codec_tag = kind.tag
        codec.time_base = encoding.time_base
        codec.thread_count = encoding.threads
        codec.max_b_frames = encoding.b_frames
        codec.flags |= _FRAME_DURATION_FLAG
        codec.color_primaries = codec.color_trc = _BT709
        codec.colorspace = _RGB if kind.is_rgb else _BT709
        codec.color_range = ColorRange.JPEG if kind.is_rgb else ColorRange.MPEG

    def describe(self, words: Mapping[str, str], chapters: Sequence[Chapter] = ()) -> None:
        """Give the clip a title, a date and their like, and chapters as PyAV has them; before the first frame."""
        self._container.metadata.update(words)
        self._chapters = list(chapters)

    @property
    def video(self) -> VideoStream:
        """The track with the frames, to be given a language and a title before the first one."""
        return self._stream

    def add_audio_copy(self, source: AudioStream) -> AudioStream:
        """Take the sound of another file as it is; before the first frame."""
        return self._container.add_stream_from_template(source)

    def add_audio(self, codec: str, rate: int, layout: str) -> AudioStream:
        """Add a sound to be encoded; before the first frame."""
        stream: Any = self._container.add_stream(codec, rate=rate)
        stream.layout = layout
        encoder: AudioStream = stream
        return encoder

    def write(self, image: NDArray[np.uint8], pts: int) -> None:
        """Append a frame, uint8 RGB (H, W, 3), to be shown at `pts` ticks, later than the one before.

        Raises:
            ValueError: its size is another, or its time is not later.
            OutputError: the disk refuses; what was written stays.
        """
        if image.shape[:2] != self._size:
            raise ValueError(f"a frame of {image.shape[:2]} in a clip of {self._size}")
        waiting, self._waiting = self._waiting, self._frame(image, pts)
        if waiting is not None:
            self._last_duration = pts - _pts(waiting)
            if self._last_duration <= 0:
                raise ValueError(f"a frame at {pts} after one at {waiting.pts}")
            self._encode(waiting)

    def mux(self, packet: Packet[Any] | Sequence[Packet[Any]]) -> None:
        """Append encoded sound.

        Raises:
            OutputError: the disk refuses; what was written stays.
        """
        if self._error is not None:
            raise self._refused(self._error)  # libav is in no state to continue
        try:
            self._container.mux(packet)
            self._file.sync()
        except OSError as error:
            self._error = error
            raise self._refused(error) from error

    @property
    def last_duration(self) -> int:
        """For how many ticks the last frame is shown, as far as is known."""
        return self._last_duration

    def hold(self, ticks: int) -> None:
        """Show the last frame for so long; default: as long as the one before."""
        self._last_duration = max(1, ticks)

    def finish(self) -> Path:
        """End the clip and return the finished file.

        Raises:
            OutputError: the disk refuses; the sentence says where the written part is.
            InputError: no frame was written.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is not None and self._error is None:
            self._encode(waiting)
            self.mux(list(self._stream.encode(None)))
        self._end()
        if self._error is not None:
            raise self._refused(self._error)
        return finish_part(self.part, self.path, force=self._force, chapters=self._chapters)

    def abandon(self) -> None:
        """Close the part and leave it where it is, unless nothing was written. Harmless after `finish`."""
        self._waiting = None
        if not self._ended and not self.frames:
            self._end()
            self.part.unlink(missing_ok=True)
        self._end()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        try:
            self._container.close()
        except (OSError, av.FFmpegError) as error:
            if self._error is None:
                self._error = error if isinstance(error, OSError) else OSError(str(error))
        finally:
            self._file.release()

    def _encode(self, frame: VideoFrame) -> None:
        pts = _pts(frame)
        if not self.frames or (pts - self._key_pts) * self._time_base >= _KEY_EVERY_S:
            frame.pict_type = _INTRA_FRAME
            self._key_pts = pts
        frame.duration = self._last_duration
        self.frames += 1
        self.mux(list(self._stream.encode(frame)))

    def _frame(self, image: NDArray[np.uint8], pts: int) -> VideoFrame:
        height, width = self._size
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        if self._format.is_rgb:
            frame = frame.reformat(format=self._format.pixels)
        else:
            frame = frame.reformat(format=self._format.pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        frame.pts, frame.time_base = pts, self._time_base
        return frame

    def _refused(self, error: OSError) -> OutputError:
        return OutputError(f"'{self.path}' cannot be written: {reason(error)}. What was written before plays as it is: '{self.part}'.")


def _pts(frame: VideoFrame) -> int:
    assert frame.pts is not None  # noqa: S101 (`_frame` sets it)
    return frame.pts


def _create(path: Path, *, force: bool) -> tuple[Path, Path, PartFile]:
    """Open a new part; return the final name, the part's name and the part.

    A part that a crash left, or that another process is writing, is not touched, but takes no final name away either.
    """
    while True:
        other = free(path)
        try:
            file = PartFile(part_of(other))
        except FileExistsError:
            continue
        return (path if force or not os.path.lexists(path) else other), part_of(other), file
