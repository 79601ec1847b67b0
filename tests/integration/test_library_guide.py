"""docs/library.md and the scripts in examples/ do what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.fakes import gradient
from tests.unit.capture.clips import write_clip

SNIPPET = re.compile(r"```python\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a photo and a clip, both small."""
    Image.fromarray(gradient(48, 64)).save(tmp_path / "photo.jpg")
    write_clip(tmp_path / "clip.mp4", [gradient(48, 64)] * 3)
    return tmp_path


def _python(repository: Path, folder: Path, *arguments: str) -> str:
    """Run Python in the folder, as a stranger would; return what it prints. A warning ends it."""
    env = os.environ | {"PYTHONPATH": str(repository), "PYTHONWARNINGS": "error"}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def _image(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.slow
def test_every_snippet_of_the_guide_runs(repository: Path, folder: Path) -> None:
    """One after the other, as one program; each file that the text names is there afterwards."""
    guide = (repository / "docs" / "library.md").read_text()
    snippets = SNIPPET.findall(guide)
    assert len(snippets) >= 8
    told = _python(repository, folder, "-c", "\n".join(snippets))
    assert "Starry Night" in told
    assert "3 frames in negative.mp4" in told
    written = set(re.findall(r'"(\w+\.(?:png|mp4|stylepack))"', "".join(snippets)))
    assert len(written) >= 6
    for name in written:
        assert (folder / name).stat().st_size > 0
    assert np.abs(_image(folder / "stylized.png") - gradient(48, 64)).mean() > 10


def test_every_command_of_the_guide_runs(repository: Path, folder: Path) -> None:
    """Each ends well and writes its file."""
    commands = "".join(COMMANDS.findall((repository / "docs" / "library.md").read_text())).splitlines()
    assert len(commands) >= 2
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "stylecam"
        _python(repository, folder, "-m", program, *arguments)
        assert (folder / arguments[-1]).stat().st_size > 0


def test_mix_walk(repository: Path, folder: Path) -> None:
    """The strip begins with the first style and ends with the last, and each step is nearer to the last one than the one before."""
    script = str(repository / "examples" / "mix_walk.py")
    _python(repository, folder, script, "photo.jpg", "strip.png", "--steps", "3", "--height", "48")
    first, middle, last = np.split(_image(folder / "strip.png"), 3, axis=1)
    assert first.shape == (48, 64, 3)
    assert np.abs(first - last).mean() > 10
    assert np.abs(middle - last).mean() < np.abs(first - last).mean()


@pytest.mark.slow
def test_custom_effect(repository: Path, folder: Path) -> None:
    """Run as `stylecam`, the script has an option of its own beside all others, which changes the image."""
    script = str(repository / "examples" / "custom_effect.py")
    for name, amount in (("flat.png", "0"), ("relief.png", "1")):
        _python(repository, folder, script, "still", "photo.jpg", "-o", name, "--style", "senecio", "--relief", amount)
    assert np.abs(_image(folder / "flat.png") - _image(folder / "relief.png")).mean() > 3


@pytest.mark.slow
def test_style_arithmetic(repository: Path, folder: Path) -> None:
    """Five images side by side, the photo first; the sum is none of its parts."""
    script = str(repository / "examples" / "style_arithmetic.py")
    _python(repository, folder, script, "photo.jpg", "sum.png", "--height", "48")
    parts = np.split(_image(folder / "sum.png"), 5, axis=1)
    assert np.abs(parts[0] - gradient(48, 64)).mean() < 10  # but for what JPEG makes of it
    assert all(np.abs(parts[-1] - part).mean() > 5 for part in parts[:-1])
