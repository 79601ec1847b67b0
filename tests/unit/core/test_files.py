import errno
import os
import stat
from pathlib import Path

import pytest

from stylecam.core.atomic_io import check_target, write_file, written_whole
from stylecam.errors import OutputError


def test_writes_the_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    """The file holds the data, with the permissions that any new file gets; no temporary file stays."""
    write_file(tmp_path / "a.bin", b"data")
    (tmp_path / "b.bin").touch()
    assert (tmp_path / "a.bin").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == stat.S_IMODE((tmp_path / "b.bin").stat().st_mode)
    assert _names(tmp_path) == ["a.bin", "b.bin"]


def test_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    """Nothing is overwritten unless asked for."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(OutputError, match="exists already; use --force"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    write_file(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert _names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("hard_links", [True, False])
def test_file_that_appears_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hard_links: bool) -> None:
    """A file that another program creates between the check and the renaming is not overwritten, with or without hard links."""
    path = tmp_path / "a.bin"
    fsync = os.fsync

    def other_program(fd: int) -> None:
        fsync(fd)
        path.write_bytes(b"other")

    monkeypatch.setattr(os, "fsync", other_program)
    if not hard_links:
        monkeypatch.setattr(Path, "hardlink_to", _no_hard_links)
    with pytest.raises(OutputError, match="exists already"):
        write_file(path, b"mine")
    assert path.read_bytes() == b"other"
    assert _names(tmp_path) == ["a.bin"]


def test_works_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems without hard links, such as a memory stick's, can be written too."""
    monkeypatch.setattr(Path, "hardlink_to", _no_hard_links)
    write_file(tmp_path / "a.bin", b"data")
    assert (tmp_path / "a.bin").read_bytes() == b"data"
    assert _names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("force", [True, False])
def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool) -> None:
    """When the disk fills up, that is reported, the old file stays, and no half file is left."""
    path = tmp_path / "a.bin"
    if force:
        path.write_bytes(b"old")

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_file(path, b"new", force=force)
    assert _names(tmp_path) == (["a.bin"] if force else [])
    assert not force or path.read_bytes() == b"old"


def test_stop_while_writing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle removes the temporary file too."""

    def stop(fd: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a.bin", b"new")
    assert _names(tmp_path) == []


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    """A file in a folder that does not exist is refused, and the folder is named."""
    with pytest.raises(OutputError, match="no folder"):
        check_target(tmp_path / "nowhere" / "a.bin")


def test_only_ordinary_files_are_replaced(tmp_path: Path) -> None:
    """Neither a folder nor a device is ever replaced, force or not."""
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", Path(os.devnull)):
        with pytest.raises(OutputError, match="folder or a device"):
            write_file(path, b"data", force=True)
    assert not Path(os.devnull).is_file()


def test_dangling_link_counts_as_existing(tmp_path: Path) -> None:
    """A symbolic link to nowhere is something that would be overwritten."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists already"):
        check_target(tmp_path / "link")


def test_long_names_can_be_written(tmp_path: Path) -> None:
    """A name as long as the file system allows leaves no space for a longer temporary one, and is written all the same."""
    path = tmp_path / ("n" * 250 + ".png")
    write_file(path, b"data")
    assert _names(tmp_path) == [path.name]


def test_name_too_long_is_reported(tmp_path: Path) -> None:
    """A name that the file system refuses is a sentence, not a traceback."""
    with pytest.raises(OutputError, match="too long"):
        write_file(tmp_path / ("n" * 300), b"data")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _no_hard_links(self: Path, target: Path) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_a_library_writes_whole_or_not_at_all(tmp_path: Path) -> None:
    """What writes by itself gets a temporary name; when it fails, the old file stays, alone, and the disk's refusal is a sentence."""
    path = tmp_path / "a.bin"
    with written_whole(path) as temporary:
        temporary.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    with pytest.raises(OutputError, match="exists already"), written_whole(path):
        pytest.fail("nothing is begun that cannot be kept")
    with pytest.raises(OutputError, match="the disk is full"), written_whole(path, force=True) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(RuntimeError), written_whole(path, force=True) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"new"
    assert _names(tmp_path) == ["a.bin"]
