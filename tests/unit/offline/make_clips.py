"""Makes tiny clips of every kind that phones, cameras and editors make."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

RATE_HZ = 48_000


def picture(index: int, width: int = 64, height: int = 48) -> np.ndarray:
    """Return a dark frame with a red patch in its upper left, and a grey that tells the index."""
    image = np.full((height, width, 3), 40 + index % 10 * 12, np.uint8)
    image[: height // 3, : width // 3] = (200, 30, 30)
    return image


def make_clip(
    path: Path,
    times_ms: Sequence[int] = range(0, 1000, 40),
    *,
    size: tuple[int, int] = (64, 48),
    rotation: int = 0,
    sound: str | None = "aac",
    sound_from_ms: int = 0,
    sound_ms: int = 1000,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Write a clip; frames stand at `times_ms`, the sound is a sine."""
    width, height = size
    with av.open(str(path), "w", options=container_options or {}) as container:
        video: Any = container.add_stream(codec, rate=25, options=options or ({"preset": "ultrafast"} if codec == "libx264" else {}))
        video.width, video.height, video.pix_fmt = width, height, pix_fmt
        video.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            video.set_display_rotation(rotation)
        audio: Any = None
        if sound:
            audio = container.add_stream(sound, rate=RATE_HZ)
            audio.layout = "stereo"
        for index, ms in enumerate(times_ms):
            frame = VideoFrame.from_ndarray(picture(index, width, height), format="rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = ms, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            wave = np.sin(np.arange(RATE_HZ * sound_ms // 1000) * 0.05).astype(np.float32) * 0.3
            for begin in range(0, len(wave), 4800):
                block = AudioFrame.from_ndarray(np.stack([wave[begin : begin + 4800]] * 2), format="fltp", layout="stereo")
                block.rate, block.time_base = RATE_HZ, Fraction(1, RATE_HZ)
                block.pts = begin + RATE_HZ * sound_from_ms // 1000
                container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path
