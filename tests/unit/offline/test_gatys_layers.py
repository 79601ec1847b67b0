"""Style transfer by optimisation with torchvision's VGG-19 or VGG-16, and with any layers and weights."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from stylecam.cli import main
from stylecam.cli.gatys import parse_layers
from stylecam.errors import TrainingError, UsageError
from stylecam.media.images import read_image
from stylecam.methods.optimization import GatysConfig, stylize
from stylecam.perceptual.vgg import LossNetwork

#: Where torchvision's networks have their convolutions.
CONVOLUTIONS = {
    "vgg16": (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
    "vgg19": (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34),
}
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def state_dict(name: str) -> dict[str, Tensor]:
    """Return a network of torchvision's shape, with 8 channels and random weights that keep the features' size."""
    generator = torch.Generator().manual_seed(5)
    state = {"classifier.0.weight": torch.zeros(2, 2)}
    for number in CONVOLUTIONS[name]:
        inputs = 3 if number == 0 else 8
        state[f"features.{number}.weight"] = torch.randn(8, inputs, 3, 3, generator=generator) * (2 / (9 * inputs)) ** 0.5 * 1.5
        state[f"features.{number}.bias"] = 0.5 * torch.rand(8, generator=generator)
    return state


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with vgg19.pth, of the old kind that torchvision publishes, and vgg16.pth, of the new kind."""
    folder = tmp_path_factory.mktemp("networks")
    torch.save(state_dict("vgg19"), folder / "vgg19.pth", _use_new_zipfile_serialization=False)
    torch.save(state_dict("vgg16"), folder / "vgg16.pth")
    return folder


def blotches(seed: int) -> Pixels:
    """Return soft coloured blotches."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return np.array(Image.fromarray(noise).resize((48, 40), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(("name", "pools"), [("vgg19", (2, 7, 16, 25, 34)), ("vgg16", (2, 7, 14, 21, 28))])
def test_features_are_those_of_torchvision(networks: Path, name: str, pools: tuple[int, ...]) -> None:
    """Each feature, in units of 0 to 255, equals that of a plain chain built as torchvision builds it and fed as it says."""
    network = LossNetwork(networks / f"{name}.pth")
    x = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(1))
    features = network(x, network.layers)
    assert list(features) == list(network.layers)
    assert network.layers[-1] == {"vgg19": "relu5_4", "vgg16": "relu5_3"}[name]
    state, expected = state_dict(name), []
    y = (x - torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    for number in CONVOLUTIONS[name]:
        y = torch.relu(torch.nn.functional.conv2d(y, state[f"features.{number}.weight"], state[f"features.{number}.bias"], padding=1))
        expected.append(y)
        if number in pools:
            y = torch.nn.functional.max_pool2d(y, 2)
    for got, wanted in zip(features.values(), expected, strict=True):
        torch.testing.assert_close(got / (255 * 0.226), wanted, rtol=1e-3, atol=1e-3)  # rounding adds up over the layers


@pytest.mark.parametrize("name", ["vgg19", "vgg16"])
def test_content_alone_comes_back_from_noise(networks: Path, name: str) -> None:
    """Without style, noise turns towards the photo."""
    config = GatysConfig(60, start="noise", style_weight=0, content_layers={"relu1_1": 1.0}, style_size_px=40)
    photo = blotches(0)
    images = [image for _, image in stylize(photo, blotches(1), networks / f"{name}.pth", config)]
    first, last = (np.abs(image.astype(float) - photo).mean() for image in (images[0], images[-1]))
    assert last < first / 2


def test_style_alone_comes_from_noise(networks: Path) -> None:
    """Without content, noise takes on the style image's Gram matrices, and the photo plays no part."""
    config = GatysConfig(40, start="noise", content_weight=0, style_layers={"relu1_1": 0.5, "relu5_4": 1.0}, style_size_px=40)
    runs = [list(stylize(photo, blotches(1), networks / "vgg19.pth", config)) for photo in (blotches(0), blotches(2))]
    losses = [progress.values["loss"] for progress, _ in runs[0]]
    assert losses[-1] < losses[0] / 2
    np.testing.assert_array_equal(runs[0][-1][1], runs[1][-1][1])


def first_loss(network: Path, content: dict[str, float], style: dict[str, float], weights: tuple[float, float]) -> float:
    """Return the loss at the photo or, for content, at the style image."""
    config = GatysConfig(
        1, start="style", content_weight=weights[0], style_weight=weights[1], content_layers=content, style_layers=style, method="adam"
    )
    return next(stylize(blotches(0), blotches(1)[:, ::-1].copy(), network, config))[0].values["loss"]


