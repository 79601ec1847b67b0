"""The sound of a clip on its way into another: copied as it is where MP4 can hold it."""

from __future__ import annotations

import contextlib
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer

from stylecam.outputs.clip_writer import ClipWriter

_COPIED = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus"})
_AAC_RATES_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
#: Those that AAC has, by the number of channels: many files name none. Anything else is mixed down.
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}


class Sound:
    """One track. `start_us` is what is taken off its times, in microseconds."""

    def __init__(self, source: AudioStream, start_us: int) -> None:
        self._source = source
        self._start_us = start_us
        self._target: AudioStream | None = None
        self._filter: BitStreamFilterContext | None = None
        context = source.codec_context
        # AAC other than LC in a transport stream has a header that would have to be made up: it is encoded again.
        self.copied = context.name in _COPIED and (
            context.name != "aac" or bool(context.extradata) or (context.profile == "LC" and source.rate in _AAC_RATES_HZ)
        )

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
            self._target = writer.add_audio("aac", min(source.rate, _AAC_RATES_HZ[0]), _LAYOUTS.get(source.layout.nb_channels, "stereo"))

    def take(self, packet: Any, writer: ClipWriter) -> None:
        """Pass one of its packets on.

        Raises:
            FFmpegError: it is damaged.
            OutputError: the disk refuses.
        """
        assert self._target is not None  # noqa: S101 (for the type checker)
        if self.copied:
            if packet.dts is None or packet.is_corrupt:
                return
            shift = _ticks(self._start_us, packet.time_base)
            packet.dts -= shift
            packet.pts = None if packet.pts is None else packet.pts - shift
            for each in self._filter.filter(packet) if self._filter is not None else [packet]:
                each.stream = self._target
                writer.mux(each)
            return
        frames: list[AudioFrame] = packet.decode()
        for frame in frames:
            if frame.pts is not None and frame.time_base is not None:
                frame.pts -= _ticks(self._start_us, frame.time_base)
            writer.mux(list(self._target.encode(frame)))

    def finish(self, writer: ClipWriter) -> None:
        """Pass on what the encoder still holds."""
        if not self.copied and self._target is not None:
            with contextlib.suppress(av.FFmpegError):  # a track that could not be encoded at all
                writer.mux(list(self._target.encode(None)))


def find_sounds(container: InputContainer, start_us: int) -> tuple[list[Sound], list[AudioStream], int]:
    """Return the tracks that can be taken along, their streams, and how many others there are."""
    streams = [stream for stream in container.streams.audio if _usable(stream)]
    return [Sound(stream, start_us) for stream in streams], streams, len(container.streams.audio) - len(streams)


def _aac_header(stream: AudioStream) -> bytes:
    """Return the AudioSpecificConfig of ISO 14496-3: five bits kind (2: LC), four bits rate, four bits channels."""
    channels = stream.layout.nb_channels
    return (2 << 11 | _AAC_RATES_HZ.index(stream.rate) << 7 | (7 if channels == 8 else channels) << 3).to_bytes(2)


def _usable(stream: AudioStream) -> bool:
    # A codec that is not known has no context; a track that is announced but empty would hold up the file.
    return stream.codec_context is not None and bool(stream.rate) and stream.duration != 0


def _ticks(us: int, time_base: Any) -> int:
    return round(us / 1_000_000 / time_base) if us else 0
