"""What a frame must agree with: masks, weights over several frames, and starts, on layers whose motion is known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.methods import temporal_targets
from stylecam.methods.temporal_targets import FrameStore, Target, consistency, long_term, start_image, targets

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SIDE, SQUARE, MOVE = 80, 24, 5


def texture(seed: int) -> Pixels:
    """Return soft blotches with something to see everywhere."""
    noise = np.random.default_rng(seed).integers(0, 256, (SIDE // 4, SIDE // 4, 3), np.uint8)
    return cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def scene(left: int) -> Pixels:
    """Return a still background with a square before it."""
    frame = texture(0).copy()
    frame[28 : 28 + SQUARE, left : left + SQUARE] = 255 - texture(1)[:SQUARE, :SQUARE]
    return frame


def true_flow(left: int, move: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the flow of a scene to one in which the square is so much further right."""
    flow = np.zeros((SIDE, SIDE, 2), np.float32)
    flow[28 : 28 + SQUARE, left : left + SQUARE, 0] = move
    return flow


def test_nothing_is_asked_at_occlusions_and_motion_boundaries() -> None:
    """The weight is zero where the background is uncovered and along the square's rim, one inside it and far from it."""
    weights = consistency(true_flow(20 + MOVE, -MOVE), true_flow(20, MOVE))
    assert not weights[28 : 28 + SQUARE, 20 : 20 + MOVE].any()
    assert not weights[30:50, [24, 25, 20 + MOVE + SQUARE - 1, 20 + MOVE + SQUARE]].any()
    assert weights[31:49, 28:46].all()
    assert weights[:24].all()


def test_a_farther_frame_counts_where_no_nearer_one_does() -> None:
    """Weights of several frames never add up to more than one, and together they cover what any of them shows."""
    rng = np.random.default_rng(0)
    masks = [(rng.random((9, 9)) > 0.5).astype(np.float32) for _ in range(3)]
    weights = long_term(masks)
    np.testing.assert_array_equal(weights[0], masks[0])
    assert np.all(sum(weights) <= 1)
    np.testing.assert_array_equal(sum(weights) > 0, np.maximum.reduce(masks) > 0)
    assert long_term([]) == []


def test_targets_are_warped_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The earlier stylized frame, a negative here, is brought to where its parts are now; what was hidden two frames ago is not asked."""
    flows = {(20 + MOVE, 20): true_flow(20 + MOVE, -MOVE), (20, 20 + MOVE): true_flow(20, MOVE)}
    lefts = {scene(left).tobytes(): left for left in (20, 20 + MOVE)}
    monkeypatch.setattr(temporal_targets, "dense_flow", lambda now, other: flows[lefts[now.tobytes()], lefts[other.tobytes()]])
    store = FrameStore(tmp_path)
    for left in (20, 20 + MOVE):
        store.add_photo(scene(left))
    store.put_result(0, 255 - scene(20))
    (target,) = targets(store, 1, [0])
    counts = target.weights > 0
    np.testing.assert_array_equal(target.image[counts], (255 - scene(20 + MOVE))[counts])
    assert 0.8 < counts.mean() < 1


def test_another_scene_asks_nothing(tmp_path: Path) -> None:
    """After a cut hardly a pixel counts, whatever the flow says."""
    store = FrameStore(tmp_path)
    for seed in (3, 4):
        store.add_photo(texture(seed))
    store.put_result(0, texture(5))
    assert targets(store, 1, [0])[0].weights.mean() < 0.1


def test_a_start_is_what_is_known_and_else_the_base() -> None:
    """Warped where it counts, the base elsewhere; mixed with the base by a share in further passes."""
    base, other = np.full((4, 6, 3), 50, np.uint8), np.full((4, 6, 3), 150, np.uint8)
    weights = np.zeros((4, 6), np.float32)
    weights[:, :3] = 1
    start = start_image(base, [Target(other, weights)])
    assert (start[:, :3] == 150).all()
    assert (start[:, 3:] == 50).all()
    assert (start_image(base, [Target(other, weights)], 0.5)[:, :3] == 100).all()


def test_the_store_keeps_every_bit(tmp_path: Path) -> None:
    """What comes back is what went in, and a result takes the place of an earlier one."""
    store = FrameStore(tmp_path)
    store.add_photo(texture(0))
    store.put_result(0, texture(1))
    store.put_result(0, texture(2))
    np.testing.assert_array_equal(store.photo(0), texture(0))
    np.testing.assert_array_equal(store.result(0), texture(2))
    assert (store.photos, store.results) == (1, 1)
