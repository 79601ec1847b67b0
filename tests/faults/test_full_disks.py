"""A disk that is truly full: what is written is there whole or not at all, what was there stays, and the sentence says why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stylecam.app import settings as settings_file
from stylecam.app.settings import Settings
from stylecam.cli import main
from stylecam.errors import OutputError
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
from stylecam.outputs.snapshot import save_snapshot
from stylecam.packs.library import PackLibrary
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import frame, read_clip

pytestmark = pytest.mark.faults

NOISE = np.random.default_rng(0).integers(0, 255, (256, 256, 3), np.uint8)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all space but so many bytes."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - leave))
    return ballast


def test_a_snapshot(small_disk: Path) -> None:
    """Refused with a sentence, nothing left; once there is space it is saved."""
    ballast = fill(small_disk, 60_000)
    with pytest.raises(OutputError, match="cannot be written: the disk is full"):
        save_snapshot(NOISE, small_disk)
    assert [entry.name for entry in small_disk.iterdir()] == ["ballast"]
    ballast.unlink()
    assert save_snapshot(NOISE, small_disk).stat().st_size > 100_000


def test_settings(small_disk: Path) -> None:
    """The old ones stay, to the byte, and closing goes on with a sentence."""
    assert settings_file.save(Settings(source="old"), small_disk) == ""
    before = (small_disk / settings_file.FILE_NAME).read_bytes()
    fill(small_disk)
    sentence = settings_file.save(Settings(source="new" * 5000), small_disk)
    assert sentence.startswith("The settings could not be saved: ")
    assert "the disk is full" in sentence
    assert (small_disk / settings_file.FILE_NAME).read_bytes() == before
    assert settings_file.load(small_disk)[0].source == "old"
    assert sorted(entry.name for entry in small_disk.iterdir()) == ["ballast", settings_file.FILE_NAME]


@pytest.mark.parametrize("name", ["mine", "mine.stylepack"])
def test_a_pack(small_disk: Path, name: str) -> None:
    """The old one stays and loads, as a folder and as one file."""
    save_pack(tiny_pack(seed=1), small_disk / name)
    fill(small_disk, 4096)
    with pytest.raises(OutputError, match="cannot be written"):
        save_pack(tiny_pack(seed=2), small_disk / name, force=True)
    assert PackLibrary([small_disk]).load("mine").trunk == tiny_pack(seed=1).trunk
    assert sorted(entry.name for entry in small_disk.iterdir()) == ["ballast", name]


@pytest.mark.slow
def test_a_checkpoint(small_disk: Path) -> None:
    """The one before stays, and can be resumed."""
    import torch

    from stylecam.training.checkpoint import load_checkpoint, save_checkpoint

    path = small_disk / "run" / "checkpoint.safetensors"
    save_checkpoint(path, {"weight": torch.zeros(1000)}, {"step": 1})
    fill(small_disk, 100_000)
    with pytest.raises(OutputError, match="cannot be written"):
        save_checkpoint(path, {"weight": torch.zeros(100_000)}, {"step": 2})
    assert load_checkpoint(path)[1] == {"step": 1}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.slow
def test_still_and_video(small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and the exit code of outputs; of an image nothing is left, of a clip what was stylized before."""
    save_snapshot(NOISE, tmp_path / "in", ())
    (photo,) = (tmp_path / "in").iterdir()
    clip = make_clip(tmp_path / "in.mp4", range(0, 8000, 40), size=(320, 240), sound=None)
    fill(small_disk, 60_000)
    assert main(["still", str(photo), "-o", str(small_disk / "out.png"), "--style", "starry_night=0"]) == OutputError.exit_code
    assert "the disk is full" in capsys.readouterr().err
    assert [entry.name for entry in small_disk.iterdir()] == ["ballast"]
    (small_disk / "ballast").unlink()
    fill(small_disk, 20_000)
    assert main(["video", str(clip), "-o", str(small_disk / "out.mp4"), "--style", "starry_night=0"]) == OutputError.exit_code
    assert "the disk is full" in capsys.readouterr().err
    assert not (small_disk / "out.mp4").exists()


@pytest.mark.slow
def test_the_folder_of_temporary_files(small_disk: Path, tmp_path: Path, repository: Path) -> None:
    """Full or missing, images and clips are stylized all the same: no command needs it, nor does the live network."""
    save_snapshot(NOISE, tmp_path / "in", ())
    (photo,) = (tmp_path / "in").iterdir()
    fill(small_disk)
    for number, folder in enumerate((small_disk, tmp_path / "missing")):
        environment = os.environ | {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
        words = ["still", str(photo), "-o", str(tmp_path / f"out{number}.png"), "--style", "starry_night", "--size", "64"]
        done = subprocess.run(
            [sys.executable, "-m", "stylecam", *words], cwd=repository, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"out{number}.png").is_file()


def test_a_folder_that_is_removed_while_recording(tmp_path: Path) -> None:
    """One sentence that says so; the next recording, elsewhere, is whole."""
    folder = tmp_path / "videos"
    folder.mkdir()
    recording = SinkThread(Recorder(folder / "a.mp4"), capacity=1000)
    for ms in range(0, 1000, 40):
        assert recording.put(frame(ms))
    while not list(folder.iterdir()):
        pass
    shutil.rmtree(folder)
    for ms in range(1000, 2000, 40):
        recording.put(frame(ms))
    assert recording.close(60)
    assert recording.problem == f"'{folder / 'a.mp4'}' is lost: its folder or its part was removed while it was written."
    another = SinkThread(Recorder(tmp_path / "b.mp4"), capacity=1000)
    for ms in range(0, 1000, 40):
        another.put(frame(ms))
    assert another.close(60)
    assert len(read_clip(tmp_path / "b.mp4").times) == 25
