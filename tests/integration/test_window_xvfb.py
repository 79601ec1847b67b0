"""The real window on a real (virtual) X screen: what the offscreen platform hides, such as OpenCV's own Qt plugins."""

from __future__ import annotations

import json
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
    """With the xcb platform and OpenCV imported, the window paints moving pictures, saves its screenshot and numbers, and quits."""
    picture, stats = tmp_path / "window.png", tmp_path / "stats.json"
    wishes = ["--source", "pattern", "--mix", "the_scream=1", "--size", "320", "--frames", "4"]
    wishes += ["--screenshot", str(picture), "--stats", str(stats), "--trace", "--moves", "1"]
    done = stylecam(*wishes, QT_QPA_PLATFORM="xcb", PYTHONPATH=str(repository))
    assert done.returncode == 0, done.stderr
    with Image.open(picture) as screenshot:
        assert screenshot.size[0] >= 1000
        middle = np.asarray(screenshot.convert("RGB").crop((150, 100, 700, 600)))
    assert middle.std() > 20, "the preview is empty"
    numbers = json.loads(stats.read_text())
    assert numbers["frames_shown"] >= 4
    assert numbers["events"]["rendered"] >= 4
    assert numbers["size"] == [320, 240]
    assert numbers["problem"] == ""
    trace = numbers["trace"]
    assert trace["begun_ns"] < trace["window_ns"] < trace["first_painted_ns"] == trace["painted"][0][1]
    assert len(trace["control_ms"]) == 1


def test_without_a_camera_the_demo_clip_is_shown(tmp_path: Path, repository: Path) -> None:
    """The main job can be checked on a machine without a camera: nothing is named, and something is painted."""
    done = stylecam("--screenshot", str(tmp_path / "window.png"), "--stats", str(tmp_path / "stats.json"), PYTHONPATH=str(repository))
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "stats.json").read_text())["source"]


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
