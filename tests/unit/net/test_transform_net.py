"""The network does what the paper says, for every kind of style weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stylecam.net import output_stats as photo_scale
from stylecam.net.families import Architecture, ConvSpec, TransformNetConfig, UNetConfig
from stylecam.net.module import TransformNet, photo_scale_shift
from stylecam.net.styles import STYLES, slots

TINY = TransformNetConfig(
    contract=(ConvSpec(3, 8, stride=2), ConvSpec(3, 12, stride=2)),
    residual_blocks=2,
    expand=(ConvSpec(3, 8, upsample=2), ConvSpec(3, 6, upsample=2)),
    output=ConvSpec(3, 3),
    styles=4,
)


@pytest.fixture
def net() -> TransformNet:
    """A tiny network whose rows differ clearly."""
    torch.manual_seed(0)
    net = TransformNet(TINY)
    with torch.no_grad():
        net.styles.add_(0.5 * torch.randn_like(net.styles))
    return net


def photo(height: int = 32, width: int = 40, batch: int = 1) -> torch.Tensor:
    """Noise with some structure."""
    torch.manual_seed(1)
    return torch.rand(batch, 3, height, width)


def test_the_papers_network_has_1777024_parameters() -> None:
    """The default config is the paper's network with 32 styles: 1,674,432 weights and 3,206 numbers per style."""
    net = TransformNet(TransformNetConfig())
    assert sum(p.numel() for p in net.parameters()) == 1_777_024
    assert net.config.scale_shift_size == 3_206
    assert [conv.name for conv in net.config.convs][:3] == ["contract.0.conv", "contract.1.conv", "contract.2.conv"]
    assert len(net.config.convs) == len(slots(net.config.graph())) == 16


@pytest.mark.parametrize(
    ("config", "numbers"), [(TransformNetConfig.small(), 465_654), (UNetConfig.live32(), 968_934)], ids=["small", "live32"]
)
def test_networks_of_packs_stay_as_they_are(config: Architecture, numbers: int) -> None:
    """With 32 styles and the identity row the first packs' network has 465,654 parameters, and that of `live32` 968,934."""
    assert sum(p.numel() for p in TransformNet(config).parameters()) == numbers


def test_an_absent_style_gets_no_gradient(net: TransformNet) -> None:
    """Row k's gradient is exactly zero when style k takes no part, and not zero when it does."""
    net(photo(), torch.tensor([[0.0, 1.0, 0.0, 0.5]])).sum().backward()
    gradient = net.styles.grad
    assert gradient is not None
    assert gradient[[0, 2]].abs().max() == 0
    for slot in slots(net.config.graph()):
        assert gradient[1, slot.beta].abs().max() > 0
        assert gradient[3, slot.beta].abs().max() > 0


def test_every_normalisation_is_conditional(net: TransformNet) -> None:
    """Changing one layer's row changes that style's image, for every layer: none is left unconditioned."""
    weights = torch.eye(4)[:1]
    before = net(photo(), weights)
    for slot in slots(net.config.graph()):
        changed = TransformNet.from_tensors(net.config, net.tensors())
        with torch.no_grad():
            changed.styles[0, slot.gamma] *= 1.5
        assert (changed(photo(), weights) - before).abs().max() > 1e-4, slot.name
        assert torch.equal(changed(photo(), torch.eye(4)[1:2]), net(photo(), torch.eye(4)[1:2]))


def test_styles_look_different(net: TransformNet) -> None:
    """Any two rows give different images."""
    pictures = net(photo(batch=1).expand(4, -1, -1, -1), torch.eye(4))
    for i in range(4):
        for j in range(i):
            assert (pictures[i] - pictures[j]).abs().mean() > 1e-2


def test_a_batch_may_mix_styles(net: TransformNet) -> None:
    """Each image of a batch gets its own weights: the same as one by one."""
    x, weights = photo(batch=3), torch.eye(4)[[2, 0, 1]]
    together = net(x, weights)
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], net(x[i : i + 1], weights[i : i + 1]), rtol=0, atol=1e-5)


def test_half_and_half_equals_the_mean_row(net: TransformNet) -> None:
    """A convex mix is the network with averaged γ and β; raw and negative weights are plain sums as well."""
    for mix in ([0.5, 0.5, 0.0, 0.0], [2.0, -0.5, 0.0, 1.0]):
        tensors = net.tensors()
        tensors[STYLES][0] = np.array(mix, np.float32) @ tensors[STYLES]
        one = TransformNet.from_tensors(net.config, tensors)
        torch.testing.assert_close(net(photo(), torch.tensor([mix])), one(photo(), torch.eye(4)[:1]), rtol=0, atol=1e-5)


