"""`stylecam pack`: what each action prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylecam.app.paths import user_packs
from stylecam.cli import main
from stylecam.packs.ops import subset
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack, save_styles
from tests.fakes import tiny_pack


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
    assert "465,654" in out
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
    assert "ships with stylecam" in capsys.readouterr().err


def test_styles_without_a_network_find_it_among_the_installed(pack: StylePack, tmp_path: Path) -> None:
    """A style-only pack cannot be used until a pack with its network is installed; then it stays style-only on export."""
    save_styles(subset(pack, ["senecio"], name="klee"), tmp_path / "klee.stylepack")
    assert main(["pack", "install", str(tmp_path / "klee.stylepack")]) == 3
    assert main(["pack", "install", str(tmp_path / "tiny.stylepack")]) == 0
    assert main(["pack", "install", str(tmp_path / "klee.stylepack")]) == 0
    assert main(["pack", "export", "klee", "-o", str(tmp_path / "klee2.stylepack")]) == 0
    assert (tmp_path / "klee2.stylepack").read_bytes() == (tmp_path / "klee.stylepack").read_bytes()


def test_export_split_and_merge(pack: StylePack, tmp_path: Path) -> None:
    """One file to a folder, taken apart, one part style-only, and merged again: the same rows."""
    tiny = str(tmp_path / "tiny.stylepack")
    assert main(["pack", "export", tiny, "-o", str(tmp_path / "folder")]) == 0
    assert (tmp_path / "folder" / "manifest.json").is_file()
    assert main(["pack", "split", tiny, "--styles", "starry_night,great_wave", "-o", str(tmp_path / "two.stylepack")]) == 0
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
