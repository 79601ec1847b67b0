"""Photos come as a camera would deliver them, the same for the same number, and never empty."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.errors import TrainingError
from stylecam.training.data.augment import augment, to_array
from stylecam.training.data.clips import random_frame
from stylecam.training.data.dataset import PhotoFolder, center_crop, load_image
from stylecam.training.data.sampling import style_order, style_weights
from stylecam.training.data.style_images import read_style_images
from tests.unit.capture.clips import write_clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos, one in a subfolder, and a file that is none."""
    rng = np.random.default_rng(0)
    for name in ("a.jpg", "b.png", "deep/c.JPG"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (50, 70, 3), np.uint8)).save(path)
    (tmp_path / "notes.txt").write_text("no photo")
    return tmp_path


def test_samples_are_reproducible_and_varied(folder: Path) -> None:
    """A sample is decided by seed and number alone, so a resumed run sees the same images; other numbers give other images."""
    photos = PhotoFolder(folder, 32, seed=1)
    again = PhotoFolder(folder, 32, seed=1)
    assert len(photos) == 3
    assert torch.equal(photos.sample(5), again.sample(5))
    assert not torch.equal(photos.sample(5), photos.sample(6))
    assert not torch.equal(photos.sample(5), PhotoFolder(folder, 32, seed=2).sample(5))


def test_samples_are_rgb_in_range_and_never_exactly_flat(folder: Path) -> None:
    """Among 300 samples some are flat frames; every one is in [0, 1] and has noise, for a zero variance explodes the gradient."""
    photos = PhotoFolder(folder, 32, seed=0)
    flat = 0
    for i in range(300):
        sample = photos.sample(i)
        assert sample.shape == (3, 32, 32)
        assert sample.dtype == torch.float32
        assert sample.min() >= 0
        assert sample.max() <= 1
        assert sample.std() > 1e-4
        flat += bool(sample.std(dim=(1, 2)).max() < 0.06)
    assert 1 <= flat <= 45  # these photos are noise, and a blurred one counts as flat here


def test_four_photos_in_one_are_each_half_as_large(folder: Path) -> None:
    """Each quarter is a photo of its own: these photos are of one colour each, and most samples show several."""
    for name, color in {"a.jpg": (255, 0, 0), "b.png": (0, 255, 0), "deep/c.JPG": (0, 0, 255)}.items():
        Image.new("RGB", (50, 70), color).save(folder / name)
    photos = PhotoFolder(folder, 32, seed=0, four_share=1.0)
    several = 0
    for i in range(20):
        sample = photos.sample(i)
        assert sample.shape == (3, 32, 32)
        quarters = [sample[:, y : y + 16, x : x + 16] for y in (0, 16) for x in (0, 16)]
        assert max(float(quarter.std(dim=(1, 2)).max()) for quarter in quarters) < 0.15
        several += len({int(quarter.mean((1, 2)).argmax()) for quarter in quarters}) > 1
    assert several > 12
    assert PhotoFolder(folder, 33, seed=0, four_share=1.0).sample(1).shape == (3, 33, 33)


def test_a_batch_is_its_samples(folder: Path) -> None:
    """Samples first … first + count - 1, stacked."""
    photos = PhotoFolder(folder, 32, seed=0)
    batch = photos.batch(7, 3)
    assert torch.equal(batch[2], photos.sample(9))
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_one_broken_photo_is_passed_over(folder: Path) -> None:
    """A truncated file among good ones does not stop a night's training."""
    (folder / "a.jpg").write_bytes((folder / "a.jpg").read_bytes()[:200])
    photos = PhotoFolder(folder, 32, seed=0)
    for i in range(20):
        photos.sample(i)


def test_nothing_but_broken_photos_is_a_sentence(tmp_path: Path) -> None:
    """Ten unreadable files in a row end the run with what to check."""
    (tmp_path / "bad.jpg").write_bytes(b"not a photo")
    photos = PhotoFolder(tmp_path, 32, seed=3)
    with pytest.raises(TrainingError, match="cannot be read"):
        photos.batch(0, 5)


def test_missing_and_empty_folders_are_sentences(tmp_path: Path) -> None:
    """Both say what to do."""
    with pytest.raises(TrainingError, match="no folder"):
        PhotoFolder(tmp_path / "missing", 32, 0)
    with pytest.raises(TrainingError, match="holds no photos"):
        PhotoFolder(tmp_path, 32, 0)


def test_every_style_is_seen_equally_often() -> None:
    """Orders are permutations one after the other, whatever the batch size, and start anywhere."""
    whole = style_order(5, 3, 0, 25)
    for epoch in range(5):
        assert sorted(whole[5 * epoch : 5 * epoch + 5]) == list(range(5))
    assert whole[:5] != whole[5:10] or whole[5:10] != whole[10:15]
    assert style_order(5, 3, 7, 4) == whole[7:11]
    assert style_order(5, 4, 0, 25) != whole


def test_images_are_read_at_a_short_side(folder: Path) -> None:
    """The short side gets the asked size, the aspect is kept, and the middle can be cut out."""
    image = load_image(folder / "a.jpg", 100)
    assert image.shape == (3, 100, 140)
    assert torch.equal(center_crop(image, 60), image[:, 20:80, 40:100])
    with pytest.raises(TrainingError, match="is not an image"):
        load_image(folder / "notes.txt", 100)


