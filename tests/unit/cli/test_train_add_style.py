"""`stylecam train add-style` and `train prepare` from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from stylecam.cli import main
from stylecam.core import paths
from stylecam.packs.store import load_manifest, load_pack, save_pack
from tests.fakes import tiny_pack
from tests.unit.training.small_material import write_images


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A small pack, three photos, a style image, and the arguments for a run of a second."""
    write_images(tmp_path / "photos", "photo", 3)
    write_images(tmp_path / "styles", "My Garden ", 1, seed=5)
    save_pack(tiny_pack(identity=True), tmp_path / "tiny.stylepack")
    style_image = f"{tmp_path}/styles/My Garden 0.png"
    words = f"--to {tmp_path}/tiny.stylepack -o {tmp_path}/new.stylepack --photos {tmp_path}/photos --size 32 --style-size 48 --batch 1"
    return ["train", "add-style", style_image, *words.split()]


def test_reports_are_json_lines_and_the_pack_knows_its_style_image(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every line of standard output is a report of the stage add-style; what the options say of the style image stands in the pack."""
    facts = ["--id", "garden", "--title", "My Garden", "--artist", "Me", "--year", "2026", "--licence", "CC0-1.0", "--source", "attic"]
    assert main([*command, "--steps", "2", "--json", *facts]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {report["stage"] for report in reports} == {"add-style"}
    last = reports[-1]
    assert (last["step"], last["total"]) == (2, 2)
    assert last["values"].keys() >= {"content", "style", "objective"}
    assert last["files"].keys() == {"pack", "preview", "checkpoint"}
    assert Path(last["files"]["preview"]).parent == tmp_path / "new.run"
    pack = load_pack(tmp_path / "new.stylepack", trunk=load_pack(tmp_path / "tiny.stylepack"))
    (style,) = pack.styles
    assert (style.id, style.title, style.artist, style.year, style.licence, style.source) == tuple(facts[1::2])
    assert (pack.name, pack.title) == ("new", "My Garden")


def test_without_facts_the_file_name_speaks_and_people_get_sentences(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The id is made of the style image's file name; without --photos the shipped ones serve; reports name the objective and the pack."""
    at = command.index("--photos")
    assert main([*command[:at], *command[at + 2 :], "--steps", "1"]) == 0
    out = capsys.readouterr().out
    assert "step 1/1 objective" in out
    assert f"wrote {tmp_path}/new.stylepack" in out
    manifest = load_manifest(tmp_path / "new.stylepack")
    assert manifest.styles[0].id == "my_garden_0"
    assert manifest.recipe["stages"][0]["photos"] == len(list(paths.shipped("assets", "photos").glob("*.jpg")))


def test_a_run_is_neither_overwritten_nor_repeated(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command again refuses and says how to go on; --resume goes on; --force begins again; --resume without a run is a slip."""
    assert main([*command, "--steps", "1", "--resume"]) == 2
    assert main([*command, "--steps", "1"]) == 0
    assert main([*command, "--steps", "1"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*command, "--steps", "3", "--resume"]) == 0
    assert load_manifest(tmp_path / "new.stylepack").recipe["stages"][0]["steps_done"] == 3
    assert main([*command, "--steps", "2", "--force"]) == 0
    assert load_manifest(tmp_path / "new.stylepack").recipe["stages"][0]["steps_done"] == 2


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (["--to", "no_such_pack"], 3, "no style pack 'no_such_pack'"),
        (["--photos", "/nowhere"], 7, "no folder '/nowhere'"),
        (["--preview", "/nowhere.jpg"], 7, "'/nowhere.jpg' cannot be read"),
        (["--id", "senecio"], 7, "already has a style"),
        (["--id", "Not An Id"], 3, "the style id is"),
        (["--title", "two\nlines"], 3, "title"),
        (["--crop", "1,2"], 2, "--crop takes left,top,width,height"),
        (["--crop", "0.5,0.5,0.9,0.1"], 7, "does not lie inside"),
        (["--colors", "1"], 7, "2 to 256 colours"),
        (["--scale", "0"], 7, "scale of the strokes"),
        (["--minutes", "0"], 7, "cannot be trained in 0 minutes"),
        (["--steps", "0"], 7, "steps of at least 1"),
        (["--loss-network", "/nowhere"], 7, "cannot be read"),
        (["-o", "/proc/pack.stylepack"], 5, "cannot be written"),
    ],
)
def test_slips_are_said_and_leave_no_pack(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: list[str], code: int, words: str
) -> None:
    """One sentence, its exit code, and no pack."""
    assert main([*command, *([] if extra[0] in ("--steps", "--minutes") else ["--steps", "1"]), *extra]) == code
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not (tmp_path / "new.stylepack").exists()


def test_a_style_image_that_is_not_there_is_a_slip(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Also a folder of style images: this command takes one."""
    for wrong in ("/nowhere.png", str(Path(command[2]).parent)):
        assert main([*command[:2], wrong, *command[3:]]) == 2
        assert "no style image" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that can be caught")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_pack_and_checkpoint(command: list[str], tmp_path: Path, repository: Path, number: int) -> None:
    """A real process, a real signal: it ends with 130 after the current step, the pack loads, and the fit goes on from there."""
    words = [sys.executable, "-m", "stylecam", *command, "--minutes", "60", "--json"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(repository)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(number)
        process.stdout.read()
        assert "--resume" in process.stderr.read()
    assert process.returncode == 130
    done = load_manifest(tmp_path / "new.stylepack").recipe["stages"][0]["steps_done"]
    assert done >= first["step"] > 0
    assert main([*command, "--steps", str(done + 1), "--resume"]) == 0
    assert load_manifest(tmp_path / "new.stylepack").recipe["stages"][0]["steps_done"] == done + 1


def test_prepare_writes_the_style_image_and_a_sheet(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most the colours asked for, the part asked for, at the size that the printed --style-size names; --force is needed twice."""
    words = ["train", "prepare", command[2], "-o", f"{tmp_path}/out.png", "--preview", f"{tmp_path}/sheet.png"]
    words += ["--colors", "3", "--crop", "0,0,0.5,0.25", "--scale", "2", "--style-size", "32"]
    assert main(words) == 0
    with Image.open(tmp_path / "out.png") as prepared:
        assert prepared.size == (128, 64)
        assert len(prepared.getcolors()) <= 3
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > sheet.height
    out = capsys.readouterr().out
    assert "--style-size 64" in out
    assert out.count("#") <= 3
    assert main(words) == 5
    assert main([*words, "--force"]) == 0


def test_prepare_says_slips(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A JPEG would bring the colours back, and the sheet is no place for the style image."""
    assert main(["train", "prepare", command[2], "-o", f"{tmp_path}/out.jpg"]) == 2
    assert "must end in .png" in capsys.readouterr().err
    assert main(["train", "prepare", command[2], "-o", f"{tmp_path}/o.png", "--preview", f"{tmp_path}/o.png"]) == 2
    assert not (tmp_path / "o.png").exists()
