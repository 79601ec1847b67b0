"""Stylizes clips: every frame at its own time, in display orientation, with the sound as it was."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from stylecam.capture import frame_number
from stylecam.core.atomic_io import make_folder
from stylecam.core.paths import shipped
from stylecam.core.progress import Progress
from stylecam.engines.base import Image
from stylecam.errors import InputError, OutputError, StylecamError
from stylecam.media.decode import Clip, Moment, nothing_decoded, open_clip
from stylecam.offline.audio import Sound, find_sounds
from stylecam.offline.stylizer import ClipStyle
from stylecam.offline.tracks import describe, kept_chapters, kept_metadata
from stylecam.outputs.clip_writer import ClipWriter, Encoding

_log = logging.getLogger(__name__)

_FINEST = Fraction(1, 1_200_000)  # a second by H.264's own clock; an hour of it fits into 32 bits


def convert_clip(
    source: Path,
    target: Path,
    stylize: Callable[[Image], Image] | ClipStyle,
    *,
    size_px: int | None = None,
    threads: int = 2,
    force: bool = False,
) -> Iterator[Progress]:
    """Stylize a clip, one report per frame, in constant memory.

    Times and sound are kept; frames are in display orientation. Closing the generator, or any error but the disk's, finishes the file
    with what was stylized so far. What cannot be decoded is left out and counted in the last report; its `files["video"]` is the clip.

    Args:
        source: a clip.
        target: the MP4 to be written; if it is taken and `force` is not set, the next free name is used.
        stylize: returns a frame stylized, uint8 RGB (H, W, 3), always of the same size; a `ClipStyle` is given its time too.
        size_px: length of the longer side when stylized and saved; None: the clip's.
        threads: for the encoder.
        force: replace `target`.

    Raises:
        InputError: it is no clip, or no frame can be decoded.
        OutputError: the disk refuses; the sentence says where the part that was stylized before is.
        EngineError: stylizing failed.
    """
    conversion = _Conversion(source, target, size_px, threads, force=force)
    begin = time.monotonic()
    step, total = 0, conversion.total
    first: int | None = None
    try:
        for image, pts in conversion.frames():
            first = pts if first is None else first
            seconds = float((pts - first) * conversion.time_base)
            conversion.write(stylize.at(image, seconds) if isinstance(stylize, ClipStyle) else stylize(image), pts)
            step += 1
            taken = time.monotonic() - begin
            yield Progress("video", step, max(total, step), taken, {"fps": step / max(taken, 1e-9)})
        lost = conversion.lost()
        path = conversion.finish()
    except OutputError:
        raise
    except BaseException as error:
        problem = error
        if isinstance(error, av.FFmpegError):
            problem = InputError(f"'{source}' cannot be converted ({str(error).lower()}); convert it to an H.264 MP4 first.")
        if not step:
            raise problem from None
        path = conversion.finish()
        if isinstance(problem, StylecamError):
            raise type(problem)(f"{problem} What was stylized before, {step} frames, is in '{path}'.") from error
        raise
    finally:
        conversion.close()
    yield Progress("done", step, step, time.monotonic() - begin, {"lost": lost}, {"video": str(path)}, "; ".join(conversion.notes(lost)))


def clip_frames(source: Path, size_px: int | None = None) -> Generator[tuple[Image, float]]:
    """Yield the frames that `convert_clip` stylizes, uint8 RGB (H, W, 3), each with the seconds since the first.

    Raises:
        InputError: it is no clip.
    """
    clip = Clip(open_clip(source), str(source), size_px=size_px)
    first: int | None = None
    try:
        for each in _timed(clip, source):
            if isinstance(each, tuple):
                image, pts = each
                first = pts if first is None else first
                yield image, float((pts - first) * _time_base(clip))
    finally:
        clip.close()


def _time_base(clip: Clip) -> Fraction:
    base = clip.video.time_base or Fraction(1, 90_000)
    # MP4 counts in 32 bits how long a frame is shown: with a clock of nanoseconds, no more than four seconds.
    return base if base >= _FINEST else Fraction(1, 1_000_000)


def _timed(clip: Clip, source: Path) -> Iterator[tuple[NDArray[np.uint8], int] | av.Packet[Any]]:
    """Yield frames in display orientation with their times in ticks, and packets of sound in between."""
    # The clip that ships carries a number in its corner, for measuring latency; nobody wants it stylized.
    hides_number = source.resolve() == shipped("assets", "clips", "demo.mp4").resolve()
    last = -1
    for each in clip.read():
        if isinstance(each, Moment):
            last = max(round(each.time / _time_base(clip)), last + 1)
            image = clip.image(each)
            yield frame_number.hide(image) if hides_number else image, last
        else:
            yield each


class _Conversion:
    """The two files, open."""

    def __init__(self, source: Path, target: Path, size_px: int | None, threads: int, *, force: bool) -> None:
        self._source, self._target, self._threads, self._force = source, target, threads, force
        container = open_clip(source)
        self._sounds, streams, self._silent = find_sounds(container)
        self._by_index: dict[int, Sound] = {stream.index: sound for stream, sound in zip(streams, self._sounds, strict=True)}
        self._clip = Clip(container, str(source), size_px=size_px, sounds=tuple(streams))
        self._subtitles = len(container.streams.subtitles)
        self._early: list[tuple[Sound, av.Packet[Any]]] = []  # sound that comes before the first frame is stylized
        self._writer: ClipWriter | None = None
        self.time_base = _time_base(self._clip)
        self._last_pts = -1
        self._stylized = 0

    @property
    def total(self) -> int:
        """How many frames there will be, as the file says or as its length suggests; 0 if neither is known."""
        return self._clip.video.frames or round(self._seconds_claimed() * self._clip.rate)

    def frames(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Yield every frame, in display orientation, and its time in ticks; sound is passed on in between."""
        for each in _timed(self._clip, self._source):
            if isinstance(each, tuple):
                self._last_pts = each[1]
                yield each
            elif self._writer is None:
                self._early.append((self._by_index[each.stream.index], each))
            else:
                self._take(self._by_index[each.stream.index], each, self._writer)

    def write(self, image: Image, pts: int) -> None:
        """Append a stylized frame."""
        if self._writer is None:
            make_folder(self._target.parent)
            height, width = image.shape[:2]
            # With B-frames an MP4 tells the wrong length where times are uneven: it adds up the distances in the order of decoding.
            b_frames = 2 if self._clip.is_steady else 0
            encoding = Encoding(self.time_base, self._clip.rate, preset="fast", crf=18, threads=self._threads, b_frames=b_frames)
            self._writer = ClipWriter(self._target, width, height, encoding, force=self._force)
            self._writer.describe(kept_metadata(self._clip.container), kept_chapters(self._clip.container, self._clip.start))
            describe(self._writer.video, self._clip.video)
            for sound in self._sounds:
                sound.open(self._writer)
            for sound, packet in self._early:
                self._take(sound, packet, self._writer)
            self._early.clear()
        self._writer.write(image, pts)
        self._stylized += 1

    def finish(self) -> Path:
        """Give the clip its name."""
        if self._writer is None:
            raise nothing_decoded(self._source)
        for sound in self._sounds:
            sound.finish(self._writer)
        self._writer.hold(round(self._clip.hold() / self.time_base))
        return self._writer.finish()

    def close(self) -> None:
        """Close both files as they are."""
        self._clip.close()
        if self._writer is not None:
            self._writer.abandon()

    def lost(self) -> int:
        """Return how many frames the file promises and does not hold."""
        period = self._clip.period
        end = max(0, self._last_pts) * self.time_base + max(period, self._clip.hold())
        # Fewer frames than announced are no loss where the clip is as long as it should be: editors cut clips by hiding some.
        frames = self._clip.video.frames
        cut_short = bool(frames) and self._seconds_claimed() - end > 1.5 * period
        missing = frames - self._stylized if cut_short or self._clip.damages else 0
        return max(missing, self._clip.damages)

    def notes(self, lost: int) -> list[str]:
        """Return what the user should know."""
        subtitles, holes = self._subtitles, self._clip.holes
        silent = self._silent + sum(sound.failed for sound in self._sounds)
        return [
            note
            for holds, note in (
                (lost, f"damaged: {lost} frames could not be read and are left out"),
                (holes and not lost, f"frames are missing in {holes} place{'s' if holes != 1 else ''}: the clip is damaged there"),
                (silent, f"{silent} sound track{'s' if silent != 1 else ''} cannot be read and {'are' if silent != 1 else 'is'} left out"),
                (subtitles, f"{subtitles} subtitle track{'s are' if subtitles != 1 else ' is'} left out"),
                (self._clip.is_image, "it is a single image, of which `stylecam still` makes an image"),
                (self._clip.is_interlaced, "the clip was interlaced and has been deinterlaced"),
            )
            if holds
        ]

    def _take(self, sound: Sound, packet: av.Packet[Any], writer: ClipWriter) -> None:
        try:
            sound.take(packet, writer)
        except av.FFmpegError as error:
            _log.debug("damaged sound: %s", error)

    def _seconds_claimed(self) -> Fraction:
        video = self._clip.video
        if video.duration and video.time_base:
            return video.duration * video.time_base
        return Fraction(self._clip.container.duration or 0, av.time_base)
