"""What a pixel of an image analogy is compared by: the pixels around it in two images and, coarser, around it one level above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

#: Sides of the neighbourhoods, at the present level and at the coarser one, as in the paper.
FINE, COARSE = 5, 3
#: Offsets (down, across) of what was made before a pixel in the order of scan lines, within its neighbourhood: (12, 2).
CAUSAL = np.array([(y, x) for y in range(-2, 1) for x in range(-2, 3) if (y, x) < (0, 0)])
#: The principal components hold so much of the variance, and are at most so many: what a search tree can bear.
_VARIANCE, _MOST_COMPONENTS = 0.99, 24
_SAMPLE = 20_000


def gaussian(offsets: NDArray[np.int_], sigma: float) -> Floats:
    """Return a weight for each offset (n, 2): their squares add up to 1, so that every neighbourhood counts alike."""
    weights = np.exp(-(offsets**2).sum(1) / (4 * sigma**2))  # the root of the Gaussian: differences are squared after they are weighed
    return np.asarray(weights / np.sqrt((weights**2).sum()), np.float32)


def around(image: Floats, side: int) -> Floats:
    """Return the weighted neighbourhood of every pixel: (H, W, C) → (H W, C side²). Beyond the border the image goes on as at it."""
    reach = side // 2
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    windows = sliding_window_view(padded, (side, side), axis=(0, 1))  # (H, W, C, side, side)
    offsets = np.argwhere(np.ones((side, side))) - reach
    return windows.reshape(len(windows) * windows.shape[1], -1) * np.tile(gaussian(offsets, side / 4), image.shape[2])


def causal_places(height: int, width: int, pixels: Indices) -> Indices:
    """Return the places of what was made before each of the pixels, (n, 12): flat, those beyond the border moved to it."""
    y, x = np.divmod(pixels[:, None], width)
    return np.asarray((y + CAUSAL[:, 0]).clip(0, height - 1) * width + (x + CAUSAL[:, 1]).clip(0, width - 1), np.intp)


def causal(image: Floats, pixels: Indices) -> Floats:
    """Return the weighted causal neighbourhoods of some pixels of an image (H, W, C): (n, 12 C)."""
    height, width, channels = image.shape
    found = image.reshape(-1, channels)[causal_places(height, width, pixels)] * gaussian(CAUSAL, FINE / 4)[:, None]
    return np.asarray(found.reshape(len(pixels), -1))


def lifted(features: Floats, coarse_shape: tuple[int, int], shape: tuple[int, int]) -> Floats:
    """Give each pixel of a level the features, (h w, n), of the pixel of the coarser level that it lies in: (H W, n)."""
    rows, columns = (np.minimum(np.arange(side) // 2, coarse - 1) for side, coarse in zip(shape, coarse_shape, strict=True))
    return np.asarray(features.reshape(*coarse_shape, -1)[rows[:, None], columns].reshape(shape[0] * shape[1], -1))


@dataclass(frozen=True, eq=False)
class Projection:
    """The principal components of a set of features: `mean` (D,) and `axes` (D, n)."""

    mean: Floats
    axes: Floats

    @classmethod
    def of(cls, features: Floats) -> Projection:
        """Find those of features (N, D)."""
        sample = features[:: max(1, len(features) // _SAMPLE)].astype(np.float64)
        mean = sample.mean(0)
        values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
        shares = np.cumsum(values[::-1]) / max(values.sum(), 1e-12)
        count = min(int(np.searchsorted(shares, _VARIANCE)) + 1, _MOST_COMPONENTS, len(values))
        return cls(mean.astype(np.float32), np.ascontiguousarray(vectors[:, ::-1][:, :count], np.float32))

    def __call__(self, features: Floats) -> Floats:
        """Return the components of features (N, D): (N, n)."""
        return np.asarray((features - self.mean) @ self.axes)