def test_a_constant_map_equals_the_vector(net: TransformNet) -> None:
    """Weights per pixel that are the same everywhere stylize to the same image as one weight vector, at odd sizes too."""
    for height, width in ((32, 40), (29, 35)):
        weights = torch.tensor([[0.3, 0.7, 0.0, 0.0]])
        maps = weights[:, :, None, None].expand(-1, -1, 7, 9)
        torch.testing.assert_close(net(photo(height, width), maps), net(photo(height, width), weights), rtol=0, atol=1e-5)


def test_maps_choose_the_style_per_pixel(net: TransformNet) -> None:
    """A split map stylizes the left in one style and the right in another: γ and β differ between the sides."""
    maps = torch.zeros(1, 4, 32, 40)
    maps[:, 0, :, :20] = 1
    maps[:, 1, :, 20:] = 1
    split, left, right = net(photo(), maps), net(photo(), torch.eye(4)[:1]), net(photo(), torch.eye(4)[1:2])
    assert (split - left)[..., :8].abs().mean() < (split - right)[..., :8].abs().mean()
    assert (split - right)[..., -8:].abs().mean() < (split - left)[..., -8:].abs().mean()


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 47), (30, 64), (64, 31)])
@pytest.mark.parametrize(
    "config",
    [TINY, TransformNetConfig(styles=4), TransformNetConfig.small(4), UNetConfig.live32(4)],
    ids=["tiny", "paper", "small", "live32"],
)
def test_any_size_comes_back_at_its_size(size: tuple[int, int], config: Architecture) -> None:
    """Images of any size, down to one pixel, are padded inside and cropped back."""
    with torch.no_grad():
        out = TransformNet(config)(photo(*size), torch.eye(4)[:1])
    assert out.shape == (1, 3, *size)
    assert out.isfinite().all()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_flat_frames_give_finite_images_and_gradients(net: TransformNet, level: float) -> None:
    """A lens cap or a white wall has zero variance everywhere; nothing may divide by it."""
    out = net(torch.full((1, 3, 32, 32), level), torch.eye(4)[:1])
    out.sum().backward()
    assert out.isfinite().all()
    for parameter in net.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()


def test_the_identity_row_is_no_style() -> None:
    """With an identity row the styles' weights have the same columns as without; the row can still be named in full."""
    net = TransformNet(TINY.with_styles(4, identity=True))
    assert net.styles.shape[0] == 5
    styles = net(photo(), torch.eye(4)[:1])
    torch.testing.assert_close(styles, net(photo(), torch.eye(5)[:1]))
    assert not torch.equal(styles, net(photo(), torch.eye(5)[4:]))


def test_the_identity_row_gives_the_photos_own_colours() -> None:
    """Whatever its γ and β of the output layer, its images have each photo's mean and contrast, as logits, also in a batch."""
    net = TransformNet(TINY.with_styles(4, identity=True))
    x = torch.cat((0.2 * photo() + 0.1, 0.3 * photo() + torch.tensor([0.2, 0.5, 0.6])[:, None, None]))
    with torch.no_grad():
        net.styles[-1, net.config.graph().cins[-1].gamma] = 7.0
        out = net(x, torch.eye(5)[[4, 4]])
    torch.testing.assert_close(photo_scale_shift(out), photo_scale_shift(x), rtol=2e-2, atol=2e-2)
    assert (photo_scale_shift(x[:1]) - photo_scale_shift(x[1:])).abs().max() > 0.3


def test_the_photos_colours_are_measured_alike_in_training_and_live() -> None:
    """The numpy measure for uint8 images and the torch measure for floats agree, saturated pixels included."""
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    image[:20, :, 0], image[:, :10, 1] = 255, 0
    measured = photo_scale_shift(torch.from_numpy(image).permute(2, 0, 1)[None] / 255)
    np.testing.assert_allclose(photo_scale.photo_scale_shift(image), measured.flatten().numpy(), rtol=1e-5, atol=1e-5)


def test_a_map_of_the_identity_row_equals_the_vector() -> None:
    """Half a style and half the photo, per pixel or for the whole image: the same."""
    net = TransformNet(TINY.with_styles(4, identity=True))
    weights = torch.tensor([[0.0, 0.5, 0.0, 0.0, 0.5]])
    maps = weights[:, :, None, None].expand(-1, -1, 7, 9)
    torch.testing.assert_close(net(photo(), maps), net(photo(), weights), rtol=0, atol=1e-5)


def test_a_wrong_number_of_weights_is_refused(net: TransformNet) -> None:
    """Three weights for four styles are a mistake of the caller, said plainly."""
    with pytest.raises(ValueError, match="3 columns, but the network has 4 styles"):
        net(photo(), torch.ones(1, 3))
