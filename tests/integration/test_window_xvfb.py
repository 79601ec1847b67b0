"""The real window on a real (virtual) X screen: what the offscreen platform hides, such as OpenCV's own Qt plugins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("xvfb-run") and sys.platform == "linux"), reason="needs xvfb-run (Debian: apt install xvfb xauth)"
    ),
]


def stylecam(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program on its own virtual screen."""
    env = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    command = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", sys.executable, "-m", "stylecam", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=env | environment, check=False)


def test_the_window_paints_on_an_x_screen(tmp_path: Path, repository: Path) -> None:
    """With the xcb platform and OpenCV imported, the window opens, paints the portrait that ships, saves its screenshot and quits."""
    done = stylecam(
        "--screenshot", str(tmp_path / "window.png"), "--mix", "the_scream=1", QT_QPA_PLATFORM="xcb", PYTHONPATH=str(repository)
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "window.png") as screenshot:
        assert screenshot.size[0] >= 1000
        middle = np.asarray(screenshot.convert("RGB").crop((150, 100, 700, 600)))
    assert middle.std() > 20, "the preview is empty"


def test_an_unknown_style_is_said_before_a_window_opens(tmp_path: Path, repository: Path) -> None:
    """A slip in --mix is one sentence and exit code 2, and no screenshot."""
    done = stylecam("--screenshot", str(tmp_path / "window.png"), "--mix", "the_skream=1", PYTHONPATH=str(repository))
    assert done.returncode == 2
    assert "Did you mean the_scream" in done.stderr
    assert not (tmp_path / "window.png").exists()


def test_without_a_screen_it_says_what_to_do(repository: Path) -> None:
    """No display: one sentence that names two ways out, and exit code 2."""
    env = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "stylecam"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=env | {"PYTHONPATH": str(repository)}, cwd="/", check=False
    )
    assert done.returncode == 2
    assert "xvfb-run" in done.stderr
    assert "stylecam still" in done.stderr
    assert "Traceback" not in done.stderr
