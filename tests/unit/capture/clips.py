"""Small real clips, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)


def plain(color: Sequence[int], height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """Return an image of one colour."""
    return np.full((height, width, 3), color, np.uint8)


def corner_marked(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """Return a grey image whose upper left quarter is red."""
    image = plain((128, 128, 128), height, width)
    image[: height // 2, : width // 2] = RED
    return image


def write_clip(
    path: Path,
    images: Sequence[NDArray[np.uint8]],
    *,
    times_ms: Sequence[int] | None = None,
    fps: int = 30,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    aspect: Fraction | None = None,
) -> Path:
    """Encode frames, uint8 RGB (H, W, 3), at a steady rate or at the given times."""
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream(codec, fps)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = times_ms[index] if times_ms else round(index * 1000 / fps)
            frame.time_base = Fraction(1, 1000)
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode())
    return path


def write_sound(path: Path) -> Path:
    """Write a clip with sound and no frames."""
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream("aac", 8000, layout="mono")
        for index in range(4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, index * 1024
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode())
    return path


def is_color(image: NDArray[np.uint8], color: Sequence[int], within: int = 25) -> bool:
    """Tell whether the middle of `image` has this colour, as far as compression keeps it."""
    height, width = image.shape[:2]
    middle = image[height // 2 - 2 : height // 2 + 2, width // 2 - 2 : width // 2 + 2].reshape(-1, 3).mean(0)
    return bool(np.abs(middle - np.asarray(color)).max() < within)
