"""Makes the clips that decoders stumble over: each small, each with a right answer that is known beforehand."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

MS = Fraction(1, 1000)
RED, LIME, BLUE, GREY = (200, 30, 30), (30, 200, 30), (30, 30, 200), (128, 128, 128)
_FRAME_DURATION = 1 << 8


def plain(color: Sequence[int], width: int = 64, height: int = 48) -> np.ndarray:
    """Return an image of one colour."""
    return np.full((height, width, 3), color, np.uint8)


def quarters(width: int = 64, height: int = 48) -> np.ndarray:
    """Return an image: red above left, blue above right, grey below left, green below right."""
    image = plain(RED, width, height)
    image[: height // 2, width // 2 :] = BLUE
    image[height // 2 :, : width // 2] = GREY
    image[height // 2 :, width // 2 :] = LIME
    return image


def encode(
    path: Path,
    images: Sequence[np.ndarray],
    *,
    times_ms: Sequence[int] | None = None,
    last_ms: int | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    tags: dict[str, int] | None = None,
    matrix: int | None = None,
    sound: bool = False,
    begin_ms: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a clip of 25 frames per second, or with these times; `tags` are set on the encoder, `matrix` converts the colours."""
    times_ms = times_ms or [40 * number for number in range(len(images))]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25, options=options or ({"bf": "0", "qp": "4"} if codec == "libx264" else {}))
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pix_fmt
        context = stream.codec_context
        context.time_base = Fraction(1, 25) if codec == "mpeg2video" else MS
        context.flags |= _FRAME_DURATION
        for name, value in (tags or {}).items():
            setattr(context, name, value)
        audio: Any = container.add_stream("aac", rate=44_100) if sound else None
        if audio is not None:
            audio.layout = "mono"
        for number, image in enumerate(images):
            frame = VideoFrame.from_ndarray(image, format="rgba" if image.shape[-1] == 4 else "rgb24")
            if matrix is not None or pix_fmt != "rgba":
                frame = frame.reformat(format=pix_fmt, dst_colorspace=matrix, dst_color_range=1 if pix_fmt.startswith("yuv") else None)
            frame.pts, frame.time_base = times_ms[number] + begin_ms, MS
            following = times_ms[number + 1] if number + 1 < len(images) else times_ms[number] + (last_ms or 40)
            frame.duration = following - times_ms[number]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            length = 44_100 * (times_ms[-1] + 40) // 1000
            wave = (np.sin(np.arange(length) * 0.06) * 0.3).astype(np.float32)
            for begin in range(0, length, 1024):
                block = AudioFrame.from_ndarray(wave[None, begin : begin + 1024], format="fltp", layout="mono")
                block.rate, block.time_base, block.pts = 44_100, Fraction(1, 44_100), begin + 44_100 * begin_ms // 1000
                container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def joined(path: Path, *begins_ms: int) -> Path:
    """Write transport streams of two seconds each, with sound, one after the other; each one's clock begins where it is set."""
    ramp = [plain((60 + 3 * number,) * 3) for number in range(50)]
    parts = [encode(path.with_name(f"part{n}.ts"), ramp, sound=True, begin_ms=begin).read_bytes() for n, begin in enumerate(begins_ms)]
    path.write_bytes(b"".join(parts))
    return path


def with_matrix(source: Path, target: Path, a: int, b: int, c: int, d: int) -> Path:
    """Copy an MP4 with another display matrix: a point (x, y) is shown at (a x + c y, b x + d y)."""
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 36
    one = 1 << 16
    data[at : at + 36] = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    target.write_bytes(data)
    return target
