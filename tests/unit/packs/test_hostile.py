"""Damaged, forged and hostile packs are refused with a sentence; none crashes, none writes anywhere."""

from __future__ import annotations

import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylecam.errors import PackError, StylecamError
from stylecam.packs.archive import MANIFEST, TENSORS
from stylecam.packs.library import PackLibrary
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack
from tests.unit.packs.forge import Files, refused, resigned, with_tensors, write_folder, write_zip

THUMB = "thumbs/great_wave.jpg"


def outcome(path: Path) -> StylePack | PackError:
    """Load a pack that may be sound or not."""
    try:
        return load_pack(path)
    except PackError as error:
        return error


def everything_under(folder: Path) -> set[str]:
    """List all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


# 200 mutations: 100 of the zip's bytes, 50 of one file's bytes in a folder, 50 forged with right checksums.


@pytest.mark.parametrize("seed", range(100))
def test_a_zip_with_changed_bytes_is_refused(files: Files, tmp_path: Path, sound: StylePack, seed: int) -> None:
    """Flipped, overwritten, cut or added bytes anywhere in the file never give a pack that differs from the sound one."""
    rng = random.Random(seed)
    path = write_zip(tmp_path / "bad.stylepack", files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    data = bytearray(path.read_bytes())
    kind = seed % 4
    if kind == 0:
        data = data[: rng.randrange(len(data))]
    elif kind == 1:
        for _ in range(rng.randrange(1, 20)):
            data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    elif kind == 2:
        start = rng.randrange(len(data))
        data[start : start + rng.randrange(1, 400)] = rng.randbytes(rng.randrange(400))
    else:
        start, length = rng.randrange(len(data)), rng.randrange(8, 200)
        data[start : start + length] = bytes(length)
    path.write_bytes(bytes(data))
    before = everything_under(tmp_path)
    result = outcome(path)
    assert everything_under(tmp_path) == before
    if isinstance(result, PackError):
        assert "bad.stylepack" in str(result)
    else:  # a flip in a zip's date or padding changes nothing; then all must be as it was
        assert result.styles == sound.styles
        np.testing.assert_array_equal(result.rows, sound.rows)
        assert result.trunk == sound.trunk


@pytest.mark.parametrize("seed", range(50))
def test_a_folder_with_changed_bytes_is_refused(files: Files, tmp_path: Path, seed: int) -> None:
    """One flipped bit in the tensors or a thumbnail, or in the manifest's meaning, is noticed by checksum."""
    rng = random.Random(seed)
    name = rng.choice([TENSORS, THUMB, MANIFEST])
    data = bytearray(files[name])
    places = [i for i, byte in enumerate(data) if name != MANIFEST or chr(byte).isalnum()]
    data[rng.choice(places)] ^= 1
    refused(write_folder(tmp_path / "bad", {**files, name: bytes(data)}))


def forge_texts(data: dict[str, Any]) -> None:
    """Put a terminal's colour code into a title."""
    data["styles"][0]["title"] = "\x1b[31mred"


MANIFEST_FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "control characters in a title": forge_texts,
    "newline in a licence": lambda d: d.update(licence="free\nrm -rf"),
    "no title": lambda d: d.update(title="  "),
    "endless title": lambda d: d.update(title="x" * 5000),
    "title is a number": lambda d: d.update(title=7),
    "missing key": lambda d: d.pop("licence"),
    "unknown key": lambda d: d.update(exec="os.system"),
    "schema 0": lambda d: d.update(schema=0),
    "schema true": lambda d: d.update(schema=True),
    "schema text": lambda d: d.update(schema="1"),
    "unknown kind": lambda d: d.update(kind="code"),
    "style-only with a network": lambda d: d.update(kind="styles"),
    "name leads upwards": lambda d: d.update(name="../../evil"),
    "name is absolute": lambda d: d.update(name="/etc/passwd"),
    "name of a drive": lambda d: d.update(name="C:\\evil"),
    "hostile style id": lambda d: d["styles"][0].update(id="../../evil"),
    "style id with a capital": lambda d: d["styles"][0].update(id="Starry"),
    "two styles of one id": lambda d: d["styles"][0].update(id=d["styles"][1]["id"]),
    "one style too few": lambda d: d["styles"].pop(),
    "styles is no list": lambda d: d.update(styles={}),
    "a style is a text": lambda d: d["styles"].__setitem__(0, "starry"),
    "a style's key is missing": lambda d: d["styles"][0].pop("artist"),
    "a style's key is unknown": lambda d: d["styles"][0].update(code="x"),
    "style size is negative": lambda d: d["styles"][0].update(style_size_px=-1),
    "style size is a text": lambda d: d["styles"][0].update(style_size_px="400"),
    "a sha256 is short": lambda d: d["styles"][0].update(sha256="abc"),
    "thumbnail outside": lambda d: d["styles"][0].update(thumbnail="../../secret.jpg"),
    "thumbnail not in the pack": lambda d: d["styles"][0].update(thumbnail="thumbs/none.jpg"),
    "thumbnails shared": lambda d: d["styles"][0].update(thumbnail=d["styles"][1]["thumbnail"]),
    "no network shape": lambda d: d.update(architecture=None),
    "a billion channels": lambda d: d["architecture"]["output"].update(channels=10**9),
    "a million styles": lambda d: d["architecture"].update(styles=10**6),
    "another architecture": lambda d: d["architecture"]["contract"][0].update(channels=5),
    "another eps": lambda d: d["architecture"].update(eps=0.5),
    "wrong trunk": lambda d: d.update(trunk="sha256:" + "0" * 64),
    "trunk without hash": lambda d: d.update(trunk="live32"),
    "recipe is a list": lambda d: d.update(recipe=[]),
    "recipe with a huge number": lambda d: d.update(recipe={"n": 10**400}),
    "recipe too deep": lambda d: d.update(recipe=json.loads('{"a":' * 60 + "1" + "}" * 60)),
    "files is a list": lambda d: d.update(files=[]),
    "files lists one too many": lambda d: d["files"].update({"extra": d["files"][TENSORS]}),
    "files lists one too few": lambda d: d["files"].pop(TENSORS),
    "a file's entry is a number": lambda d: d["files"].update({TENSORS: 1}),
    "a file's size is wrong": lambda d: d["files"][TENSORS].update(bytes=1),
    "a file's hash is wrong": lambda d: d["files"][TENSORS].update(sha256="0" * 64),
}


