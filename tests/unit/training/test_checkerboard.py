"""The checkerboard penalty sees the network's grid and nothing else."""

from __future__ import annotations

import torch

from stylecam.training.losses import checkerboard


def checkerboard_loss(images: torch.Tensor) -> torch.Tensor:
    """Return the loss for a network that works on a grid of four pixels."""
    return checkerboard.checkerboard_loss(images, 4)


def weave(period: int, strength: float, size: int = 131) -> torch.Tensor:
    """Return a grey image with every `period`-th row brighter, (1, 3, size, size)."""
    rows = (torch.arange(size) % period == 0).float() * strength
    return (0.4 + rows)[None, None, :, None].expand(1, 3, size, size).contiguous()


def test_a_weave_of_the_grid_costs_and_more_of_it_costs_more() -> None:
    """Periods of 2 and 4 px, in proportion to the square of their strength."""
    for period in (2, 4):
        weak, strong = (checkerboard_loss(weave(period, strength)).item() for strength in (0.02, 0.04))
        assert weak > 1e-5
        assert abs(strong / weak - 4) < 0.1


def test_what_is_no_grid_costs_nothing() -> None:
    """A plain image, a slope, and stripes of 3 and 5 px."""
    slope = torch.linspace(0, 1, 131)[None, None, :, None].expand(1, 3, 131, 131)
    assert checkerboard_loss(torch.full((1, 3, 131, 131), 0.5)).item() < 1e-10
    assert checkerboard_loss(slope).item() < 1e-10
    for period in (3, 5):
        assert checkerboard_loss(weave(period, 0.04)).item() < checkerboard_loss(weave(4, 0.04)).item() / 50


def test_strong_strokes_cost_little() -> None:
    """A texture as strong as a style image's averages out: less than a weave of 1/255."""
    texture = 0.5 + 0.08 * torch.randn(4, 3, 131, 131, generator=torch.Generator().manual_seed(0))
    assert checkerboard_loss(texture).max().item() < 5e-5


def test_it_is_a_number_for_each_image_and_pulls_the_pattern_down() -> None:
    """Images of a batch do not mix, and a step against the gradient weakens the weave."""
    batch = torch.cat([weave(4, 0.04), torch.full((1, 3, 131, 131), 0.5)]).requires_grad_()
    losses = checkerboard_loss(batch)
    assert losses.shape == (2,)
    assert losses[1].item() < 1e-10
    losses.sum().backward()
    better = batch.detach() - batch.grad * 0.02 / batch.grad.abs().max()
    assert checkerboard_loss(better)[0] < losses[0]
