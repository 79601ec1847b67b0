"""A style image is cropped, scaled and reduced in colours before training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.errors import TrainingError
from stylecam.training.data.dataset import at_short_side, load_image
from stylecam.training.data.preprocess import Preparation, comparison_sheet, open_style_image, palette, prepare
from tests.fakes import gradient


@pytest.fixture
def style_image() -> Image.Image:
    """120x80 pixels, every one different from its neighbours."""
    return Image.fromarray(gradient(80, 120))


def test_without_wishes_it_is_what_training_always_used(style_image: Image.Image, tmp_path: Path) -> None:
    """The default gives exactly the image that `train full` shows to its loss network."""
    style_image.save(tmp_path / "a.png")
    prepared = prepare(open_style_image(tmp_path / "a.png"), Preparation(), 64)
    assert prepared.size == (96, 64)
    np.testing.assert_array_equal(at_short_side(prepared, 64).numpy(), load_image(tmp_path / "a.png", 64).numpy())


@pytest.mark.parametrize("colors", [2, 5, 16])
def test_no_more_colours_than_asked_for(style_image: Image.Image, colors: int) -> None:
    """After scaling too: the reduction comes last."""
    prepared = prepare(style_image, Preparation(colors, scale=1.5), 64)
    found = palette(prepared)
    assert 1 < len(found) <= colors
    assert sum(share for _, share in found) == pytest.approx(1)
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


def test_the_palette_keeps_the_colours_of_the_image() -> None:
    """An image of three flat colours comes back as it was."""
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[:30], pixels[30:, :20] = (200, 30, 40), (10, 60, 220)
    prepared = prepare(Image.fromarray(pixels), Preparation(3), 60)
    np.testing.assert_allclose(np.asarray(prepared).astype(int), pixels.astype(int), atol=2)


def test_crop_takes_the_part_it_names() -> None:
    """Fractions from the left and the top: here the quarter at the bottom right, the only green one."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[20:, 40:] = (0, 255, 0)
    prepared = prepare(Image.fromarray(pixels), Preparation(crop=(0.5, 0.5, 0.5, 0.5)), 32)
    assert prepared.size == (64, 32)
    assert (np.asarray(prepared) == (0, 255, 0)).all()


def test_scale_is_the_size_of_strokes(style_image: Image.Image) -> None:
    """Twice the scale shows the same style image at twice the size."""
    assert prepare(style_image, Preparation(scale=2), 64).size == (192, 128)
    assert prepare(style_image, Preparation(scale=0.5), 64).size == (48, 32)


def test_the_style_image_itself_is_not_changed(style_image: Image.Image) -> None:
    """`prepare` is a function."""
    before = style_image.tobytes()
    prepare(style_image, Preparation(4, (0.1, 0.1, 0.5, 0.5), 2), 64)
    assert style_image.tobytes() == before


def test_the_sheet_shows_before_after_and_palette(style_image: Image.Image) -> None:
    """Two images of one height side by side, and below a bar that begins with the commonest colour."""
    prepared = prepare(style_image, Preparation(4), 64)
    sheet = comparison_sheet(style_image, prepared)
    assert sheet.width > 2 * 360
    assert sheet.getpixel((2, sheet.height - 2)) == palette(prepared)[0][0]


def test_a_rotated_photo_is_in_display_orientation(style_image: Image.Image, tmp_path: Path) -> None:
    """The EXIF orientation is applied."""
    exif = Image.Exif()
    exif[0x0112] = 6
    style_image.save(tmp_path / "turned.jpg", exif=exif)
    assert open_style_image(tmp_path / "turned.jpg").size == (80, 120)


@pytest.mark.parametrize(
    "wish",
    [
        {"colors": 1},
        {"colors": 300},
        {"colors": -4},
        {"crop": (0.5, 0, 0.6, 1)},
        {"crop": (-0.1, 0, 0.5, 1)},
        {"crop": (0, 0, 0, 1)},
        {"crop": (0, float("nan"), 1, 1)},
        {"scale": 0},
        {"scale": float("inf")},
        {"scale": float("nan")},
    ],
)
def test_senseless_wishes_are_sentences(wish: dict[str, object]) -> None:
    """Said before an image is opened."""
    with pytest.raises(TrainingError, match=r"style image|strokes"):
        Preparation(**wish)  # type: ignore[arg-type]


def test_sizes_that_cannot_be_used_are_sentences(style_image: Image.Image, tmp_path: Path) -> None:
    """Too small to show strokes, too large for the memory, a strip, a file that is no image."""
    with pytest.raises(TrainingError, match="32 to 4096"):
        prepare(style_image, Preparation(scale=0.1), 64)
    with pytest.raises(TrainingError, match="32 to 4096"):
        prepare(style_image, Preparation(scale=10), 4096)
    with pytest.raises(TrainingError, match="too narrow"):
        prepare(style_image, Preparation(crop=(0, 0, 1, 0.01)), 400)
    (tmp_path / "x.png").write_bytes(b"no")
    with pytest.raises(TrainingError, match="is not an image that stylecam reads"):
        open_style_image(tmp_path / "x.png")
