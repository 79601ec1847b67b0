"""Photos as a camera on a tripod would show them: two frames with sensor noise and a codec's marks, before them things that pass.

What stands still in both must look the same in both. A network answers noise with less than it was given, but a codec's faint changes with
more, and it redraws the surroundings of whatever moves: on a street with three walkers live32's strokes on what stood still changed four
times as much as the street itself, nearly all of it within 45 pixels of the walkers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam.training.data.augment import as_jpeg, to_pixels
from stylecam.training.data.dataset import PhotoFolder

Rgb = NDArray[np.uint8]

#: Up to so many things pass; their radius as a share of the side, most of them small, and how far they go from frame to frame.
PASSING, PASSING_RADIUS, PASSING_PX = 4, (0.025, 0.2), (0.5, 6.0)
#: Most of the sensor's noise (standard deviation) in grey levels, often far less; and by what share the light wanders.
NOISE, LIGHT = 3.0, 0.01
#: Share of scenes that are encoded at twice the size, as a large clip is that is stylized at a smaller one.
LARGE_SHARE = 0.3
#: The pair is the last two of so many frames: a codec's first frame is unlike those that follow.
FRAMES = 4
#: How frames are encoded, by share: video codecs, a camera's JPEGs, and nothing but the sensor.
CODECS = {"libx264": 0.45, "mpeg4": 0.2, "mjpeg": 0.2, "": 0.15}
#: What passes is cut out of the sample so many numbers on.
_OTHER = 1 << 32


def filmed_batch(photos: PhotoFolder, first: int, count: int) -> Tensor:
    """Return samples `first` … `first + count - 1`, filmed: (count, 7 or 8, size, size).

    That is both frames' RGB, 1 where all stood still and 0 elsewhere, and, where samples have it, the channel of faces.
    """
    made = []
    for index in range(first, first + count):
        photo, other = (photos.sample(number).numpy() for number in (index, index + _OTHER))
        pair = filmed_pair(to_pixels(photo[:3]), to_pixels(other[:3]), np.random.default_rng((photos.seed, index, _OTHER)))
        channels = (pair.before / 255, pair.after / 255, pair.still[..., None], photo[3:].transpose(1, 2, 0))
        made.append(np.concatenate(channels, 2, dtype=np.float32))
    return torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2)  # channels last already


@dataclass(frozen=True)
class FilmedPair:
    """Two frames (H, W, 3), and where (H, W) nothing passed in either."""

    before: Rgb
    after: Rgb
    still: NDArray[np.bool_]


def filmed_pair(photo: Rgb, other: Rgb, rng: np.random.Generator) -> FilmedPair:
    """Return a photo as filmed; pieces of the other one pass before it.

    Args:
        photo: (H, W, 3).
        other: of the same shape.
        rng: decides everything else.
    """
    scene = photo.astype(np.float32)
    height, width = photo.shape[:2]
    passing = [_Passing(other.astype(np.float32), rng) for _ in range(rng.integers(PASSING + 1))]
    noise = NOISE * rng.uniform() ** 2
    frames, covered = [], []
    for number in range(FRAMES):
        frame, alpha = scene, np.zeros((height, width), np.float32)
        for thing in passing:
            frame, more = thing.before(frame, number)
            alpha = np.maximum(alpha, more)
        light = 1 + rng.uniform(-LIGHT, LIGHT)
        # Four of the sensor's points make one of the frame's colours: noise of neighbours is alike.
        grain = cv2.GaussianBlur(rng.standard_normal(scene.shape, np.float32), (3, 3), 0.5) * np.float32(2 * noise)
        frames.append(np.clip(frame * np.float32(light) + grain + 0.5, 0, 255).astype(np.uint8))
        covered.append(alpha > 0)
    before, after = _through_codec(frames, rng)[-2:]
    return FilmedPair(before, after, ~(covered[-1] | covered[-2]))


class _Passing:
    """A round piece of a photo that moves evenly."""

    def __init__(self, photo: NDArray[np.float32], rng: np.random.Generator) -> None:
        height, width = photo.shape[:2]
        self._photo = photo
        least, most = PASSING_RADIUS
        self._radius = least * (most / least) ** rng.uniform(size=2) * (width, height)
        angle, step = rng.uniform(0, 2 * np.pi), rng.uniform(*PASSING_PX)
        self._step = np.array([np.cos(angle), np.sin(angle)]) * step
        self._start = rng.uniform(0.1, 0.9, 2) * (width, height) - self._step * FRAMES / 2

    def before(self, scene: NDArray[np.float32], number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return frame `number` with the piece in it, and how much it covers, (H, W) from 0 to 1."""
        height, width = scene.shape[:2]
        x, y = self._start + self._step * number
        down, across = np.mgrid[:height, :width].astype(np.float32)
        inside = 1 - np.hypot((across - x) / self._radius[0], (down - y) / self._radius[1])
        alpha = np.clip(inside * self._radius.min() / 1.5, 0, 1).astype(np.float32)  # an edge of 1.5 pixels
        moved = np.array([[1, 0, x - self._start[0]], [0, 1, y - self._start[1]]], np.float32)
        piece = cv2.warpAffine(self._photo, moved, (width, height), borderMode=cv2.BORDER_REFLECT)
        return scene + (piece - scene) * alpha[..., None], alpha


def _through_codec(frames: list[Rgb], rng: np.random.Generator) -> list[Rgb]:
    codec = str(rng.choice(list(CODECS), p=list(CODECS.values())))
    quality = rng.uniform()
    if not codec:
        return frames
    height, width = frames[0].shape[:2]
    large = rng.random() < LARGE_SHARE
    if large:
        frames = [np.asarray(cv2.resize(frame, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC), np.uint8) for frame in frames]
    if codec == "mjpeg":
        frames = [np.asarray(as_jpeg(frame, round(35 + 55 * quality))) for frame in frames]
    else:
        frames = _encoded(frames, codec, quality, gop=int(rng.choice([2, 3, 250])))
    if large:
        frames = [np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA), np.uint8) for frame in frames]
    return frames


def _encoded(frames: list[Rgb], codec: str, quality: float, *, gop: int) -> list[Rgb]:
    """Return the frames as the codec gives them back; `quality` from 0 to 1, a frame that needs no other one every `gop` frames."""
    height, width = frames[0].shape[:2]
    even = ((0, height % 2), (0, width % 2), (0, 0))  # as codecs ask for
    frames = [np.pad(frame, even, "edge") for frame in frames]
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(codec, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, 25), Fraction(25), gop
    if codec == "libx264":
        encoder.options = {"crf": str(round(36 - 16 * quality)), "preset": "veryfast", "tune": "zerolatency", "threads": "1"}
    else:
        encoder.bit_rate = round(25 * width * height * 0.05 * 8**quality)  # from 0.05 to 0.4 bits a pixel
    decoder = cast(av.VideoCodecContext, av.CodecContext.create("h264" if codec == "libx264" else codec, "r"))
    packets = [packet for frame in frames for packet in encoder.encode(av.VideoFrame.from_ndarray(frame, format="rgb24"))]
    decoded = [frame for packet in [*packets, *encoder.encode(None)] for frame in decoder.decode(packet)]
    return [np.asarray(frame.to_ndarray(format="rgb24")[:height, :width], np.uint8) for frame in [*decoded, *decoder.decode(None)]]
