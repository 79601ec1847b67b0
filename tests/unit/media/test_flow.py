"""Optical flow: exact on known moves, and honest about what it cannot know."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stylecam.media.flow import Flow, dense_flow, off_boundaries, visible, warp

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SIDE, SQUARE, MOVE = 96, 32, 6


def texture(seed: int, side: int = SIDE + 32) -> Pixels:
    """Return soft blotches with something to see everywhere."""
    noise = np.random.default_rng(seed).integers(0, 256, (side // 4, side // 4, 3), np.uint8)
    return cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)


def uniform(x: float, y: float) -> Flow:
    """Return a flow that is the same everywhere."""
    return np.broadcast_to(np.float32([x, y]), (SIDE, SIDE, 2)).copy()


@pytest.mark.parametrize(("x", "y"), [(3, 0), (0, -2), (-5, 4)])
def test_a_known_shift_is_warped_exactly(x: int, y: int) -> None:
    """Brought back by the shift that made it, a frame is the other one to the last bit, wherever that showed it."""
    photo = texture(0)
    before, now = photo[16 : 16 + SIDE, 16 : 16 + SIDE], photo[16 + y : 16 + y + SIDE, 16 + x : 16 + x + SIDE]
    here = np.s_[8:-8, 8:-8]
    for sharp in (False, True):
        np.testing.assert_array_equal(warp(before, uniform(x, y), sharp=sharp)[here], now[here])


def test_the_flow_of_a_known_shift_is_measured() -> None:
    """To a quarter of a pixel in the middle of the frame; all of it but the border is believed."""
    photo = texture(1)
    before, now = photo[16 : 16 + SIDE, 16 : 16 + SIDE], photo[18 : 18 + SIDE, 13 : 13 + SIDE]
    back, forth = dense_flow(now, before), dense_flow(before, now)
    assert np.abs(back - (-3, 2))[12:-12, 12:-12].max() < 0.25
    assert visible(back, forth)[12:-12, 12:-12].all()


def layers() -> tuple[Pixels, Pixels, Flow, Flow]:
    """Return two frames in which a square moves to the right over a background that stands still, and the true flows back and forth."""
    behind, front = texture(2)[:SIDE, :SIDE], 255 - texture(3)[:SQUARE, :SQUARE]
    frames, flows = [], []
    for left, move in ((20, MOVE), (20 + MOVE, -MOVE)):
        frame, flow = behind.copy(), uniform(0, 0)
        frame[30 : 30 + SQUARE, left : left + SQUARE] = front
        flow[30 : 30 + SQUARE, left : left + SQUARE, 0] = move
        frames.append(frame)
        flows.append(flow)
    return frames[0], frames[1], flows[1], flows[0]


def test_what_is_uncovered_was_not_visible() -> None:
    """With the true flows, the strip that the square has left is the only part of the frame that the one before did not show."""
    _, _, back, forth = layers()
    expected = np.ones((SIDE, SIDE), bool)
    expected[30 : 30 + SQUARE, 20 : 20 + MOVE] = False
    np.testing.assert_array_equal(visible(back, forth), expected)


def test_measured_flows_find_it_too() -> None:
    """With flows measured in the frames, most of that strip is left out, by the two masks together, and hardly anything else."""
    before, now, _, _ = layers()
    back, forth = dense_flow(now, before), dense_flow(before, now)
    kept = visible(back, forth) & off_boundaries(back)
    assert kept[32 : 28 + SQUARE, 20 : 20 + MOVE].mean() < 0.3
    around = np.ones((SIDE, SIDE), bool)
    around[18 : 42 + SQUARE, 8 : 32 + MOVE + SQUARE] = False
    assert kept[around].mean() > 0.95


def test_motion_boundaries_are_left_out() -> None:
    """On both sides of the square's rim nothing is believed; inside and outside everything is."""
    _, _, back, _ = layers()
    off = off_boundaries(back)
    left, right = 20 + MOVE, 20 + MOVE + SQUARE
    assert not off[32 : 28 + SQUARE, [left - 1, left, right - 1, right]].any()
    assert off[33 : 27 + SQUARE, left + 2 : right - 2].all()
    assert off[:26].all()


def test_tiny_frames_have_no_flow() -> None:
    """Frames too small for the method are taken to stand still."""
    assert not dense_flow(texture(0)[:8, :8], texture(1)[:8, :8]).any()
