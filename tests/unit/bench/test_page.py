"""The whole yardstick by its command: figures per style, and a page that needs nothing from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.bench import quality
from stylecam.cli import main
from stylecam.packs import library
from tests.fakes import tiny_pack


def test_the_command_writes_figures_and_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every style has its columns; every picture of the page exists, has an alternative text, and nothing is linked from elsewhere."""
    monkeypatch.setattr(quality, "SIZE_PX", 48)
    monkeypatch.setattr(quality, "STYLE_SIZE_PX", 48)
    monkeypatch.setattr(library.PackLibrary, "load", lambda self, name: tiny_pack())
    for seed, name in enumerate(["photos/a", "photos/b", *(f"paintings/{style}" for style in tiny_pack().style_ids)]):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC).save(path)
    command = ["bench", "quality", "--photos", str(tmp_path / "photos"), "--styles", str(tmp_path / "paintings"), "--evaluations", "6"]
    command += ["--curves", str(tmp_path / "c"), "--json", str(tmp_path / "q.json"), "--html", str(tmp_path / "page")]
    assert main(command) == 0
    data = json.loads((tmp_path / "q.json").read_text())
    assert [style["id"] for style in data["styles"]] == list(tiny_pack().style_ids)
    assert data["pairs"] == 6
    for style in [*data["styles"], data["median"]]:
        assert style["flicker"] is None
        assert {"lbfgs_equivalents", "checker_excess", "border_ratio", "saturated", "objective"} <= set(style)
    page = (tmp_path / "page" / "index.html").read_text()
    images = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page)
    assert len(images) == page.count("<img") == 6 * 5
    for name, _ in images:
        with Image.open(tmp_path / "page" / name) as file:
            file.load()
    assert "http" not in page
    assert "//" not in page
    assert main(command) == 5  # nothing is overwritten
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "words"), [(("--evaluations", "-1"), "-1"), (("--evaluations", "0", "--html", "x"), "--html")])
def test_contradictions_are_refused(options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, at once."""
    assert main(["bench", "quality", *options]) == 2
    assert words in capsys.readouterr().err
