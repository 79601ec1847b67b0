"""The row that gives back the photo is learned without touching a style."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.cli import main
from stylecam.errors import TrainingError
from stylecam.net.module import TransformNet
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack
from stylecam.training.data.dataset import load_image
from stylecam.training.tasks.identity import IdentityConfig, fit_identity, with_identity_row
from tests.fakes import tiny_pack

QUICK = IdentityConfig(steps=40, batch=2, size_px=32, report_every=20)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four smooth photos."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for i in range(4):
        small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(tmp_path / "photos" / f"{i}.png")
    return tmp_path / "photos"


@torch.no_grad()
def decibels(pack: StylePack, photo: torch.Tensor) -> float:
    """Return how well the identity row gives back a photo (3, H, W)."""
    weights = torch.zeros(1, pack.config.rows)
    weights[:, -1] = 1
    error = (TransformNet.from_tensors(pack.config, pack.tensors)(photo[None], weights) - photo).pow(2).mean().item()
    return -10 * math.log10(error)


@pytest.mark.parametrize("identity", [True, False])
def test_the_photo_comes_back_better_and_no_style_changes(photos: Path, tmp_path: Path, identity: bool) -> None:
    """After forty steps the photo is given back by decibels better; every style's numbers and the trunk are bit for bit the same."""
    pack = tiny_pack(identity=identity)
    photo = load_image(photos / "0.png", 32)
    reports = list(fit_identity(pack, photos, tmp_path / "pack", QUICK))
    assert [report.step for report in reports] == [20, 40]
    fitted = load_pack(tmp_path / "pack")
    assert decibels(fitted, photo) > decibels(with_identity_row(pack), photo) + 1
    assert (fitted.config.identity, fitted.trunk, fitted.style_ids) == (True, pack.trunk, pack.style_ids)
    np.testing.assert_array_equal(fitted.rows[:3], pack.rows[:3])
    assert fitted.recipe["stages"][-1]["fitted"] == "identity row"


def test_an_unusable_photo_is_skipped(photos: Path, tmp_path: Path) -> None:
    """A broken file among the photos spoils nothing."""
    (photos / "a.jpg").write_bytes(b"not a photo")
    list(fit_identity(tiny_pack(identity=True), photos, tmp_path / "pack", QUICK))
    assert np.isfinite(load_pack(tmp_path / "pack").rows).all()


def test_senseless_settings_are_sentences() -> None:
    """Zero steps would write a pack that was not fitted."""
    with pytest.raises(TrainingError, match="steps of at least 1"):
        IdentityConfig(steps=0)


def test_from_the_command_line(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`train identity` writes a pack, and does not overwrite one unasked."""
    save_pack(tiny_pack(), tmp_path / "before")
    command = ["train", "identity", str(tmp_path / "before"), "--photos", str(photos), "-o", str(tmp_path / "after"), "--steps", "1"]
    assert main(command) == 0
    assert f"wrote {tmp_path / 'after'}" in capsys.readouterr().out
    assert load_pack(tmp_path / "after").config.identity
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err
