"""Temporal smoothing keeps still what stands still, and nothing else."""

from __future__ import annotations

import contextlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import stylecam
from stylecam.capture.test_pattern import TestPattern
from stylecam.effects.temporal import Smoothed, smooth

Frame = NDArray[np.uint8]


def scene() -> NDArray[np.float32]:
    """A room with soft light and bars, (120, 160, 3)."""
    y, x = np.mgrid[:120, :160]
    grey = np.where((x > 100) & (x % 12 < 6), 40, 60 + x * 0.5 + y * 0.3)
    return np.repeat(grey.astype(np.float32)[..., None], 3, 2)


def filmed(room: NDArray[np.float32], rng: np.random.Generator, noise: float) -> Frame:
    """What a camera with that much noise, in grey levels, makes of it."""
    return np.asarray((room + rng.normal(0, noise, room.shape)).clip(0, 255).round(), np.uint8)


def restyle(photo: Frame) -> Frame:
    """An unsmoothed style: other colours, and noise three times as strong as the photo's."""
    smooth = scene()
    return np.asarray((255 - smooth * 0.8 - 3 * (photo - smooth)).clip(0, 255).round(), np.uint8)


def run(photos: list[Frame], stylized: list[Frame]) -> list[Frame]:
    """Smooth a clip."""
    images: list[Frame] = []
    before: Smoothed | None = None
    for photo, frame in zip(photos, stylized, strict=True):
        image, before = smooth(photo, frame, before)
        images.append(image)
    return images


def flicker(frames: list[Frame]) -> float:
    """Mean absolute difference of the last ten frames to those before them, in grey levels."""
    return float(np.mean([np.abs(a.astype(float) - b).mean() for a, b in zip(frames[-11:-1], frames[-10:], strict=True)]))


@pytest.mark.parametrize("noise", [0.5, 2.5, 6.0])
def test_a_still_room_stops_shimmering(noise: float) -> None:
    """A tenth of the flicker is left, whether the camera is good, ordinary or in the dark; and the frame is no other one."""
    rng = np.random.default_rng(1)
    photos = [filmed(scene(), rng, noise) for _ in range(40)]
    stylized = [restyle(photo) for photo in photos]
    calmed = run(photos, stylized)
    assert flicker(calmed) < 0.12 * flicker(stylized)
    assert np.abs(calmed[-1] - np.mean(stylized, axis=0)).mean() < noise + 0.5


def test_what_moves_is_replaced_at_once_and_leaves_no_trail() -> None:
    """A box crosses the room: where it is, and where it was, the stylized image is the new one, within what noise counts for."""
    rng = np.random.default_rng(2)
    photos = []
    for t in range(20):
        room = scene()
        room[40:80, 4 * t : 4 * t + 30] = 230
        photos.append(filmed(room, rng, 2.5))
    stylized = [np.asarray(255 - photo, np.uint8) for photo in photos]
    calmed = run(photos, stylized)
    for t in range(1, 20):
        moved = np.s_[44:76, 4 * t - 4 : 4 * t + 28]  # left in this frame on its left side, entered on its right
        change = np.abs(photos[t][moved].astype(float) - photos[t - 1][moved]).max(2) > 60
        error = np.abs(calmed[t][moved].astype(float) - stylized[t][moved])[change]
        assert change.any()
        assert error.mean() < 1.0


def pattern(width: int, height: int, count: int) -> list[Frame]:
    """The moving test pattern at eight frames a second."""
    images = []
    with contextlib.closing(TestPattern(width, height, 8.0, live=False, frames=count)) as source:
        source.open()
        while (frame := source.read()) is not None:
            images.append(frame.image)
    return images


def left_behind(photos: list[Frame], stylized: list[Frame]) -> tuple[float, float]:
    """Mean and 99th percentile, in grey levels, of what smoothing leaves where the pattern's disc was in the eight frames before."""
    calmed = run(photos, stylized)
    size = photos[0].shape[0] // 10
    disc = [(photo == (250, 180, 60)).all(2).astype(np.uint8) for photo in photos]
    wide = [cv2.dilate(each, np.ones((size, size), np.uint8)) > 0 for each in disc]
    errors = []
    for t in range(12, len(photos)):
        trail = np.any(wide[t - 8 : t], axis=0) & ~wide[t]
        errors.append(np.abs(calmed[t].astype(float) - stylized[t]).max(2)[trail])
    found = np.concatenate(errors)
    return float(found.mean()), float(np.percentile(found, 99))


def test_strokes_around_what_moves_leave_no_trail() -> None:
    """A style that draws rings around the disc, outside of it, as networks do: none is left where the disc was."""
    photos = pattern(240, 180, 24)
    stylized = []
    for photo in photos:
        disc = (photo == (250, 180, 60)).all(2).astype(np.uint8)
        ring = cv2.distanceTransform(1 - disc, cv2.DIST_L2, 3)
        stylized.append(np.asarray((photo * 0.5 + 60 * ((ring % 6 < 3) & (ring < 18))[..., None]).clip(0, 255), np.uint8))
    mean, worst = left_behind(photos, stylized)
    assert mean < 1
    assert worst < 24


@pytest.mark.slow
def test_a_network_leaves_no_trail() -> None:
    """The same with live32: a tenth of what was left when only the places that moved were replaced, 18 levels on average, 85 at worst."""
    photos = pattern(480, 360, 30)
    with stylecam.Stylizer("live32", engine="openvino", precision="f32", threads=1) as stylizer:
        stylized = [stylizer.stylize(photo, "starry_night=0.6,great_wave=0.4") for photo in photos]
    mean, worst = left_behind(photos, stylized)
    assert mean < 3
    assert worst < 25


def test_a_cut_shows_the_new_frame_at_once() -> None:
    """Not a mixture of both."""
    first, second = np.full((60, 80, 3), 60, np.uint8), np.full((60, 80, 3), 160, np.uint8)
    image = run([first, second], [first, 255 - second])[1]
    np.testing.assert_array_equal(image, 255 - second)


def test_the_first_frame_and_one_of_another_size_are_as_stylized() -> None:
    """There is nothing to keep."""
    photo = filmed(scene(), np.random.default_rng(3), 2.0)
    half = np.ascontiguousarray(photo[::2, ::2])
    images = run([photo, half], [restyle(photo), 255 - half])
    np.testing.assert_array_equal(images[0], restyle(photo))
    np.testing.assert_array_equal(images[1], 255 - half)


def test_light_that_fades_slowly_arrives() -> None:
    """A stylized frame never stays more than the noise bound behind, and catches up once the light stays."""
    photos = [np.full((60, 80, 3), 100 + min(t, 40), np.uint8) for t in range(90)]
    calmed = run(photos, photos)
    assert max(abs(int(image[30, 40, 0]) - int(photo[30, 40, 0])) for image, photo in zip(calmed, photos, strict=True)) <= 6
    assert abs(int(calmed[-1][30, 40, 0]) - 140) <= 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5, 3), (37, 61, 3)])
def test_any_size_will_do(shape: tuple[int, int, int]) -> None:
    """Odd and tiny ones too."""
    photo = np.random.default_rng(4).integers(0, 256, shape, np.uint8)
    image = run([photo, photo], [photo, 255 - photo])[1]
    assert image.shape == shape
    assert image.dtype == np.uint8
