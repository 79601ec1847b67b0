"""THE decoder of clips, for window, `video`, training and bench: every frame once, as it is displayed, in true colours, at its own time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from stylecam.errors import InputError
from stylecam.media.clock import Clock
from stylecam.media.display import Deinterlacer, Display
from stylecam.media.formats import why_unread
from stylecam.media.track_end import track_end

_log = logging.getLogger(__name__)

#: More pixels than this are no video but a mistake or an attack (8K has 33 million).
MAX_PIXELS = 64_000_000
DEFAULT_RATE = Fraction(30)
_MAX_DAMAGES = 1000
_MAX_WAITING = 2000  # packets of sound that wait for the video to jump
_MAX_HOLD_S = 3600
_NEAR_PACKETS = 3  # so near to a hole is the packet that FFmpeg says lacks bytes
_TIMES_JUMP = 0x0200  # AVFMT_TS_DISCONT: transport streams and their like
_LEAP_S = (10, 3600)  # in such formats, and in others, whose long pauses are meant
_NO_VIDEO = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


class Damaged(Protocol):
    """Learns of what could not be read from the file or network (`reading`), or not be decoded."""

    def __call__(self, error: Exception, *, reading: bool) -> None:
        """Take note, or raise to end it."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A decoded frame, not converted yet (see `Clip.image`), and when it is shown: in seconds from the clip's start, ever later.

    `duration` is how long it is shown, in seconds, if the file says; `aspect` the proportions of its pixels, likewise.
    """

    frame: VideoFrame
    time: Fraction
    duration: Fraction | None
    aspect: Fraction | None = None


class Clip:
    """An open clip: its frames in order, and if asked for its sound.

    Args:
        container: as `open_clip` or a network stream opened it; it is closed with the clip.
        name: how messages call it.
        size_px: length of the longer side of the images, both sides even; None: the clip's own.
        threads: for decoding.
        sounds: streams whose packets are wanted too.
        one_size: a frame of another size than the first is fitted into the first's.
        damaged: called with what could not be read or decoded, and may raise; either way it is counted and left out.
    """

    def __init__(
        self,
        container: InputContainer,
        name: str,
        *,
        size_px: int | None = None,
        threads: int = 2,
        sounds: tuple[AudioStream, ...] = (),
        one_size: bool = True,
        damaged: Damaged | None = None,
    ) -> None:
        self.container, self.name = container, name
        self.video = find_video(container, name)
        self.rate = self.video.average_rate or DEFAULT_RATE
        self.damages = 0
        self.holes = 0  # where a stream says that bytes are missing, as transport streams do, and time is missing too
        self._packet_before: tuple[Fraction, int] | None = None  # its time in seconds, and how many came since one that lacks bytes
        self._sounds, self._damaged = sounds, damaged
        self._decoder = _alpha_decoder(self.video)
        context = self._decoder or self.video.codec_context
        if threads > 1:
            context.thread_type = "AUTO"
        context.thread_count = threads
        self._display = Display(size_px=size_px, one_size=one_size)
        self._aspect = self.video.sample_aspect_ratio
        self._deinterlacer = Deinterlacer()
        self.start = _start_of(container, self.video, sounds)  # what the file's clock shows at the beginning, in seconds
        self._last: Moment | None = None

    def __enter__(self) -> Clip:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    @property
    def is_interlaced(self) -> bool:
        """True once a frame was interlaced, and so deinterlaced."""
        return self._deinterlacer.was_needed

    @property
    def _is_broadcast(self) -> bool:
        return bool(self.container.format.flags & _TIMES_JUMP)

    @property
    def is_image(self) -> bool:
        """Whether the file is one image, such as a JPEG."""
        name = self.container.format.name
        return name == "image2" or name.endswith("_pipe")

    @property
    def is_steady(self) -> bool:
        """Whether the file says that its frames are evenly spaced; Matroska says so of any."""
        even = self.video.average_rate is not None and self.video.average_rate == self.video.base_rate
        return even and "matroska" not in self.container.format.name

    @property
    def period(self) -> Fraction:
        """How long a frame is commonly shown, in seconds."""
        return 1 / self.rate

    def image(self, moment: Moment) -> NDArray[np.uint8]:
        """Return the frame as it is to be seen, uint8 RGB (H, W, 3), BT.709.

        Raises:
            InputError: its colours are of a kind that is not read.
        """
        try:
            return self._display.image(moment.frame, moment.aspect)
        except InputError as error:
            raise InputError(f"'{self.name}' cannot be read: {error}.") from None

    def moments(self) -> Iterator[Moment]:
        """Yield all frames; what cannot be decoded is left out."""
        return (each for each in self.read() if isinstance(each, Moment))

    def read(self) -> Iterator[Moment | Packet[Any]]:
        """Yield all frames, and the packets of `sounds` between them, with times that fit to the frames'."""
        clock = Clock(self.start, _LEAP_S[0] if self._is_broadcast else _LEAP_S[1], self.video.index)
        waiting: list[Packet[Any]] = []  # sound that jumped before the video did
        for packet in self._packets():
            if packet.stream.index != self.video.index:
                if waiting or not clock.mend(packet):
                    waiting.append(packet)
                else:
                    yield packet
                if len(waiting) < _MAX_WAITING:
                    continue
            else:
                clock.mend(packet)
                self._note_hole(packet)
                yield from self._decode(packet)
            while waiting and clock.mend(waiting[0], wait=len(waiting) < _MAX_WAITING):
                yield waiting.pop(0)
        for packet in waiting:
            clock.mend(packet, wait=False)
            yield packet
        yield from map(self._moment, self._deinterlacer.push(None))

    def hold(self) -> Fraction:
        """Return how long the last frame that was read is shown, in seconds."""
        if self._last is None:
            return self.period
        hold = self._last.duration or self.period
        if not self.damages and (end := track_end(self.container, self.video)) is not None:
            hold = max(hold, end - self.start - self._last.time)
        return min(hold, Fraction(_MAX_HOLD_S))

    def _packets(self) -> Iterator[Packet[Any]]:
        """Yield all packets, continuing after a damaged place."""
        streams = [self.video, *self._sounds]
        packets: Iterator[Packet[Any]] = self.container.demux(streams)
        while True:
            try:
                yield next(packets)
            except (StopIteration, EOFError):
                return
            except (av.FFmpegError, OSError) as error:
                self._note_damage(error, reading=True)
                if self.damages > _MAX_DAMAGES:
                    return
                packets = self.container.demux(streams)  # a generator that raised has ended

    def _note_hole(self, packet: Packet[Any]) -> None:
        if packet.dts is None:
            return
        at, before = packet.dts * packet.time_base, self._packet_before
        since = 0 if packet.is_corrupt else _NEAR_PACKETS + 1 if before is None else before[1] + 1
        # Where segments were joined, bytes seem to be missing, but no time is.
        if before is not None and since <= _NEAR_PACKETS and at - before[0] > 1.5 * self.period:
            self.holes += 1
        self._packet_before = at, since

    def _decode(self, packet: Packet[Any]) -> Iterator[Moment]:
        try:
            frames = packet.decode() if self._decoder is None else self._decoder.decode(packet if packet.size else None)
        except EOFError:
            return
        except av.FFmpegError as error:
            self._note_damage(error, reading=False)
            return
        if self._is_broadcast:
            # Television goes from 4:3 to 16:9 within a stream, at one size; other containers have the last word themselves. A codec that
            # holds a frame back, as MPEG-2's does, tells it one frame early.
            aspect = (self._decoder or self.video.codec_context).sample_aspect_ratio or self._aspect
            if aspect != self._aspect:
                yield from map(self._moment, self._deinterlacer.push(None))
                self._aspect = aspect
        for frame in frames:
            if isinstance(frame, VideoFrame) and frame.width * frame.height <= MAX_PIXELS:
                yield from map(self._moment, self._deinterlacer.push(frame))

    def _moment(self, frame: VideoFrame) -> Moment:
        ticks = frame.pts if frame.pts is not None else frame.dts
        base = frame.time_base or self.video.time_base or Fraction(1, 90_000)
        last = self._last.time if self._last is not None else None
        time = ticks * base if ticks is not None else Fraction(0)
        if last is not None and (ticks is None or time <= last):
            time = last + (base if ticks is not None else self.period)
        self._last = Moment(frame, time, frame.duration * base if frame.duration else None, self._aspect)
        return self._last

    def _note_damage(self, error: Exception, *, reading: bool) -> None:
        if self._damaged is not None:
            self._damaged(error, reading=reading)
        self.damages += 1
        _log.debug("'%s' is damaged: %s", self.name, error)


