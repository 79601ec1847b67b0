import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.errors import OutputError
from stylecam.outputs import snapshot
from stylecam.outputs.names import new_path, part_of, settle
from stylecam.outputs.snapshot import save_snapshot
from tests.fakes import gradient

NOW = datetime.datetime(2026, 11, 21, 6, 3, 12)


def test_a_name_has_date_time_and_style(tmp_path: Path) -> None:
    """Made for people and for sorting; the folder is made."""
    path = new_path(tmp_path / "Videos", ["starry_night"], ".mp4", now=NOW)
    assert path == tmp_path / "Videos" / "stylecam 2026-11-21 06-03-12 starry_night.mp4"
    assert path.parent.is_dir()
    assert new_path(tmp_path, ["", "mix"], ".png", now=NOW).name == "stylecam 2026-11-21 06-03-12 mix.png"


def test_a_name_is_never_given_twice(tmp_path: Path) -> None:
    """Files and unfinished files count, dangling links too."""
    names = []
    for _ in range(4):
        names.append(new_path(tmp_path, ["a"], ".mp4", now=NOW))
        (names[-1] if len(names) % 2 else part_of(names[-1])).touch()
    assert [name.name[29:] for name in names] == ["a.mp4", "a (2).mp4", "a (3).mp4", "a (4).mp4"]
    link = new_path(tmp_path, ["b"], ".mp4", now=NOW)
    link.symlink_to(tmp_path / "nowhere")
    assert new_path(tmp_path, ["b"], ".mp4", now=NOW) != link


def test_a_long_name_is_cut_while_it_is_written(tmp_path: Path) -> None:
    """A name that only ".part" makes too long for the file system is cut; two such names stay apart."""
    parts = [part_of(tmp_path / f"{'n' * 247}{letter}.mp4") for letter in "ab"]
    for part in parts:
        part.touch()
    assert parts[0] != parts[1]
    assert all(part.name.endswith(".part.mp4") for part in parts)


@pytest.mark.parametrize("part", ['a/b\\c:d*e?f"g<h>i|j', "x" * 500, "dots...", "line\nbreak"])
def test_a_name_is_good_on_every_system(tmp_path: Path, part: str) -> None:
    """What Windows refuses is replaced, and the length has a limit."""
    name = new_path(tmp_path, [part], ".mp4", now=NOW).name
    assert not set(name) & set('<>:"/\\|?*\n')
    assert len(name) <= 110
    assert not name.removesuffix(".mp4").endswith((".", " "))


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """The place is a file."""
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot be written to: .*choose another"):
        new_path(tmp_path / "file" / "below", [], ".mp4")


def test_settling_replaces_only_by_force(tmp_path: Path) -> None:
    """Without force the next free name is taken."""
    for name in ("a.mp4", "x", "y"):
        (tmp_path / name).write_text(name)
    assert settle(tmp_path / "x", tmp_path / "a.mp4") == tmp_path / "a (2).mp4"
    assert settle(tmp_path / "y", tmp_path / "a.mp4", force=True) == tmp_path / "a.mp4"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.mp4": "y", "a (2).mp4": "x"}


def test_a_snapshot_is_the_frame_exactly(tmp_path: Path) -> None:
    """PNG keeps every pixel; a second one in the same second gets its own name."""
    first = save_snapshot(gradient(), tmp_path, ["senecio"], now=NOW)
    second = save_snapshot(255 - gradient(), tmp_path, ["senecio"], now=NOW)
    assert [first.name, second.name] == ["stylecam 2026-11-21 06-03-12 senecio.png", "stylecam 2026-11-21 06-03-12 senecio (2).png"]
    np.testing.assert_array_equal(np.asarray(Image.open(first)), gradient())
    np.testing.assert_array_equal(np.asarray(Image.open(second)), 255 - gradient())


def test_a_snapshot_whose_name_is_taken_at_that_moment_gets_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two programs that save in the same second overwrite nothing."""
    write = snapshot.write_file

    def slow(path: Path, data: bytes) -> None:
        if "(2)" not in path.name:
            path.write_bytes(b"another's")
        write(path, data)

    monkeypatch.setattr(snapshot, "write_file", slow)
    assert save_snapshot(gradient(), tmp_path, now=NOW).name == "stylecam 2026-11-21 06-03-12 (2).png"
    assert (tmp_path / "stylecam 2026-11-21 06-03-12.png").read_bytes() == b"another's"


def test_a_snapshot_that_cannot_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends it; it is not tried for ever."""

    def full(path: Path, data: bytes) -> None:
        raise OutputError("full")

    monkeypatch.setattr(snapshot, "write_file", full)
    with pytest.raises(OutputError, match="full"):
        save_snapshot(gradient(), tmp_path)
