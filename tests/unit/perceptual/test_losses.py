"""The losses compare what they say they compare, and stay finite where a photo or a style image is empty."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from stylecam.core.paths import shipped
from stylecam.errors import TrainingError, UsageError
from stylecam.perceptual.losses import content_loss, covariance_matrix, gram_distance, gram_matrix, style_loss, total_variation_loss
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import CLASSIC, TWO_SCALE, Term, with_full_size
from stylecam.perceptual.vgg import LossNetwork

VGG = shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")


def soft_noise(seed: int, height: int = 64, width: int = 64) -> torch.Tensor:
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
    """Sums over a whole image would lose too much in half precision."""
    assert gram_matrix(torch.rand(1, 4, 8, 8).bfloat16()).dtype == torch.float32


def test_the_covariance_matrix_is_that_of_the_channels() -> None:
    """Against torch's own, and a brighter image, all channels shifted, has the same one."""
    features = torch.rand(2, 3, 8, 5)
    found = covariance_matrix(gram_matrix(features), features)
    for b in range(2):
        torch.testing.assert_close(found[b], torch.cov(features[b].flatten(1), correction=0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(covariance_matrix(gram_matrix(features + 1), features + 1), found, atol=1e-5, rtol=1e-4)


def test_a_tint_misses_the_covariances(network: LossNetwork) -> None:
    """A constant-colour image has no covariance: each layer's loss is 1; the style image's own is 0. Unless asked, nothing is compared."""
    style_image = soft_noise(0, 128, 128)
    tint = style_image.mean((1, 2), keepdim=True).expand_as(style_image)[None]
    objective, style = Objective(network, CLASSIC, [[style_image]], covariances=True), torch.tensor([0])
    assert objective(tint, tint, style).covariance.item() == pytest.approx(4, rel=0.1)
    assert objective(style_image[None], style_image[None], style).covariance.item() < 1e-6
    assert Objective(network, CLASSIC, [[style_image]])(tint, tint, style).covariance.item() == 0


def test_losses_do_not_depend_on_the_scale_of_the_target() -> None:
    """A bright style image counts no more than a dark one: scaling image and target together changes nothing."""
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


def test_total_variation_is_zero_only_for_constant_colour() -> None:
    """A step of height 1 across the middle of a 4x4 image: 4 of 12 differences are 1 in one direction, none in the other."""
    step = torch.zeros(1, 3, 4, 4)
    assert total_variation_loss(step).item() == 0
    step[..., 2:] = 1
    assert total_variation_loss(step).item() == pytest.approx(4 / 12)


def test_the_nearest_gram_matrix_is_found_whatever_its_scale() -> None:
    """Distances are between normalised matrices."""
    targets = torch.stack([torch.eye(4), torch.ones(4, 4)])
    assert gram_distance(7 * torch.ones(4, 4) + 0.01 * torch.eye(4), targets).argmin() == 1


def test_the_loss_network_has_its_fingerprint(network: LossNetwork) -> None:
    """Golden means of the features of one fixed image: a swapped channel order, another pooling or other weights change them."""
    assert network.layers[-1] == "relu5_1"
    features = network(soft_noise(3)[None], [*GOLDEN_MEANS])
    assert tuple(features["relu1_1"].shape[1:]) == (64, 64, 64)
    assert tuple(features["relu5_1"].shape[1:]) == (512, 4, 4)
    assert {layer: value.mean().item() for layer, value in features.items()} == pytest.approx(GOLDEN_MEANS, rel=1e-3)


def test_the_loss_network_is_the_genuine_one() -> None:
    """The first numbers of conv1_1 are those that every printout of ImageNet's VGG-16 shows: the edge detector's were others."""
    first = load_file(VGG)["conv1_1.weight"][0, 0, 0]  # blue, top row
    assert first.tolist() == pytest.approx([0.4294, 0.3735, -0.0614], abs=1e-3)
    entries = json.loads(shipped("assets", "provenance.json").read_text("utf-8"))
    (entry,) = [entry for entry in entries if entry["file"].endswith(VGG.name)]
    assert entry["sha256"] == hashlib.sha256(VGG.read_bytes()).hexdigest()


GOLDEN_MEANS = {
    "relu1_1": 31.4358,
    "relu1_2": 149.7597,
    "relu2_1": 222.3053,
    "relu3_1": 531.2892,
    "relu3_3": 371.1244,
    "relu4_1": 270.7196,
    "relu4_2": 141.8843,
    "relu5_1": 32.4853,
}


def test_the_loss_network_stops_where_it_should(network: LossNetwork) -> None:
    """What lies deeper than asked for is not computed, and an unknown layer is refused with those that exist."""
    assert list(network(soft_noise(3)[None], ("relu3_3", "relu1_2"))) == ["relu1_2", "relu3_3"]
    assert network(torch.zeros(1, 3, 4, 4), ("relu3_1",))["relu3_1"].shape == (1, 256, 1, 1)  # too small for a fourth block
    assert network(soft_noise(3)[None], ()) == {}
    with pytest.raises(UsageError, match=r"'relu6_1'.*relu1_1, "):
        network.check(("relu6_1",))


def test_any_width_makes_a_loss_network(tmp_path: Path) -> None:
    """A file with fewer channels and blocks is one too; one with a gap, or with nothing that belongs, is refused."""
    tensors = {"conv1_1.weight": torch.rand(4, 3, 3, 3), "conv1_1.bias": torch.zeros(4)}
    tensors |= {"conv2_1.weight": torch.rand(6, 4, 3, 3), "conv2_1.bias": torch.zeros(6)}
    save_file(tensors, tmp_path / "small.safetensors")
    assert LossNetwork(tmp_path / "small.safetensors").layers == ("relu1_1", "relu2_1")
    save_file({key.replace("2_1", "3_1"): value for key, value in tensors.items()}, tmp_path / "gap.safetensors")
    save_file({"other": torch.zeros(1)}, tmp_path / "other.safetensors")
    for name in ("gap", "other"):
        with pytest.raises(TrainingError, match="cannot be read"):
            LossNetwork(tmp_path / f"{name}.safetensors")


def test_a_damaged_loss_network_is_a_sentence(tmp_path: Path) -> None:
    """A missing file and a file of something else are said, with what to do."""
    (tmp_path / "bad.safetensors").write_bytes(b"nonsense")
    for name in ("bad.safetensors", "missing.safetensors"):
        with pytest.raises(TrainingError, match="cannot be read"):
            LossNetwork(tmp_path / name)


def shown(images: list[torch.Tensor], terms: tuple[Term, ...] = TWO_SCALE) -> list[list[torch.Tensor]]:
    """The style images, the same for every term."""
    return [images for _ in terms]


def test_a_style_image_is_nearest_to_itself(network: LossNetwork) -> None:
    """The objective's style loss of a style image against itself is zero, and it is its own nearest one."""
    style_images = [soft_noise(seed, 64, 80) for seed in range(3)]
    objective = Objective(network, CLASSIC, shown(style_images, CLASSIC))
    for i, style_image in enumerate(style_images):
        losses = objective(style_image[None], style_image[None], torch.tensor([i]))
        assert losses.style.item() < 1e-6
        assert losses.content.item() == 0
        assert objective.nearest_style(objective.look(style_image[None])).item() == i
        assert objective(style_image[None], style_image[None], torch.tensor([(i + 1) % 3])).style.item() > 0.01


def test_terms_add_up_by_weight_and_look_where_they_say(network: LossNetwork) -> None:
    """The two-scale objective equals its parts computed by hand: half size, a crop at its place, weights of term and layer."""
    y, x, style_image = soft_noise(1)[None], soft_noise(2)[None], soft_noise(0)
    half, full = TWO_SCALE
    losses = Objective(network, TWO_SCALE, shown([style_image]))(y, x, torch.tensor([0]), crop_at=(0.0, 1.0))

    def style(image: torch.Tensor, term: Term) -> float:
        got, wanted = (network(part, term.style) for part in (image, style_image[None]))
        return sum(style_loss(gram_matrix(got[layer]), gram_matrix(wanted[layer])).item() for layer in term.style)

    small, small_photo = (torch.nn.functional.avg_pool2d(image, 2) for image in (y, x))
    assert losses.terms[0].tolist() == pytest.approx([style(small, half), style(y[..., :32, 32:], full)], rel=1e-4)
    assert losses.style.item() == pytest.approx(losses.terms[0, 0].item() + 0.5 * losses.terms[0, 1].item(), rel=1e-5)
    contents = [network(image, ("relu3_1",))["relu3_1"] for image in (small, small_photo)]
    assert losses.content.item() == pytest.approx(content_loss(*contents).item(), rel=1e-4)


def test_what_is_small_counts_at_full_size(network: LossNetwork) -> None:
    """The content at full size is added with its weight, of the whole image where nothing is cropped; styles stay as they were."""
    y, x, style_image = soft_noise(1)[None], soft_noise(2)[None], soft_noise(0)
    assert not with_full_size(TWO_SCALE, style=0.5, content=0)[-1].content
    terms = with_full_size(TWO_SCALE, style=1.5, content=0.4)
    plain, more = (Objective(network, each, shown([style_image]))(y, x, torch.tensor([0]), crop_at=None) for each in (TWO_SCALE, terms))
    contents = [network(image, ("relu3_1",))["relu3_1"] for image in (y, x)]
    assert more.content.item() == pytest.approx(plain.content.item() + 0.4 * content_loss(*contents).item(), rel=1e-4)
    torch.testing.assert_close(more.terms, plain.terms)
    assert more.style.item() == pytest.approx((plain.terms[0, 0] + 1.5 * plain.terms[0, 1]).item(), rel=1e-5)
    whole = gram_matrix(network(y, ("relu1_1",))["relu1_1"])
    seen = Objective(network, terms, shown([style_image])).look(y, None).grams[1]["relu1_1"]
    torch.testing.assert_close(seen, whole)


def test_photos_are_shared_by_their_stylized_images(network: LossNetwork) -> None:
    """Two photos with two images each give what four pairs give."""
    y, x = torch.stack([soft_noise(seed) for seed in range(4)]), torch.stack([soft_noise(seed) for seed in (8, 9)])
    objective, style = Objective(network, TWO_SCALE, shown([soft_noise(20), soft_noise(21)])), torch.tensor([0, 1, 0, 1])
    together, apart = objective(y, x, style), objective(y, x.repeat_interleave(2, 0), style)
    torch.testing.assert_close(together.content, apart.content)
    torch.testing.assert_close(together.style, apart.style)


def test_a_mix_has_the_interpolated_gram_matrices(network: LossNetwork) -> None:
    """Weights of one style are that style; half and half is reached by an image of which each style fills half."""
    one, two = soft_noise(0, 64, 64), soft_noise(1, 64, 64)
    fine = (Term("fine", {"relu1_1": 1.0}),)  # deeper features look far across the seam
    objective = Objective(network, fine, shown([one, two], fine))
    y = soft_noise(2)[None]
    torch.testing.assert_close(objective(y, y, torch.tensor([[0.0, 1.0]])).style, objective(y, y, torch.tensor([1])).style)
    both = torch.cat((one, two), 2)[None]
    mixed, alone = (objective(both, both, style).style.item() for style in (torch.tensor([[0.5, 0.5]]), torch.tensor([0])))
    assert mixed < 0.05 * alone


def test_the_objective_carries_gradients_to_the_image(network: LossNetwork) -> None:
    """The gradient that trains the network: descending along it lowers the loss."""
    objective = Objective(network, TWO_SCALE, shown([soft_noise(0)]))
    x, y = soft_noise(1)[None], soft_noise(2)[None].requires_grad_()
    style = torch.tensor([0])
    losses = objective(y, x, style)
    before = losses.content + losses.style
    before.sum().backward()
    assert y.grad is not None
    with torch.no_grad():
        after = objective(y - 0.02 * y.grad / y.grad.abs().max(), x, style)
    assert (after.content + after.style).item() < before.item()
