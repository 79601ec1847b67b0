"""Clips: every picture with its exact time, upright and with square pixels, whatever the codec."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from stylecam.capture import frame_number
from stylecam.capture.base import SourceInfo
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import InputError

_log = logging.getLogger(__name__)

#: More pixels than this are no video but a mistake or an attack (8K has 33 million).
MAX_PIXELS = 64_000_000
_NS = 1_000_000_000
_DEFAULT_FPS = 30.0
_ASPECTS = (0.2, 5.0)  # what lies outside is damage


class VideoFile(GuardedSource):
    """A clip on disk, decoded in its order.

    Args:
        path: the file.
        loop: begin again at the end; indices and times go on growing.
        hide_number: cover the frame number that the demo clip carries in its corner.
    """

    def __init__(self, path: Path, *, loop: bool = False, hide_number: bool = False) -> None:
        super().__init__()
        self._path, self._loop, self._hide_number = path, loop, hide_number
        self._container: InputContainer | None = None

    def _open(self) -> SourceInfo:
        """Open the file and decode its first picture, which tells the true size."""
        self._index, self._offset_ns, self._last_ns = 0, 0, -1
        self._container, stream = open_container(self._path)
        self._stream, self._fps = stream, float(stream.average_rate or 0) or None
        self._frames = self._decode()
        self._first = next(self._frames, None)
        if self._first is None:
            raise InputError(
                f"'{self._path}' has no picture that can be decoded; it is damaged or was cut short, copy or convert it again."
            )
        self._start = self._first.pts or 0
        height, width = self._upright(self._first).shape[:2]
        return SourceInfo(self._path.name, width, height, self._fps, live=False, frames=stream.frames or None)

    def _read(self) -> Frame | None:
        """Return the next picture; None at the end. Pictures that cannot be decoded are left out."""
        if self._container is None:
            return None
        frame, self._first = self._first or next(self._frames, None), None
        if frame is None and self._loop:
            self._container.seek(0)
            self._offset_ns = self._last_ns + self._period_ns()
            self._frames = self._decode()
            frame = next(self._frames, None)
        if frame is None:
            return None
        image = self._upright(frame)
        done = Frame(frame_number.hide(image) if self._hide_number else image, self._index, time.monotonic_ns(), self._media_ns(frame))
        self._index += 1
        return done

    def _release(self) -> None:
        if self._container is not None:
            self._first, self._frames = None, iter(())
            self._container.close()
            self._container = None

    def _upright(self, frame: VideoFrame) -> NDArray[np.uint8]:
        return upright(frame, self._stream.sample_aspect_ratio)

    def _decode(self) -> Iterator[VideoFrame]:
        assert self._container is not None  # noqa: S101 (for the type checker)
        damaged = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except (StopIteration, EOFError):
                break
            except av.FFmpegError as error:
                damaged += 1
                _log.debug("'%s': %s", self._path, error)
                if damaged > 1000:
                    break
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield frame
        if damaged:
            _log.info("'%s' is damaged in %d places, whose pictures were left out.", self._path, damaged)

    def _media_ns(self, frame: VideoFrame) -> int:
        """Return the time since the first picture, always later than that of the one before."""
        if frame.pts is None or frame.time_base is None:
            time_ns = self._last_ns + self._period_ns() if self._index else 0
        else:
            time_ns = round((frame.pts - self._start) * frame.time_base * _NS) + self._offset_ns
        self._last_ns = max(time_ns, self._last_ns + 1)
        return self._last_ns

    def _period_ns(self) -> int:
        return round(_NS / (self._fps or _DEFAULT_FPS))


def open_container(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a clip, and find its pictures. What the file refers to elsewhere (playlists do) is not fetched.

    Raises:
        InputError: as a sentence.
    """
    if not path.exists():
        raise InputError(f"There is no file '{path}'; check its name and folder.")
    if not path.is_file():
        raise InputError(f"'{path}' is no file; give the name of a clip.")
    try:
        if path.stat().st_size == 0:
            raise InputError(f"'{path}' is empty; copy it again.")
        container = av.open(f"file:{path}", "r", container_options={"protocol_whitelist": "file,crypto,data"}, metadata_errors="replace")
    except PermissionError:
        raise InputError(f"'{path}' may not be read; change its permissions or choose another file.") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        why = "it is damaged, was cut short, or is no clip at all"
        raise InputError(f"'{path}' cannot be read as a clip: {why} ({_short(error)}); copy or convert it again.") from error
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        container.close()
        raise InputError(f"'{path}' has no moving pictures, only sound or other data; choose another file.")
    context = streams[0].codec_context
    if context is None or context.width * context.height > MAX_PIXELS:
        container.close()
        raise InputError(
            f"The pictures of '{path}' cannot be decoded here: the codec is unknown or they are too large; convert it to H.264."
        )
    streams[0].thread_type = "AUTO"
    context.thread_count = 2
    return container, streams[0]


def upright(frame: VideoFrame, pixel_aspect: Fraction | None = None) -> NDArray[np.uint8]:
    """Return the picture as it is to be seen, uint8 RGB (H, W, 3): turned as the phone was held, pixels made square."""
    width = frame.width
    if pixel_aspect and _ASPECTS[0] < pixel_aspect < _ASPECTS[1]:
        width = max(1, round(width * pixel_aspect))
    image = np.asarray(frame.to_ndarray(format="rgb24", width=width, height=frame.height), np.uint8)
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _short(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
