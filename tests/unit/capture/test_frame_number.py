"""The number in the corner survives what happens to frames on their way."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.capture import frame_number
from stylecam.capture.video_file import VideoFile
from tests.fakes import gradient
from tests.unit.capture.clips import write_clip

NUMBERS = (0, 1, 255, 256, 43690, 65535)


@pytest.mark.parametrize("size", [(160, 120), (320, 240), (640, 480), (641, 481), (1280, 720)])
def test_what_is_drawn_is_read(size: tuple[int, int]) -> None:
    """Each number is read again at each size; the image given is not changed."""
    image = gradient(size[1], size[0])
    before = image.copy()
    assert [frame_number.read(frame_number.draw(image, number)) for number in NUMBERS] == list(NUMBERS)
    assert np.array_equal(image, before)


def test_every_width_is_read() -> None:
    """Also where cells are of two widths, 208 pixels say: the narrow ones once lost all their pixels to the rim. Found by fuzzing."""
    for width in range(frame_number.MIN_WIDTH_PX, 660, 3):
        image = np.full((60, width, 3), 128, np.uint8)
        assert frame_number.read(frame_number.draw(image, 43690 + width)) == 43690 + width, width


def test_a_mark_is_hidden_wherever_it_was_drawn() -> None:
    """In a frame that is very wide and low there was once a mark with too few rows below it to cover it with. Found by fuzzing."""
    for width in range(frame_number.MIN_WIDTH_PX, 400, 3):
        for height in range(width * 6 // 80 - 3, width * 6 // 80 + 3):
            image = np.full((height, width, 3), 128, np.uint8)
            assert np.array_equal(frame_number.hide(frame_number.draw(image, 43690)), image), (width, height)


def test_numbers_begin_again() -> None:
    """Beyond the last number it starts from 0."""
    assert frame_number.read(frame_number.draw(gradient(120, 160), frame_number.COUNT + 7)) == 7


def test_without_a_mark_there_is_no_number() -> None:
    """Plain frames, noise-free or dark, and frames too small for a mark, have none."""
    assert frame_number.read(gradient(480, 640)) is None
    assert frame_number.read(np.zeros((480, 640, 3), np.uint8)) is None
    tiny = gradient(48, 64)
    assert np.array_equal(frame_number.draw(tiny, 5), tiny)
    assert frame_number.read(tiny) is None


def test_it_scales_with_the_frame() -> None:
    """A frame that was made smaller or larger still shows its number."""
    marked = frame_number.draw(gradient(480, 640), 43690)
    for size in ((320, 240), (500, 375), (960, 720)):
        resized = np.asarray(cv2.resize(marked, size, interpolation=cv2.INTER_AREA), np.uint8)
        assert frame_number.read(resized) == 43690


def test_it_survives_h264_and_noise(tmp_path: Path) -> None:
    """After bad compression of a noisy frame every number is right."""
    random = np.random.default_rng(1)
    noisy = np.clip(gradient(240, 320) + random.normal(0, 12, (240, 320, 3)), 0, 255).astype(np.uint8)
    path = write_clip(tmp_path / "marked.mp4", [frame_number.draw(noisy, number) for number in NUMBERS])
    source = VideoFile(path)
    source.open()
    numbers = []
    while frame := source.read():
        numbers.append(frame_number.read(frame.image))
    source.close()
    assert numbers == list(NUMBERS)


def test_it_can_be_hidden() -> None:
    """Hidden, the number cannot be read, and nothing but the corner is another."""
    marked = frame_number.draw(gradient(480, 640), 43690)
    hidden = frame_number.hide(marked)
    assert frame_number.read(hidden) is None
    assert np.array_equal(hidden[24:], marked[24:])
    assert np.array_equal(hidden[:, 136:], marked[:, 136:])
