"""`stylecam pack`: what each action prints, writes and refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylecam.cli import main
from stylecam.core.mix import StyleMix
from stylecam.core.paths import user_packs
from stylecam.engines.select import open_engine
from stylecam.packs.archive import read_files
from stylecam.packs.ops import subset
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack, save_styles
from tests.fakes import gradient, tiny_pack
from tests.unit.packs.forge import write_zip


@pytest.fixture
def pack(tmp_path: Path) -> StylePack:
    """A pack that lies in tmp_path as tiny.stylepack."""
    pack = tiny_pack(identity=True)
    save_pack(pack, tmp_path / "tiny.stylepack")
    return pack


def test_the_pack_that_ships_is_listed_and_sound(capsys: pytest.CaptureFixture[str]) -> None:
    """live32 has 32 styles, each with artist and licence, and passes the complete check."""
    assert main(["pack", "list"]) == 0
    assert "live32" in capsys.readouterr().out
    assert main(["pack", "info", "live32"]) == 0
    out = capsys.readouterr().out
    assert out.count("(public domain") == 32
    assert "Vincent van Gogh" in out
    assert "968,934" in out
    assert main(["pack", "check", "live32"]) == 0
    assert "sound, 32 styles" in capsys.readouterr().out


@pytest.mark.usefixtures("pack")
def test_install_makes_a_pack_known_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After install the name works everywhere; a second install needs --force; the user's folder holds one file."""
    assert main(["pack", "info", "tiny"]) == 3
    assert main(["pack", "install", str(tmp_path / "tiny.stylepack")]) == 0
    assert main(["pack", "info", "tiny"]) == 0
    assert main(["pack", "install", str(tmp_path / "tiny.stylepack")]) == 5
    assert "--force" in capsys.readouterr().err
    assert main(["pack", "install", str(tmp_path / "tiny.stylepack"), "--force"]) == 0
    assert [path.name for path in user_packs().iterdir()] == ["tiny.stylepack"]


