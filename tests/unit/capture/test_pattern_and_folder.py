"""The test pattern and folders of images."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.capture import frame_number
from stylecam.capture.image_folder import ImageFolder
from stylecam.capture.test_pattern import TestPattern
from stylecam.core.frame import Frame
from stylecam.errors import InputError, UsageError


def test_pattern_moves_and_is_numbered() -> None:
    """As a file it gives the asked number of frames at once, each numbered, each different, all the same in a second run."""
    source = TestPattern(160, 120, fps=25, live=False, frames=3)
    for _ in range(2):
        info = source.open()
        assert (info.width, info.height, info.live) == (160, 120, False)
        frames = [source.read() for _ in range(4)]
        images = [frame.image for frame in frames if frame]
        assert [frame_number.read(image) for image in images] == [0, 1, 2]
        assert [frame.media_ns for frame in frames if frame] == [0, 40_000_000, 80_000_000]
        assert frames[3] is None
        assert not np.array_equal(images[0][60:], images[1][60:])


@pytest.mark.parametrize("size", [(8, 8), (64, 48), (641, 361)])
def test_pattern_has_any_size(size: tuple[int, int]) -> None:
    """Small and odd sizes work."""
    source = TestPattern(*size, live=False)
    source.open()
    frame = source.read()
    assert frame is not None
    assert frame.image.shape == (size[1], size[0], 3)


def test_live_pattern_keeps_time_and_closes_at_once() -> None:
    """Live, a frame comes when the clock says so; a read that waits ends when another thread closes the source."""
    source = TestPattern(64, 48, fps=0.1)
    source.open()
    assert source.read() is not None
    ended: list[Frame | None] = []
    thread = threading.Thread(target=lambda: ended.append(source.read()))
    begun = time.monotonic()
    thread.start()
    source.close()
    thread.join(8)
    assert ended == [None]
    assert time.monotonic() - begun < 8  # the next frame was ten seconds away


def test_pattern_refuses_the_impossible() -> None:
    """Sizes and rates out of range are a sentence."""
    with pytest.raises(UsageError, match="cannot be 0x480"):
        TestPattern(0, 480)
    with pytest.raises(UsageError, match="frames per second"):
        TestPattern(fps=0)


def save(path: Path, red: int) -> None:
    """Write an image that is known by its red."""
    Image.new("RGB", (20, 10), (red, 0, 0)).save(path)


def reds(source: ImageFolder, most: int = 20) -> list[int]:
    """Return what `save` wrote, in the order it comes."""
    source.open()
    found: list[int] = []
    while len(found) < most and (frame := source.read()) is not None:
        found.append(int(frame.image[0, 0, 0]))
    source.close()
    return found


def test_folder_is_read_as_one_counts(tmp_path: Path) -> None:
    """2 comes before 10; other files and hidden ones are no images; times follow the rate."""
    for number in (10, 2, 1):
        save(tmp_path / f"frame_{number}.png", number)
    save(tmp_path / ".hidden.png", 99)
    (tmp_path / "notes.txt").write_text("none")
    source = ImageFolder(tmp_path, fps=25)
    assert reds(source) == [1, 2, 10]
    info = source.open()
    assert (info.name, info.width, info.height, info.live) == (tmp_path.name, 20, 10, False)
    assert [frame.media_ns for frame in iter(source.read, None) if frame] == [0, 40_000_000, 80_000_000]


def test_folder_loops_and_skips_what_is_broken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A broken image is left out and said in the log; with `loop` it goes round."""
    save(tmp_path / "1.png", 1)
    (tmp_path / "2.png").write_bytes(b"PNG?")
    save(tmp_path / "3.png", 3)
    with caplog.at_level(logging.INFO, "stylecam"):
        assert reds(ImageFolder(tmp_path, loop=True), most=5) == [1, 3, 1, 3, 1]
    assert "2.png" in caplog.text


def test_one_image_in_display_orientation(tmp_path: Path) -> None:
    """A single photo is a source too, turned as its Exif says; 16-bit grey keeps its brightness."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg", exif=exif)
    info = ImageFolder(tmp_path / "a.jpg").open()
    assert (info.width, info.height) == (10, 20)
    Image.fromarray(np.full((4, 4), 0x8000, np.uint16)).save(tmp_path / "grey.png")
    assert reds(ImageFolder(tmp_path / "grey.png")) == [128]


def test_folders_without_images_are_a_sentence(tmp_path: Path) -> None:
    """Missing, empty, or broken images alone."""
    with pytest.raises(InputError, match="There is no folder"):
        ImageFolder(tmp_path / "missing").open()
    with pytest.raises(InputError, match="holds no images"):
        ImageFolder(tmp_path).open()
    (tmp_path / "a.png").write_bytes(b"PNG?")
    with pytest.raises(InputError, match="No image"):
        ImageFolder(tmp_path).open()


def test_what_a_folder_holds_besides_is_noted(tmp_path: Path) -> None:
    """Kinds that people take for images and that are not shown are counted, also where there is nothing else."""
    (tmp_path / "IMG_1.HEIC").touch()
    with pytest.raises(InputError, match=r"holds no images.*1 file was left out: 1 HEIC"):
        ImageFolder(tmp_path).open()
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    source = ImageFolder(tmp_path)
    assert source.open().note == "1 file was left out: 1 HEIC."
    source.close()