def test_weights_of_layers_weigh(networks: Path) -> None:
    """Style adds up by weight, content is the mean by weight; a layer of weight 0 is as if it were not there."""
    network = networks / "vgg19.pth"
    contents = [first_loss(network, {layer: 1.0}, {"relu1_1": 1}, (1, 0)) for layer in ("relu1_1", "relu4_1")]
    both = first_loss(network, {"relu1_1": 0.5, "relu4_1": 1.5, "relu5_4": 0}, {"relu1_1": 1}, (1, 0))
    assert both == pytest.approx(0.25 * contents[0] + 0.75 * contents[1], rel=1e-4)
    config = {"relu1_1": 0.5, "relu4_1": 2.0}
    plain = [first_loss(network, {"relu1_1": 1}, {layer: 1.0}, (0, 3)) for layer in config]
    style = first_loss(network, {"relu1_1": 1}, config, (0, 3))
    assert min(*contents, *plain) > 0
    assert style == pytest.approx(0.5 * plain[0] + 2 * plain[1], rel=1e-4)


def test_layers_are_read_with_their_weights() -> None:
    """A name alone weighs 1; nonsense is refused in the option's name."""
    assert parse_layers("relu1_1=0.5, relu4_1", "--style-layers") == {"relu1_1": 0.5, "relu4_1": 1.0}
    for text in ("", "relu1_1,", "relu1_1,relu1_1", "relu1_1=", "relu1_1=x", "=1"):
        with pytest.raises(UsageError, match="--style-layers"):
            parse_layers(text, "--style-layers")
    for weight in (-1.0, float("nan"), float("inf"), 0.0):
        with pytest.raises(UsageError, match="--style-layers"):
            GatysConfig(style_layers={"relu1_1": weight})


class Bomb:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Touch a file."""
        return os.system, ("touch exploded",)


def without(state: dict[str, Tensor], key: str, value: Tensor | None = None) -> dict[str, Tensor]:
    """Return the state with one tensor replaced or left out."""
    rest = {name: tensor for name, tensor in state.items() if name != key}
    return rest if value is None else {**rest, key: value}


def test_wrong_files_are_one_sentence(tmp_path: Path, networks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, empty, cut, foreign, misshapen files and such with code are refused in one line; the code does not run."""
    monkeypatch.chdir(tmp_path)
    state = state_dict("vgg19")
    Path("empty.pth").touch()
    Path("folder.pth").mkdir()
    Path("text.pth").write_text("nonsense\n" * 100)
    for name in ("vgg16", "vgg19"):
        data = (networks / f"{name}.pth").read_bytes()
        Path(f"cut-{name}.pth").write_bytes(data[: len(data) // 2])
    wrong: dict[str, object] = {
        "list": [1],
        "code": {"features.0.weight": Bomb()},
        "short": without(state, "features.34.weight"),
        "batchnorm": {**state, "features.1.running_mean": torch.zeros(8)},
        "misfit": without(state, "features.5.weight", torch.zeros(8, 9, 3, 3)),
        "bias": without(state, "features.5.bias", torch.zeros(7)),
        "whole": without(state, "features.5.bias", torch.zeros(8, dtype=torch.int32)),
        "nan": without(state, "features.5.bias", torch.full((8,), float("nan"))),
    }
    for name, value in wrong.items():
        torch.save(value, f"{name}.pth")
    files = sorted(tmp_path.glob("*.pth"))
    assert len(files) == 13
    for path in [*files, Path("missing.pth")]:
        with pytest.raises(TrainingError, match=f"{path.name}.*cannot be read: ") as caught:
            LossNetwork(path)
        assert "\n" not in str(caught.value)
    assert not Path("exploded").exists()


def test_the_command_takes_network_and_layers(
    tmp_path: Path, networks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A VGG-19 stylizes with its deepest layer; content alone needs no style image; a missing layer is named with those that are there."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(blotches(0)).save("photo.png")
    Image.fromarray(blotches(1)).save("style.png")
    command = ["still", "photo.png", "-o", "out.png", "--method", "gatys", "--iterations", "2", "--style-size", "40"]
    own = ["--loss-network", str(networks / "vgg19.pth")]
    assert main([*command, "--style-image", "style.png", *own, "--style-layers", "relu1_1=0.5,relu5_4=1"]) == 0
    assert main([*command, "--force", "--style-weight", "0", "--start", "noise", "--content-layers", "relu2_1"]) == 0
    assert read_image(Path("out.png")).image.shape == (40, 48, 3)
    Path("out.png").unlink()
    capsys.readouterr()
    assert main([*command, "--style-image", "style.png", "--content-layers", "relu5_2"]) == 2
    err = capsys.readouterr().err
    assert "'relu5_2'" in err
    assert "relu1_1, " in err
    assert "relu5_1." in err
    assert main([*command, "--style-image", "style.png", "--loss-network", "photo.pth"]) == 7
    assert capsys.readouterr().err.count("\n") == 1
    assert not Path("out.png").exists()
