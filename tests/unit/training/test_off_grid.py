"""The loss network's grid must not be where the network's is."""

from __future__ import annotations

import torch

from stylecam.training.data.grid_jitter import off_grid

GRID_PX = 4


def test_pictures_and_photos_are_cropped_alike() -> None:
    """A picture is compared with its own piece of the photo."""
    pictures = torch.rand(2, 3, 40, 48)
    for step in range(8):
        a, b = off_grid(pictures, pictures.clone(), 5, step, GRID_PX)
        assert a.shape == (2, 3, 36, 44)
        assert torch.equal(a, b)


def test_every_offset_comes_and_a_step_keeps_its_own() -> None:
    """All phases of the network's grid are seen about equally, and a resumed step sees the same one."""
    rows = torch.arange(20.0)[:, None] + 100 * torch.arange(20.0)
    picture = rows.expand(1, 3, 20, 20)
    seen = [off_grid(picture, picture, 1, step, GRID_PX)[0][0, 0, 0, 0].item() for step in range(320)]
    again = [off_grid(picture, picture, 1, step, GRID_PX)[0][0, 0, 0, 0].item() for step in range(320)]
    assert seen == again
    counts = [seen.count(row + 100.0 * column) for row in range(GRID_PX) for column in range(GRID_PX)]
    assert sum(counts) == 320
    assert min(counts) >= 8
