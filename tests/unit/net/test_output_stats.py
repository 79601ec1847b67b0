"""A photo's contrasts and means, from which the identity row takes its colours."""

import numpy as np
import pytest

from stylecam.net.output_stats import LOGIT_MARGIN, photo_scale_shift


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_photo_has_no_contrast(level: int) -> None:
    """γ is zero and β the logit of the one value, finite for black and white too."""
    vector = photo_scale_shift(np.full((5, 7, 3), level, np.uint8))
    value = np.clip(level / 255, LOGIT_MARGIN, 1 - LOGIT_MARGIN)
    np.testing.assert_allclose(vector[:3], 0, atol=1e-6)
    np.testing.assert_allclose(vector[3:], np.log(value / (1 - value)), rtol=1e-5)
    assert vector.dtype == np.float32


def test_channels_are_measured_apart() -> None:
    """A photo with contrast in red alone has spread in the first γ alone."""
    image = np.full((4, 4, 3), 100, np.uint8)
    image[:, ::2, 0] = 200
    vector = photo_scale_shift(image)
    assert vector[0] > 0.5
    np.testing.assert_allclose(vector[1:3], 0, atol=1e-6)


def test_a_large_photo_is_sampled() -> None:
    """An image of two million pixels gives what its every-other-pixel copy gives, nearly, and any stride of memory will do."""
    rng = np.random.default_rng(0)
    large = np.kron(rng.integers(0, 256, (60, 80, 3), np.uint8), np.ones((20, 20, 1), np.uint8))[:, ::-1]
    np.testing.assert_allclose(photo_scale_shift(large), photo_scale_shift(large[::20, ::20]), atol=0.05)
