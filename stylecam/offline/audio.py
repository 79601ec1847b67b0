"""The sound of a clip on its way into another: copied as it is where MP4 can hold it."""

from __future__ import annotations

import contextlib
import logging
import math
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer

from stylecam.offline.tracks import describe
from stylecam.outputs.clip_writer import ClipWriter

_log = logging.getLogger(__name__)

_COPIED = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus"})
_AAC_RATES_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_LEAST_MP3_HZ = 16_000  # MP4 takes no slower one
#: Those that AAC has, by the number of channels: many files name none. Anything else is mixed down.
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}


class Sound:
    """One track; its packets come with times that fit to the frames' (see `media.decode`)."""

    def __init__(self, source: AudioStream) -> None:
        self._source = source
        self._target: AudioStream | None = None
        self._last_dts: int | None = None
        self.failed = False
        self._filter: BitStreamFilterContext | None = None
        self._adts = b""  # rate and channels, as each packet of a transport stream says
        self._resampler: AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None
        context = source.codec_context
        # AAC other than LC in a transport stream has a header that would have to be made up: it is encoded again.
        self.copied = context.name in _COPIED and (
            context.name != "aac" or bool(context.extradata) or (context.profile == "LC" and source.rate in _AAC_RATES_HZ)
        )
        self.copied &= context.name != "mp3" or source.rate >= _LEAST_MP3_HZ

    def open(self, writer: ClipWriter) -> None:
        """Add the track to the new clip."""
        source = self._source
        if self.copied:
            self._target = writer.add_audio_copy(source)
            if source.codec_context.name == "aac" and not source.codec_context.extradata:
                # As in transport streams, where each packet carries its own header; MP4 has one for all.
                self._filter = BitStreamFilterContext("aac_adtstoasc", source)
                self._target.codec_context.extradata = _aac_header(source)
        else:
            nearest = min(_AAC_RATES_HZ, key=lambda rate: abs(rate - source.rate))
            self._target = writer.add_audio("aac", nearest, _LAYOUTS.get(source.layout.nb_channels, "stereo"))
        describe(self._target, source)

    def take(self, packet: Any, writer: ClipWriter) -> None:
        """Pass one of its packets on.

        Raises:
            FFmpegError: it is damaged.
            OutputError: the disk refuses.
        """
        assert self._target is not None  # noqa: S101 (for the type checker)
        if self.failed:
            return
        if self.copied:
            if packet.dts is None or packet.is_corrupt:
                return
            if self._filter is not None and self._is_another(bytes(packet)[:4]):
                _log.info("a sound track changes its rate or channels, which a copy cannot")
                self.failed = True
                return
            if self._last_dts is not None and packet.dts <= self._last_dts:  # where segments that overlap were joined
                late = self._last_dts + math.ceil(1 / (self._source.rate * packet.time_base)) - packet.dts  # a tick of the new clip's clock
                packet.dts, packet.pts = packet.dts + late, None if packet.pts is None else packet.pts + late
            self._last_dts = packet.dts
            for each in self._filter.filter(packet) if self._filter is not None else [packet]:
                each.stream = self._target
                writer.mux(each)
            return
        frames: list[AudioFrame] = packet.decode()
        for frame in frames:
            try:
                packets = [each for even in self._evened(frame) for each in self._target.encode(even)]
            except (av.FFmpegError, ValueError) as error:  # the frames are worth having without this track
                _log.info("a sound track cannot be encoded: %s", error)
                self.failed = True
                return
            writer.mux(packets)

    def finish(self, writer: ClipWriter) -> None:
        """Pass on what the encoder still holds."""
        if not self.copied and self._target is not None:
            with contextlib.suppress(av.FFmpegError, ValueError):  # a track that could not be encoded at all
                rest = self._resampler.resample(None) if self._resampler is not None and not self.failed else []
                writer.mux([each for even in [*rest, None] for each in self._target.encode(even)])

    def _evened(self, frame: AudioFrame) -> list[AudioFrame]:
        """Return a decoded frame as the encoder was set up, whatever the track changed to."""
        assert self._target is not None  # noqa: S101 (for the type checker)
        kind, ready = (frame.format.name, frame.layout.name, frame.sample_rate), []
        if kind != self._kind or self._resampler is None:
            ready = self._resampler.resample(None) if self._resampler is not None else []
            encoder: Any = self._target.codec_context
            self._resampler = AudioResampler(encoder.format, encoder.layout, encoder.rate)
            self._kind = kind
        return [*ready, *self._resampler.resample(frame)]

    def _is_another(self, head: bytes) -> bool:
        """Return whether a packet's ADTS header names another rate or other channels than the first did."""
        if len(head) < 4 or head[0] != 0xFF or head[1] & 0xF0 != 0xF0:
            return False
        named = bytes((head[2] & 0b00111101, head[3] & 0b11000000))
        self._adts = self._adts or named
        return named != self._adts


def find_sounds(container: InputContainer) -> tuple[list[Sound], list[AudioStream], int]:
    """Return the tracks that can be taken along, their streams, and how many others there are."""
    streams = [stream for stream in container.streams.audio if _usable(stream)]
    return [Sound(stream) for stream in streams], streams, len(container.streams.audio) - len(streams)


def _aac_header(stream: AudioStream) -> bytes:
    """Return the AudioSpecificConfig of ISO 14496-3: five bits kind (2: LC), four bits rate, four bits channels."""
    channels = stream.layout.nb_channels
    return (2 << 11 | _AAC_RATES_HZ.index(stream.rate) << 7 | (7 if channels == 8 else channels) << 3).to_bytes(2)


def _usable(stream: AudioStream) -> bool:
    # A codec that is not known has no context; a track that is announced but empty would hold up the file.
    return stream.codec_context is not None and bool(stream.rate) and stream.duration != 0
