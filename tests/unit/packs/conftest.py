"""A small pack and its files."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from stylecam.packs.archive import read_files
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack


@pytest.fixture(scope="session")
def pack() -> StylePack:
    """Three styles with thumbnails, an identity row, a recipe."""
    plain = tiny_pack(identity=True)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
    styles = tuple(replace(style, thumbnail=buffer.getvalue()) for style in plain.styles)
    return replace(plain, styles=styles, recipe={"stages": [{"steps_done": 5, "curve": [0.5, 0.25], "noté": "π"}]})


@pytest.fixture(scope="session")
def sound(pack: StylePack) -> StylePack:
    """The pack that every mutation starts from."""
    return pack


@pytest.fixture(scope="session")
def files(pack: StylePack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the sound pack, by name."""
    path: Path = tmp_path_factory.mktemp("sound") / "sound.stylepack"
    save_pack(pack, path)
    return read_files(path)
