"""Frames of a source become photos to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.capture.test_pattern import TestPattern
from stylecam.capture.video_file import VideoFile
from stylecam.cli import main
from stylecam.errors import OutputError, UsageError
from stylecam.training.data.collect import collect
from stylecam.training.data.dataset import PhotoFolder
from tests.unit.capture.clips import plain, write_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds, ever brighter."""
    return write_clip(tmp_path / "clip.mp4", [plain((4 * i, 4 * i, 4 * i)) for i in range(60)])


def test_frames_are_as_far_apart_as_asked(clip: Path, tmp_path: Path) -> None:
    """A clip of two seconds gives four frames half a second apart, and then ends although ten were asked for."""
    reports = list(collect(VideoFile(clip), tmp_path / "photos", 10, 0.5))
    assert [Path(report.files["photo"]).name for report in reports] == [f"frame-00000{i}.jpg" for i in (1, 2, 3, 4)]
    levels = [np.asarray(Image.open(report.files["photo"])).mean() for report in reports]
    np.testing.assert_allclose(np.diff(levels), 60, atol=6)


def test_a_live_source_fills_the_folder_and_adds_to_it(tmp_path: Path) -> None:
    """Exactly as many as asked; a second round goes on counting and overwrites nothing; the trainer can read them."""
    for _ in range(2):
        assert len(list(collect(TestPattern(64, 48, 200), tmp_path / "photos", 3, 0))) == 3
    assert len(PhotoFolder(tmp_path / "photos", 32, 0)) == 6
    assert PhotoFolder(tmp_path / "photos", 32, 0).sample(0).shape == (3, 32, 32)


def test_stopping_keeps_what_was_saved(tmp_path: Path) -> None:
    """Closed after the second frame, the folder holds two whole files and nothing half."""
    reports = collect(TestPattern(64, 48, 200), tmp_path / "photos", 100, 0)
    next(reports), next(reports)
    reports.close()
    assert sorted(path.name for path in (tmp_path / "photos").iterdir()) == ["frame-000001.jpg", "frame-000002.jpg"]


def test_slips_are_sentences(tmp_path: Path) -> None:
    """No frames asked for, or a file where the folder should be."""
    with pytest.raises(UsageError, match="count of at least 1"):
        next(collect(TestPattern(64, 48), tmp_path, 0, 1))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        next(collect(TestPattern(64, 48), tmp_path / "file", 1, 1))


def test_from_the_command_line(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`train collect` says each file, and that the source ended early."""
    command = ["train", "collect", "--source", str(clip), "-n", "9", "--every", "1", "-o", str(tmp_path / "photos")]
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "the source ended after 2 frames"
