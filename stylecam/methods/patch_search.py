"""How well patches fit at the places of a texture: weighted sums of squares, at every place by FFT, or on a grid by one product.

Σ w (I − T)² = Σ w I² − 2 Σ w I T + Σ w T²: the first term depends on the weights alone and is kept, the middle one is a correlation.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float32]
_WORKERS = 2  # more do not pay for arrays of this size


class Search(Protocol):
    """What compares patches with a texture; `stride` is the distance of the places in pixels."""

    stride: int

    def errors(self, patches: Floats, weights: Floats) -> Floats:
        """Return how each patch, (B, P, P, C), differs from the texture at each place, (B, h, w); `weights` are (P, P, C)."""


class EveryPlace:
    """Compares at every place of the texture: a patch costs its spectrum and one inverse transform, whatever its size.

    Args:
        texture: (H, W, C), about in [-1, 1]: sums are in float32.
        patch_px: side of the patches.

    >>> import numpy as np
    >>> texture = np.random.default_rng(0).random((32, 40, 3), np.float32)
    >>> (errors,) = EveryPlace(texture, 8).errors(texture[None, 5:13, 7:15], np.ones((8, 8, 3), np.float32))
    >>> errors.shape, [int(place) for place in np.unravel_index(errors.argmin(), errors.shape)]
    ((25, 33), [5, 7])
    """

    stride = 1

    def __init__(self, texture: Floats, patch_px: int) -> None:
        height, width, _ = texture.shape
        self._places = (height - patch_px + 1, width - patch_px + 1)
        self._shape = (fft.next_fast_len(height, real=True), fft.next_fast_len(width, real=True))
        planes = np.ascontiguousarray(texture.transpose(2, 0, 1))
        self._spectrum = fft.rfft2(planes, self._shape, workers=_WORKERS)
        self._squared = fft.rfft2(planes * planes, self._shape, workers=_WORKERS)
        self._energies: dict[bytes, Floats] = {}

    def errors(self, patches: Floats, weights: Floats) -> Floats:
        """See `Search`."""
        key = weights.tobytes()
        if key not in self._energies:
            self._energies[key] = self._correlated(self._squared, weights)
        found = np.empty((len(patches), *self._places), np.float32)
        for errors, patch in zip(found, patches, strict=True):
            weighted = weights * patch
            errors[:] = self._energies[key] - 2 * self._correlated(self._spectrum, weighted) + np.float32((weighted * patch).sum())
        return found.clip(0, out=found)

    def _correlated(self, spectrum: NDArray[np.complex64], patch: Floats) -> Floats:
        """Return Σ over channels and the patch of texture × patch at each place."""
        height, width = self._shape
        # Along x only the patch's own rows are transformed: the others are zero.
        small = fft.rfft(np.ascontiguousarray(patch.transpose(2, 0, 1)), width, axis=2, workers=_WORKERS)
        product = (spectrum * fft.fft(small, height, axis=1, workers=_WORKERS).conj()).sum(0)
        down, across = self._places
        return np.asarray(fft.irfft2(product, self._shape, workers=_WORKERS)[:down, :across], np.float32)


class EveryFew:
    """Compares many small patches at once with those on a grid: one matrix product.

    A sixth of the patch's side, and at least two pixels, lie between two places: about 600 bytes of memory per pixel of the texture.

    Args:
        texture: (H, W, C), about in [-1, 1].
        patch_px: side of the patches.
    """

    def __init__(self, texture: Floats, patch_px: int) -> None:
        self.stride = max(2, patch_px // 6)
        windows = sliding_window_view(texture, (patch_px, patch_px), axis=(0, 1))[:: self.stride, :: self.stride]  # (h, w, C, P, P)
        self._places = windows.shape[:2]
        self._rows = windows.reshape(self._places[0] * self._places[1], -1)
        self._energies: dict[bytes, Floats] = {}

    def errors(self, patches: Floats, weights: Floats) -> Floats:
        """See `Search`."""
        key = weights.tobytes()
        flat = weights.transpose(2, 0, 1).ravel()
        if key not in self._energies:
            self._energies[key] = np.einsum("nd,nd,d->n", self._rows, self._rows, flat)
        targets = patches.transpose(0, 3, 1, 2).reshape(len(patches), -1)
        weighted = targets * flat
        found = self._energies[key] - 2 * (weighted @ self._rows.T) + (weighted * targets).sum(1, keepdims=True)
        return np.asarray(found.clip(0).reshape(len(patches), *self._places), np.float32)
