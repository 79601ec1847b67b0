"""Takes packs apart and puts them together again, wrong."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from stylecam.errors import PackError
from stylecam.net.styles import slots
from stylecam.packs.archive import MANIFEST, TENSORS
from stylecam.packs.manifest import _digest
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack

Files = dict[str, bytes]


def refused(path: Path, load: Callable[[Path], Any] = load_pack) -> str:
    """Load a pack that must be refused, check the sentence's form, and return what it says behind the pack's path.

    Without the path, because pytest makes that of the test's name, in which any word may stand.
    """
    with pytest.raises(PackError) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence.isprintable(), ascii(sentence)
    assert sentence.endswith(".")
    assert len(sentence) < 900
    before, cannot, why = sentence.partition("cannot be used: ")
    assert cannot, sentence
    assert path.name in before
    return why


def write_zip(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write files into a zip under any names, however hostile."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo("x", (1980, 1, 1, 0, 0, 0))
            info.filename = name  # past the constructor, which would tame it
            archive.writestr(info, data, compression)
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder; names that lead outside are put inside under a harmless name."""
    for name, data in files.items():
        file = path / name.replace("..", "dots").replace("\\", "_").lstrip("/").replace(":", "_").replace("\0", "_")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def resigned(files: Files, change: Callable[[dict[str, Any]], None] | None = None) -> Files:
    """Return the files with a changed manifest whose checksums are all right again: a forger who knows the format."""
    data = json.loads(files[MANIFEST])
    for name, content in files.items():
        if name in data["files"]:
            data["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    if change is not None:
        change(data)
    data["manifest_sha256"] = _digest(data)
    return {**files, MANIFEST: json.dumps(data).encode()}


def with_tensors(files: Files, change: Callable[[dict[str, np.ndarray[Any, Any]]], None]) -> Files:
    """Return the files with changed tensors, all checksums right."""
    tensors = load(files[TENSORS])
    change(tensors)
    return resigned({**files, TENSORS: save(tensors)})


def as_schema_1(files: Files, pack: StylePack) -> Files:
    """Return the files of a pack as the first version wrote them: γ and β as two tensors per normalization, no family named."""
    tensors = load(files[TENSORS])
    rows = tensors.pop("styles")
    for slot in slots(pack.config.graph()):
        tensors[f"{slot.name}.weight"], tensors[f"{slot.name}.bias"] = rows[:, slot.gamma].copy(), rows[:, slot.beta].copy()

    def older(data: dict[str, Any]) -> None:
        del data["family"]
        data["schema"] = 1

    return resigned({**files, TENSORS: save(tensors)}, older)


def unzip(data: bytes) -> Files:
    """Return the files of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