def test_a_hostile_pack_installs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rubbish is refused with a sentence, and the folder of packs stays empty."""
    (tmp_path / "bad.stylepack").write_bytes(b"PK\x03\x04 rubbish")
    assert main(["pack", "install", str(tmp_path / "bad.stylepack")]) == 3
    assert "bad.stylepack" in capsys.readouterr().err
    assert not user_packs().exists() or not list(user_packs().iterdir())


def test_a_pack_that_would_hide_a_shipped_one_is_not_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stranger's pack named live32 does not take the place of ours, nor lie unseen behind it."""
    save_pack(tiny_pack(name="live32"), tmp_path / "other.stylepack")
    assert main(["pack", "install", str(tmp_path / "other.stylepack")]) == 2
    sentence = capsys.readouterr().err
    assert "ships with stylecam" in sentence
    assert "--name" in sentence
    assert main(["pack", "install", str(tmp_path / "other.stylepack"), "--name", "theirs"]) == 0
    assert load_pack(user_packs() / "theirs.stylepack").name == "theirs"


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/stylecam-evil.txt", "..\\evil", "C:\\evil", "thumbs/../../evil", "evil.py"])
def test_no_hostile_zip_writes_anything(pack: StylePack, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Installing and exporting a zip with a name that leads elsewhere leaves the disk as it was, the user's folders included."""
    write_zip(tmp_path / "bad.stylepack", {**read_files(tmp_path / "tiny.stylepack"), name: b"evil"})
    home = user_packs().parent.parent

    def everything() -> set[Path]:
        return {*tmp_path.rglob("*"), *home.rglob("*"), *tmp_path.parent.glob("*"), *Path("/tmp").glob("stylecam-evil*")}

    before = everything()
    assert main(["pack", "install", str(tmp_path / "bad.stylepack")]) == 3
    assert main(["pack", "export", str(tmp_path / "bad.stylepack"), "-o", str(tmp_path / "out")]) == 3
    assert "bad.stylepack" in capsys.readouterr().err
    assert everything() == before


def test_what_a_stranger_wrote_into_a_recipe_does_not_reach_the_terminal_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recipe may hold any text; `info` spells out control codes and cuts novels short."""
    recipe = {"stages": [{"steps_done": "\x1b]0;owned\x07", "minutes": [1], "program": "x" * 5000}, 7]}
    save_pack(replace(tiny_pack(), recipe=recipe), tmp_path / "odd.stylepack")
    assert main(["pack", "info", str(tmp_path / "odd.stylepack")]) == 0
    out = capsys.readouterr().out
    assert "training" in out
    assert all(line.isprintable() for line in out.splitlines())
    assert max(len(line) for line in out.splitlines()) < 300


def test_export_gives_a_pack_another_name(pack: StylePack, tmp_path: Path) -> None:
    """`export --name` writes the same pack under a new name; without it the name stays."""
    assert main(["pack", "export", str(tmp_path / "tiny.stylepack"), "-o", str(tmp_path / "a.stylepack"), "--name", "mine"]) == 0
    renamed = load_pack(tmp_path / "a.stylepack")
    assert (renamed.name, renamed.trunk) == ("mine", pack.trunk)
    assert main(["pack", "export", str(tmp_path / "tiny.stylepack"), "-o", str(tmp_path / "b.stylepack")]) == 0
    assert load_pack(tmp_path / "b.stylepack").name == "tiny"


def test_styles_without_a_network_find_it_among_the_installed(pack: StylePack, tmp_path: Path) -> None:
    """A style-only pack cannot be used until a pack with its network is installed; then it stays style-only on export."""
    save_styles(subset(pack, ["senecio"], name="klee"), tmp_path / "klee.stylepack")
    assert main(["pack", "install", str(tmp_path / "klee.stylepack")]) == 3
    assert main(["pack", "install", str(tmp_path / "tiny.stylepack")]) == 0
    assert main(["pack", "install", str(tmp_path / "klee.stylepack")]) == 0
    assert main(["pack", "export", "klee", "-o", str(tmp_path / "klee2.stylepack")]) == 0
    assert (tmp_path / "klee2.stylepack").read_bytes() == (tmp_path / "klee.stylepack").read_bytes()


def test_export_split_and_merge(pack: StylePack, tmp_path: Path) -> None:
    """One file to a folder, taken apart into parts named by their styles, and merged again: the same rows."""
    tiny = str(tmp_path / "tiny.stylepack")
    assert main(["pack", "export", tiny, "-o", str(tmp_path / "folder")]) == 0
    assert (tmp_path / "folder" / "manifest.json").is_file()
    assert main(["pack", "split", tiny, "--styles", "starry_night,great_wave", "-o", str(tmp_path / "two.stylepack")]) == 0
    titles = [pack.styles[style].title for style in ("starry_night", "great_wave")]
    assert load_pack(tmp_path / "two.stylepack").title == " and ".join(titles), "not that of the pack it came from"
    assert main(["pack", "install", tiny]) == 0
    assert main(["pack", "split", tiny, "--styles", "senecio", "--style-only", "-o", str(tmp_path / "one.stylepack")]) == 0
    parts = [str(tmp_path / "two.stylepack"), str(tmp_path / "one.stylepack")]
    assert main(["pack", "merge", *parts, "-o", str(tmp_path / "all.stylepack"), "--title", "All"]) == 0
    merged = load_pack(tmp_path / "all.stylepack")
    assert (merged.name, merged.title, merged.style_ids) == ("all", "All", pack.style_ids)
    np.testing.assert_array_equal(merged.rows, pack.rows)


@pytest.mark.usefixtures("pack")
def test_unknown_names_and_styles_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Did-you-mean for both."""
    assert main(["pack", "info", "live23"]) == 3
    assert "Did you mean live32" in capsys.readouterr().err
    assert main(["pack", "split", str(tmp_path / "tiny.stylepack"), "--styles", "senecia", "-o", str(tmp_path / "x.stylepack")]) == 3
    assert "Did you mean senecio" in capsys.readouterr().err


@pytest.mark.usefixtures("pack")
def test_check_goes_on_after_a_bad_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of three packs one is damaged: two are called sound, the bad one is explained, and the exit code tells."""
    (tmp_path / "bad.stylepack").write_bytes(b"")
    names = [str(tmp_path / name) for name in ("bad.stylepack", "tiny.stylepack")]
    assert main(["pack", "check", *names, "live32"]) == 3
    out, err = capsys.readouterr()
    assert out.count("sound") == 2
    assert "bad.stylepack" in err


def test_a_damaged_installed_pack_is_listed_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    """One broken file does not break the list."""
    user_packs().mkdir(parents=True)
    (user_packs() / "broken.stylepack").write_bytes(b"x")
    assert main(["pack", "list"]) == 0
    out = capsys.readouterr().out
    assert "DAMAGED" in out
    assert "live32" in out


def run_onnx(path: Path, inputs: dict[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Run an exported file as another program would."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert {value.name for value in session.get_inputs()} == inputs.keys()
    result: np.ndarray[Any, Any] = session.run(None, inputs)[0]
    return result


def test_an_exported_network_is_the_engines(pack: StylePack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ONNX file in plain ONNX Runtime gives what the engine gives, with γ and β as an input and with a mix built in."""
    photo, source = gradient(24, 32), str(tmp_path / "tiny.stylepack")
    assert main(["pack", "export", source, "--onnx", "32x24", "-o", str(tmp_path / "net.onnx")]) == 0
    assert "from `image` uint8 (24, 32, 3) and `styles` float32 (1, " in capsys.readouterr().out
    engine = open_engine(pack, "onnx", precision="f32")
    row = pack.styles["senecio"].vector
    np.testing.assert_array_equal(run_onnx(tmp_path / "net.onnx", {"image": photo, "styles": row[None]}), engine.stylize(photo, row)[0])
    mix = ["--style", "senecio=0.5,great_wave=0.5"]
    assert main(["pack", "export", source, "--onnx", "32x24", *mix, "-o", str(tmp_path / "mixed.onnx")]) == 0
    mixed = pack.scale_shift(StyleMix.parse(mix[1]))
    apart = run_onnx(tmp_path / "mixed.onnx", {"image": photo}).astype(int) - engine.stylize(photo, mixed)[0]
    assert np.abs(apart).max() <= 1  # the runtime folds constants


@pytest.mark.usefixtures("pack")
def test_what_cannot_be_exported_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes off the grid, no size, an output that the pack lacks, an existing file: each is refused before anything is written."""
    source, target = str(tmp_path / "tiny.stylepack"), str(tmp_path / "net.onnx")
    for words, said in (
        (["--onnx", "33x24"], "the next size is 34x24"),
        (["--onnx", "big"], "write --onnx like"),
        (["--onnx", "32x24", "--head", "fast"], "no fast output"),
        (["--style", "senecio"], "--onnx 640x480"),
    ):
        assert main(["pack", "export", source, *words, "-o", target]) == 2
        assert said in capsys.readouterr().err
    assert not Path(target).exists()
    Path(target).write_bytes(b"mine")
    assert main(["pack", "export", source, "--onnx", "32x24", "-o", target]) == 5
    assert Path(target).read_bytes() == b"mine"
