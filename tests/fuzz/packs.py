"""Packs: the archive, the manifest, the tensors' header, the thumbnails; forged so that every checksum is right, or only damaged."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stylecam.errors import PackError
from stylecam.packs.archive import MANIFEST, TENSORS, read_files
from stylecam.packs.manifest import _digest
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_manifest, load_pack, save_pack, save_styles
from stylecam.packs.thumbnails import MAX_SIDE_PX, image_head
from tests.fakes import tiny_pack
from tests.fuzz.mutate import damaged, odd_json, odd_value
from tests.fuzz.targets import Target, target
from tests.unit.packs.forge import resigned

_THUMB = "thumbs/great_wave.jpg"
_ZIP_WORDS = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\7", b"PK\6\6", b"PK\7\x08", MANIFEST.encode(), TENSORS.encode(), b"thumbs/a.jpg")


def sample_images() -> dict[str, bytes]:
    """Return small sound images by Pillow's name of their format."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    found = {}
    for form in ("JPEG", "PNG", "WEBP"):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, form)
        found[form] = buffer.getvalue()
    return found


class _PackTarget(Target):
    """Writes what `make` returns as a zip, and loads it as the window would; what is accepted must be a whole pack."""

    allowed = (PackError,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        thumbnail = sample_images()["JPEG"]
        plain = tiny_pack(identity=True)
        self.pack = replace(
            plain, styles=tuple(replace(style, thumbnail=thumbnail) for style in plain.styles), recipe={"steps": [1, 2.5, "π", None]}
        )
        save_pack(self.pack, folder / "sound.stylepack")
        save_styles(self.pack, folder / "styles.stylepack")
        self.sound = (folder / "sound.stylepack").read_bytes()
        self.files = read_files(folder / "sound.stylepack")
        self.style_files = read_files(folder / "styles.stylepack")
        self._path = folder / "input.stylepack"

    def read(self, data: bytes) -> None:
        """Load it: the manifest alone, then the whole, as a pack and as styles of the sound one."""
        self._path.write_bytes(data)
        load_manifest(self._path)
        self.check(load_pack(self._path, trunk=self.pack))

    @staticmethod
    def check(pack: StylePack) -> None:
        """Use a pack that was accepted as the window would at once."""
        assert pack.rows.shape == (pack.config.rows, pack.config.scale_shift_size)
        assert np.isfinite(pack.rows).all()
        assert all(text.isprintable() for style in pack.styles for text in (style.title, style.artist, style.licence))
        assert pack.network

    @staticmethod
    def zipped(files: dict[str, bytes]) -> bytes:
        """Return the files as a zip that is not compressed."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
        return buffer.getvalue()


@target("archive")
class Archive(_PackTarget):
    """The zip's own bytes, stored or compressed; its table of contents and its end more often than the rest."""

    def make(self, rng: random.Random) -> bytes:
        """Damage it."""
        data = self.sound if rng.random() < 0.5 else self.zipped(self.files)
        if rng.random() < 0.5:
            return damaged(data, rng, _ZIP_WORDS)
        table = data.rfind(b"PK\3\4") if rng.random() < 0.2 else data.find(b"PK\1\2")
        return data[:table] + damaged(data[table:], rng, _ZIP_WORDS)


@target("manifest")
class ManifestTarget(_PackTarget):
    """The manifest with a right checksum; its values are odd, or its text is damaged."""

    def make(self, rng: random.Random) -> bytes:
        """Forge it."""
        files = dict(self.files if rng.random() < 0.7 else self.style_files)
        data = json.loads(files[MANIFEST])
        if rng.random() < 0.8:
            part = rng.choice((None, None, "architecture", "styles", "files"))
            data = odd_json(data, rng) if part is None else {**data, part: odd_json(data[part], rng)}
            if isinstance(data, dict):
                data["manifest_sha256"] = _signed(data)
            files[MANIFEST] = json.dumps(data).encode("utf-8", "surrogatepass")
        else:
            files[MANIFEST] = damaged(files[MANIFEST], rng, (b"NaN", b"1e999", b"[" * 3000, b'{"a":' * 1200, b"\\ud800", b"0" * 5000))
        return self.zipped(files)


def _signed(data: dict[str, Any]) -> str:
    try:
        return _digest(data)
    except (RecursionError, UnicodeEncodeError):
        return ""


@target("tensors")
class Tensors(_PackTarget):
    """The header of the safetensors file, and its length, behind right checksums."""

    def make(self, rng: random.Random) -> bytes:
        """Forge it."""
        files = dict(self.files if rng.random() < 0.7 else self.style_files)
        content = files[TENSORS]
        (length,) = struct.unpack_from("<Q", content)
        header, numbers = content[8 : 8 + length], content[8 + length :]
        if rng.random() < 0.6:
            header = json.dumps(odd_json(json.loads(header), rng)).encode("utf-8", "surrogatepass")
        else:
            header = damaged(header, rng, (b'"F64"', b'"BF16"', b'"F8_E4M3"', b'"BOOL"', b'"__metadata__"', b"18446744073709551615"))
        length = len(header) if rng.random() < 0.9 else abs(int(odd if isinstance(odd := odd_value(rng), int) else 3)) % 2**64
        if rng.random() < 0.2:
            numbers = damaged(numbers, rng)
        return self.zipped(resigned({**files, TENSORS: struct.pack("<Q", length) + header + numbers}))


@target("thumbnails")
class Thumbnails(Target):
    """Images that a pack shows: what their heads say holds for the decoder of the window too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from PyQt6.QtGui import QImage

        self._decode = QImage.fromData
        self._images = tuple(sample_images().values())

    def make(self, rng: random.Random) -> bytes:
        """Damage an image, the head more often than the rest."""
        data = rng.choice(self._images)
        words = (
            b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\3",
            b"\xff\xd8\xff",
            b"IHDR",
            b"iCCP",
            b"zTXt",
            b"VP8X",
            b"VP8L",
            b"ANIM",
            b"GIF89a",
            b"BM",
        )
        if rng.random() < 0.5:
            return damaged(data, rng, words)
        return damaged(data[:64], rng, words) + data[64:]

    def read(self, data: bytes) -> None:
        """Look at the head as the pack's reader does, and if it may pass, decode it as the window does."""
        head = image_head(data)
        if head is None or not 1 <= min(head.size) <= max(head.size) <= MAX_SIDE_PX:
            return
        image = self._decode(data)
        assert image.isNull() or max(image.width(), image.height()) <= MAX_SIDE_PX, (head, image.width(), image.height())
