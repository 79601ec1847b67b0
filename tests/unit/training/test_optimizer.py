"""Both kinds of optimizer learn, keep their state, and refuse gradients that are not finite."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from stylecam.training.config import OPTIMIZERS
from stylecam.training.optimizer import Optimizer

NO_SCALER = torch.amp.GradScaler("cpu", enabled=False)


@pytest.fixture
def network() -> nn.Module:
    """Two layers at the ends, one between, in the order of memory that the trainer uses."""
    torch.manual_seed(3)
    layers = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 24, 3, bias=False), nn.Conv2d(24, 3, 3))
    return layers.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def made(network: nn.Module, kind: str) -> Optimizer:
    """Return an optimizer of all parameters in one group."""
    return Optimizer({"all": dict(network.named_parameters())}, kind)


def loss(network: nn.Module, seed: int) -> Tensor:
    """Return what `network` is to lower, on random images."""
    x = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(seed))
    y: Tensor = network(x)
    return y.pow(2).mean()


def run(network: nn.Module, optimizer: Optimizer, first: int, steps: int, scaler: torch.amp.GradScaler = NO_SCALER) -> None:
    """Make so many steps."""
    for seed in range(first, first + steps):
        optimizer.zero_grad()
        scaler.scale(loss(network, seed)).backward()  # type: ignore[no-untyped-call]
        assert optimizer.step(scaler, {"all": 0.01}, 1.0)


def weights(network: nn.Module) -> list[Tensor]:
    """Return copies of all parameters."""
    return [parameter.detach().clone() for parameter in network.parameters()]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_parameter_moves_and_the_loss_falls(network: nn.Module, kind: str) -> None:
    """Twenty steps lower the loss, and none of the parameters stays where it was."""
    before, first = weights(network), loss(network, 1000).item()
    run(network, made(network, kind), 0, 20)
    assert loss(network, 1000).item() < 0.5 * first
    assert all(not torch.equal(a, b) for a, b in zip(before, weights(network), strict=True))


def test_muon_moves_the_kernel_between_the_ends_alike_in_all_directions(network: nn.Module) -> None:
    """The singular values of its step are nearly one value; of Adam's step, and of the first layer's, they are not."""
    spread = {}
    for kind in OPTIMIZERS:
        copied = copy.deepcopy(network)
        before = weights(copied)
        run(copied, made(copied, kind), 0, 1)
        moved = [a - b for a, b in zip(weights(copied), before, strict=True)]
        values = {layer: torch.linalg.svdvals(moved[layer].flatten(1)) for layer in (0, 2)}
        spread[kind] = {layer: float(found[0] / found[-1]) for layer, found in values.items()}
    assert spread["muon"][2] < 2.5 < spread["adam"][2]
    assert spread["muon"][0] == pytest.approx(spread["adam"][0], rel=1e-4)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_state_that_is_put_back_goes_on_as_if_nothing_had_happened(network: nn.Module, kind: str) -> None:
    """Three steps, and two more after the state went through `tensors`, are the same five as without a break."""
    whole = copy.deepcopy(network)
    run(whole, made(whole, kind), 0, 5)
    first = made(network, kind)
    assert first.tensors() == {}
    run(network, first, 0, 3)
    second = made(network, kind)
    second.restore({name: value.clone() for name, value in first.tensors().items()})
    run(network, second, 3, 2)
    for a, b in zip(weights(whole), weights(network), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_gradient_that_is_not_finite_moves_nothing(network: nn.Module, kind: str) -> None:
    """One NaN among the gradients of one kernel: False, and all parameters are as before."""
    optimizer, before = made(network, kind), weights(network)
    loss(network, 0).backward()  # type: ignore[no-untyped-call]
    kernel = network.get_parameter("1.weight")
    assert kernel.grad is not None
    kernel.grad[0, 0, 0, 0] = torch.nan
    assert not optimizer.step(NO_SCALER, {"all": 0.01}, 1.0)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(network), strict=True))


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_scaled_loss_makes_the_same_step(network: nn.Module, kind: str) -> None:
    """What fp16 needs changes nothing in f32: gradients are taken back to their size before they are clipped and used."""
    other = copy.deepcopy(network)
    run(network, made(network, kind), 0, 2)
    run(other, made(other, kind), 0, 2, torch.amp.GradScaler("cpu", init_scale=1024.0))
    for a, b in zip(weights(network), weights(other), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_each_group_has_a_rate_of_its_own(network: nn.Module) -> None:
    """A group whose rate is zero stays where it is while the other moves."""
    named = dict(network.named_parameters())
    still = {name: p for name, p in named.items() if name.startswith("0.")}
    optimizer = Optimizer({"still": still, "moving": {name: p for name, p in named.items() if name not in still}}, "adam")
    before = {name: p.detach().clone() for name, p in named.items()}
    loss(network, 0).backward()  # type: ignore[no-untyped-call]
    assert optimizer.step(NO_SCALER, {"still": 0.0, "moving": 0.01}, 1.0)
    assert {name for name, p in named.items() if torch.equal(p, before[name])} == set(still)
