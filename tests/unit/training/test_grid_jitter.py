"""A random crop offset moves the network's grid under the loss network's."""

from __future__ import annotations

import torch

from stylecam.training.data.grid_jitter import crop_at_random_offset

GRID_PX = 4


def test_images_and_photos_are_cropped_alike() -> None:
    """An image is compared with its own piece of the photo."""
    images = torch.rand(2, 3, 40, 48)
    for step in range(8):
        a, b = crop_at_random_offset(images, images.clone(), 5, step, GRID_PX)
        assert a.shape == (2, 3, 36, 44)
        assert torch.equal(a, b)


def test_every_offset_comes_and_a_step_keeps_its_own() -> None:
    """All phases of the network's grid are seen about equally, and a resumed step sees the same one."""
    rows = torch.arange(20.0)[:, None] + 100 * torch.arange(20.0)
    image = rows.expand(1, 3, 20, 20)
    seen = [crop_at_random_offset(image, image, 1, step, GRID_PX)[0][0, 0, 0, 0].item() for step in range(320)]
    again = [crop_at_random_offset(image, image, 1, step, GRID_PX)[0][0, 0, 0, 0].item() for step in range(320)]
    assert seen == again
    counts = [seen.count(row + 100.0 * column) for row in range(GRID_PX) for column in range(GRID_PX)]
    assert sum(counts) == 320
    assert min(counts) >= 8
