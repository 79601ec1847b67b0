"""The whole yardstick by its command: figures per style, and a page that needs nothing from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.bench.quality import measure as quality
from stylecam.cli import main
from stylecam.cli.bench.flicker import usual_clips
from stylecam.packs import library
from tests.fakes import tiny_pack

#: What every style and the medians have.
COLUMNS = {
    *("content", "style_half", "style_full", "style_gained", "face_content", "classic", "nearest_style_rate", "flicker"),
    *("lbfgs_equivalents", "checker_excess", "border_ratio", "saturated", "clipped_excess", "comb_power", "comb_power_style"),
}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments for a tiny pack on two photos, in small."""
    monkeypatch.setattr(quality, "SIZE_PX", 48)
    monkeypatch.setattr(quality, "STYLE_SIZE_PX", 48)
    monkeypatch.setattr(library.PackLibrary, "load", lambda self, name: tiny_pack())
    for seed, name in enumerate(["photos/a", "photos/b", *(f"paintings/{style}" for style in tiny_pack().style_ids)]):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC).save(path)
    return ["bench", "quality", "--photos", f"{tmp_path}/photos", "--styles", f"{tmp_path}/paintings", "--json", f"{tmp_path}/q.json"]


def test_the_command_writes_figures_and_a_page(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every style has its columns; every image of the page exists, has an alternative text and a caption, and nothing is linked."""
    monkeypatch.setattr("stylecam.cli.bench.quality.usual_clips", lambda: usual_clips(64, 48, 3))
    command += ["--evaluations", "2", "--curves", str(tmp_path / "c"), "--html", str(tmp_path / "page"), "--against", "live32"]
    assert main(command) == 0
    data = json.loads((tmp_path / "q.json").read_text())
    assert [style["id"] for style in data["styles"]] == list(tiny_pack().style_ids)
    assert data["pairs"] == 6
    for style in [*data["styles"], data["median"]]:
        assert 0 < style["flicker"] < 10
        assert set(style) >= COLUMNS
    page = (tmp_path / "page" / "index.html").read_text()
    images = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page)
    assert len(images) == page.count("<img") == page.count("<figcaption>")
    assert page.count('class="pair"') == 6
    assert len(images) == 6 * 5  # style image, photo, other pack, this pack, L-BFGS
    assert page.count("<b>The other pack</b>") == 6
    assert len({alt for _, alt in images}) > 6
    assert page.count("one pass<br>objective") == 6
    assert "-0.0%" not in page
    assert 'name="viewport"' in page
    for name, _ in images:
        with Image.open(tmp_path / "page" / name) as file:
            file.load()
    assert "http" not in page
    assert "//" not in page
    assert main(command) == 5  # nothing is overwritten
    assert "--force" in capsys.readouterr().err


@pytest.mark.slow
def test_a_choice_of_styles_at_another_size(command: list[str], tmp_path: Path) -> None:
    """--only judges these styles, --size a larger square, and the page shows every image in its own pixels."""
    chosen = [*command, "--evaluations", "2", "--no-flicker", "--curves", str(tmp_path / "c"), "--html", str(tmp_path / "page")]
    assert main([*chosen, "--size", "56", "--only", "senecio"]) == 0
    data = json.loads((tmp_path / "q.json").read_text())
    assert [style["id"] for style in data["styles"]] == ["senecio"]
    assert data["pairs"] == 2
    for role in ("photo", "ours", "lbfgs"):
        with Image.open(tmp_path / "page" / f"senecio-0-{role}.png") as file:
            assert file.size == (56, 56)
    page = (tmp_path / "page" / "index.html").read_text()
    assert "width:100%;aspect-ratio" not in page
    assert "overflow-x:auto" in page


def test_without_references_the_faults_are_still_reported(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Clipped pixels and the regular pattern need no L-BFGS; what is not measured is no number; the sheet is small enough."""
    sheet = tmp_path / "sheet.jpg"
    assert main([*command, "--evaluations", "0", "--no-flicker", "--sheet", str(sheet), "--tile", "48"]) == 0
    data = json.loads((tmp_path / "q.json").read_text())
    for style in [*data["styles"], data["median"]]:
        assert style["flicker"] is None
        assert style["classic"] is None
        assert style["comb_power"] > 0
        assert style["comb_power_style"] > 0
        assert -1 <= style["clipped_excess"] <= 1
        assert "checker_excess" not in style
    out = capsys.readouterr().out
    assert "flicker" not in out
    assert ("beyond the style image's" in out) == bool(data["over_clipped"])
    with Image.open(sheet) as file:
        assert (file.format, file.width) == ("JPEG", 4 * 52 + 4)
    assert sheet.stat().st_size < 3_000_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--evaluations", "-1"), "-1"),
        (("--evaluations", "0", "--html", "x"), "--html"),
        (("--sheet", "no.jpg", "--tile", "9"), "Tiles of 9"),
        (("--size", "9"), "--size 9"),
    ],
)
def test_contradictions_are_refused(options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, at once."""
    assert main(["bench", "quality", *options]) == 2
    assert words in capsys.readouterr().err
