"""What cameras do to images, for training: light, colour cast, blur, noise, compression, and frames with nothing on them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

BLUR_SHARE, BLUR_PX = 0.12, (0.4, 1.6)
JPEG_SHARE, JPEG_QUALITY = 0.15, (20, 75)
#: An image with less contrast than this, as a standard deviation, gets noise.
LEAST_SPREAD = 0.01


def augment(crop: Image.Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return an RGB image as a cheap camera might have taken it, (3, H, W) in [0, 1].

    In the order in which a camera adds them: blur of the lens, exposure and contrast, white balance, noise of the sensor, JPEG.
    """
    if rng.random() < BLUR_SHARE:
        crop = crop.filter(ImageFilter.GaussianBlur(rng.uniform(*BLUR_PX)))
    x: NDArray[np.floating[Any]] = to_array(crop)
    if rng.random() < 0.5:
        x = (x - 0.5) * rng.uniform(0.7, 1.25) + 0.5 + rng.uniform(-0.12, 0.12)
    if rng.random() < 0.3:
        x = x * rng.uniform(0.88, 1.12, (3, 1, 1))
    if rng.random() < 0.25:
        x = x + rng.normal(0, rng.uniform(0, 0.05), x.shape)
    x = x.clip(0, 1).astype(np.float32)
    if rng.random() < JPEG_SHARE:
        x = to_array(as_jpeg(to_pixels(x), int(rng.integers(*JPEG_QUALITY))))
    return x if x.std() > LEAST_SPREAD else _noisy(x, rng)


def flat_frame(rng: np.random.Generator, size_px: int) -> NDArray[np.float32]:
    """Return a flat or graded frame, every other one nearly dark, (3, size, size) in [0, 1]."""
    color = rng.random((3, 1, 1)) * rng.choice([1.0, 0.15])
    frame = np.broadcast_to(color, (3, size_px, size_px)).copy()
    if rng.random() < 0.5:
        frame *= np.linspace(rng.random(), rng.random(), size_px)
    return _noisy(frame, rng)


def to_array(image: Image.Image) -> NDArray[np.float32]:
    """Return an RGB image as (3, H, W) in [0, 1]."""
    return np.ascontiguousarray(np.asarray(image, np.float32).transpose(2, 0, 1) / 255)


def to_pixels(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return (3, H, W) in [0, 1] as pixels, (H, W, 3)."""
    return (x.transpose(1, 2, 0) * 255).round().astype(np.uint8)


def as_jpeg(pixels: NDArray[np.uint8], quality: int) -> Image.Image:
    """Return RGB pixels (H, W, 3) as a JPEG of this quality, from 1 to 95, gives them back."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


def _noisy(x: NDArray[np.floating[Any]], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add the noise that a constant-colour image needs: a variance of zero multiplies the gradient by 316 at every normalisation."""
    return (x + rng.normal(0, rng.uniform(0.008, 0.04), x.shape)).clip(0, 1).astype(np.float32)
