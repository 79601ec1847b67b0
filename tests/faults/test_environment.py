"""Odd surroundings: decimal commas, no home, a read-only one, names and folders that few people have, names that begin with a dash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from stylecam.app import settings as settings_file
from stylecam.core import paths
from stylecam.core.params import STRENGTH
from stylecam.media.images import read_srgb
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import read_clip

pytestmark = pytest.mark.faults

PHOTO = np.full((48, 64, 3), (200, 60, 40), np.uint8)


def stylecam(*words: str, cwd: Path, without: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder; `without` are variables of the environment that are taken away."""
    root = str(Path(__file__).resolve().parents[2])
    environment = {name: value for name, value in os.environ.items() if name not in without} | {"PYTHONPATH": root} | more
    command = [sys.executable, "-m", "stylecam", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="session")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which C's own functions write decimal commas; skips where no such locale can be made."""
    folder = tmp_path_factory.mktemp("locales")
    try:
        command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")]
        subprocess.run(command, capture_output=True, check=False, timeout=120)
    except FileNotFoundError:
        pytest.skip("this system makes no locales")
    environment = {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
    script = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.str(1.5))"
    told = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )
    if told.stdout.strip() != "1,5":
        pytest.skip("this system has no locale with decimal commas")
    return environment


@pytest.mark.slow
def test_a_locale_with_decimal_commas_in_commands(tmp_path: Path, german: dict[str, str]) -> None:
    """Numbers are written with points, in options, mixes and reports, and mean the same; filters of clips work."""
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    clip = make_clip(tmp_path / "in.mp4", [0, 40, 80], sound=None)
    words = ["--style", "starry_night=0.0", "--posterize", "0.5"]
    for name, environment in (("german", german), ("plain", {"LC_ALL": "C.UTF-8"})):
        done = stylecam("still", "in.png", "-o", f"{name}.png", *words, cwd=tmp_path, **environment)
        assert done.returncode == 0, done.stderr
        done = stylecam("video", clip.name, "-o", f"{name}.mp4", *words, "--json", cwd=tmp_path, **environment)
        assert done.returncode == 0, done.stderr
        assert all(json.loads(line)["seconds"] >= 0 for line in done.stdout.splitlines())
    np.testing.assert_array_equal(read_srgb(tmp_path / "german.png"), read_srgb(tmp_path / "plain.png"))
    assert read_clip(tmp_path / "german.mp4").times == read_clip(tmp_path / "plain.mp4").times


@pytest.mark.slow
def test_a_locale_with_decimal_commas_in_the_window(tmp_path: Path, german: dict[str, str]) -> None:
    """Qt switches C's functions over; the network, the encoder and the reports stay right."""
    stats = tmp_path / "stats.json"
    words = ["--source", "pattern:160x120", "--mix", "the_scream=0.5,starry_night=0.25", "--strength", "0.75", "--size", "160"]
    done = stylecam(*words, "--frames", "3", "--record", "--stats", str(stats), cwd=tmp_path, **german)
    assert done.returncode == 0, done.stderr
    numbers = json.loads(stats.read_text())
    assert numbers["problem"] == ""
    assert numbers["frames_shown"] >= 3
    (clip,) = paths.user_videos().glob("*.mp4")
    assert len(read_clip(clip).times) >= 1


def test_settings_in_a_country_of_commas(qtbot: QtBot, tmp_path: Path) -> None:
    """What the window saves there is read anywhere: numbers have points, and come back as they were."""
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        assert settings_file.save(settings_file.Settings(mix={"senecio": 0.25}, params={STRENGTH.id: 0.75}), tmp_path) == ""
    finally:
        QLocale.setDefault(before)
    text = (tmp_path / settings_file.FILE_NAME).read_text()
    assert "0.25" in text
    settings, notice = settings_file.load(tmp_path)
    assert (settings.mix, settings.params[STRENGTH.id], notice) == ({"senecio": 0.25}, 0.75, "")