def nothing_decoded(source: Path) -> InputError:
    """Return what to raise for a clip without a single frame."""
    return InputError(f"'{source}' has no frame that can be decoded; it is damaged or was cut short, copy or convert it again.")


def open_clip(path: Path) -> InputContainer:
    """Open a clip for `Clip`. What the file refers to elsewhere (playlists do) is not fetched.

    Raises:
        InputError: as a sentence.
    """
    try:
        if not path.exists():
            raise InputError(f"There is no file '{path}'; check its name and folder.")
        if not path.is_file():
            raise InputError(f"'{path}' is no file; give the name of a clip.")
        with path.open("rb") as file:
            head = file.read(64)
        if not head:
            raise InputError(f"'{path}' is empty; copy it again.")
        if why := why_unread(path, head):
            raise InputError(f"'{path}' {why}.")
        if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[20] & 2:
            raise InputError(f"'{path}' is an animated WebP, which is not read as a clip; convert it to GIF or MP4.")
        container = av.open(f"file:{path}", "r", container_options={"protocol_whitelist": "file,crypto,data"}, metadata_errors="replace")
    except PermissionError:
        raise InputError(f"'{path}' may not be read; change its permissions or choose another file.") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        _log.debug("'%s': %s", path, error)  # FFmpeg's words help nobody else
        raise InputError(f"'{path}' cannot be read as a clip: it may be damaged or cut short; copy or convert it again.") from error
    if container.format.name == "tty":  # FFmpeg would show the letters of any .txt as a clip
        container.close()
        raise InputError(f"'{path}' is a text, not a clip; choose another file.")
    return container


