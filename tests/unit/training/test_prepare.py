"""A painting is cut, scaled and reduced in colours before it is learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.errors import TrainingError
from stylecam.training.data.dataset import load_picture
from stylecam.training.data.preprocess import Preparation, comparison_sheet, open_painting, palette, prepare
from stylecam.training.reports.side_by_side import to_tensor
from tests.fakes import gradient


@pytest.fixture
def painting() -> Image.Image:
    """120x80 pixels, every one different from its neighbours."""
    return Image.fromarray(gradient(80, 120))


def test_without_wishes_it_is_what_training_always_used(painting: Image.Image, tmp_path: Path) -> None:
    """The default gives exactly the picture that `train full` shows to its loss network."""
    painting.save(tmp_path / "a.png")
    prepared = prepare(open_painting(tmp_path / "a.png"), Preparation(), 64)
    assert prepared.size == (96, 64)
    np.testing.assert_array_equal(to_tensor(prepared).numpy(), load_picture(tmp_path / "a.png", 64).numpy())


@pytest.mark.parametrize("colors", [2, 5, 16])
def test_no_more_colours_than_asked_for(painting: Image.Image, colors: int) -> None:
    """After scaling too: the reduction comes last."""
    prepared = prepare(painting, Preparation(colors, scale=1.5), 64)
    found = palette(prepared)
    assert 1 < len(found) <= colors
    assert sum(share for _, share in found) == pytest.approx(1)
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


def test_the_palette_keeps_the_colours_of_the_picture() -> None:
    """A picture of three flat colours comes back as it was."""
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


def test_scale_is_the_size_of_strokes(painting: Image.Image) -> None:
    """Twice the scale shows the same painting at twice the size."""
    assert prepare(painting, Preparation(scale=2), 64).size == (192, 128)
    assert prepare(painting, Preparation(scale=0.5), 64).size == (48, 32)


def test_the_painting_itself_is_not_changed(painting: Image.Image) -> None:
    """`prepare` is a function."""
    before = painting.tobytes()
    prepare(painting, Preparation(4, (0.1, 0.1, 0.5, 0.5), 2), 64)
    assert painting.tobytes() == before


def test_the_sheet_shows_before_after_and_palette(painting: Image.Image) -> None:
    """Two pictures of one height side by side, and below a bar that begins with the commonest colour."""
    prepared = prepare(painting, Preparation(4), 64)
    sheet = comparison_sheet(painting, prepared)
    assert sheet.width > 2 * 360
    assert sheet.getpixel((2, sheet.height - 2)) == palette(prepared)[0][0]


def test_a_turned_photo_of_a_painting_stands_upright(painting: Image.Image, tmp_path: Path) -> None:
    """The camera's note in the file is heeded."""
    exif = Image.Exif()
    exif[0x0112] = 6
    painting.save(tmp_path / "turned.jpg", exif=exif)
    assert open_painting(tmp_path / "turned.jpg").size == (80, 120)


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
    """Said before a picture is opened."""
    with pytest.raises(TrainingError, match=r"painting|strokes"):
        Preparation(**wish)  # type: ignore[arg-type]


def test_sizes_that_cannot_be_used_are_sentences(painting: Image.Image, tmp_path: Path) -> None:
    """Too small to show strokes, too large for the memory, a strip, a file that is no picture."""
    with pytest.raises(TrainingError, match="32 to 4096"):
        prepare(painting, Preparation(scale=0.1), 64)
    with pytest.raises(TrainingError, match="32 to 4096"):
        prepare(painting, Preparation(scale=10), 4096)
    with pytest.raises(TrainingError, match="too narrow"):
        prepare(painting, Preparation(crop=(0, 0, 1, 0.01)), 400)
    (tmp_path / "x.png").write_bytes(b"no")
    with pytest.raises(TrainingError, match="is not an image that stylecam reads"):
        open_painting(tmp_path / "x.png")
