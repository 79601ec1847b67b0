"""An image stylized at a smaller size looks as if it had been stylized at full size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stylecam.effects.upscale import enlarge


def photo() -> NDArray[np.uint8]:
    """A disc and bars on a soft background, 160x120."""
    y, x = np.mgrid[:120, :160]
    grey = 60 + x * 0.3
    grey = np.where((x - 60) ** 2 + (y - 60) ** 2 < 900, 210, grey)
    grey = np.where((x > 110) & (x % 8 < 4), 20, grey)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, 2)


def restyle(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A style that only changes colours: light areas yellow, dark ones blue."""
    light = image[..., :1].astype(np.float32) / 255
    return (light * (250, 220, 80) + (1 - light) * (20, 40, 120)).astype(np.uint8)


def error(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize("scale", [0.75, 0.5, 0.4])
def test_edges_are_sharper_than_by_enlarging_alone(scale: float) -> None:
    """The result is much nearer to what the network would have made of the large photo."""
    large = photo()
    small = cv2.resize(large, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    plain = cv2.resize(restyle(small), (160, 120), interpolation=cv2.INTER_CUBIC)
    assert error(enlarge(restyle(small), large), restyle(large)) < 0.6 * error(plain, restyle(large))


def test_flat_photos_lend_nothing() -> None:
    """Strokes on a grey wall are enlarged and nothing else, and noise in it does not come through."""
    rng = np.random.default_rng(0)
    wall = (128 + rng.normal(0, 2, (120, 160, 1))).clip(0, 255).astype(np.uint8).repeat(3, 2)
    strokes = cv2.GaussianBlur(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8), (0, 0), 2)
    assert error(enlarge(strokes, wall), cv2.resize(strokes, (160, 120), interpolation=cv2.INTER_CUBIC)) < 1


def test_a_stroke_beside_an_edge_is_left_alone() -> None:
    """Where the stylized edge lies some pixels beside the photo's, the photo's does not come out a second time."""
    y, x = np.mgrid[:120, :160]
    large = np.where(x + 0.7 * y > 120, 230, 20).astype(np.uint8)[..., None].repeat(3, 2)
    moved = np.where(x + 0.7 * y > 126, 230, 20).astype(np.uint8)[..., None].repeat(3, 2)
    stylized = restyle(cv2.resize(moved, (80, 60), interpolation=cv2.INTER_AREA))
    plain = cv2.resize(stylized, (160, 120), interpolation=cv2.INTER_CUBIC)
    beside = np.abs(x + 0.7 * y - 120) < 4
    assert error(enlarge(stylized, large)[beside], plain[beside]) < 1


def test_a_frame_of_full_size_is_returned_as_it_is() -> None:
    """Nothing to do costs nothing."""
    frame = photo()
    assert enlarge(frame, photo()) is frame


def test_odd_sizes_fit() -> None:
    """The result has the photo's size, whatever the two are."""
    assert enlarge(np.zeros((33, 47, 3), np.uint8), np.zeros((81, 117, 3), np.uint8)).shape == (81, 117, 3)
