"""The yardstick ranks pictures as a person would in clear cases, and its page shows every style."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.app.paths import shipped
from stylecam.bench import quality
from stylecam.bench.quality import QualityReport, measure_quality, photo_paths
from stylecam.bench.sheet import CELL_PX, GAP_PX, LABEL_PX, contact_sheet
from stylecam.cli import main
from stylecam.errors import InputError
from stylecam.packs.pack import StylePack
from tests.fakes import FakeEngine, tiny_pack

VGG = shipped("weights", "vgg16", "vgg16_features_fp16.safetensors")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pictures, so that the loss network takes no time."""
    monkeypatch.setattr(quality, "SIZE_PX", 48)
    monkeypatch.setattr(quality, "STYLE_SIZE_PX", 48)


@pytest.fixture
def paintings(tmp_path: Path) -> Path:
    """One picture of blotches per style of the tiny pack."""
    folder = tmp_path / "paintings"
    folder.mkdir()
    for seed, style in enumerate(tiny_pack().style_ids):
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC).save(folder / f"{style}.png")
    return folder


def measure(pack: StylePack, photos: list[Path], paintings: Path) -> QualityReport:
    """Run to the end and return the report."""
    *_, report = measure_quality(pack, photos, paintings, VGG)
    assert isinstance(report, QualityReport)
    return report


@pytest.mark.usefixtures("small")
def test_every_style_is_judged_on_every_photo(paintings: Path) -> None:
    """The objective is content + 3 x style; layers add up to the style loss; means and medians are over the styles."""
    photos = photo_paths(shipped("assets", "photos"))[:2]
    report = measure(tiny_pack(), photos, paintings)
    assert [style.id for style in report.styles] == list(tiny_pack().style_ids)
    for style in report.styles:
        assert style.objective == pytest.approx(style.content + 3 * style.style, rel=1e-5)
        assert sum(style.style_layers) == pytest.approx(style.style, rel=1e-4)
        assert style.nearest_painting_rate in (0, 0.5, 1)
    data = json.loads(json.dumps(report.to_json()))
    assert data["photos"] == 2
    assert data["median"]["content"] == pytest.approx(sorted(s.content for s in report.styles)[1], abs=1e-4)
    assert data["mean"]["style"] == pytest.approx(sum(s.style for s in report.styles) / 3, abs=1e-4)


@pytest.mark.usefixtures("small")
def test_two_equal_styles_are_found_out(paintings: Path) -> None:
    """A pack whose first two rows are the same has a closest pair at distance zero: merged styles cannot hide."""
    pack = tiny_pack()
    tensors = {name: value.copy() for name, value in pack.tensors.items()}
    for name, value in tensors.items():
        if ".norm." in name:
            value[1] = value[0]
    report = measure(replace(pack, tensors=tensors), photo_paths(shipped("assets", "photos"))[:1], paintings)
    assert set(report.closest_pair[:2]) == set(pack.style_ids[:2])
    assert report.closest_pair[2] == 0
    assert measure(pack, photo_paths(shipped("assets", "photos"))[:1], paintings).closest_pair[2] > 0


def test_a_folder_without_photos_is_a_sentence(tmp_path: Path) -> None:
    """It says which folder, and which option names another."""
    with pytest.raises(InputError, match="--photos"):
        photo_paths(tmp_path)


def test_the_sheet_has_a_cell_for_every_style_and_photo() -> None:
    """Painting and photos under each other, in every style's column."""
    pack = tiny_pack()
    photos = photo_paths(shipped("assets", "photos"))[:2]
    sheet = contact_sheet(pack, FakeEngine(pack.config), photos)
    assert sheet.width > len(pack.styles) * CELL_PX
    assert sheet.height > 3 * CELL_PX
    for number in range(len(pack.styles)):
        left = GAP_PX + number * (CELL_PX + GAP_PX)
        for row in (1, 2):
            top = GAP_PX + LABEL_PX + row * (CELL_PX + 2)
            assert np.asarray(sheet.crop((left, top, left + CELL_PX, top + CELL_PX))).std() > 10


def test_an_existing_report_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command checks its targets before minutes of work."""
    (tmp_path / "q.json").write_text("precious")
    assert main(["bench", "quality", "--json", str(tmp_path / "q.json")]) == 5
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "q.json").read_text() == "precious"
