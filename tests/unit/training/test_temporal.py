"""Temporal consistency: a stylized image must follow small moves of the photo and ignore its noise."""

from __future__ import annotations

import torch

from stylecam.training.losses import temporal


def _photo(count: int = 2) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(count, 3, 32, 32)


def _still(count: int) -> torch.Tensor:
    moves = torch.zeros(count, 2, 3)
    moves[:, 0, 0] = moves[:, 1, 1] = 1
    return moves


def test_a_shift_by_whole_pixels_is_exact() -> None:
    """Three to the left, two up: every pixel that stays in the image has its value, not a mixture."""
    moves = _still(2)
    moves[:, 0, 2], moves[:, 1, 2] = 3 * 2 / 32, 2 * 2 / 32
    torch.testing.assert_close(temporal.move(_photo(), moves)[..., :-2, :-3], _photo()[..., 2:, 3:], rtol=0, atol=1e-4)


def test_an_image_that_follows_costs_nothing_and_one_that_stays_costs() -> None:
    """The photo itself, moved, is perfectly consistent; an image that does not move with the photo is not."""
    photo = _photo(16)
    moves = temporal.random_moves(16, 32, torch.Generator().manual_seed(1))
    assert temporal.temporal_loss(photo, temporal.move(photo, moves), moves).max() < 1e-6
    moved = moves[:, :, 2].abs().amax(1) > 0
    assert temporal.temporal_loss(photo, photo, moves)[moved].min() > 1e-3


def test_a_fifth_of_the_cameras_stand_still() -> None:
    """Neither moved nor zoomed; all others move by whole pixels within bounds, and some of them zoom."""
    moves = temporal.random_moves(1000, 32, torch.Generator().manual_seed(2))
    shift, zoom = moves[:, :, 2] * 16, moves[:, 0, 0]
    still = (shift == 0).all(1) & (zoom == 1)
    assert 0.15 < still.float().mean() < 0.27  # a shift is zero by chance once in 81
    torch.testing.assert_close(shift, shift.round())
    assert shift.abs().max() == temporal.SHIFT_PX
    assert 0.14 < (zoom != 1).float().mean() < 0.26
    assert (zoom - 1).abs().max() <= temporal.ZOOM


def test_the_next_frame_differs_a_little_and_is_repeatable() -> None:
    """Noise, compression and exposure alone change a still photo by a few percent; the same seed gives the same frame."""
    frames = [temporal.next_frame(_photo(), _still(2), torch.Generator().manual_seed(4)) for _ in range(2)]
    assert torch.equal(*frames)
    difference = (frames[0] - _photo()).abs().mean()
    assert 1e-3 < difference < 0.05
    assert frames[0].min() >= 0
    assert frames[0].max() <= 1


def test_the_next_frame_may_have_any_size() -> None:
    """Also one that patches of noise do not divide."""
    assert temporal.next_frame(torch.rand(1, 3, 37, 37), _still(1), torch.Generator().manual_seed(5)).shape == (1, 3, 37, 37)


def test_small_differences_count_squared_and_large_ones_linearly() -> None:
    """Twice a small difference costs four times as much, twice a large one twice as much."""
    x = torch.full((1, 3, 32, 32), 0.5)
    small, double, large, larger = (temporal.temporal_loss(x, x + d, _still(1)).item() for d in (0.0002, 0.0004, 0.2, 0.4))
    assert abs(double / small - 4) < 0.2
    assert abs(larger / large - 2) < 0.15


def test_only_what_stands_still_must_not_change() -> None:
    """A change where things pass is free, elsewhere it costs, whatever the share of the image that is still."""
    before = _photo()
    after = before.clone()
    after[..., :8, :] = 1 - after[..., :8, :]
    still = torch.ones(2, 1, 32, 32)
    still[..., :8, :] = 0
    assert temporal.still_loss(before, after, still).max() == 0
    assert temporal.still_loss(before, after, torch.ones(2, 1, 32, 32)).min() > 0.1
    shaken = before + 0.05
    whole, part = (temporal.still_loss(before, shaken, mask) for mask in (torch.ones(2, 1, 32, 32), still))
    torch.testing.assert_close(whole, part)


def test_paler_is_no_calmer() -> None:
    """An image that swims costs as much at half its contrast, within a fifth: what is asked is to hold still, not to fade."""
    photo = _photo(4)
    swimming = photo.roll(1, -1)
    whole = temporal.temporal_loss(photo, swimming, _still(4))
    pale = temporal.temporal_loss(0.5 + (photo - 0.5) / 2, 0.5 + (swimming - 0.5) / 2, _still(4))
    assert (pale / whole).min() > 0.8
