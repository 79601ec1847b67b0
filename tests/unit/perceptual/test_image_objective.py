"""The objective of one image: tiles change nothing, and a region's style is its own affair."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.core.paths import loss_network
from stylecam.perceptual import image_objective
from stylecam.perceptual.image_objective import ImageObjective, Region
from stylecam.perceptual.losses import content_loss, gram_matrix, style_loss
from stylecam.perceptual.vgg import LossNetwork

CONTENT, STYLE = {"relu2_2": 1.0, "relu3_1": 0.5}, {"relu1_1": 1.0, "relu3_1": 0.5, "relu4_1": 1.0}


@pytest.fixture(scope="module")
def network() -> LossNetwork:
    """Return the network that ships."""
    return LossNetwork(loss_network())


def picture(seed: int, height: int, width: int) -> Tensor:
    """Return soft coloured blotches, (1, 3, H, W)."""
    noise = torch.rand(1, 3, 7, 7, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, (height, width), mode="bicubic").clamp(0, 1)


def look(objective: ImageObjective, y: Tensor) -> tuple[float, Tensor]:
    """Return loss and gradient."""
    y = y.clone().requires_grad_()
    loss = objective(y)
    return loss.item(), torch.autograd.grad(loss, y)[0]


def half(height: int, width: int) -> Tensor:
    """Return a mask of the upper half."""
    mask = torch.zeros(height, width)
    mask[: height // 2] = 1
    return mask


@pytest.mark.parametrize("guided", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_tiles_change_nothing(network: LossNetwork, guided: bool) -> None:
    """Loss and gradient of six tiles, on sides that no grid divides, are those of the whole image, with regions and without."""
    photo, y, style = picture(0, 75, 59), picture(1, 75, 59), picture(2, 60, 50)
    regions = [Region(style, half(75, 59)), Region(1 - style, 1 - half(75, 59), half(60, 50))] if guided else [Region(style)]
    whole, tiled = (
        look(ImageObjective(network, photo, regions, CONTENT, STYLE, style_weight=3, tv_weight=0.5, tile_px=px), y) for px in (0, 28)
    )
    assert tiled[0] == pytest.approx(whole[0], rel=1e-4)
    assert (tiled[1] - whole[1]).norm() < 1e-4 * whole[1].norm()


def test_a_large_style_image_is_looked_at_by_tiles(network: LossNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take gigabytes else, whatever the photo's size; the loss stays the same."""
    photo, y, style = picture(0, 32, 32), picture(1, 32, 32), picture(2, 90, 75)
    regions = [Region(style, None, half(90, 75))]
    whole, _ = look(ImageObjective(network, photo, regions, {}, {"relu2_1": 1.0}), y)
    seen, call = [], LossNetwork.__call__

    def noted(self: LossNetwork, x: Tensor, layers: list[str]) -> dict[str, Tensor]:
        seen.append(max(x.shape[-2:]))
        return call(self, x, layers)

    monkeypatch.setattr(LossNetwork, "__call__", noted)
    monkeypatch.setattr(image_objective, "_STYLE_TILE_PX", 20)
    tiled, _ = look(ImageObjective(network, photo, regions, {}, {"relu2_1": 1.0}), y)
    assert max(seen) <= 36
    assert tiled == pytest.approx(whole, rel=1e-5)


def test_without_regions_it_is_the_papers(network: LossNetwork) -> None:
    """Whole and unguided, the loss is content, averaged by weight, and style, added up, of the plain features."""
    photo, y, style = picture(0, 40, 48), picture(1, 40, 48), picture(2, 32, 32)
    found, _ = look(ImageObjective(network, photo, [Region(style)], CONTENT, STYLE, content_weight=2, style_weight=3), y)
    of = {name: network(image, [*CONTENT, *STYLE]) for name, image in (("photo", photo), ("y", y), ("style", style))}
    content = sum(weight * content_loss(of["y"][layer], of["photo"][layer]) for layer, weight in CONTENT.items()) / 1.5
    plain = sum(weight * style_loss(gram_matrix(of["y"][layer]), gram_matrix(of["style"][layer])) for layer, weight in STYLE.items())
    assert found == pytest.approx(float(2 * content + 3 * plain), rel=1e-4)


def test_a_region_keeps_to_itself(network: LossNetwork) -> None:
    """A masked style asks for no change beyond its region and what its features see, nor does it look beyond the style's mask."""
    photo, style, mask = picture(0, 48, 48), picture(2, 48, 48), half(48, 48)
    style_layers = {"relu1_1": 1.0, "relu2_1": 1.0}  # features see four pixels beyond
    loss, gradient = look(ImageObjective(network, photo, [Region(style, mask, mask)], {}, style_layers), picture(1, 48, 48))
    assert gradient[..., :24, :].norm() > 0
    assert not gradient[..., 28:, :].any()
    elsewhere = style.clone()
    elsewhere[..., 28:, :] = 1 - elsewhere[..., 28:, :]
    again, _ = look(ImageObjective(network, photo, [Region(elsewhere, mask, mask)], {}, style_layers), picture(1, 48, 48))
    assert again == pytest.approx(loss, rel=1e-6)
    unmasked, _ = look(ImageObjective(network, photo, [Region(elsewhere, mask)], {}, style_layers), picture(1, 48, 48))
    assert unmasked != pytest.approx(loss, rel=1e-3)


def test_a_region_in_its_own_style_costs_nothing(network: LossNetwork) -> None:
    """Each half already has the style asked for there: the loss is nearly 0; exchanged it is not."""
    y, mask = picture(3, 48, 48), half(48, 48)
    kept = [Region(y, mask, mask), Region(y, 1 - mask, 1 - mask)]
    exchanged = [Region(y, mask, 1 - mask), Region(y, 1 - mask, mask)]
    right, wrong = (look(ImageObjective(network, y, regions, {}, STYLE), y)[0] for regions in (kept, exchanged))
    assert right < 1e-8 < 1e-3 < wrong
