import cv2
import numpy as np
import pytest

from stylecam.effects.blend import blend
from stylecam.effects.color import keep_color
from tests.fakes import gradient

RNG = np.random.default_rng(5)
# Away from black and white, where a colour cannot take every luma and is clipped.
PHOTO = RNG.integers(90, 165, (40, 60, 3), np.uint8)
STYLIZED = RNG.integers(90, 165, (40, 60, 3), np.uint8)


def _ycc(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(int)


def test_amount_zero_returns_the_stylized_image_itself() -> None:
    """Without colour keeping nothing is computed, so that the stylized image is bit-identical."""
    assert keep_color(PHOTO, STYLIZED, 0.0) is STYLIZED


def test_amount_one_has_the_stylized_images_luma_and_the_photos_chroma() -> None:
    """Light and strokes are the stylized image's, colours the photo's, up to rounding."""
    result = _ycc(keep_color(PHOTO, STYLIZED, 1.0))
    assert np.abs(result[..., 0] - _ycc(STYLIZED)[..., 0]).max() <= 1
    assert np.abs(result[..., 1:] - _ycc(PHOTO)[..., 1:]).max() <= 2


def test_half_the_amount_has_the_mean_chroma() -> None:
    """In between the chroma is blended and the luma stays the stylized image's."""
    result = _ycc(keep_color(PHOTO, STYLIZED, 0.5))
    assert np.abs(result[..., 0] - _ycc(STYLIZED)[..., 0]).max() <= 1
    assert np.abs(result[..., 1:] - (_ycc(PHOTO)[..., 1:] + _ycc(STYLIZED)[..., 1:]) / 2).max() <= 2


def test_grey_photo_makes_the_stylized_image_grey() -> None:
    """A photo without colour gives a stylized image without colour, as bright as before."""
    grey = np.repeat(gradient()[..., :1], 3, axis=2)
    result = keep_color(grey, gradient()[::-1], 1.0)
    assert np.abs(result.astype(int) - cv2.cvtColor(np.ascontiguousarray(gradient()[::-1]), cv2.COLOR_RGB2GRAY)[..., None]).max() <= 1


def test_keep_color_does_not_write_into_its_arguments() -> None:
    """The frame and the stylized image are left as they were."""
    photo, stylized = PHOTO.copy(), STYLIZED.copy()
    keep_color(photo, stylized, 1.0)
    keep_color(photo, stylized, 0.3)
    np.testing.assert_array_equal(photo, PHOTO)
    np.testing.assert_array_equal(stylized, STYLIZED)


def test_blend_goes_from_the_photo_to_the_stylized_image() -> None:
    """Strength 0 is the photo, 1 the stylized image, both bit-identical, and one half the mean."""
    assert blend(PHOTO, STYLIZED, 0.0) is PHOTO
    assert blend(PHOTO, STYLIZED, 1.0) is STYLIZED
    half = blend(PHOTO, STYLIZED, 0.5)
    assert half.dtype == np.uint8
    assert np.abs(half - (PHOTO.astype(float) + STYLIZED) / 2).max() <= 0.5


@pytest.mark.parametrize("effect", [keep_color, blend])
def test_frames_of_different_sizes_are_refused(effect: object) -> None:
    """A mix-up of sizes is a programmer's error and raised as such."""
    with pytest.raises(ValueError, match="differ"):
        effect(PHOTO, STYLIZED[1:], 0.5)  # type: ignore[operator]


@pytest.mark.parametrize("effect", [keep_color, blend])
def test_a_frame_of_one_pixel_works(effect: object) -> None:
    """The smallest frame keeps its shape."""
    assert effect(PHOTO[:1, :1], STYLIZED[:1, :1], 0.5).shape == (1, 1, 3)  # type: ignore[operator]
