"""For each image that was once read wrongly, others of its kind: transparency, depth, turns, light, and false endings."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stylecam.errors import InputError
from stylecam.media.images import read_image, read_srgb
from stylecam.training.data.preprocess import open_style_image
from tests.unit.media.odd_clips import BLUE, GREY, LIME, RED, quarters

SEEN = np.zeros((48, 64), np.uint8)
SEEN[12:36, 16:48] = 255


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(kind: int, depth: int, pixel: bytes, *chunks: bytes) -> bytes:
    """Return a PNG of 64x48 equal pixels, of a kind and a depth that Pillow does not write."""
    rows = (b"\0" + pixel * 64) * 48
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def grey_tiff(bits: int, kind: int, two_pixels: bytes, orientation: int = 1) -> bytes:
    """Return a TIFF of 64x48 equal greys, of a depth and a kind that Pillow does not write."""
    data = two_pixels * (32 * 48)
    tags = {256: 64, 257: 48, 258: bits, 259: 1, 262: kind, 273: 200, 274: orientation, 277: 1, 278: 48, 279: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return (b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)).ljust(200, b"\0") + data


def palette() -> Image.Image:
    """Return a palette image whose first colour, magenta, is the one to be transparent."""
    image = Image.fromarray(SEEN // 255).convert("P")
    image.putpalette([255, 0, 255, 30, 160, 60, *([0] * 762)])
    return image


@pytest.mark.parametrize(
    ("name", "image", "options", "middle"),
    [
        ("a.png", palette(), {"transparency": 0}, (30, 160, 60)),
        ("a.gif", palette(), {"transparency": 0}, (30, 160, 60)),
        ("b.png", Image.merge("LA", (Image.new("L", (64, 48), 100), Image.fromarray(SEEN))), {}, (100,) * 3),
        ("b.tif", Image.merge("LA", (Image.new("L", (64, 48), 100), Image.fromarray(SEEN))), {}, (100,) * 3),
        ("c.png", Image.fromarray(np.where(SEEN > 0, 90, 7).astype(np.uint8)), {"transparency": 7}, (90,) * 3),
        ("d.png", palette().convert("RGB"), {"transparency": (255, 0, 255)}, (30, 160, 60)),
        ("e.png", Image.fromarray(SEEN > 0), {"transparency": 0}, (255,) * 3),
    ],
    ids=["palette png", "palette gif", "grey and alpha png", "grey and alpha tiff", "one grey", "one colour", "one bit"],
)
def test_what_is_transparent_is_white_in_every_mode(
    tmp_path: Path, name: str, image: Image.Image, options: dict[str, Any], middle: tuple[int, ...]
) -> None:
    """For the window and for training, and `still` keeps it as transparency."""
    image.save(tmp_path / name, **options)
    for seen in (read_srgb(tmp_path / name), np.asarray(open_style_image(tmp_path / name))):
        assert seen[2, 2].tolist() == [255, 255, 255]
        assert seen[24, 32].tolist() == list(middle)
    kept = read_image(tmp_path / name)
    assert kept.alpha is not None
    assert (kept.alpha[2, 2], kept.alpha[24, 32]) == (0, 255)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (png(4, 16, struct.pack(">HH", 128 * 257, 128 * 257)), (191, 191, 191)),
        (png(6, 16, struct.pack(">HHHH", 200 * 257, 0, 0, 0)), (255, 255, 255)),
        (png(2, 16, struct.pack(">HHH", 200 * 257, 60 * 257, 40 * 257)), (200, 60, 40)),
        (png(0, 16, struct.pack(">H", 128 * 257)), (128, 128, 128)),
        (png(0, 16, struct.pack(">H", 70), chunk(b"tRNS", struct.pack(">H", 70))), (255, 255, 255)),
        (png(0, 16, struct.pack(">H", 70), chunk(b"tRNS", struct.pack(">H", 71))), (0, 0, 0)),
        (png(2, 16, struct.pack(">HHH", 300, 70, 9), chunk(b"tRNS", struct.pack(">HHH", 300, 70, 9))), (255, 255, 255)),
        (png(2, 16, struct.pack(">HHH", 300, 70, 9), chunk(b"tRNS", struct.pack(">HHH", 300, 70, 8))), (1, 0, 0)),
        (grey_tiff(12, 1, bytes([0x80, 0x08, 0x00])), (128, 128, 128)),
        (grey_tiff(16, 0, struct.pack("<HH", 50 * 257, 50 * 257)), (205, 205, 205)),
        (grey_tiff(16, 1, struct.pack("<HH", 50 * 257, 50 * 257)), (50, 50, 50)),
    ],
    ids=[
        *("grey and alpha", "hidden red", "colour", "grey", "one grey hidden", "another grey hidden", "one colour hidden"),
        *("a colour near it hidden", "12 bits", "white is 0", "black is 0"),
    ],
)
def test_sixteen_bits_of_every_kind(data: bytes, seen: tuple[int, ...]) -> None:
    """Scaled to eight, with their transparency."""
    assert read_srgb(data)[2, 2].tolist() == list(seen)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (png(2, 16, struct.pack(">HHH", *(148 * 257,) * 3), chunk(b"cICP", bytes((9, 16, 0, 1)))), (234, 234, 234)),
        (png(0, 8, bytes((191,)), chunk(b"cICP", bytes((9, 18, 0, 1)))), (234, 234, 234)),
        (png(6, 8, bytes((148, 148, 148, 0)), chunk(b"cICP", bytes((9, 16, 0, 1)))), (255, 255, 255)),
        (png(2, 8, bytes((128, 200, 64)), chunk(b"cICP", bytes((12, 13, 0, 1)))), (103, 202, 19)),
        (png(2, 8, bytes((128, 128, 128)), chunk(b"cICP", bytes((1, 8, 0, 1)))), (188, 188, 188)),
    ],
    ids=["pq of 16 bits", "grey hlg", "transparent pq", "display p3", "linear light"],
)
def test_light_and_gamuts_by_numbers(data: bytes, seen: tuple[int, ...]) -> None:
    """Whatever the kind of PNG, its numbers are brought to the screen's."""
    assert np.abs(read_srgb(data)[2, 2].astype(int) - seen).max() <= 3


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "avif"])
@pytest.mark.parametrize(
    ("orientation", "corners"), [(2, (BLUE, RED, LIME, GREY)), (5, (RED, GREY, BLUE, LIME)), (6, (GREY, RED, LIME, BLUE))]
)
def test_turned_images_of_every_format(tmp_path: Path, ending: str, orientation: int, corners: tuple[tuple[int, int, int], ...]) -> None:
    """Mirrored, and turned with and without: as a JPEG is."""
    exif = Image.Exif()
    exif[0x112] = orientation
    options = {"webp": {"lossless": True}, "avif": {"quality": 100}}.get(ending, {})
    Image.fromarray(quarters()).save(tmp_path / f"a.{ending}", exif=exif.tobytes(), **options)
    image = read_srgb(tmp_path / f"a.{ending}").astype(int)
    height, width = image.shape[:2]
    seen = [image[y, x] for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    assert max(np.abs(one - other).max() for one, other in zip(seen, corners, strict=True)) < 12


def test_turned_files_with_numbers_of_their_own() -> None:
    """The turn is applied to what was scaled, once, and stands in nothing that is written."""
    image = read_image(grey_tiff(16, 0, struct.pack("<HH", 50 * 257, 50 * 257), orientation=6))
    assert image.image.shape == (64, 48, 3)
    assert image.image[0, 0].tolist() == [205] * 3
    assert image.exif is None


GAMMA_1 = chunk(b"gAMA", struct.pack(">I", 100_000))


@pytest.mark.parametrize(
    ("chunks", "seen"),
    [
        ([GAMMA_1], 167),
        ([chunk(b"gAMA", struct.pack(">I", 55_556))], 119),
        ([chunk(b"gAMA", struct.pack(">I", 45_455))], 100),
        ([chunk(b"gAMA", struct.pack(">I", 0))], 100),
        ([GAMMA_1, chunk(b"sRGB", b"\0")], 100),
        ([GAMMA_1, chunk(b"cICP", bytes([1, 13, 0, 1]))], 100),
    ],
    ids=["linear", "an old Mac's", "usual", "damaged", "sRGB counts more", "cICP counts more"],
)
def test_a_gamma_of_its_own(chunks: list[bytes], seen: int) -> None:
    """A PNG that names another exponent is seen as browsers show it; grey ones too, and transparency is kept."""
    for kind, pixel in ((2, bytes([100] * 3)), (0, bytes([100])), (6, bytes([100, 100, 100, 255]))):
        image = read_image(png(kind, 8, pixel, *chunks))
        assert image.image[2, 2].tolist() == [seen] * 3
        assert (image.alpha is not None) == (kind == 6)


def grey_alpha_tiff() -> bytes:
    """Return a TIFF of 16 bits of grey and of alpha, which Pillow does not read."""
    data = struct.pack("<HH", 128 * 257, 0) * 64 * 48
    facts = [(256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 2, 16 | 16 << 16), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 134)]
    facts += [(277, 3, 1, 2), (278, 4, 1, 48), (279, 4, 1, len(data)), (338, 3, 1, 2)]
    return b"II*\0" + struct.pack("<IH", 8, len(facts)) + b"".join(struct.pack("<HHII", *fact) for fact in facts) + bytes(4) + data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (grey_alpha_tiff(), "is a TIFF that is damaged or of a rare kind that is not read; save it as a PNG"),
        (b"\xff\xd8\xff\xe0 and then nothing", "the file is damaged or cut off"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B", "is an AVIF that is damaged or of a rare kind"),
        (b"", "is empty; copy it again"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "is a clip, not an image; `stylecam video` stylizes it"),
        (b"\x1aE\xdf\xa3" + bytes(60), "is a clip, not an image"),
        (b"<html><body>404 Not Found</body></html>", "is not an image that stylecam reads"),
    ],
    ids=["rare tiff", "damaged jpeg", "cut avif", "empty", "mp4", "matroska", "web page"],
)
def test_what_cannot_be_read_is_said_truly(data: bytes, sentence: str) -> None:
    """A TIFF is not called no TIFF, and an empty file is not called damaged."""
    with pytest.raises(InputError, match=sentence):
        read_image(data, "a.jpg")
