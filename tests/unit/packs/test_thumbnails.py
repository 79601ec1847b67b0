"""Thumbnails are handed to the window's decoders, so what they are and how large they unfold is read from their first bytes."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from stylecam.errors import PackError
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack
from stylecam.packs.thumbnails import MAX_SIDE_PX, image_head


def picture(kind: str, size: tuple[int, int], **options: object) -> bytes:
    """Encode a grey image."""
    buffer = io.BytesIO()
    Image.new("RGBA" if options.pop("alpha", False) else "RGB", size, "grey").save(buffer, kind, **options)
    return buffer.getvalue()


PICTURES = {
    "jpeg": ("jpg", picture("JPEG", (37, 23))),
    "progressive jpeg": ("jpg", picture("JPEG", (37, 23), progressive=True)),
    "jpeg with comment and profile": ("jpg", picture("JPEG", (37, 23), comment=b"hello", icc_profile=bytes(70_000))),
    "png": ("png", picture("PNG", (37, 23))),
    "lossy webp": ("webp", picture("WEBP", (37, 23))),
    "lossless webp": ("webp", picture("WEBP", (37, 23), lossless=True)),
    "extended webp": ("webp", picture("WEBP", (37, 23), alpha=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")),
}


@pytest.mark.parametrize(("kind", "data"), PICTURES.values(), ids=PICTURES.keys())
def test_kind_and_size_are_read_from_the_head(kind: str, data: bytes) -> None:
    """(width, height) in pixels of every kind that a pack may hold, as Pillow sees it."""
    assert image_head(data) == (kind, (37, 23))


@pytest.mark.parametrize(("kind", "data"), PICTURES.values(), ids=PICTURES.keys())
def test_cut_and_spoilt_heads_are_no_images(kind: str, data: bytes) -> None:
    """However a head is cut or its bytes are changed, the answer is a size or none, never an exception."""
    assert any(image_head(data[:length]) is None for length in range(40))
    for length in range(min(len(data), 400)):
        image_head(data[:length])
    for place in range(min(len(data), 200)):
        for value in (0, 0xFF, 0xD8, 0xC0):
            image_head(data[:place] + bytes([value]) + data[place + 1 :])


@pytest.mark.parametrize(
    "data", [b"", b"#!/bin/sh", b"GIF89a" + bytes(20), b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), b"<svg/>", b"BM" + bytes(60)]
)
def test_other_files_are_no_images(pack: StylePack, tmp_path: Path, data: bytes) -> None:
    """A script, a GIF, a sound, a drawing: none of them is let through to a decoder."""
    assert image_head(data) is None
    if data:
        with pytest.raises(PackError, match="image"):
            save_pack(with_thumbnail(pack, data), tmp_path / "a.stylepack")


def test_an_image_that_unfolds_to_gigabytes_is_refused(pack: StylePack, tmp_path: Path) -> None:
    """A PNG of 17 kilobytes and 144 million pixels, and a JPEG that claims 65,500 a side, are not given to the window."""
    side = 12_000

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    head = chunk(b"IHDR", struct.pack(">2I5B", side, side, 1, 0, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    jpeg = picture("JPEG", (8, 8))
    frame = jpeg.index(b"\xff\xc0") + 5
    jpeg = jpeg[:frame] + struct.pack(">HH", 65_500, 65_500) + jpeg[frame + 4 :]
    for bomb in (png, jpeg):
        with pytest.raises(PackError, match="pixels"):
            save_pack(with_thumbnail(pack, bomb), tmp_path / "a.stylepack")


def test_the_largest_thumbnail_and_all_kinds_survive_the_disk(pack: StylePack, tmp_path: Path) -> None:
    """PNG and WebP come back as they were, as does one with the largest side."""
    for data in (picture("PNG", (MAX_SIDE_PX, 2)), PICTURES["lossy webp"][1]):
        changed = with_thumbnail(pack, data)
        save_pack(changed, tmp_path / "a.stylepack", force=True)
        assert load_pack(tmp_path / "a.stylepack").styles[0].thumbnail == data
    with pytest.raises(PackError, match="pixels"):
        save_pack(with_thumbnail(pack, picture("PNG", (MAX_SIDE_PX + 1, 2))), tmp_path / "b.stylepack")


def with_thumbnail(pack: StylePack, data: bytes) -> StylePack:
    """Return the pack with another thumbnail for its first style."""
    return replace(pack, styles=(replace(pack.styles[0], thumbnail=data), *pack.styles[1:]))
