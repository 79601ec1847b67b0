"""Clips as a source: every frame with its exact time, as `media.decode` gives it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from stylecam.capture import frame_number
from stylecam.capture.base import SourceInfo
from stylecam.capture.guarded import GuardedSource
from stylecam.capture.playback import Playback
from stylecam.core.frame import Frame
from stylecam.errors import InputError
from stylecam.media.decode import Clip, Moment, nothing_decoded, open_clip

_log = logging.getLogger(__name__)

_NS = 1_000_000_000
#: FFmpeg counts a file's length and places in it so.
_SEEK_HZ = 1_000_000


class VideoFile(GuardedSource):
    """A clip on disk, decoded in its order.

    Args:
        path: the file.
        loop: start again at the end; indices and times continue to grow.
        hide_number: cover the frame number that the demo clip carries in its corner.
    """

    def __init__(self, path: Path, *, loop: bool = False, hide_number: bool = False) -> None:
        super().__init__()
        self._path, self._loop, self._hide_number = path, loop, hide_number
        self._clip: Clip | None = None
        self.playback: Playback = Playback()

    def _open(self) -> SourceInfo:
        """Open the file and decode its first frame, which has the true size."""
        self._index, self._begin_ns, self._last_ns = 0, 0, 0
        self._clip, self._moments, first = self._begin()
        self._first: Moment | None = first
        self.playback.length_s = (self._clip.container.duration or 0) / _SEEK_HZ
        height, width = self._clip.image(first).shape[:2]
        return SourceInfo(self._path.name, width, height, live=False)

    def _read(self) -> Frame | None:
        """Return the next frame; None at the end. Frames that cannot be decoded are left out."""
        if self._clip is None:
            return None
        if (target_s := self.playback.take_target()) is not None:
            self._first = self._sought(target_s)
        moment, self._first = self._first or next(self._moments, None), None
        if moment is None and self._loop:
            self.playback.is_paused = self.playback.is_paused or not self.playback.repeats
            moment = self._again()
        if moment is None:
            return None
        image = self._clip.image(moment)
        media_ns = self._begin_ns + round((moment.time - self._zero) * _NS)  # goes on growing when the clip is sought in
        done = Frame(frame_number.hide(image) if self._hide_number else image, self._index, time.monotonic_ns(), media_ns)
        self._index, self._last_ns = self._index + 1, media_ns
        self.playback.position_s = float(moment.time - self._zero)
        return done

    def _release(self) -> None:
        if self._clip is not None:
            self._first, self._moments = None, iter(())
            self._clip.close()
            self._clip = None

    def _begin(self) -> tuple[Clip, Iterator[Moment], Moment]:
        clip = Clip(open_clip(self._path), str(self._path))
        moments = clip.moments()
        first = next(moments, None)
        if first is None:
            clip.close()
            raise nothing_decoded(self._path)
        self._zero: Fraction = first.time  # the window does not wait for a clip that begins late
        return clip, moments, first

    def _sought(self, target_s: float) -> Moment | None:
        """Go to the frame that is shown at a time of the clip; what a file that cannot be rewound to holds before it is passed over."""
        assert self._clip is not None  # noqa: S101 (for the type checker)
        played_ns, hold, zero = self._last_ns, self._clip.hold(), self._zero
        self._release()
        clip = self._clip = Clip(open_clip(self._path), str(self._path))
        try:
            clip.container.seek(round((clip.start + zero + Fraction(target_s)) * _SEEK_HZ))
        except (av.FFmpegError, OSError) as error:
            _log.debug("'%s' is read from its beginning: %s", self._path, error)
        self._moments = clip.moments()
        wanted = zero + Fraction(target_s)
        moment = next((each for each in self._moments if each.time + clip.period > wanted or self._closing.is_set()), None)
        if moment is not None:
            self._begin_ns = played_ns + round(hold * _NS) - round((moment.time - zero) * _NS)
        return moment

    def _again(self) -> Moment | None:
        """Start the clip again, when its last frame has been shown for its time. Opened again: not every file can be rewound."""
        assert self._clip is not None  # noqa: S101 (for the type checker)
        if self._clip.damages:
            _log.info("'%s' is damaged in %d places, whose frames were left out.", self._path, self._clip.damages)
        self._begin_ns = self._last_ns + round(self._clip.hold() * _NS)
        self._release()
        try:
            self._clip, self._moments, first = self._begin()
        except InputError as error:  # it was removed meanwhile
            _log.info("%s", error)
            return None
        return first
