"""A clip stylized by several processes is, byte for byte, the clip that one process writes; also where one of them is killed."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

import pytest

from stylecam.cli import main
from stylecam.control.timeline import Timeline
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.errors import UsageError
from stylecam.offline import clips
from stylecam.offline.cluster import Cluster
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.store import load_pack, save_pack
from tests.fakes import tiny_pack
from tests.unit.offline.make_clips import make_clip

ENGINE = ("--engine", "torch", "--device", "cpu", "--precision", "f32")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: the pack `tiny`, and two clips, one with sound."""
    monkeypatch.chdir(tmp_path)
    save_pack(tiny_pack(), Path("tiny"))
    make_clip(Path("a.mp4"), range(0, 1200, 40), sound_ms=1200)
    make_clip(Path("b.mp4"), [0, 40, 110, 150], sound=None)
    return tmp_path


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hashes(folder: str) -> dict[str, str]:
    return {path.name: _hash(path) for path in Path(folder).iterdir()}


@pytest.mark.slow
def test_two_processes_write_the_bytes_of_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both clips, sound included, are the same files; a mix and a colour option go along."""
    words = ["--pack", "./tiny", "--style", "starry_night=0.7,great_wave=0.3", "--keep-color", "0.4", *ENGINE]
    assert main(["video", "a.mp4", "b.mp4", "-o", "one", *words]) == 0
    assert main(["video", "a.mp4", "b.mp4", "-o", "two", *words, "--cluster", "local:2"]) == 0
    assert len(list(Path("one").iterdir())) == 2
    assert _hashes("one") == _hashes("two")
    assert main(["video", "a.mp4", "-o", "plain.mp4", "--pack", "./tiny", "--style", "great_wave", *ENGINE]) == 0
    assert _hash(Path("plain.mp4")) not in _hashes("one").values()
    capsys.readouterr()
    assert main(["video", "a.mp4", "-o", "calm.mp4", *words, "--calm", "--cluster", "local:1"]) == UsageError.exit_code
    assert "look back" in capsys.readouterr().err
    assert not Path("calm.mp4").exists()


@pytest.mark.slow
def test_the_part_of_a_killed_worker_is_stylized_again(folder: Path) -> None:
    """One of two workers is killed after the first frames: all frames come, in order, as one process makes them."""
    pack = load_pack(Path("tiny"))
    timeline = Timeline([(0.0, RenderParams(StyleMix({"starry_night": 1.0}))), (1.0, RenderParams(StyleMix({"great_wave": 1.0})))])
    with Stylizer(pack, engine="torch", device="cpu", precision="f32") as stylizer:
        style = stylizer.callback(timeline)
        expected = [style.at(image, seconds).tobytes() for image, seconds in clips.clip_frames(Path("a.mp4"))]
    with Cluster("local:2", pack, timeline, engine="torch", device="cpu", precision="f32") as cluster:
        found, killed = [], 0
        for image in cluster.stylized(Path("a.mp4")):
            found.append(image.tobytes())
            if not killed:
                killed = cluster.process_ids()[0]
                os.kill(killed, signal.SIGKILL)
        assert killed not in cluster.process_ids()
    assert len(expected) == 30
    assert found == expected


def test_an_address_that_is_none_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is opened or written, in one sentence; so is a cluster without Dask."""
    for address in ("local:0", "local:many", "example.org", "http://x:1"):
        code = main(["video", "a.mp4", "-o", "x.mp4", "--pack", "./tiny", "--style", "great_wave", "--cluster", address])
        assert code == UsageError.exit_code
        assert "is no cluster" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert (
        main(["video", "a.mp4", "-o", "x.mp4", "--pack", "./tiny", "--style", "great_wave", "--cluster", "local:2"]) == UsageError.exit_code
    )
    assert "stylecam[cluster]" in capsys.readouterr().err
    assert not Path("x.mp4").exists()
