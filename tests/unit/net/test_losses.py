"""The losses compare what they say they compare, and stay finite where a photo or a painting is empty."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stylecam.app.paths import shipped
from stylecam.errors import TrainingError
from stylecam.perceptual.losses import content_loss, covariance_matrix, gram_distance, gram_matrix, style_loss, total_variation_loss
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.vgg import STYLE_LAYERS, LossNetwork

VGG = shipped("weights", "vgg16", "vgg16_features_fp16.safetensors")


def picture(seed: int, height: int = 64, width: int = 64) -> torch.Tensor:
    """Soft coloured noise, (3, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, height // 8, width // 8, generator=generator)
    return torch.nn.functional.interpolate(small, (height, width), mode="bilinear")[0]


@pytest.fixture(scope="module")
def network() -> LossNetwork:
    """The loss network that ships."""
    return LossNetwork(VGG)


def test_the_gram_matrix_is_the_mean_product_of_channels() -> None:
    """Against the definition, written as plain sums."""
    features = torch.rand(2, 3, 4, 5)
    expected = torch.zeros(2, 3, 3)
    for b in range(2):
        for i in range(3):
            for j in range(3):
                expected[b, i, j] = (features[b, i] * features[b, j]).sum() / 20
    torch.testing.assert_close(gram_matrix(features), expected)
    torch.testing.assert_close(gram_matrix(features.contiguous(memory_format=torch.channels_last)), expected)


def test_gram_matrices_are_float32_even_for_bf16_features() -> None:
    """Sums over a whole picture would lose too much in half precision."""
    assert gram_matrix(torch.rand(1, 4, 8, 8).bfloat16()).dtype == torch.float32


def test_the_covariance_matrix_is_that_of_the_channels() -> None:
    """Against torch's own, and a brighter picture, all channels shifted, has the same one."""
    features = torch.rand(2, 3, 8, 5)
    found = covariance_matrix(gram_matrix(features), features)
    for b in range(2):
        torch.testing.assert_close(found[b], torch.cov(features[b].flatten(1), correction=0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(covariance_matrix(gram_matrix(features + 1), features + 1), found, atol=1e-5, rtol=1e-4)


def test_a_tint_misses_the_covariances(network: LossNetwork) -> None:
    """A flat picture has no covariance at all: each layer's loss is 1; the painting's own is 0. Unless asked, nothing is compared."""
    painting = picture(0, 128, 128)
    tint = painting.mean((1, 2), keepdim=True).expand_as(painting)[None]
    objective, style = Objective(network, [painting], covariances=True), torch.tensor([0])
    assert objective(tint, tint, style).covariance.item() == pytest.approx(len(STYLE_LAYERS), rel=0.1)
    assert objective(painting[None], painting[None], style).covariance.item() < 1e-6
    assert Objective(network, [painting])(tint, tint, style).covariance.item() == 0


def test_losses_do_not_depend_on_the_scale_of_the_target() -> None:
    """A bright painting counts no more than a dark one: scaling picture and target together changes nothing."""
    gram, target = 100 * torch.rand(1, 5, 5), 100 * torch.rand(1, 5, 5)
    torch.testing.assert_close(style_loss(gram, target), style_loss(10 * gram, 10 * target))
    assert style_loss(target, target).item() == 0


def test_empty_targets_give_finite_losses() -> None:
    """A flat photo has no features; the losses and their gradients stay finite."""
    features = torch.rand(1, 4, 8, 8, requires_grad=True)
    loss = content_loss(features, torch.zeros(1, 4, 8, 8)) + style_loss(gram_matrix(features), torch.zeros(1, 4, 4))
    loss.sum().backward()
    assert loss.isfinite().all()
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_total_variation_is_zero_only_for_flat_pictures() -> None:
    """A step of height 1 across the middle of a 4x4 picture: 4 of 12 differences are 1 in one direction, none in the other."""
    step = torch.zeros(1, 3, 4, 4)
    assert total_variation_loss(step).item() == 0
    step[..., 2:] = 1
    assert total_variation_loss(step).item() == pytest.approx(4 / 12)


def test_the_nearest_gram_matrix_is_found_whatever_its_scale() -> None:
    """Distances are between normalised matrices."""
    targets = torch.stack([torch.eye(4), torch.ones(4, 4)])
    assert gram_distance(7 * torch.ones(4, 4) + 0.01 * torch.eye(4), targets).argmin() == 1


def test_the_loss_network_has_its_fingerprint(network: LossNetwork) -> None:
    """Golden means of the features of one fixed picture: a swapped channel order, another pooling or other weights change them."""
    features = network(picture(3)[None])
    means = [features[layer].mean().item() for layer in STYLE_LAYERS]
    assert [tuple(features[layer].shape[1:]) for layer in STYLE_LAYERS] == [(64, 64, 64), (128, 32, 32), (256, 16, 16), (512, 8, 8)]
    assert means == pytest.approx(GOLDEN_MEANS, rel=1e-3)


GOLDEN_MEANS = [37.3774, 14.2164, 5.3848, 2.1136]


def test_the_loss_network_stops_where_it_is_told(network: LossNetwork) -> None:
    """Content needs three blocks only; the rest is not computed."""
    assert list(network(picture(3)[None], upto="relu3_3")) == ["relu1_2", "relu2_2", "relu3_3"]


def test_a_damaged_loss_network_is_a_sentence(tmp_path: Path) -> None:
    """A missing file and a file of something else are said, with what to do."""
    (tmp_path / "bad.safetensors").write_bytes(b"nonsense")
    for name in ("bad.safetensors", "missing.safetensors"):
        with pytest.raises(TrainingError, match="cannot be read"):
            LossNetwork(tmp_path / name)


def test_a_painting_is_nearest_to_itself(network: LossNetwork) -> None:
    """The objective's style loss of a painting against itself is zero, and it is its own nearest painting."""
    paintings = [picture(seed, 64, 80) for seed in range(3)]
    objective = Objective(network, paintings)
    for i, painting in enumerate(paintings):
        losses = objective(painting[None], painting[None], torch.tensor([i]))
        assert losses.style.item() < 1e-6
        assert losses.content.item() == 0
        assert objective.nearest_painting(painting[None]).item() == i
        assert objective(painting[None], painting[None], torch.tensor([(i + 1) % 3])).style.item() > 0.01


def test_the_objective_carries_gradients_to_the_picture(network: LossNetwork) -> None:
    """The gradient that trains the network: descending along it lowers the loss."""
    objective = Objective(network, [picture(0)])
    x, y = picture(1)[None], picture(2)[None].requires_grad_()
    style = torch.tensor([0])
    losses = objective(y, x, style)
    before = losses.content + losses.style
    before.sum().backward()
    assert y.grad is not None
    with torch.no_grad():
        after = objective(y - 0.02 * y.grad / y.grad.abs().max(), x, style)
    assert (after.content + after.style).item() < before.item()
