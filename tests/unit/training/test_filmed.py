"""Filmed photos: two frames of a camera that stands still, while things pass before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from stylecam.media.images import read_image
from stylecam.training.data import filmed
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.data.filmed import CODECS, filmed_batch, filmed_pair
from tests.unit.training.small_material import write_images

PHOTOS = Path(__file__).parents[3] / "assets" / "photos"


def _photo(name: str, side: int = 96) -> np.ndarray:
    return np.asarray(read_image(PHOTOS / name).flat_srgb().convert("RGB").resize((side, side)), np.uint8)


@pytest.mark.parametrize("codec", CODECS)
def test_what_stands_still_hardly_changes_and_what_passes_does(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through every codec: frames of the photo's size that show it, a little changed where it is still and much where things pass."""
    monkeypatch.setattr(filmed, "CODECS", {codec: 1.0})
    photo, other = _photo("astronaut.jpg"), _photo("chelsea.jpg")
    still_changes, passing_changes, unlike, covered = [], [], [], []
    for seed in range(6):
        pair = filmed_pair(photo, other, np.random.default_rng(seed))
        assert pair.before.shape == pair.after.shape == photo.shape
        change = np.abs(pair.after.astype(int) - pair.before).mean(2)
        still_changes.append(change[pair.still].mean())
        unlike.append(np.abs(pair.after.astype(int) - photo).mean(2)[pair.still].mean())
        covered.append(1 - pair.still.mean())
        if not pair.still.all():
            passing_changes.append(change[~pair.still].mean())
    assert 0 < np.median(still_changes) < 4
    assert np.median(unlike) < 12
    assert max(covered) < 0.6
    assert np.median(passing_changes) > 3 * np.median(still_changes)


def test_a_side_may_be_odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Video codecs want even ones; the frames are as large as the photo all the same."""
    monkeypatch.setattr(filmed, "CODECS", {"libx264": 1.0})
    pair = filmed_pair(_photo("astronaut.jpg", 45), _photo("chelsea.jpg", 45), np.random.default_rng(1))
    assert pair.before.shape == (45, 45, 3)


def test_a_batch_is_repeatable_and_shows_the_samples(tmp_path: Path) -> None:
    """Sample for sample the photos that `PhotoFolder` gives, each twice, and a mask of zeros and ones."""
    write_images(tmp_path / "photos", "photo", 4)
    photos = PhotoFolder(tmp_path / "photos", 64, seed=3)
    batch = filmed_batch(photos, 5, 3)
    assert batch.shape == (3, 7, 64, 64)
    assert torch.equal(batch[1:], filmed_batch(photos, 6, 2))
    still = batch[:, 6:]
    assert set(still.unique().tolist()) <= {0.0, 1.0}
    unlike = ((batch[:, :3] - photos.batch(5, 3)).abs() * still).mean((1, 2, 3))
    assert unlike.max() < 0.08
