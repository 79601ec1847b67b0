"""What a clip holds, as PyAV and the bytes tell it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame


@dataclass(frozen=True)
class Clip:
    """Times in seconds; `images` are uint8 RGB; `sound` holds each packet's time and bytes."""

    times: list[Fraction]
    images: list[NDArray[np.uint8]]
    seconds: float
    sound: list[tuple[Fraction, bytes]]


def read_clip(path: Path) -> Clip:
    """Decode everything; what is torn off at the end is left out."""
    times, images, sound = [], [], []
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        for packet in container.demux(video, *container.streams.audio):
            if packet.stream.type == "audio":
                if packet.pts is not None:
                    sound.append((packet.pts * packet.time_base, bytes(packet)))
                continue
            for frame in [] if packet.is_corrupt else packet.decode():
                times.append(frame.pts * video.time_base)
                images.append(frame.to_ndarray(format="rgb24"))
        return Clip(times, images, float((video.duration or 0) * video.time_base), sound)


def starts_with_its_index(path: Path) -> bool:
    """True for a common MP4 whose index comes before the frames, without fragments."""
    data = path.read_bytes()
    return data.find(b"moof") < 0 < data.find(b"moov") < data.find(b"mdat")


def grey(level: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """Return a frame of one colour."""
    return np.full((height, width, 3), level, np.uint8)


def frame(ms: int, image: NDArray[np.uint8] | None = None) -> Frame:
    """Return a frame for a time, by default with a level of grey that tells the time."""
    return Frame(grey(ms // 10 % 256) if image is None else image, 0, 0, ms * 1_000_000)
