"""Photos to train on, cropped and augmented as a camera would; the same sample index gives the same crop, so that a run can be resumed."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stylecam.errors import InputError, TrainingError
from stylecam.media.formats import CLIPS, IMAGES, is_clip, is_image
from stylecam.media.images import read_image
from stylecam.training.data.augment import augment, flat_frame, to_array
from stylecam.training.data.clips import random_frame
from stylecam.training.data.faces import Faces, face_map
from stylecam.training.data.preprocess import open_style_image

#: A clip is drawn as often as so many photos.
CLIP_WEIGHT = 50

#: Share of constant-colour or graded samples. Without them a lens cap or a bare wall gives blobs.
FLAT_SHARE = 0.015

#: Least share of a photo's short side that a crop shows; more for large crops and for parts of a sample, which show small things anyway.
LEAST_SIDE, LEAST_SIDE_OF_WHOLE = 0.55, 0.8


class PhotoFolder:
    """Augmented square crops of all photos, and of frames of all clips, of a folder and its subfolders.

    Args:
        folder: where they are.
        size_px: side of the crops.
        seed: decides, with a sample's number, what it shows.
        four_share: share of samples that are four photos in one, each at half the size: faces are as small there as in front of a webcam
            in the fast mode, and photos hardly ever show them so.
        faces: where they are; samples then have a fourth channel, 1 there and 0 elsewhere.

    Raises:
        TrainingError: the folder is missing or holds neither, or `faces` are of other photos.
    """

    def __init__(self, folder: Path, size_px: int, seed: int, *, four_share: float = 0.0, faces: Faces | None = None) -> None:
        if not folder.is_dir():
            raise TrainingError(f"There is no folder '{folder}' with photos to train on; name one with --photos.")
        self.paths = sorted(path for path in folder.rglob("*") if (is_image(path) or is_clip(path)) and path.is_file())
        if not self.paths:
            raise TrainingError(
                f"The folder '{folder}' holds no photos ({', '.join(sorted(IMAGES))}) and no clips ({', '.join(sorted(CLIPS))}); "
                "a thousand photos or more make a good pack."
            )
        weights = [CLIP_WEIGHT if is_clip(path) else 1 for path in self.paths]
        self._drawn = [number for number, weight in enumerate(weights) for _ in range(weight)]
        self._size_px = size_px
        self.seed = seed
        self._four_share, self._least_side = four_share, LEAST_SIDE
        self._faces = None if faces is None else {folder / name: boxes for name, boxes in faces.items()}
        if self._faces and not self._faces.keys() & set(self.paths):
            raise TrainingError(
                f"The boxes of faces name no photo of '{folder}'; names are paths in that folder, such as 'portraits/one.jpg'."
            )

    def large(self, size_px: int) -> PhotoFolder:
        """Return the same photos in larger crops, none of them four in one; the folder is not listed again."""
        twin = copy(self)
        twin._size_px, twin._four_share, twin._least_side = size_px, 0.0, LEAST_SIDE_OF_WHOLE
        return twin

    def __len__(self) -> int:
        return len(self.paths)

    def sample(self, index: int) -> Tensor:
        """Return sample number `index`, any whole number from 0: (3, size, size) float RGB in [0, 1], or (4, size, size) with `faces`.

        A file that cannot be read is replaced by the next one; if none of ten can be read, that is an error.
        """
        rng = np.random.default_rng((self.seed, index))
        if rng.random() < FLAT_SHARE:
            return torch.from_numpy(self._with_faces(flat_frame(rng, self._size_px), face_map([], 0, 0, 1, self._size_px)))
        if self._four_share and rng.random() < self._four_share:
            half = (self._size_px + 1) // 2
            one, two, three, four = (self._photo(rng, half, LEAST_SIDE_OF_WHOLE) for _ in range(4))
            both = np.concatenate((np.concatenate((one, two), 2), np.concatenate((three, four), 2)), 1)
            return torch.from_numpy(np.ascontiguousarray(both[:, : self._size_px, : self._size_px]))
        return torch.from_numpy(self._photo(rng, self._size_px, self._least_side))

    def _photo(self, rng: np.random.Generator, size_px: int, least_side: float) -> NDArray[np.float32]:
        start = self._drawn[int(rng.integers(len(self._drawn)))]
        problem: Exception | None = None
        for attempt in range(10):
            path = self.paths[(start + attempt) % len(self.paths)]
            try:
                image = random_frame(path, rng) if is_clip(path) else read_image(path).flat_srgb()
            except (OSError, InputError) as error:
                problem = error
                continue
            left, top, side, mirrored = _random_square(image, rng, least_side)
            crop = image.resize((size_px, size_px), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))
            faces = face_map(self._faces.get(path, ()) if self._faces else (), left, top, side, size_px)
            if mirrored:
                crop, faces = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT), faces[..., ::-1]
            return self._with_faces(augment(crop, rng), faces)
        raise TrainingError(f"Ten photos in a row cannot be read, the last because of: {problem}. Check the folder of photos.")

    def _with_faces(self, photo: NDArray[np.float32], faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return photo if self._faces is None else np.concatenate((photo, faces))

    def batch(self, first: int, count: int) -> Tensor:
        """Return samples `first` … `first + count - 1`, (count, 3 or 4, size, size) in channels_last."""
        samples = torch.stack([self.sample(first + i) for i in range(count)])
        return samples.contiguous(memory_format=torch.channels_last)


def load_image(path: Path, short_side_px: int) -> Tensor:
    """Read an image at the given short side, (3, H, W) float RGB in [0, 1].

    Raises:
        TrainingError: it cannot be read.
    """
    return at_short_side(open_style_image(path), short_side_px)


def at_short_side(image: Image.Image, short_side_px: int) -> Tensor:
    """Return an RGB image at the given short side, (3, H, W) float in [0, 1]; one that has it already is not resampled."""
    scale = short_side_px / min(image.size)
    size = (max(short_side_px, round(image.width * scale)), max(short_side_px, round(image.height * scale)))
    return torch.from_numpy(to_array(image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)))


def center_crop(image: Tensor, size_px: int) -> Tensor:
    """Cut the middle square out of (…, H, W)."""
    height, width = image.shape[-2:]
    top, left = (height - size_px) // 2, (width - size_px) // 2
    return image[..., top : top + size_px, left : left + size_px]


def _random_square(image: Image.Image, rng: np.random.Generator, least_side: float) -> tuple[float, float, float, bool]:
    """Return left, top and side of a square of the image, and whether it is mirrored."""
    side = rng.uniform(least_side, 1.0) * min(image.size)
    return rng.uniform(0, image.width - side), rng.uniform(0, image.height - side), side, rng.random() < 0.5