@pytest.mark.skipif(sys.platform == "win32", reason="homes of POSIX")
@pytest.mark.slow
def test_no_home(tmp_path: Path) -> None:
    """Without HOME and all that stands for it, images are stylized and packs are listed."""
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    gone = ("HOME", "STYLECAM_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "USER", "LOGNAME")
    done = stylecam("still", "in.png", "-o", "out.png", "--style", "starry_night=0", cwd=tmp_path, without=gone)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(read_srgb(tmp_path / "out.png"), PHOTO)
    done = stylecam("pack", "list", cwd=tmp_path, without=gone)
    assert done.returncode == 0, done.stderr
    assert "live32" in done.stdout


@pytest.mark.slow
def test_a_home_that_cannot_be_written(small_disk: Path, tmp_path: Path) -> None:
    """The window opens, stylizes, and says what could not be kept; commands work; nothing ends with a traceback."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    gone = ("STYLECAM_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    done = stylecam("still", "in.png", "-o", "out.png", "--style", "starry_night", cwd=tmp_path, without=gone, HOME=str(small_disk))
    assert done.returncode == 0, done.stderr
    stats = tmp_path / "stats.json"
    words = ["--source", "pattern:160x120", "--mix", "the_scream=1", "--size", "160", "--frames", "2", "--record", "--stats", str(stats)]
    done = stylecam(*words, cwd=tmp_path, without=gone, HOME=str(small_disk))
    assert "Traceback" not in done.stderr
    assert json.loads(stats.read_text())["frames_shown"] >= 2
    for home, notice in ((small_disk, "could not be saved"), (tmp_path, "")):
        assert notice in settings_file.save(settings_file.Settings(), home / ".config" / "stylecam")
    done = stylecam(
        "pack", "install", "weights/live32", "--name", "mine", cwd=Path(__file__).resolve().parents[2], without=gone, HOME=str(small_disk)
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "read-only" in done.stderr


DEEP = "/".join(["日本語のフォルダー ü é" + "x" * 150] * 6)


@pytest.mark.slow
def test_names_that_few_people_have(tmp_path: Path) -> None:
    """Folders of other scripts, with spaces, a thousand bytes deep: for inputs, outputs and the user's own folders."""
    folder = tmp_path / DEEP
    folder.mkdir(parents=True)
    assert len(os.fsencode(folder)) > 1000
    Image.fromarray(PHOTO).save(folder / "фото.png")
    make_clip(tmp_path / "in.mp4", [0, 40], sound=None).rename(folder / "映画.mp4")
    home = folder / "heim"
    words = ["--style", "starry_night=0"]
    done = stylecam("still", str(folder / "фото.png"), "-o", str(folder / "aus é.png"), *words, cwd=tmp_path, STYLECAM_HOME=str(home))
    assert done.returncode == 0, done.stderr
    done = stylecam("video", str(folder / "映画.mp4"), "-o", str(folder / "aus é.mp4"), *words, cwd=tmp_path, STYLECAM_HOME=str(home))
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(read_srgb(folder / "aus é.png"), PHOTO)
    assert len(read_clip(folder / "aus é.mp4").times) == 2
    assert settings_file.save(settings_file.Settings(source=str(folder)), home) == ""
    assert settings_file.load(home)[0].source == str(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A name with bytes of another encoding can be read, written and shown, whatever the terminal takes."""
    name = os.fsdecode(b"f\xfcr.png")
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    (tmp_path / "in.png").rename(tmp_path / name)
    words = ["still", name, "-o", f"out-{name}", "--style", "starry_night=0"]
    done = stylecam(*words, cwd=tmp_path, LC_ALL="C.UTF-8", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"out-{name}").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["--", "-x.png", "-o", "out.png"],
        ["-o", "out.png", "--style", "starry_night=0", "--", "-x.png"],
        ["./-x.png", "-o", "-out.png"],
        ["./-x.png", "-o", "-out"],
        ["./-x.png", "-o", "./-out.png"],
        ["./-x.png", "--output=-out.png"],
    ],
    ids=" ".join,
)
def test_names_that_begin_with_a_dash(tmp_path: Path, words: list[str]) -> None:
    """Behind `--`, with `./` in front, or behind an equals sign: as other programs take them; else one sentence says how."""
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    (tmp_path / "in.png").rename(tmp_path / "-x.png")
    style = [] if "--style" in words else ["--style", "starry_night=0"]
    done = stylecam("still", *style, *words, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    if words[0] == "--":  # all that follows is an input
        assert done.returncode == 2
        assert "--output" in done.stderr
    elif words[-1] == "-out":
        assert done.returncode == 2
        assert "A name that begins with a dash is written like ./-name" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert (tmp_path / ("out.png" if "out.png" in words else "-out.png")).is_file()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_standard_streams_that_are_closed(tmp_path: Path, closed: str) -> None:
    """As a desktop or a service may start it: the work is done all the same."""
    Image.fromarray(PHOTO).save(tmp_path / "in.png")
    command = f"'{sys.executable}' -m stylecam still in.png -o out.png --style starry_night=0 {closed}"
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}, timeout=120, check=False)
    assert done.returncode == 0
    np.testing.assert_array_equal(read_srgb(tmp_path / "out.png"), PHOTO)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_output_that_is_full(tmp_path: Path) -> None:
    """One sentence and the exit code of outputs, not a fault of the program."""
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-u", "-m", "stylecam", "pack", "list"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 5, done.stderr
    assert done.stderr == "stylecam: The disk is full, or what the output goes to; free some space and try again.\n"
