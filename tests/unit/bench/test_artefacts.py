"""Each measure of a fault sees that fault, and not a sound image."""

from __future__ import annotations

import pytest
import torch

from stylecam.bench.quality.artefacts import border_ratio, clipped_share, comb_power


def smooth() -> torch.Tensor:
    """Soft blotches with a little noise, as a photo has."""
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(1, 3, 8, 8, generator=generator)
    large = torch.nn.functional.interpolate(small, (96, 96), mode="bicubic")[0].clamp(0, 1) * 0.8 + 0.1
    return large + 0.02 * torch.rand(3, 96, 96, generator=generator)


@pytest.mark.parametrize("period", [2, 4])
def test_a_faint_checkerboard_is_seen(period: int) -> None:
    """Three levels of 255 at a period of 2 or 4 px raise the figure tenfold."""
    cells = (torch.arange(96) // (period // 2)) % 2
    checker = (cells[:, None] ^ cells[None, :]).float() - 0.5
    assert comb_power(smooth() + 6 / 255 * checker) > 10 * comb_power(smooth())


def test_a_sound_image_has_no_checkerboard() -> None:
    """Soft images, with noise and without, and flat ones stay near or below 1; a period of 3 px is none of ours."""
    assert comb_power(smooth()) < 2
    assert comb_power(torch.full((3, 96, 96), 0.5)) < 2
    threes = (torch.arange(96) % 3 == 0).float() * 6 / 255
    assert comb_power(smooth() + threes) < 2


def test_a_spoiled_border_is_seen() -> None:
    """Features that are wrong all over give 1; wrong only at the border, much more."""
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(1, 4, 24, 24, generator=generator)
    even = target + 0.1 * torch.randn(1, 4, 24, 24, generator=generator)
    assert border_ratio(even, target) == pytest.approx(1, abs=0.25)
    spoiled = even.clone()
    spoiled[..., :4, :] += 1
    assert border_ratio(spoiled, target) > 5


def test_clipped_pixels_are_counted_once() -> None:
    """A pixel with one channel or with all at an end counts once."""
    image = torch.full((3, 4, 5), 0.5)
    image[:, 0, 0] = 1
    image[1, 1, 1] = 0
    assert clipped_share(image) == pytest.approx(2 / 20)
