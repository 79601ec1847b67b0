"""Temporal consistency: strokes move with things, what is uncovered is new, a cut leaves nothing."""

from __future__ import annotations

import cv2
import numpy as np

from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams, Scope
from stylecam.effects.stable import LEAST, STABLE, Carried, stabilize

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SIDE = 96


def texture(seed: int, side: int = 160) -> Pixels:
    """Return soft blotches with something to see everywhere."""
    noise = np.random.default_rng(seed).integers(0, 256, (side // 4, side // 4, 3), np.uint8)
    return cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)


def boiling(photo: Pixels, seed: int) -> Pixels:
    """Return a stylized image as flickering networks make them: other fine strokes in every frame."""
    strokes = np.random.default_rng(seed).normal(0, 25, photo.shape)
    return (0.5 * photo + 60 + strokes).clip(0, 255).astype(np.uint8)


def clip(frames: list[Pixels]) -> list[Pixels]:
    """Return a clip stabilized."""
    before: Carried | None = None
    shown = []
    for number, photo in enumerate(frames):
        image, before = stabilize(photo, boiling(photo, number), before)
        shown.append(image)
    return shown


def test_strokes_move_with_the_photo() -> None:
    """In a pan by whole pixels, each frame is nearly the one before, moved: a quarter of the flicker or less is left."""
    photo = texture(0)
    frames = [np.ascontiguousarray(photo[20 : 20 + SIDE, 10 + 3 * t : 10 + 3 * t + SIDE]) for t in range(4)]
    shown, fresh = clip(frames), [boiling(frame, number) for number, frame in enumerate(frames)]
    here, there = np.s_[12:-12, 12:-15], np.s_[12:-12, 15:-12]
    for images, least, most in ((fresh, 20, 99), (shown, 0, 7)):
        moved = np.abs(images[3][here].astype(float) - images[2][there]).mean()
        assert least < moved < most


def test_the_first_frame_and_another_scene_are_as_they_were_made() -> None:
    """A cut shows the new scene at once, without a trace of the old one."""
    shown = clip([texture(0)[:SIDE, :SIDE], texture(5)[:SIDE, :SIDE]])
    np.testing.assert_array_equal(shown[0], boiling(texture(0)[:SIDE, :SIDE], 0))
    assert np.abs(shown[1].astype(float) - boiling(texture(5)[:SIDE, :SIDE], 1)).mean() < 2


def test_what_is_uncovered_is_new() -> None:
    """A dark square moves away from over a still scene: the strip behind it is taken from the new frame, the rest kept."""
    frames = []
    for left in (30, 40):
        frame = texture(1)[:SIDE, :SIDE].copy()
        frame[30:62, left : left + 32] = texture(2)[:32, :32] // 4
        frames.append(frame)
    shown, fresh = clip(frames)[1].astype(float), boiling(frames[1], 1)
    difference = np.abs(shown - fresh)
    assert difference[34:58, 31:39].mean() < 4
    assert difference[:22].mean() > 15


def test_light_that_changes_arrives() -> None:
    """A still scene that grows a little lighter is shown lighter, within some frames."""
    photo = texture(3)[:SIDE, :SIDE] // 2
    _, before = stabilize(photo, photo, None)
    for _ in range(12):
        image, before = stabilize(photo + 4, photo + 4, before)
    assert image.mean() > photo.mean() + 2.8
    assert 0 < LEAST < 1


def test_it_is_an_option_of_clips() -> None:
    """Off by default, for clips only, and nothing else is taken."""
    assert STABLE.scope is Scope.VIDEO
    assert RenderParams(StyleMix())[STABLE] == "off"
    assert not STABLE.accepts("good")
