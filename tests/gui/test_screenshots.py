"""The screenshots that the guide shows are the window as it is: the same walk, by mouse and keys, gives them again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[2]
CELL, COLUMNS, COUNT = (400, 250), 4, 20
#: Photobooth: which styles it shows is drawn by chance.
VARIES = {19}
#: Of 255, on average, at 32×20 pixels a screenshot: letters, processors and machines differ, places and colours do not.
TOLERANCE = 8.0


def coarse(image: Image.Image) -> NDArray[np.float32]:
    """Return an image without its letters: (20, 32, 3)."""
    return np.asarray(image.convert("RGB").resize((32, 20), Image.Resampling.BOX), np.float32)


def cells(file: Path) -> list[NDArray[np.float32]]:
    """Return the screenshots of a sheet."""
    width, height = CELL
    with Image.open(file) as sheet:
        assert sheet.size == (COLUMNS * width, COUNT // COLUMNS * height)
        places = [(at % COLUMNS * width, at // COLUMNS * height) for at in range(COUNT)]
        return [coarse(sheet.crop((left, top, left + width, top + height))) for left, top in places]


@pytest.mark.slow
def test_the_kept_screenshots_are_the_window_as_it_is(tmp_path: Path) -> None:
    """Twenty tasks in the real window with the real engine: each looks as in docs/window_walk.jpg, and the first as in docs/window.jpg."""
    command = [sys.executable, str(ROOT / "scripts" / "screenshots.py"), str(tmp_path), "--size", "1280x800"]
    command += ["--source", str(ROOT / "assets" / "photos" / "kodim15.jpg"), "--sheet", str(tmp_path / "sheet.jpg")]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, check=True, timeout=900)
    kept, now = cells(ROOT / "docs" / "window_walk.jpg"), cells(tmp_path / "sheet.jpg")
    apart = {at: float(np.abs(kept[at] - now[at]).mean()) for at in range(COUNT) if at not in VARIES}
    assert {at: value for at, value in apart.items() if value > TOLERANCE} == {}, "made again, as scripts/screenshots.py says?"
    with Image.open(ROOT / "docs" / "window.jpg") as first, Image.open(tmp_path / "02 started.png") as started:
        assert np.abs(coarse(first) - coarse(started)).mean() < TOLERANCE
    assert np.abs(kept[2] - kept[8]).mean() > TOLERANCE, "an empty rack would be seen"