def find_video(container: InputContainer, name: str) -> VideoStream:
    """Return the stream with the frames: the default one, else the largest; covers and thumbnails are skipped.

    Raises:
        InputError: there is none, or it cannot be decoded; the container is closed.
    """
    streams = [stream for stream in container.streams.video if not stream.disposition & _NO_VIDEO]
    sound = "only sound or other data" if container.streams.audio else "only other data"
    problem = f"'{name}' has no video, {sound}; choose another file."
    if streams:
        known = [stream for stream in streams if stream.codec_context is not None and stream.width * stream.height <= MAX_PIXELS]
        if known:
            # An animated AVIF also holds its first frame alone.
            return max(known, key=lambda each: (bool(each.disposition & Disposition.default), each.width * each.height, each.frames > 1))
        problem = f"The frames of '{name}' cannot be decoded here: the codec is unknown or they are too large; convert it to H.264."
    container.close()
    raise InputError(problem)


def _start_of(container: InputContainer, video: VideoStream, sounds: tuple[AudioStream, ...]) -> Fraction:
    """Return what the clip's clock shows when it begins, in seconds."""
    start = Fraction(container.start_time or 0, av.time_base)
    if start >= 0:
        return start
    starts = [stream.start_time * stream.time_base for stream in (video, *sounds) if stream.start_time is not None and stream.time_base]
    # Sound may begin a little early: an encoder's run-in, which players skip.
    return min((begin for begin in starts if begin < -Fraction(1, 10)), default=min(Fraction(0), *starts[:1]) if starts else Fraction(0))


def _alpha_decoder(video: VideoStream) -> Any:
    """Return a decoder that sees the transparency of a WebM, which FFmpeg's own leaves out; None where the common one will do."""
    if video.metadata.get("alpha_mode") != "1" or video.codec_context.name not in ("vp8", "vp9"):
        return None
    try:
        return av.CodecContext.create("libvpx" if video.codec_context.name == "vp8" else "libvpx-vp9", "r")
    except (av.FFmpegError, ValueError):
        return None
