"""Repaints clips: every picture at its own time, upright, with the sound as it was."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from stylecam.capture.video_file import open_container
from stylecam.core.atomic_io import make_folder
from stylecam.core.progress import Progress
from stylecam.engines.base import Image
from stylecam.errors import InputError, OutputError, StylecamError
from stylecam.media.frames import to_rgb
from stylecam.offline.audio import Sound, find_sounds
from stylecam.outputs.clip_writer import ClipWriter, Encoding

_MAX_DAMAGES = 1000
_DEFAULT_RATE = Fraction(30)
_ASPECTS = (0.2, 5.0)  # pixel proportions outside are damage

_log = logging.getLogger(__name__)


def convert_clip(
    source: Path,
    target: Path,
    paint: Callable[[Image], Image],
    *,
    size_px: int | None = None,
    threads: int = 2,
    force: bool = False,
) -> Iterator[Progress]:
    """Paint a clip, one report per picture, in constant memory.

    Times and sound are kept; pictures are turned upright. Closing the generator, or any error but the disk's, finishes the file with
    what was painted so far. What cannot be decoded is left out and told in the last report, whose `files["video"]` is the finished clip.

    Args:
        source: a clip.
        target: the MP4 to be written; if it is taken and `force` is not set, the next free name is used.
        paint: repaints one picture, uint8 RGB (H, W, 3), always in the same size.
        size_px: length of the longer side when painted and saved; None: the clip's.
        threads: for the encoder.
        force: replace `target`.

    Raises:
        InputError: it is no clip, or no picture can be decoded.
        OutputError: the disk refuses; the sentence says where that lies which was painted before.
        EngineError: painting failed.
    """
    conversion = _Conversion(source, target, size_px, threads, force=force)
    begin = time.monotonic()
    step, total = 0, conversion.total
    try:
        for image, pts in conversion.pictures():
            conversion.write(paint(image), pts)
            step += 1
            seconds = time.monotonic() - begin
            yield Progress("video", step, max(total, step), seconds, {"fps": step / max(seconds, 1e-9)})
        lost = conversion.lost()
        path = conversion.finish()
    except OutputError:
        raise
    except BaseException as error:
        if not step:
            raise
        path = conversion.finish()
        if isinstance(error, StylecamError):
            raise type(error)(f"{error} What was painted before, {step} pictures, is in '{path}'.") from error
        raise
    finally:
        conversion.close()
    yield Progress("done", step, step, time.monotonic() - begin, {"lost": lost}, {"video": str(path)}, "; ".join(conversion.notes(lost)))


class _Conversion:
    """The two files, open."""

    def __init__(self, source: Path, target: Path, size_px: int | None, threads: int, *, force: bool) -> None:
        self._source, self._target, self._size_px, self._threads, self._force = source, target, size_px, threads, force
        self._container, self._video = open_container(source)
        # Transport streams begin at any time; a clip begins at nought. Sound and picture are moved together.
        self._start_us = max(0, self._container.start_time or 0)
        self._sounds, sound_streams, self._silent = find_sounds(self._container, self._start_us)
        self._by_index: dict[int, Sound] = {stream.index: sound for stream, sound in zip(sound_streams, self._sounds, strict=True)}
        self._streams = [self._video, *sound_streams]
        self._early: list[tuple[Sound, av.Packet[Any]]] = []  # sound that comes before the first picture is painted
        self._writer: ClipWriter | None = None
        self._closed = False
        self._size = (0, 0)
        self._time_base = self._video.time_base or Fraction(1, 90_000)
        self._rate = self._video.average_rate or _DEFAULT_RATE
        self._last_pts: int | None = None
        self._painted = 0
        self._damages = 0

    @property
    def total(self) -> int:
        """How many pictures there will be, as the file says or as its length lets expect; 0 if neither is known."""
        return self._video.frames or round(self._seconds_claimed() * self._rate)

    def pictures(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Yield every picture, upright, and its time in ticks; sound is passed on by the way."""
        for packet in self._packets():
            sound = self._by_index.get(packet.stream_index)
            try:
                if sound is None:
                    for frame in packet.decode():
                        if isinstance(frame, VideoFrame):
                            yield self._upright(frame), self._pts(frame)
                elif self._writer is None:
                    self._early.append((sound, packet))
                else:
                    sound.take(packet, self._writer)
            except av.FFmpegError as error:
                self._damages += sound is None and not isinstance(error, EOFError)
                _log.debug("damaged: %s", error)

    def write(self, image: Image, pts: int) -> None:
        """Append a painted picture."""
        if self._writer is None:
            make_folder(self._target.parent)
            height, width = image.shape[:2]
            encoding = Encoding(self._time_base, self._rate, preset="fast", crf=18, threads=self._threads, b_frames=2)
            self._writer = ClipWriter(self._target, width, height, encoding, force=self._force)
            for sound in self._sounds:
                sound.open(self._writer)
            for sound, packet in self._early:
                with contextlib.suppress(av.FFmpegError):
                    sound.take(packet, self._writer)
            self._early.clear()
        self._writer.write(image, pts)
        self._painted += 1

    def finish(self) -> Path:
        """Give the clip its name."""
        if self._writer is None:
            raise InputError(
                f"'{self._source}' has no picture that can be decoded; it is damaged or was cut short, copy or convert it again."
            )
        for sound in self._sounds:
            sound.finish(self._writer)
        return self._writer.finish()

    def close(self) -> None:
        """Close both files as they are."""
        self._container.close()
        if self._writer is not None:
            self._writer.abandon()

    def lost(self) -> int:
        """Return how many pictures the file promises and does not hold."""
        period = 1 / self._rate
        end = ((self._last_pts or 0) * self._time_base) + period
        # Fewer pictures than announced are no loss where the clip is as long as it should be: editors cut clips by hiding some.
        cut_short = bool(self._video.frames) and self._seconds_claimed() - end > 1.5 * period
        missing = self._video.frames - self._painted if cut_short or self._damages else 0
        return max(missing, self._damages)

    def notes(self, lost: int) -> list[str]:
        """Return what the user should know."""
        notes = []
        if lost:
            notes.append(f"damaged: {lost} pictures could not be read and are left out")
        if self._silent:
            notes.append(f"{self._silent} sound tracks cannot be read and are left out")
        return notes

    def _seconds_claimed(self) -> Fraction:
        if self._video.duration and self._video.time_base:
            return self._video.duration * self._video.time_base
        return Fraction(self._container.duration or 0, av.time_base)

    def _packets(self) -> Iterator[av.Packet[Any]]:
        """Yield all packets, going on behind a damaged place."""
        packets: Iterator[av.Packet[Any]] = self._container.demux(self._streams)
        while True:
            try:
                yield next(packets)
            except (StopIteration, EOFError):
                return
            except av.FFmpegError as error:
                self._damages += 1
                _log.debug("damaged: %s", error)
                if self._damages > _MAX_DAMAGES:
                    return
                packets = self._container.demux(self._streams)  # a generator that raised has ended

    def _pts(self, frame: VideoFrame) -> int:
        """Return the picture's own time, or just behind the one before if it has none or the same."""
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None:
            pts = 0 if self._last_pts is None else self._last_pts + max(1, round(1 / self._rate / self._time_base))
        else:
            pts -= round(self._start_us / 1_000_000 / self._time_base) if self._start_us else 0
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        return pts

    def _upright(self, frame: VideoFrame) -> NDArray[np.uint8]:
        if self._size == (0, 0):  # for the whole clip: some change their size midway
            self._size = _size(frame, self._video, self._size_px)
        image = to_rgb(frame, *self._size)
        turns = round(frame.rotation / 90) % 4
        return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _size(frame: VideoFrame, stream: VideoStream, size_px: int | None) -> tuple[int, int]:
    """Return width and height with square pixels, and with `size_px` as the longer side; before turning."""
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio
    if aspect and _ASPECTS[0] < aspect < _ASPECTS[1]:
        width = max(1, round(width * aspect))
    if size_px:
        scale = size_px / max(width, height)
        width, height = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
    return width, height
