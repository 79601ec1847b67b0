"""The sound of a recording: chunks are put where their times say, whatever clocks and devices do, and encoded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from av.audio.frame import AudioFrame

from stylecam.core.sound import Samples, SoundChunk, SoundFormat, SoundTap

if TYPE_CHECKING:
    from stylecam.outputs.clip_writer import ClipWriter

_NS = 1_000_000_000
_OPUS_HZ = 48_000
#: What is off by more than so many seconds is a gap or an overlap, and mended at once. Half of what people notice.
_JUMP_S = 0.03
#: Below that, chunks are stretched or squeezed, by this share at most: nobody hears it, and no device's clock is that wrong.
_STRETCH_MOST = 0.005
#: How much of what is off goes into a chunk's length.
_GAIN = 0.1
#: Sound that is late by more than this is not waited for.
_PATIENCE_NS = 500_000_000


class Alignment:
    """Makes one row of samples without gaps: position n is heard n / rate seconds after `start_ns`.

    >>> alignment = Alignment(SoundFormat(1000, 1), start_ns=0)
    >>> row = alignment.place(SoundChunk(np.ones((100, 1), np.int16), captured_ns=50_000_000))  # begins late: silence
    >>> len(row), int(row.sum()), alignment.position
    (150, 100, 150)
    """

    def __init__(self, sound: SoundFormat, start_ns: int) -> None:
        self.position = 0
        self._format, self._start_ns = sound, start_ns

    def place(self, chunk: SoundChunk) -> Samples:
        """Return the next samples: the chunk, with silence before it or without its beginning, or a little longer or shorter."""
        samples = chunk.samples
        off = self.samples_until(chunk.captured_ns) - self.position
        if abs(off) > _JUMP_S * self._format.rate_hz:
            samples = np.concatenate([self._silence(off), samples]) if off > 0 else samples[-off:]
        else:
            most = _STRETCH_MOST * len(samples)
            samples = _stretched(samples, len(samples) + round(min(most, max(-most, _GAIN * off))))
        self.position += len(samples)
        return samples

    def silence_until(self, time_ns: int) -> Samples:
        """Return as much silence as is missing until then."""
        silence = self._silence(max(0, self.samples_until(time_ns) - self.position))
        self.position += len(silence)
        return silence

    def samples_until(self, time_ns: int) -> int:
        """Return how many samples there are from the start to then."""
        return round((time_ns - self._start_ns) * self._format.rate_hz / _NS)

    def _silence(self, count: int) -> Samples:
        return np.zeros((count, self._format.channels), np.int16)


class SoundTrack:
    """The track of one clip. Sound is written as far as frames are, so that neither waits for the other in the file.

    Args:
        tap: where the sound comes from; belongs to the caller.
        writer: of a clip without a frame yet.
        start_ns: when the first frame was captured.
        codec: "aac", "flac", "libopus".
        offset_ms: asked for each chunk: how much later it is to be heard.
    """

    def __init__(
        self, tap: SoundTap, writer: ClipWriter, start_ns: int, codec: str = "aac", offset_ms: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._tap, self._writer, self._offset_ms = tap, writer, offset_ms
        self._alignment = Alignment(tap.format, start_ns)
        self._layout = "mono" if tap.format.channels == 1 else "stereo"
        # Opus has few rates; PyAV resamples. A rate that another codec cannot have is one that no device offers.
        self._stream = writer.add_audio(codec, _OPUS_HZ if codec == "libopus" else tap.format.rate_hz, self._layout)
        self._pending: deque[SoundChunk] = deque()
        self._encoded = 0

    def advance(self, until_ns: int) -> None:
        """Write what was heard up to then; silence where nothing comes.

        Raises:
            OutputError: the disk refuses.
        """
        self._take()
        while self._pending and self._pending[0].captured_ns < until_ns:
            self._encode(self._alignment.place(self._pending.popleft()))
        if not self._pending:
            self._encode(self._alignment.silence_until(until_ns - _PATIENCE_NS))

    def finish(self, until_ns: int) -> None:
        """Write what was heard up to the end of the last frame, and what the encoder holds back.

        Raises:
            OutputError: the disk refuses.
        """
        self._take()
        end = self._alignment.samples_until(until_ns)
        while self._pending and self._alignment.position < end:
            before = self._alignment.position
            self._encode(self._alignment.place(self._pending.popleft())[: end - before])
        self._encode(self._alignment.silence_until(until_ns))
        self._writer.mux(list(self._stream.encode(None)))

    def _take(self) -> None:
        shift_ns = round(self._offset_ms() * 1e6)
        self._pending.extend(SoundChunk(chunk.samples, chunk.captured_ns + shift_ns) for chunk in self._tap.take())

    def _encode(self, samples: Samples) -> None:
        if not len(samples):
            return
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="s16", layout=self._layout)
        frame.sample_rate = self._tap.format.rate_hz
        frame.pts, frame.time_base = self._encoded, Fraction(1, self._tap.format.rate_hz)
        self._encoded += len(samples)
        self._writer.mux(list(self._stream.encode(frame)))


def _stretched(samples: Samples, length: int) -> Samples:
    """Return the samples as `length` ones, between which they are interpolated."""
    if length == len(samples) or len(samples) < 2:
        return samples
    at = np.linspace(0, len(samples) - 1, length)
    channels = [np.interp(at, np.arange(len(samples)), channel) for channel in samples.T]
    return np.stack(channels, axis=1).round().astype(np.int16)
