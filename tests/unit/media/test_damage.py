"""Damaged headers of all kinds: a sentence or an image, never anything else, and never long."""

from __future__ import annotations

import contextlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

from stylecam.capture.mjpeg import split_jpegs
from stylecam.errors import InputError
from stylecam.media.colour_profiles import to_srgb
from stylecam.media.decode import Clip, open_clip
from stylecam.media.display import Display, orientation_of
from stylecam.media.formats import why_unread
from stylecam.media.images import read_srgb
from tests.unit.media.odd_clips import encode, plain, quarters, with_matrix

ROUNDS = 150


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Return a copy with some bytes changed, most of them near the front, and sometimes cut off."""
    spoilt = bytearray(data)
    for _ in range(int(rng.integers(1, 12))):
        spoilt[int(len(spoilt) * rng.random() ** 3)] = int(rng.integers(256))
    return bytes(spoilt[: int(len(spoilt) * rng.random())] if rng.random() < 0.2 else spoilt)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "AVIF", "BMP"])
def test_damaged_images(form: str) -> None:
    """An image, or a sentence."""
    rng, file = np.random.default_rng(0), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(quarters()).save(file, form, exif=exif)
    for _ in range(ROUNDS // (3 if form == "AVIF" else 1)):
        with contextlib.suppress(InputError):
            assert read_srgb(damaged(file.getvalue(), rng)).dtype == np.uint8


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.gif"])
def test_damaged_clips(tmp_path: Path, name: str) -> None:
    """What can be decoded of it, or a sentence."""
    rng, path = np.random.default_rng(0), tmp_path / name
    if name == "a.gif":
        Image.fromarray(quarters()).save(path, save_all=True, append_images=[Image.fromarray(plain((9, 9, 9)))])
    else:
        encode(path, [quarters()] * 5, sound=True)
    data = path.read_bytes()
    for _ in range(ROUNDS // 3):
        path.write_bytes(damaged(data, rng))
        with contextlib.suppress(InputError), Clip(open_clip(path), name, threads=1) as clip:
            for moment in clip.moments():
                assert clip.image(moment).shape[2] == 3
            assert 0 < clip.hold() <= 3600


def test_display_matrices_of_any_numbers(tmp_path: Path) -> None:
    """Each is taken for the nearest of the eight ways to look at a frame."""
    source, rng = encode(tmp_path / "m.mp4", [quarters()] * 2), np.random.default_rng(0)
    data = bytearray(with_matrix(source, tmp_path / "a.mp4", 1, 0, 0, 1).read_bytes())
    at = data.index(b"tkhd") + 44
    for _ in range(30):
        data[at : at + 36] = struct.pack(">9i", *(int(value) for value in rng.integers(-(2**31), 2**31 - 1, 9)))
        (tmp_path / "a.mp4").write_bytes(data)
        with Clip(open_clip(tmp_path / "a.mp4"), "a", threads=1) as clip:
            moment = next(clip.moments())
            assert clip.image(moment).shape[:2] == ((64, 48) if orientation_of(moment.frame)[0] else (48, 64))


def test_profiles_and_headers_of_any_bytes() -> None:
    """A profile that is none leaves the image; a name is refused or not, whatever the file begins with."""
    rng, image = np.random.default_rng(0), Image.fromarray(quarters())
    for _ in range(ROUNDS):
        noise = rng.integers(0, 256, int(rng.integers(0, 400)), np.uint8).tobytes()
        assert to_srgb(image, noise).size == image.size
        assert why_unread(Path("a.jpg"), noise) == ""
        assert list(split_jpegs(iter([noise]))) == []


def test_frames_of_any_size_keep_the_first_ones() -> None:
    """From one pixel to long strips, turned or not: always the first frame's size."""
    display, rng = Display(), np.random.default_rng(0)
    assert display.image(VideoFrame.from_ndarray(quarters(), format="rgb24")).shape == (48, 64, 3)
    for _ in range(20):
        width, height = (2 * int(rng.integers(1, 300)) for _ in range(2))
        assert display.image(VideoFrame.from_ndarray(plain((9, 9, 9), width, height), format="rgb24")).shape == (48, 64, 3)
