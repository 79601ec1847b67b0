"""Tricks of those who know the format and its readers: each one is refused with a sentence, quickly and unread."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from stylecam.errors import PackError
from stylecam.net.families import TransformNetConfig
from stylecam.packs import archive, manifest, store
from stylecam.packs.archive import MANIFEST, TENSORS, read_files
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_manifest, load_pack, save_styles
from tests.unit.packs.forge import Files, as_schema_1, refused, resigned, with_tensors, write_folder, write_zip


@pytest.mark.parametrize("blocks", [0, 2, 3])
def test_styles_for_another_architecture_than_their_network_has(pack: StylePack, tmp_path: Path, blocks: int) -> None:
    """A style-only pack that names the right network but describes one with fewer or more layers is refused, not a KeyError."""
    save_styles(pack, tmp_path / "rows.stylepack")
    files = read_files(tmp_path / "rows.stylepack")
    architecture = json.loads(files[MANIFEST])["architecture"]
    architecture["residual"]["blocks"] = blocks
    config = TransformNetConfig.from_json(architecture)
    rows = {"styles": np.ones((config.rows, config.scale_shift_size), np.float32)}
    forged = resigned({**files, TENSORS: save(rows)}, lambda data: data.update(architecture=architecture))
    path = write_zip(tmp_path / "forged.stylepack", forged)
    assert "architecture" in refused(path, lambda path: load_pack(path, trunk=pack))


def test_a_sentence_never_carries_a_terminals_control_codes(files: Files, tmp_path: Path) -> None:
    """Names that a stranger chose are quoted in the sentence with their control characters spelt out."""
    forged = resigned(files, lambda data: data["architecture"].update({"\x1b[31mevil\n": 1}))
    assert r"\x1b[31mevil\n" in refused(write_zip(tmp_path / "forged.stylepack", forged))


def test_a_name_that_goes_on_behind_a_null_byte(files: Files, tmp_path: Path) -> None:
    """Zipfile cuts names at a null byte; the part behind it must not slip past the check of names."""
    longer = {(f"{TENSORS}\0../../evil" if name == TENSORS else name): data for name, data in files.items()}
    assert r"\x00../../evil', a name that no pack has" in refused(write_zip(tmp_path / "forged.stylepack", longer))


def test_a_folder_entry_that_carries_bytes(files: Files, tmp_path: Path) -> None:
    """The entry `thumbs/` that zip tools add is passed over only if it is empty."""
    load_pack(write_zip(tmp_path / "usual.stylepack", {"thumbs/": b"", **files}))
    refused(write_zip(tmp_path / "forged.stylepack", {"thumbs/": b"hidden", **files}))


def test_a_huge_table_of_contents_is_not_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of a million empty entries would cost a gigabyte; its size is read from its end, and zipfile never sees it."""
    entry = struct.pack("<I6H3I5H2I", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 60_000
    end = struct.pack("<I4H2IH", 0x06054B50, 0, 0, count, count, count * len(entry), 0, 0)
    (tmp_path / "forged.stylepack").write_bytes(entry * count + end)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was opened"))
    assert "more than 4100 files" in refused(tmp_path / "forged.stylepack")


def test_a_second_end_for_64_bit_zips_is_refused(files: Files, tmp_path: Path) -> None:
    """The record that overrides the sizes at a zip's end has no place in a file of a few megabytes."""
    data = write_zip(tmp_path / "forged.stylepack", files).read_bytes()
    locator = struct.pack("<IIQI", 0x07064B50, 0, 0, 1)
    (tmp_path / "forged.stylepack").write_bytes(data[:-22] + locator + data[-22:])
    assert "64-bit" in refused(tmp_path / "forged.stylepack")


def test_a_huge_tensor_header_is_not_parsed(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A safetensors header of a million empty tensors is refused by its length."""
    header = b"{" + b" " * (store.MAX_HEADER_BYTES - 1) + b"}"
    forged = resigned({**files, TENSORS: struct.pack("<Q", len(header)) + header})
    monkeypatch.setattr(store, "load", lambda *_: pytest.fail("it was parsed"))
    path = write_zip(tmp_path / "forged.stylepack", forged, zipfile.ZIP_STORED)  # packed, it would look like a bomb
    assert "header" in refused(path)


@pytest.mark.parametrize("load", [load_pack, load_manifest])
def test_devices_and_pipes_are_not_read(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    """An endless device or a silent pipe is refused instead of filling the memory or waiting forever."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / MANIFEST)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / MANIFEST).symlink_to("/dev/zero")
    for name in ("pipe", "folder", "linked"):
        refused(tmp_path / name, load)
    refused(Path("/dev/zero"), load)


@pytest.mark.parametrize("load", [load_pack, load_manifest])
def test_a_path_that_no_disk_can_have(load: Callable[[Path], Any]) -> None:
    """Names too long and names with a null byte are answered with a sentence as well."""
    refused(Path("x" * 300), load)
    with pytest.raises(PackError):
        load(Path("a\0b"))


def test_a_look_at_a_zip_unpacks_only_its_manifest(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing packs is quick: tensors and thumbnails of an installed pack stay packed, those of a folder unread."""
    write_zip(tmp_path / "a.stylepack", files)
    write_folder(tmp_path / "b", files)
    opened: list[str] = []
    open_entry, read_bytes = zipfile.ZipFile.open, Path.read_bytes

    def open_noted(self: zipfile.ZipFile, name: zipfile.ZipInfo, *rest: Any) -> Any:
        opened.append(name.filename)
        return open_entry(self, name, *rest)

    def read_noted(self: Path) -> bytes:
        opened.append(self.name)
        return read_bytes(self)

    monkeypatch.setattr(zipfile.ZipFile, "open", open_noted)
    monkeypatch.setattr(Path, "read_bytes", read_noted)
    assert load_manifest(tmp_path / "a.stylepack").name == load_manifest(tmp_path / "b").name == "tiny"
    assert opened == ["a.stylepack", MANIFEST, MANIFEST]


def test_a_forged_old_pack_cannot_trip_a_migration(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration may rely on what its schema promises; a pack that breaks the promise is refused with a sentence."""
    monkeypatch.setitem(manifest.MIGRATIONS, 1, lambda data: {**data, "schema": 2, "title": data["title"].upper()})
    for change in (lambda data: data.pop("title"), lambda data: data.update(title=7)):
        forged = resigned(files, lambda data, change=change: (data.update(schema=1), change(data)))  # type: ignore[misc]
        assert "schema 1" in refused(write_zip(tmp_path / "forged.stylepack", forged))


@pytest.mark.parametrize("forge", ["nan", "missing", "mixed", "rows"])
def test_old_tensors_are_checked_before_they_are_joined(pack: StylePack, files: Files, tmp_path: Path, forge: str) -> None:
    """γ and β of schema 1 with NaN, one too few, one row too few, or beside a matrix of schema 2 are refused."""

    def change(tensors: dict[str, np.ndarray[Any, Any]]) -> None:
        if forge == "nan":
            tensors["output.norm.bias"][0, 0] = np.nan
        elif forge == "missing":
            del tensors["output.norm.bias"]
        elif forge == "rows":
            tensors["output.norm.bias"] = tensors["output.norm.bias"][:-1].copy()
        else:
            tensors["styles"] = pack.rows

    refused(write_zip(tmp_path / "forged.stylepack", with_tensors(as_schema_1(files, pack), change)))


def test_a_family_that_nobody_knows_is_refused(files: Files, tmp_path: Path) -> None:
    """A network of another family, or a family that is no word, is a sentence."""
    for family in ("transformer", 7, ["residual"], None):
        forged = resigned(files, lambda data, family=family: data.update(family=family))  # type: ignore[misc]
        assert "family" in refused(write_zip(tmp_path / "forged.stylepack", forged))


def test_every_older_schema_has_its_migration() -> None:
    """Whoever raises SCHEMA must say how packs of the version before are read."""
    assert manifest.MIGRATIONS.keys() == set(range(1, manifest.SCHEMA))


def test_advice_fits_the_fault(files: Files, tmp_path: Path) -> None:
    """A newer pack asks for an update and a damaged one for another copy: one sentence each, not both."""
    newer = refused(write_zip(tmp_path / "newer.stylepack", resigned(files, lambda data: data.update(schema=99))))
    assert newer.endswith("; update stylecam.")
    damaged = refused(write_zip(tmp_path / "damaged.stylepack", {**files, TENSORS: b"x"}))
    assert damaged.endswith("; get it again from where it came from, or choose another.")


def test_limits_hold_the_largest_network(tmp_path: Path) -> None:
    """The limits of counts and headers leave room for 4096 styles with thumbnails on the deepest network."""
    layers = TransformNetConfig(residual_blocks=64).convs
    tensor = '"residual.63.1.conv.weight":{"dtype":"F32","shape":[1024,1024,15,15],"data_offsets":[1234567890,1234567890]},'
    assert 3 * len(layers) * len(tensor) < store.MAX_HEADER_BYTES
    assert archive.MAX_FILES >= 4096 + 2
