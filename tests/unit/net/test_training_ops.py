"""The steps that make training quick give the results and gradients of the plain ones."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.net.families import TransformNetConfig
from stylecam.net.module import TransformNet
from stylecam.net.training_ops import conditional_instance_norm, convolve_enlarged


def gradients(y: Tensor, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the gradients of a random weighing of `y`."""
    generator = torch.Generator().manual_seed(9)
    return torch.autograd.grad((y * torch.randn(y.shape, generator=generator)).sum(), inputs)


def test_normalization_and_its_gradients_are_those_of_the_plain_one() -> None:
    """Against torch's instance normalization, scaled and shifted, in channels_last and contiguous memory."""
    generator = torch.Generator().manual_seed(1)
    gamma, beta = (torch.randn(2, 5, generator=generator).requires_grad_() for _ in range(2))
    plain = torch.randn(2, 5, 6, 7, generator=generator)
    for x in (plain, plain.contiguous(memory_format=torch.channels_last)):
        x.requires_grad_()
        expected = F.instance_norm(x, eps=1e-5) * gamma[:, :, None, None] + beta[:, :, None, None]
        found = conditional_instance_norm(x, gamma, beta, 1e-5)
        torch.testing.assert_close(found, expected)
        for one, two in zip(gradients(found, (x, gamma, beta)), gradients(expected, (x, gamma, beta)), strict=True):
            torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (4, 3), (6, 9)])
def test_the_enlarged_convolution_is_the_plain_one(size: tuple[int, int]) -> None:
    """Against enlarging, reflecting and convolving, up to the edges, for odd sizes and a single pixel."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(2, 3, *size, generator=generator).requires_grad_()
    weight = torch.randn(4, 3, 3, 3, generator=generator).requires_grad_()
    expected = F.conv2d(F.pad(F.interpolate(x, scale_factor=2, mode="nearest"), (1, 1, 1, 1), mode="reflect"), weight)
    found = convolve_enlarged(x, weight)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for one, two in zip(gradients(found, (x, weight)), gradients(expected, (x, weight)), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-4)


def test_a_network_trains_on_what_it_shows() -> None:
    """With and without gradients the same network gives the same image, whatever steps it takes."""
    torch.manual_seed(0)
    net = TransformNet(TransformNetConfig.small(styles=2)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x, weights = torch.rand(1, 3, 36, 44), torch.tensor([[0.6, 0.4]])
    trained = net(x, weights)
    with torch.no_grad():
        shown = net(x, weights)
    torch.testing.assert_close(trained, shown, rtol=1e-3, atol=1e-4)
