"""`kill -9` at random moments while a file is replaced again and again: afterwards the old one or the new one is there, whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stylecam.app import settings as settings_file
from stylecam.core.atomic_io import write_folder
from stylecam.packs.library import PackLibrary
from stylecam.packs.store import save_pack
from stylecam.training.checkpoint import load_checkpoint
from stylecam.training.config import CHECKPOINT
from tests.fakes import tiny_pack
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import read_clip
from tests.unit.training.small_material import write_images, write_loss_network

pytestmark = [pytest.mark.faults, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]

SAVES_SETTINGS = """
import sys
from pathlib import Path
from stylecam.app.settings import Settings, save
number = 0
while True:
    number += 1
    assert save(Settings(source=f"clip {number}" * 2000, mix={"senecio": number % 2}), Path(sys.argv[1])) == ""
    print(number, flush=True)
"""

REPLACES_PACKS = """
import sys
from pathlib import Path
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack
packs, number = (tiny_pack(seed=1), tiny_pack(seed=2)), 0
while True:
    number += 1
    save_pack(packs[number % 2], Path(sys.argv[1]), force=True)
    print(number, flush=True)
"""


#: The program, but it saves five times a second.
TRAINS = """
import sys
from stylecam.cli import main
from stylecam.training.tasks import add_style_config
pace = add_style_config.Pace
add_style_config.Pace = lambda **words: pace(**{**words, "save_s": 0.2, "report_s": 0.0})
sys.exit(main(sys.argv[1:]))
"""


def killed(script: str, argument: Path, repository: Path, lucky: random.Random) -> None:
    """Run a script, and kill it at a random moment after it did its work once."""
    with subprocess.Popen([sys.executable, "-c", script, str(argument)], cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(lucky.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL


def debris(folder: Path) -> list[Path]:
    """Return what a kill left behind, made two hours old."""
    found = [entry for entry in folder.iterdir() if entry.name.startswith(".stylecam-")]
    for entry in found:
        os.utime(entry, (time.time() - 7200,) * 2)
    return found


@pytest.mark.parametrize("times", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_killed_while_settings_are_saved(tmp_path: Path, repository: Path, times: int) -> None:
    """The settings load without a word, with all that belongs to one save; what the kill left half-written goes at a later start."""
    lucky = random.Random(times)
    for _ in range(times):
        killed(SAVES_SETTINGS, tmp_path, repository, lucky)
        settings, notice = settings_file.load(tmp_path)
        assert notice == ""
        number = int(settings.source.split("clip ")[1])
        assert settings.source == f"clip {number}" * 2000
        assert settings.mix == {"senecio": number % 2}
    debris(tmp_path)
    settings_file.load(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [settings_file.FILE_NAME]


@pytest.mark.parametrize("name", ["mine", "mine.stylepack"])
@pytest.mark.parametrize("times", [2, pytest.param(15, marks=pytest.mark.slow)])
def test_killed_while_a_pack_is_replaced(tmp_path: Path, repository: Path, name: str, times: int) -> None:
    """A pack of that name is found and sound, as a folder and as one file: the old one or the new one."""
    lucky, trunks = random.Random(times), {tiny_pack(seed=1).trunk, tiny_pack(seed=2).trunk}
    for _ in range(times):
        killed(REPLACES_PACKS, tmp_path / name, repository, lucky)
        assert PackLibrary([tmp_path]).load("mine").trunk in trunks


def test_killed_between_the_two_steps_of_replacing_a_folder(tmp_path: Path, repository: Path) -> None:
    """At the worst moment, when the old pack has been moved away and the new one is not there yet, the next look puts the old one back."""
    save_pack(tiny_pack(seed=1), tmp_path / "mine")
    script = """
import os, signal, sys
from pathlib import Path
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack
rename, done = Path.rename, []
def once(self, target):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(rename(self, target))
Path.rename = once
save_pack(tiny_pack(seed=2), Path(sys.argv[1]), force=True)
"""
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path / "mine")], cwd=repository, check=False)
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "mine").exists()
    assert PackLibrary([tmp_path]).load("mine").trunk == tiny_pack(seed=1).trunk
    assert len(debris(tmp_path)) == 1  # the new one, half-way
    write_folder(tmp_path / "other", {"a": b"b"})
    assert PackLibrary([tmp_path]).load("mine").trunk == tiny_pack(seed=1).trunk


@pytest.mark.slow
def test_killed_while_a_clip_is_stylized(tmp_path: Path, repository: Path) -> None:
    """What was stylized until a moment before plays, under the part's name; nothing has the final one."""
    source = make_clip(tmp_path / "in.mp4", range(0, 40_000, 40), sound_ms=40_000)
    target = tmp_path / "out.mp4"
    words = ["video", str(source), "-o", str(target), "--style", "starry_night=0", "--json"]
    with subprocess.Popen([sys.executable, "-m", "stylecam", *words], cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(300):
            line = process.stdout.readline()
            assert '"video"' in line
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert not target.exists()
    clip = read_clip(tmp_path / "out.part.mp4")
    assert len(clip.times) > 200
    assert len(clip.sound) > 200


@pytest.mark.slow
def test_killed_while_training(tmp_path: Path, repository: Path) -> None:
    """Whenever it comes, the checkpoint that is there is whole, and `--resume` goes on behind it."""
    write_images(tmp_path / "photos", "photo", 3)
    write_images(tmp_path / "styles", "garden", 1, seed=5)
    save_pack(tiny_pack(identity=True), tmp_path / "tiny.stylepack")
    words = [str(tmp_path / "styles" / "garden0.png"), "--to", str(tmp_path / "tiny.stylepack"), "-o", str(tmp_path / "new.stylepack")]
    words += ["--photos", str(tmp_path / "photos"), "--loss-network", str(write_loss_network(tmp_path)), "--run", str(tmp_path / "run")]
    command = [sys.executable, "-c", TRAINS, "train", "add-style", *words]
    command += ["--size", "32", "--style-size", "48", "--batch", "1", "--steps", "100000", "--json"]
    lucky, checkpoint, reached = random.Random(0), tmp_path / "run" / CHECKPOINT, 0
    for more in ([], ["--resume"], ["--resume"]):
        before = checkpoint.stat().st_mtime_ns if more else 0
        with subprocess.Popen([*command, *more], cwd=repository, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            while not checkpoint.exists() or checkpoint.stat().st_mtime_ns == before:
                assert process.stdout.readline()
            time.sleep(lucky.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            process.stdout.read()
        assert process.returncode == -signal.SIGKILL
        _, state = load_checkpoint(checkpoint)
        assert state["step"] > reached
        reached = state["step"]
