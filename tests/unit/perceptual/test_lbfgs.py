"""Pixels go downhill, from any start, by both methods, and a stopped descent has its best image."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stylecam.perceptual.lbfgs import METHODS, Method, descend

TARGET = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1


def distance(y: Tensor) -> Tensor:
    """Mean squared distance to the target, with directions of very different steepness."""
    weights = torch.linspace(0.01, 1, 12)
    return ((y - TARGET).pow(2) * weights).mean()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [None, 5])
def test_it_descends_from_an_image_and_from_noise(method: Method, seed: int | None) -> None:
    """The loss falls to a hundredth, the evaluations are counted, and the start is left as it was."""
    start = torch.full((1, 3, 12, 12), 0.5) if seed is None else torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(seed))
    before = start.clone()
    steps = list(descend(distance, start, 150, method=method))
    assert steps[-1].best_loss < distance(start).item() / 100
    assert steps[-1].evaluations == sum(len(step.losses) for step in steps)
    assert steps[-1].best_loss == min(loss for step in steps for loss in step.losses)
    assert torch.equal(start, before)


def test_stopping_keeps_the_best() -> None:
    """A descent closed after a few steps has given an image with the best loss so far."""
    descent = descend(distance, torch.zeros(1, 3, 12, 12), 100)
    for _ in range(5):
        step = next(descent)
    descent.close()
    assert distance(step.image).item() == pytest.approx(step.best_loss, rel=1e-3)
    assert step.best_loss < distance(torch.zeros(1, 3, 12, 12)).item()


def test_it_ends_at_the_bottom() -> None:
    """Where nothing improves any more, it restarts its line search a few times and ends instead of spinning."""
    steps = list(descend(lambda y: (y * 0).sum() + 1, torch.zeros(1, 3, 12, 12), 1000))
    assert len(steps) < 20
    assert steps[-1].best_loss == 1


def test_l_bfgs_does_not_pay_twice_for_the_same_pixels() -> None:
    """The loss is called once per counted evaluation, and most iterations need a single one."""
    calls = 0

    def counted(y: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return distance(y)

    steps = list(descend(counted, torch.zeros(1, 3, 12, 12), 40))
    assert calls == steps[-1].evaluations
    assert len(steps) > calls / 2
