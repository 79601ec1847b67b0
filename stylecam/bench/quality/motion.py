"""Clips whose motion is known, so that flicker is not taken for movement: made from photos, or filmed and measured by optical flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.capture.video_file import VideoFile
from stylecam.engines.base import Image
from stylecam.errors import InputError
from stylecam.media.flow import Flow, Mask, dense_flow, grid, inside, warp

#: Noise of an ordinary webcam indoors, in grey levels (standard deviation).
NOISE = 2.5
#: A flow is believed where going there and back again ends within this many pixels.
_RETURN_PX = 1.0


@dataclass(frozen=True)
class Clip:
    """Frames, and how each arises from the one before.

    `flows[t]` (H, W, 2) float32 says for each pixel of frame t + 1 where it was in frame t, as an offset in pixels (x, y);
    `visible[t]` (H, W) where it was visible there.
    """

    name: str
    frames: Sequence[Image]
    flows: Sequence[Flow]
    visible: Sequence[Mask]


@dataclass(frozen=True)
class View:
    """Where a camera looks: pixel p of the frame shows the photo at `origin` + `scale` · p."""

    origin: Flow
    scale: float = 1.0

    def to_photo(self, at: Flow) -> Flow:
        """Return the places in the photo, (H, W, 2), of places in the frame."""
        return np.asarray(at * np.float32(self.scale) + self.origin, np.float32)

    def from_photo(self, at: Flow) -> Flow:
        """Return the places in the frame of places in the photo, (H, W, 2)."""
        return np.asarray((at - self.origin) / np.float32(self.scale), np.float32)


def synthetic_clips(photos: Sequence[Image], width: int, height: int, frames: int, *, noise: float = NOISE) -> list[Clip]:
    """Make four clips: a pan, a zoom, one thing moving before another, and a still camera whose exposure wanders.

    Args:
        photos: uint8 RGB (H, W, 3), any sizes; two are enough.
        width: of the clips, in pixels.
        height: likewise.
        frames: per clip.
        noise: of the camera, in grey levels; the same for every call.
    """
    rng = np.random.default_rng(0)
    large = [_cover(photo, 2 * width, 2 * height).astype(np.float32) for photo in photos]
    middle = np.array([width, height], np.float32)  # of the large photos
    corner = np.asarray(middle / 2, np.float32)

    def panned(t: int) -> View:
        return View(np.asarray(corner + t * np.array([1.7, 0.6]), np.float32))

    def zoomed(t: int) -> View:
        scale = 1.1 * 0.99**t
        return View(np.asarray(middle - middle / 2 * scale, np.float32), scale)

    pan = _moving("pan", large[0], panned, (width, height, frames))
    zoom = _moving("zoom", large[-1], zoomed, (width, height, frames))
    layers = _layers(large[0], large[-1], (width, height, frames))
    still = _moving("exposure", large[0], lambda _: View(corner), (width, height, frames))
    wandering = [frame * (1 + 0.05 * np.sin(t * 0.7)) for t, frame in enumerate(still.frames)]
    clips = [pan, zoom, layers, Clip("exposure", wandering, still.flows, still.visible)]
    return [Clip(clip.name, [_filmed(frame, rng, noise) for frame in clip.frames], clip.flows, clip.visible) for clip in clips]


def read_frames(path: Path, width: int, height: int, frames: int) -> list[Image]:
    """Read the first frames of a video, scaled and cropped to a size.

    Raises:
        InputError: it cannot be read, or is shorter than three frames.
    """
    source = VideoFile(path, hide_number=True)
    source.open()
    images: list[Image] = []
    try:
        while len(images) < frames and (frame := source.read()) is not None:
            images.append(_cover(frame.image, width, height))
    finally:
        source.close()
    if len(images) < 3:
        raise InputError(f"'{path}' has only {len(images)} frames; flicker needs at least three.")
    return images


def filmed_clip(path: Path, width: int, height: int, frames: int) -> Clip:
    """Read the first frames of a video and measure its motion, see `media.flow`.

    Raises:
        InputError: see `read_frames`.
    """
    images = read_frames(path, width, height, frames)
    flows, visible = [], []
    for before, now in pairwise(images):
        back, forth = dense_flow(now, before), dense_flow(before, now)
        flows.append(back)
        visible.append((np.linalg.norm(back + warp(forth, back), axis=2) < _RETURN_PX) & inside(back))
    return Clip(path.stem, images, flows, visible)


def _moving(name: str, photo: Flow, view: Callable[[int], View], shape: tuple[int, int, int]) -> Clip:
    """Record a photo with a moving camera."""
    width, height, frames = shape
    at = np.dstack(grid(height, width))
    images: list[Any] = [_look(photo, view(t).to_photo(at)) for t in range(frames)]
    flows = [view(t - 1).from_photo(view(t).to_photo(at)) - at for t in range(1, frames)]
    return Clip(name, images, flows, [inside(flow) for flow in flows])


def _layers(behind: Flow, before: Flow, shape: tuple[int, int, int]) -> Clip:
    """Move a disc cut from one photo across another, both in motion."""
    width, height, frames = shape
    at = np.dstack(grid(height, width))
    radius = height / 3.5
    velocity, drift = np.array([3.0, 0.7], np.float32), np.array([0.6, 0.0], np.float32)

    def center(t: int) -> Flow:
        return np.asarray(np.array([width * 0.35, height * 0.45]) + t * velocity, np.float32)

    def covered(t: int, where: Flow) -> Mask:
        return np.asarray(np.linalg.norm(where - center(t), axis=2) < radius)

    images: list[Any] = []
    flows, visible = [], []
    for t in range(frames):
        back = _look(behind, at + np.array([width / 2, height / 2], np.float32) + t * drift)
        front = _look(before, at - center(t) + np.array([width, height], np.float32))
        on_front = covered(t, at)
        images.append(np.where(on_front[..., None], front, back))
        if t:
            flow = np.where(on_front[..., None], -velocity, drift).astype(np.float32)
            was_covered = covered(t - 1, at + flow)
            flows.append(flow)
            # At the disc's rim a pixel is of both; what lies next to the rim does not count.
            rim = np.abs(np.linalg.norm(at - center(t), axis=2) - radius) < 2
            visible.append(inside(flow) & (was_covered == on_front) & ~rim)
    return Clip("layers", images, flows, visible)


def _look(photo: Flow, where: Flow) -> Flow:
    return np.asarray(cv2.remap(photo, where[..., 0], where[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def _filmed(frame: NDArray[Any], rng: np.random.Generator, noise: float) -> Image:
    return np.asarray((frame + rng.normal(0, noise, frame.shape)).clip(0, 255).round(), np.uint8)


def _cover(image: Image, width: int, height: int) -> Image:
    """Scale and crop an image around its middle to this size."""
    scale = max(width / image.shape[1], height / image.shape[0])
    size = (max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale)))
    scaled = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.asarray(scaled[top : top + height, left : left + width], np.uint8)