def test_photos_of_phones_are_in_display_orientation(tmp_path: Path) -> None:
    """A photo and a style image that lie on their side, with a note in EXIF, are rotated before training."""
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:15, :, 0], pixels[15:, :, 2] = 250, 250  # stored: red above blue
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: blue on the left, red on the right
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    style = load_image(tmp_path / "a.png", 30)
    assert style.shape == (3, 40, 30)
    assert style[2, :, :10].min() > 0.9
    assert style[0, :, -10:].min() > 0.9
    samples = [sample for sample in (PhotoFolder(tmp_path, 32, seed=0).sample(i) for i in range(40)) if sample.std() > 0.2]
    differences = [sample[0] - sample[2] for sample in samples]
    across = [bool(each.diff(dim=-1).abs().sum() > each.diff(dim=-2).abs().sum()) for each in differences]
    assert len(samples) > 20
    assert np.mean(across) > 0.9  # colours change from left to right
    thumbnail = np.asarray(Image.open(io.BytesIO(read_style_images(tmp_path / "a.png", 64)[0].info.thumbnail)))
    assert thumbnail[64, 20, 2] > 200
    assert thumbnail[64, 108, 0] > 200


def _clip(path: Path, count: int = 40) -> Path:
    """Write a clip whose red rises from frame to frame."""
    y, x = np.mgrid[0:48, 0:64]
    images = [np.stack([np.full((48, 64), 6 * i), x * 3, y * 4], axis=-1).astype(np.uint8) for i in range(count)]
    return write_clip(path, images)


def test_clips_give_frames_of_all_their_length(tmp_path: Path) -> None:
    """A folder with a clip alone trains; its samples come from many places, and the same number gives the same frame."""
    _clip(tmp_path / "clip.mp4")
    photos = PhotoFolder(tmp_path, 32, seed=0)
    assert len(photos) == 1
    assert torch.equal(photos.sample(3), PhotoFolder(tmp_path, 32, seed=0).sample(3))
    reds = {np.asarray(random_frame(tmp_path / "clip.mp4", np.random.default_rng(i)))[..., 0].mean().round() for i in range(20)}
    assert len(reds) > 8
    assert min(reds) < 60


def test_a_clip_among_photos_counts_as_fifty(folder: Path) -> None:
    """A video beside three photos is drawn most of the time, for it has more to show; its frames are the smooth ones here."""
    _clip(folder / "clip.mp4")
    photos = PhotoFolder(folder, 32, seed=0)
    smooth = [bool((s[:, :, 1:] - s[:, :, :-1]).abs().mean() < 0.1) for s in (photos.sample(i) for i in range(40))]
    assert sum(smooth) > 30


def test_a_broken_clip_is_passed_over(folder: Path) -> None:
    """Half a download among good photos does not stop the run."""
    (folder / "clip.mp4").write_bytes(_clip(folder / "whole.mp4").read_bytes()[:400])
    (folder / "whole.mp4").unlink()
    photos = PhotoFolder(folder, 32, seed=0)
    for i in range(20):
        assert photos.sample(i).shape == (3, 32, 32)


def test_augmentations_are_mild_and_leave_contrast() -> None:
    """Blur, light, noise and compression together keep a photo recognisable; an exactly flat one never stays so."""
    y, x = np.mgrid[0:48, 0:48]
    photo = np.stack([x * 5, y * 5, 240 - x * 5], axis=-1).astype(np.uint8)
    seen = []
    for i in range(200):
        result = augment(Image.fromarray(photo), np.random.default_rng(i))
        assert result.shape == (3, 48, 48)
        assert result.dtype == np.float32
        assert 0 <= result.min() <= result.max() <= 1
        assert np.corrcoef(result.ravel(), to_array(Image.fromarray(photo)).ravel())[0, 1] > 0.8
        seen.append(result)
    assert len({r.tobytes() for r in seen}) > 100
    for i in range(50):
        assert augment(Image.new("RGB", (32, 32)), np.random.default_rng(i)).std() > 1e-3


def test_a_tenth_of_the_images_mix_two_styles() -> None:
    """Weights are convex, rows come in turn, mixes never hold the identity row, and the same step gives the same weights."""
    weights = torch.cat([style_weights(4, 3, 0, step, 4, 0.1) for step in range(500)])
    assert torch.equal(weights[:4], style_weights(4, 3, 0, 0, 4, 0.1))
    torch.testing.assert_close(weights.sum(1), torch.ones(2000))
    assert weights.min() >= 0
    mixed = (weights > 0).sum(1) == 2
    assert 0.05 < mixed.float().mean() < 0.1  # a quarter of the images are of the identity row
    assert weights[mixed][:, 3].max() == 0
    assert (weights[:, 3] == 1).sum() == 500
    assert (style_weights(4, 3, 0, 7, 4, 0.0) > 0).sum() == 4
    assert (style_weights(1, 1, 0, 0, 2, 1.0) == 1).all()  # a single style has none to mix with
