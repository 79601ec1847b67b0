"""The yardstick ranks images as a person would in clear cases, and its page shows every style."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.bench.quality import measure as quality
from stylecam.bench.quality import sheet as sheets
from stylecam.bench.quality.measure import QualityReport, measure_quality, photo_paths
from stylecam.bench.quality.sheet import GAP_PX, contact_sheet, sheet_file
from stylecam.cli import main
from stylecam.core.paths import shipped
from stylecam.errors import InputError, UsageError
from stylecam.packs.pack import StylePack
from tests.fakes import FakeEngine, tiny_pack

VGG = shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small images, so that the loss network takes no time."""
    monkeypatch.setattr(quality, "SIZE_PX", 48)
    monkeypatch.setattr(quality, "STYLE_SIZE_PX", 48)


@pytest.fixture
def styles(tmp_path: Path) -> Path:
    """One image of blotches per style of the tiny pack."""
    folder = tmp_path / "paintings"
    folder.mkdir()
    for seed, style in enumerate(tiny_pack().style_ids):
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC).save(folder / f"{style}.png")
    return folder


def measure(pack: StylePack, photos: list[Path], styles: Path) -> QualityReport:
    """Run to the end and return the report."""
    *_, report = measure_quality(pack, photos, styles, VGG)
    assert isinstance(report, QualityReport)
    return report


@pytest.mark.usefixtures("small")
def test_every_style_is_judged_on_every_photo(styles: Path) -> None:
    """The classic objective is content + 3 x style; what was gained and which style image is nearest are shares; summaries add up."""
    photos = photo_paths(shipped("assets", "photos"))[:2]
    report = measure(tiny_pack(), photos, styles)
    assert [style.id for style in report.styles] == list(tiny_pack().style_ids)
    for style in report.styles:
        assert style.classic == pytest.approx(style.classic_content + 3 * style.classic_style, rel=1e-5)
        assert min(style.content, style.style_half, style.style_full, style.face_content) > 0
        assert style.style_gained < 1
        assert style.nearest_style_rate in (0, 0.5, 1)
    data = json.loads(json.dumps(report.to_json()))
    assert data["photos"] == 2
    assert data["median"]["content"] == pytest.approx(sorted(s.content for s in report.styles)[1], abs=1e-4)
    assert data["mean"]["style_half"] == pytest.approx(sum(s.style_half for s in report.styles) / 3, abs=1e-4)
    assert data["largest"]["style_full"] == pytest.approx(max(s.style_full for s in report.styles), abs=1e-4)


@pytest.mark.usefixtures("small")
def test_two_equal_styles_are_found_out(styles: Path) -> None:
    """A pack whose first two rows are the same has a closest pair at distance zero: merged styles cannot hide."""
    pack = tiny_pack()
    tensors = {name: value.copy() for name, value in pack.tensors.items()}
    tensors["styles"][1] = tensors["styles"][0]
    report = measure(replace(pack, tensors=tensors), photo_paths(shipped("assets", "photos"))[:1], styles)
    assert set(report.closest_pair[:2]) == set(pack.style_ids[:2])
    assert report.closest_pair[2] == 0
    assert measure(pack, photo_paths(shipped("assets", "photos"))[:1], styles).closest_pair[2] > 0


def test_a_folder_without_photos_is_a_sentence(tmp_path: Path) -> None:
    """It says which folder, and which option names another."""
    with pytest.raises(InputError, match="--photos"):
        photo_paths(tmp_path)


@pytest.mark.usefixtures("small")
def test_clipped_pixels_and_a_checkerboard_are_reported(styles: Path) -> None:
    """A style that drives its images to white clips far more than its style image; what a layer's stride leaves behind raises the comb."""
    pack = tiny_pack()
    tensors = {name: value.copy() for name, value in pack.tensors.items()}
    tensors["styles"][2, pack.config.graph().cins[-1].beta] += 20.0
    photos = photo_paths(shipped("assets", "photos"))[:2]
    report = measure(replace(pack, tensors=tensors), photos, styles)
    assert report.styles[2].clipped_excess > 0.5 > report.styles[0].clipped_excess
    assert report.to_json()["over_clipped"][-1] == pack.style_ids[2]
    assert report.styles[0].comb_power > 0
    assert 0 < report.styles[0].comb_power_style < 3


def cell(sheet: Image.Image, column: int, row: int, tile_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return the pixels of one tile."""
    left, top = (GAP_PX + number * (tile_px + GAP_PX) for number in (column, row))
    return np.asarray(sheet.crop((left, top, left + tile_px, top + tile_px)))


@pytest.mark.parametrize("tile_px", [60, 150])
def test_the_sheet_has_a_row_for_every_style(tile_px: int) -> None:
    """On top the photos; then in every row a name, the style image, and every photo stylized; tiles as large as asked for."""
    pack = tiny_pack()
    photos = photo_paths(shipped("assets", "photos"))[:2]
    sheet = contact_sheet(pack, FakeEngine(pack.config), photos, tile_px)
    assert sheet.size == (4 * (tile_px + GAP_PX) + GAP_PX, 4 * (tile_px + GAP_PX) + GAP_PX)
    for row in range(4):
        assert cell(sheet, 0, row, tile_px).max() > 200, "no label"
        for column in (2, 3):
            assert cell(sheet, column, row, tile_px).std() > 10
    photo, stylized = (cell(sheet, 2, row, tile_px).astype(int) for row in (0, 1))
    assert np.abs(photo - stylized).mean() > 20


@pytest.mark.parametrize("tile_px", [0, 20, 100_000])
def test_tiles_that_make_no_sheet_are_refused(tile_px: int) -> None:
    """A sentence that says which sizes do."""
    with pytest.raises(UsageError, match="give 40 to 512"):
        contact_sheet(tiny_pack(), FakeEngine(tiny_pack().config), [], tile_px)


def test_the_sheets_file_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The JPEG is made worse until it is under the limit, and refused if that does not help; a PNG may be large."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))
    fine = len(sheet_file(noise, ".jpg"))
    monkeypatch.setattr(sheets, "MAX_JPEG_BYTES", fine * 2 // 3)
    assert fine // 4 < len(sheet_file(noise, ".jpeg")) < fine * 2 // 3
    assert len(sheet_file(noise, ".PNG")) > fine
    monkeypatch.setattr(sheets, "MAX_JPEG_BYTES", 500)
    with pytest.raises(UsageError, match="smaller tiles"):
        sheet_file(noise, ".jpg")


def test_an_existing_report_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command checks its targets before minutes of work."""
    (tmp_path / "q.json").write_text("precious")
    assert main(["bench", "quality", "--json", str(tmp_path / "q.json")]) == 5
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "q.json").read_text() == "precious"
