"""Photos to train on, cut and disturbed as a camera would; the same sample index gives the same crop, so that a run can be resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from stylecam.errors import TrainingError

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")

#: Share of empty samples: flat or graded frames. Without them a lens cap or a bare wall gives blobs.
FLAT_SHARE = 0.015


class PhotoFolder:
    """Augmented square crops of all photos of a folder and its subfolders.

    Raises:
        TrainingError: the folder is missing or holds no photo.
    """

    def __init__(self, folder: Path, size_px: int, seed: int) -> None:
        if not folder.is_dir():
            raise TrainingError(f"There is no folder '{folder}' with photos to train on; name one with --photos.")
        self.paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file())
        if not self.paths:
            raise TrainingError(
                f"The folder '{folder}' holds no photos ({', '.join(PHOTO_SUFFIXES)}); a thousand or more make a good pack."
            )
        self._size_px = size_px
        self._seed = seed

    def __len__(self) -> int:
        return len(self.paths)

    def sample(self, index: int) -> Tensor:
        """Return sample number `index`, any whole number from 0: (3, size, size) float RGB in [0, 1].

        A file that cannot be read is replaced by the next one; if none of ten can be read, that is an error.
        """
        rng = np.random.default_rng((self._seed, index))
        if rng.random() < FLAT_SHARE:
            return torch.from_numpy(_flat_frame(rng, self._size_px))
        start = int(rng.integers(len(self.paths)))
        problem: Exception | None = None
        for attempt in range(10):
            path = self.paths[(start + attempt) % len(self.paths)]
            try:
                crop = _random_crop(path, rng, self._size_px)
            except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
                problem = error
                continue
            return torch.from_numpy(_disturb(crop, rng))
        raise TrainingError(f"Ten photos in a row cannot be read, the last because of: {problem}. Check the folder of photos.")

    def batch(self, first: int, count: int) -> Tensor:
        """Return samples `first` … `first + count - 1`, (count, 3, size, size) in channels_last."""
        samples = torch.stack([self.sample(first + i) for i in range(count)])
        return samples.contiguous(memory_format=torch.channels_last)


def load_picture(path: Path, short_side_px: int) -> Tensor:
    """Read a picture at the given short side, (3, H, W) float RGB in [0, 1].

    Raises:
        TrainingError: it cannot be read.
    """
    try:
        with Image.open(path) as file:
            image = file.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise TrainingError(f"The picture '{path}' cannot be read ({error}); replace it by a JPEG or PNG.") from error
    scale = short_side_px / min(image.size)
    size = (max(short_side_px, round(image.width * scale)), max(short_side_px, round(image.height * scale)))
    return torch.from_numpy(_to_array(image.resize(size, Image.Resampling.LANCZOS)))


def center_crop(picture: Tensor, size_px: int) -> Tensor:
    """Cut the middle square out of (3, H, W)."""
    height, width = picture.shape[-2:]
    top, left = (height - size_px) // 2, (width - size_px) // 2
    return picture[:, top : top + size_px, left : left + size_px]


def style_order(count: int, seed: int, first: int, length: int) -> list[int]:
    """Return the style rows of samples `first` …: shuffled permutations one after the other, so that each row is seen equally often."""
    order: list[int] = []
    epoch = first // count
    while len(order) < first % count + length:
        order += np.random.default_rng((seed, 1, epoch)).permutation(count).tolist()
        epoch += 1
    return order[first % count : first % count + length]


def _to_array(image: Image.Image) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.asarray(image, np.float32).transpose(2, 0, 1) / 255)


def _flat_frame(rng: np.random.Generator, size_px: int) -> NDArray[np.float32]:
    color = rng.random((3, 1, 1)) * rng.choice([1.0, 0.15])  # every other one nearly dark
    frame = np.broadcast_to(color, (3, size_px, size_px)).copy()
    if rng.random() < 0.5:
        frame *= np.linspace(rng.random(), rng.random(), size_px)
    # Never without noise: a variance of exactly zero multiplies the gradient by 316 at every normalisation.
    frame += rng.normal(0, rng.uniform(0.008, 0.04), frame.shape)
    return frame.clip(0, 1).astype(np.float32)


def _random_crop(path: Path, rng: np.random.Generator, size_px: int) -> NDArray[np.float32]:
    with Image.open(path) as file:
        image = file.convert("RGB")
    side = rng.uniform(0.55, 1.0) * min(image.size)
    left, top = rng.uniform(0, image.width - side), rng.uniform(0, image.height - side)
    crop = image.resize((size_px, size_px), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
    pixels = _to_array(crop)
    return pixels[:, :, ::-1].copy() if rng.random() < 0.5 else pixels


def _disturb(pixels: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Exposure, contrast, white balance and sensor noise, as cameras have them."""
    x: NDArray[np.floating[Any]] = pixels
    if rng.random() < 0.5:
        x = (x - 0.5) * rng.uniform(0.7, 1.25) + 0.5 + rng.uniform(-0.12, 0.12)
    if rng.random() < 0.3:
        x = x * rng.uniform(0.88, 1.12, (3, 1, 1))
    if rng.random() < 0.25:
        x = x + rng.normal(0, rng.uniform(0, 0.05), x.shape)
    return x.clip(0, 1).astype(np.float32)
