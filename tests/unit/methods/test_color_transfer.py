"""The photo's colours on the style image: the linear maps are exact, luminance is shifted and scaled."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from stylecam.methods.color_transfer import LinearMap, color_statistics, grey, linear_map, luminance, match_colors


def colored(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return pixels whose channels hang together."""
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(64, 48, 3)) @ generator.uniform(0, 12, (3, 3))
    return np.clip(mixed + generator.uniform(100, 150, 3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", get_args(LinearMap))
def test_mean_and_covariance_become_the_targets(method: LinearMap) -> None:
    """Before rounding the mapped colours have exactly the target's mean and covariance, and after it nearly."""
    image, target = colored(0), colored(1)
    a, b = linear_map(image, target, method)
    mean, covariance = color_statistics(image)
    wanted_mean, wanted_covariance = color_statistics(target)
    np.testing.assert_allclose(a @ mean + b, wanted_mean, atol=1e-9)
    np.testing.assert_allclose(a @ covariance @ a.T, wanted_covariance, atol=1e-6)
    got_mean, got_covariance = color_statistics(match_colors(image, target, method))
    np.testing.assert_allclose(got_mean, wanted_mean, atol=0.003)
    np.testing.assert_allclose(got_covariance, wanted_covariance, atol=0.001)


def test_the_two_maps_differ() -> None:
    """The map of Image Analogies is symmetric up to a similarity, that of Cholesky is triangular."""
    image, target = colored(0), colored(1)
    cholesky, _ = linear_map(image, target, "cholesky")
    assert np.allclose(np.triu(cholesky, 1), 0)
    analogies, _ = linear_map(image, target, "analogies")
    assert not np.allclose(np.triu(analogies, 1), 0)
    own, _ = linear_map(image, image, "analogies")
    np.testing.assert_allclose(own, np.eye(3), atol=1e-6)


def test_grey_images_do_no_harm() -> None:
    """A style image of one grey has no colours to map; the result is finite and has the photo's mean."""
    flat = np.full((32, 32, 3), 90, np.uint8)
    for method in get_args(LinearMap):
        matched = match_colors(flat, colored(1), method)
        np.testing.assert_allclose(matched.reshape(-1, 3).mean(0), colored(1).reshape(-1, 3).mean(0), atol=1)


def test_luminance_takes_mean_and_deviation() -> None:
    """The style image in greys has the photo's mean luminance and standard deviation."""
    matched, photo = luminance(grey(colored(0), colored(1))), luminance(colored(1))
    assert matched.mean() == pytest.approx(photo.mean(), abs=1)
    assert matched.std() == pytest.approx(photo.std(), rel=0.03)
