"""`stylecam train full` from the command line: a pack comes out, a stop keeps it, slips are said before hours of work."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.cli import main
from stylecam.cli.train import add_parser
from stylecam.packs.store import load_pack
from stylecam.training.config import TrainConfig
from stylecam.training.tasks.add_style_config import AddStyleConfig


@pytest.fixture
def material(tmp_path: Path) -> list[str]:
    """Four photos, two style images, and the arguments for a run of a few seconds."""
    rng = np.random.default_rng(0)
    for kind, count in (("photos", 4), ("styles", 2)):
        (tmp_path / kind).mkdir()
        for i in range(count):
            small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
            small.resize((64, 64), Image.Resampling.BICUBIC).save(tmp_path / kind / f"{kind[:5]}{i}.png")
    words = f"train full --photos {tmp_path}/photos --styles {tmp_path}/styles -o {tmp_path}/pack --run {tmp_path}/run"
    return [*words.split(), *["--size", "32", "--style-size", "48", "--batch", "1"]]


def test_a_run_makes_a_pack_and_reports_as_json(material: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every line of standard output is a report; the last one names the pack, which has the style images as its styles.

    Photos of kinds that are not read are counted, on the other output.
    """
    (tmp_path / "photos" / "below").mkdir()
    (tmp_path / "photos" / "below" / "IMG_1.HEIC").touch()
    assert main([*material, "--steps", "2", "--json", "--name", "tiny", "--style-weights", "style0=0.5"]) == 0
    out, err = capsys.readouterr()
    assert err == "stylecam: 1 file was left out: 1 HEIC.\n"
    reports = [json.loads(line) for line in out.splitlines()]
    assert reports[-1]["step"] == reports[-1]["total"] == 2
    pack = load_pack(Path(reports[-1]["files"]["pack"]))
    assert (pack.name, pack.style_ids) == ("tiny", ("style0", "style1"))
    assert pack.recipe["stages"][0]["settings"]["style_weights"] == {"style0": 0.5}


@pytest.mark.parametrize("styles", ["styles --only style1", "styles/style1.png", "one"])
def test_one_style_image_makes_a_network_of_its_own(material: list[str], tmp_path: Path, styles: str) -> None:
    """A single style (Johnson et al. 2016): chosen from a folder, named as a file, or alone in a folder. The pack works at once."""
    (tmp_path / "one").mkdir()
    shutil.copy(tmp_path / "styles" / "style1.png", tmp_path / "one")
    words = [*material, "--steps", "1"]
    at = words.index("--styles")
    words[at + 1 : at + 2] = f"{tmp_path}/{styles}".split()
    assert main(words) == 0
    pack = load_pack(tmp_path / "pack")
    assert pack.style_ids == ("style1",)
    photo = tmp_path / "photos" / "photo0.png"
    stylized = tmp_path / "stylized.png"
    assert main(["still", str(photo), "-o", str(stylized), "--pack", str(tmp_path / "pack"), "--style", "style1", "--engine", "onnx"]) == 0
    with Image.open(photo) as before, Image.open(stylized) as after:
        assert after.size == before.size
        assert np.asarray(after).std() > 0
        assert not np.array_equal(np.asarray(after), np.asarray(before))


def test_a_finished_run_is_neither_overwritten_nor_repeated(
    material: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same command again refuses and says how to go on; --resume with more steps does go on; --resume without a run is a slip."""
    assert main([*material, "--steps", "1", "--resume"]) == 2
    assert main([*material, "--steps", "1"]) == 0
    assert main([*material, "--steps", "1"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*material, "--steps", "2", "--resume"]) == 0
    assert load_pack(tmp_path / "pack").recipe["stages"][0]["steps_done"] == 2
    other = [*material, "--steps", "1"]
    other[other.index(f"{tmp_path}/run")] = f"{tmp_path}/run2"
    assert main(other) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (["--photos", "/nowhere"], 7, "no folder '/nowhere'"),
        (["--styles", "/nowhere"], 7, "no folder '/nowhere'"),
        (["--styles", __file__], 7, "is not an image"),
        (["--only", "monet"], 7, "no style image named monet"),
        (["--style-weights", "monet=2"], 2, "no such style image"),
        (["--style-weights", "style0=much"], 2, "is not a number"),
        (["--steps", "0"], 7, "steps of at least 1"),
        (["--name", "../../evil"], 3, "the name is"),
        (["--title", "two\nlines"], 3, "the title is"),
        (["--init", "no_such_pack"], 3, "no style pack 'no_such_pack'"),
        (["--loss-network", "/nowhere"], 7, "cannot be read"),
        (["-o", "/proc/pack"], 5, "cannot be written"),
    ],
)
def test_slips_are_said_and_leave_nothing(
    material: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], code: int, words: str
) -> None:
    """One sentence, its exit code, and no pack."""
    assert main([*material, "--steps", "1", *extra]) == code
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not (tmp_path / "pack").exists()


def test_a_folder_of_something_else_is_not_overwritten(material: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Even with --force a folder that is no pack stays, and it is said before training."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "diary.txt").write_text("dear")
    assert main([*material, "--steps", "1", "--force"]) == 5
    assert "not a style pack" in capsys.readouterr().err
    assert (tmp_path / "pack" / "diary.txt").read_text() == "dear"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for child processes")
def test_ctrl_c_keeps_pack_and_checkpoint(material: list[str], tmp_path: Path, repository: Path) -> None:
    """A real process, a real signal: it ends with 130 after the step at hand, the pack loads, and the run goes on from there."""
    command = [sys.executable, "-m", "stylecam", *material, "--steps", "100000", "--json"]
    environment = os.environ | {"PYTHONPATH": str(repository)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert "--resume" in process.stderr.read()
    assert process.returncode == 130
    done = load_pack(tmp_path / "pack").recipe["stages"][0]["steps_done"]
    assert done >= first["step"]
    assert main([*material, "--steps", str(done + 1), "--resume"]) == 0
    assert load_pack(tmp_path / "pack").recipe["stages"][0]["steps_done"] == done + 1


def test_defaults_are_declared_once() -> None:
    """What `train full` and `train add-style` take without options is what a program gets from the bare configurations."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    full = parser.parse_args(["train", "full", "--photos", "p", "--styles", "s", "-o", "o", "--run", "r"])
    names = {"steps": "steps", "batch": "batch", "size": "size_px", "style_size": "style_size_px", "style_weight": "style_weight"}
    names |= {
        name: name
        for name in ("large_share", "covariance_weight", "pattern_weight", "calm_weight", "calm_start", "optimizer", "seed", "minutes")
    }
    assert {name: getattr(full, name) for name in names} == {name: getattr(TrainConfig(), field) for name, field in names.items()}
    added = parser.parse_args(["train", "add-style", "image.jpg", "--to", "p", "-o", "o"])
    names = {"batch": "batch", "size": "size_px", "style_size": "style_size_px", "style_weight": "style_weight", "seed": "seed"}
    assert {name: getattr(added, name) for name in names} == {name: getattr(AddStyleConfig(), field) for name, field in names.items()}
