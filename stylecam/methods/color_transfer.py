"""Stylizing without taking over the style image's colours (Gatys, Bethge, Hertzmann, Shechtman 2016, arXiv 1606.05897).

Either the style image is recoloured first, by the linear map that gives it the photo's mean and covariance (of the many such maps two:
that of the Cholesky factors, and the symmetric one of Image Analogies, Hertzmann and others 2001); or only the luminance is stylized.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

LinearMap = Literal["cholesky", "analogies"]
#: Weights of red, green and blue in luminance (BT.601), as in YIQ, which the paper uses.
_LUMA = np.array([0.299, 0.587, 0.114])
#: Added to variances, of full scale squared: a style image of greys varies in one direction only.
_FLOOR = 1e-8


def color_statistics(image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean (3,) and covariance (3, 3) of the colours of an image (H, W, 3), full scale being 1."""
    pixels = image.reshape(-1, 3).astype(np.float64) / 255
    return pixels.mean(0), np.array(np.cov(pixels.T, bias=True), np.float64)


def linear_map(image: NDArray[np.uint8], target: NDArray[np.uint8], method: LinearMap) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return A (3, 3) and b (3,): x → A x + b gives the colours x of `image`, in [0, 1], the mean and covariance of `target`.

    "cholesky": A = L_t L_i⁻¹ with Σ = L Lᵀ. "analogies": A = Σ_t^½ Σ_i^-½, with symmetric roots.
    """
    (mean, cov), (wanted_mean, wanted_cov) = color_statistics(image), color_statistics(target)
    cov, wanted_cov = cov + _FLOOR * np.eye(3), wanted_cov + _FLOOR * np.eye(3)
    if method == "cholesky":
        a = np.linalg.cholesky(wanted_cov) @ np.linalg.inv(np.linalg.cholesky(cov))
    else:
        a = _root(wanted_cov) @ np.linalg.inv(_root(cov))
    return np.asarray(a, np.float64), np.asarray(wanted_mean - a @ mean, np.float64)


def match_colors(image: NDArray[np.uint8], target: NDArray[np.uint8], method: LinearMap) -> NDArray[np.uint8]:
    """Return `image` (H, W, 3) in the colours of `target`; see `linear_map`. What falls outside the range is clipped."""
    a, b = linear_map(image, target, method)
    pixels = image.astype(np.float32) @ a.T.astype(np.float32) + (255 * b).astype(np.float32)
    return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8)


def luminance(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luminance (H, W) of an image, 0 to 255."""
    return np.asarray(image.astype(np.float32) @ _LUMA.astype(np.float32))


def grey(image: NDArray[np.uint8], like: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Return an image in greys (H, W, 3), by luminance; with `like`, shifted and scaled to its mean and standard deviation."""
    values = luminance(image)
    if like is not None:
        wanted = luminance(like)
        values = (values - values.mean()) * (wanted.std() / max(float(values.std()), 1e-3)) + wanted.mean()
    return np.repeat(np.clip(np.rint(values), 0, 255).astype(np.uint8)[..., None], 3, 2)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(values)) @ vectors.T)
