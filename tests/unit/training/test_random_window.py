"""The losses see a part of the image that lies somewhere else at every step."""

from __future__ import annotations

import torch

from stylecam.training.data.random_window import LEFT_OUT, crop_place, random_window

GRID_PX = 4


def places(side: int, steps: int) -> list[tuple[int, int, int]]:
    """Return for each step the first row and column that are seen, and the window's height."""
    image = (torch.arange(float(side))[:, None] + 1000 * torch.arange(float(side))).expand(1, 1, side, side)
    seen = [random_window((image, image), 1, step, GRID_PX)[0] for step in range(steps)]
    return [(int(each[0, 0, 0, 0]) % 1000, int(each[0, 0, 0, 0]) // 1000, each.shape[-1]) for each in seen]


def test_images_and_photos_are_cut_alike() -> None:
    """An image is compared with its own piece of the photo."""
    images = torch.rand(2, 3, 40, 48)
    for step in range(8):
        a, b = random_window((images, images.clone()), 5, step, GRID_PX)
        assert a.shape[-1] - a.shape[-2] == 8
        assert torch.equal(a, b)


def test_every_offset_comes_and_a_step_keeps_its_own() -> None:
    """All phases of the network's grid are seen about equally, and a resumed step sees the same window."""
    seen = places(64, 640)
    assert seen == places(64, 640)
    counts = [sum((row % GRID_PX, column % GRID_PX) == (y, x) for row, column, _ in seen) for y in range(GRID_PX) for x in range(GRID_PX)]
    assert sum(counts) == 640
    assert min(counts) >= 16


def test_the_windows_edge_is_often_far_from_the_images() -> None:
    """Half of the windows leave out one grid, the others any multiple up to a quarter of the sides; all edges come in for it."""
    seen = places(64, 640)
    assert {64 - side for _, _, side in seen} == set(range(GRID_PX, int(LEFT_OUT * 64) + 1, GRID_PX))
    assert 0.4 < sum(side == 64 - GRID_PX for _, _, side in seen) / 640 < 0.75
    assert max(row for row, _, _ in seen) > 12
    assert max(64 - side - column for _, column, side in seen) > 12
    assert min(row for row, _, _ in seen) == 0


def test_a_small_image_loses_one_grid_at_most() -> None:
    """What is hardly larger than the grid still leaves something to be judged."""
    assert {side for _, _, side in places(16, 40)} == {12}


def test_crops_lie_anywhere_until_there_are_none() -> None:
    """A step keeps its place, steps have different ones; the whole image has none."""
    places = [crop_place(1, step, whole=False) for step in range(20)]
    assert places == [crop_place(1, step, whole=False) for step in range(20)]
    assert len(set(places)) == 20
    assert crop_place(1, 0, whole=True) is None