@pytest.mark.parametrize("change", MANIFEST_FORGERIES.values(), ids=MANIFEST_FORGERIES.keys())
def test_a_forged_manifest_is_refused(files: Files, tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Even with all checksums right, what makes no sense is refused."""
    refused(write_zip(tmp_path / "forged.stylepack", resigned(files, change)))


def nan(tensors: dict[str, Any]) -> None:
    """One NaN."""
    tensors["styles"][0, 0] = np.nan


def infinite(tensors: dict[str, Any]) -> None:
    """One infinity."""
    tensors["styles"][1, 2] = -np.inf


def enormous(tensors: dict[str, Any]) -> None:
    """A finite number whose sums overflow."""
    tensors["contract.0.conv.weight"][0, 0, 0, 0] = 1e30


def wrong_shape(tensors: dict[str, Any]) -> None:
    """Swapped axes."""
    tensors["output.conv.weight"] = tensors["output.conv.weight"].transpose(1, 0, 2, 3).copy()


def too_few_rows(tensors: dict[str, Any]) -> None:
    """One style too few."""
    tensors["styles"] = tensors["styles"][:-1].copy()


def double(tensors: dict[str, Any]) -> None:
    """float64."""
    tensors["styles"] = tensors["styles"].astype(np.float64)


def half(tensors: dict[str, Any]) -> None:
    """float16."""
    tensors["styles"] = tensors["styles"].astype(np.float16)


def integers(tensors: dict[str, Any]) -> None:
    """Whole numbers."""
    tensors["styles"] = np.zeros_like(tensors["styles"], np.int32)


def missing(tensors: dict[str, Any]) -> None:
    """One tensor too few."""
    del tensors["residual.0.1.conv.weight"]


def extra(tensors: dict[str, Any]) -> None:
    """A tensor with a hostile name."""
    tensors["../../evil"] = np.zeros(3, np.float32)


@pytest.mark.parametrize("change", [nan, infinite, enormous, wrong_shape, too_few_rows, double, half, integers, missing, extra])
def test_wrong_tensors_are_refused(files: Files, tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """NaN, infinities, other shapes, other types, missing and strange tensors, behind right checksums."""
    refused(write_zip(tmp_path / "forged.stylepack", with_tensors(files, change)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 8,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 40) + b'{"a":{"dtype":"F32"}}' + b" " * 19,
    ],
    ids=["empty", "zeros", "endless header", "no object", "half an entry"],
)
def test_broken_safetensors_are_refused(files: Files, tmp_path: Path, content: bytes) -> None:
    """A tensor file that is none, behind right checksums."""
    refused(write_zip(tmp_path / "forged.stylepack", resigned({**files, TENSORS: content})))


def test_a_pickle_in_the_place_of_tensors_is_not_run(files: Files, tmp_path: Path) -> None:
    """A pickle that would create a file does not: nothing in a pack is ever unpickled."""
    import pickle

    target = tmp_path / "owned"

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (target,))

    refused(write_zip(tmp_path / "forged.stylepack", resigned({**files, TENSORS: pickle.dumps(Bomb())})))
    assert not target.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"[1]",
        b"{",
        b'{"schema": NaN}',
        b'{"schema": 1, "schema": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": 1e999}',
        b'"\\ud800"',
    ],
    ids=["empty", "null", "list", "cut", "NaN", "twice", "not UTF-8", "deep", "infinite", "half a character"],
)
def test_a_manifest_that_is_no_json_is_refused(files: Files, tmp_path: Path, manifest: bytes) -> None:
    """Anything but one proper JSON object."""
    refused(write_zip(tmp_path / "bad.stylepack", {**files, MANIFEST: manifest}))


HOSTILE_NAMES = [
    "../evil.txt", "/tmp/evil.txt", "C:\\evil.txt", "thumbs/../../evil.txt", "thumbs\\evil.jpg", "..\\..\\evil", "~/evil",
    "thumbs/a/b.jpg", "thumbs/.jpg", "THUMBS/x.jpg", "evil.py", "graph.onnx", "thumbs/x.svg", "pack.safetensors/x", "con", "a\x00b",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_leads_outside(files: Files, tmp_path: Path, name: str) -> None:
    """Absolute, upward, strange and unlisted names are refused, and nothing appears on the disk."""
    inner = tmp_path / "inner"
    inner.mkdir()
    path = write_zip(inner / "bad.stylepack", {**files, name: b"evil"})
    before = everything_under(tmp_path)
    refused(path)
    assert everything_under(tmp_path) == before


def test_a_file_twice_in_a_zip_is_refused(files: Files, tmp_path: Path) -> None:
    """Two entries of one name: readers disagree on which one counts."""
    path = write_zip(tmp_path / "bad.stylepack", files)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(TENSORS, b"other")
    assert "twice" in refused(path)


def test_a_bomb_is_refused_unread(files: Files, tmp_path: Path) -> None:
    """100 MiB of zeros in 100 KiB are noticed by their ratio, before they are unpacked."""
    path = write_zip(tmp_path / "bomb.stylepack", {**files, TENSORS: bytes(100 * 2**20)})
    assert path.stat().st_size < 2**20
    assert "times its size" in refused(path)


def test_a_size_that_lies_is_refused(files: Files, tmp_path: Path) -> None:
    """An entry that unpacks to more than it announces is cut off and refused."""
    path = write_zip(tmp_path / "liar.stylepack", files)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(TENSORS).file_size
    data = bytearray(bytes(data).replace(struct.pack("<I", size), struct.pack("<I", size - 100)))
    path.write_bytes(bytes(data))
    refused(path)


def test_an_oversized_thumbnail_is_refused(files: Files, tmp_path: Path) -> None:
    """A thumbnail is small."""
    assert "more than" in refused(write_folder(tmp_path / "bad", {**files, THUMB: b"\xff\xd8\xff" + bytes(300_000)}))


def test_a_thumbnail_must_be_an_image(files: Files, tmp_path: Path) -> None:
    """A script named .jpg is not shown to any decoder."""
    assert "not the image" in refused(write_folder(tmp_path / "bad", resigned({**files, THUMB: b"#!/bin/sh"})))


def test_links_are_refused(files: Files, tmp_path: Path) -> None:
    """A link in a folder or in a zip could show any file of the user's."""
    folder = write_folder(tmp_path / "bad", files)
    (folder / THUMB).unlink()
    (folder / THUMB).symlink_to("/etc/hostname")
    assert "is a link" in refused(folder)
    linked = tmp_path / "link.stylepack"
    with zipfile.ZipFile(linked, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if name == THUMB:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, data)
    assert "is a link" in refused(linked)


@pytest.mark.parametrize("absent", [MANIFEST, TENSORS, THUMB])
def test_an_incomplete_pack_is_refused(files: Files, tmp_path: Path, absent: str) -> None:
    """Each file is needed."""
    rest = {name: data for name, data in files.items() if name != absent}
    refused(write_zip(tmp_path / "bad.stylepack", rest))
    refused(write_folder(tmp_path / "bad", rest))


def test_nothing_and_rubbish_are_refused(tmp_path: Path) -> None:
    """A missing path, an empty folder, an empty file, a photo."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero.stylepack").touch()
    (tmp_path / "photo.stylepack").write_bytes(b"\xff\xd8\xff\xe0" + bytes(1000))
    for name in ("missing", "empty", "zero.stylepack", "photo.stylepack"):
        refused(tmp_path / name)


def test_an_encrypted_zip_is_refused(files: Files, tmp_path: Path) -> None:
    """There is nobody to ask for a password."""
    path = write_zip(tmp_path / "locked.stylepack", files)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        while start >= 0:
            data[start + offset] |= 1
            start = data.find(signature, start + 4)
    path.write_bytes(bytes(data))
    assert "encrypted" in refused(path)


def test_a_damaged_pack_does_not_hide_the_others(files: Files, tmp_path: Path) -> None:
    """The library lists the sound pack and says what is wrong with the other."""
    write_zip(tmp_path / "good.stylepack", files)
    (tmp_path / "bad.stylepack").write_bytes(b"rubbish")
    listed = {name: manifest for name, _, manifest in PackLibrary([tmp_path, tmp_path / "missing"]).manifests()}
    assert isinstance(listed["bad"], StylecamError)
    assert listed["good"].name == "tiny"  # type: ignore[union-attr]
