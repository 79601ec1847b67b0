"""What layers hold: each way down keeps its rule, switches put things back where they were, and ascent ascends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from stylecam.cli import main
from stylecam.core.paths import loss_network
from stylecam.media.images import read_image
from stylecam.methods.activation_maximization import MaximizationConfig, maximize
from stylecam.methods.deep_dream import DreamConfig, dream, octave_sizes
from stylecam.methods.feature_visualization import channel_sheet, saliency, tensor, trace
from stylecam.perceptual.classifier import Classifier
from stylecam.perceptual.torchvision_vgg import UNITS
from stylecam.perceptual.vgg import LossNetwork
from tests.unit.methods.toy_vgg import CLASSES, write_toy_vgg

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole VGG of few channels."""
    return write_toy_vgg(tmp_path_factory.mktemp("toy") / "vgg.pth")


def blotches(seed: int, side: int = 48) -> Pixels:
    """Return soft coloured blotches."""
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return np.array(Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC))


def test_the_gradient_is_the_gradient(toy: Path) -> None:
    """Down by the rule "gradient" comes what automatic differentiation says, through ReLUs and two poolings."""
    network, x = LossNetwork(toy), tensor(blotches(0)).requires_grad_()
    features = network(x, ["relu3_1"])["relu3_1"]
    signal = torch.rand(features.shape, generator=torch.Generator().manual_seed(1))
    wanted = torch.autograd.grad((features * signal).sum(), x)[0]
    found = trace(network, x.detach(), "relu3_1").project(signal, "gradient")
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()))


def test_guided_signals_are_positive_where_features_are(toy: Path) -> None:
    """Guided backpropagation lets nothing negative through a ReLU, and nothing where the feature was 0; the deconvnet only the first."""
    network, x = LossNetwork(toy), tensor(blotches(0))
    seen = trace(network, x, "relu1_2")
    first, second = seen.steps
    signal = torch.randn(seen.features.shape, generator=torch.Generator().manual_seed(2))
    assert second.weight is not None
    for rule in ("guided", "deconvnet"):
        kept = signal.clamp_min(0) * (second.mask if rule == "guided" else 1)
        below = torch.nn.functional.conv_transpose2d(kept, second.weight, padding=1)
        passed = below.clamp_min(0) * (first.mask if rule == "guided" else 1)
        assert (passed >= 0).all()
        assert first.weight is not None
        wanted = torch.nn.functional.conv_transpose2d(passed, first.weight, padding=1) * seen.scale
        torch.testing.assert_close(seen.project(signal, "guided" if rule == "guided" else "deconvnet"), wanted)
    negative = trace(network, x, "relu2_1")
    assert not negative.project(-torch.ones_like(negative.features), "guided").any()
    assert negative.project(-torch.ones_like(negative.features), "gradient").any()


def test_switches_put_it_back(tmp_path: Path) -> None:
    """In a network that passes each colour on, the deconvnet finds a bright dot again where it was, to the pixel, below two poolings."""
    state = torch.load(write_toy_vgg(tmp_path / "toy.pth"), weights_only=True)
    for name, value in state.items():
        value.zero_()
        if name.startswith("features.") and name.endswith("weight"):
            for channel in range(3):
                value[channel, channel, 1, 1] = 1
    torch.save(state, tmp_path / "identity.pth")
    network = LossNetwork(tmp_path / "identity.pth")
    for place in ((13, 22), (14, 22), (31, 9)):
        image = np.zeros((48, 48, 3), np.uint8)
        image[place] = 255
        seen = trace(network, tensor(image), "relu3_1")
        assert seen.features.shape[-2:] == (12, 12)
        down = seen.project(seen.features, "deconvnet")
        assert down[..., place[0], place[1]].min() > 0
        down[..., place[0], place[1]] = 0
        assert not down.any()


def test_a_reconstruction_resembles_what_was_seen() -> None:
    """In the genuine network the deconvnet's projection of a first layer's features has the photo's edges."""
    photo = blotches(3)
    seen = trace(LossNetwork(loss_network()), tensor(photo), "relu1_1")
    down = seen.project(seen.features, "deconvnet")[0].mean(0).numpy()
    grey = photo.astype(float).mean(2)
    assert np.corrcoef(down.ravel(), grey.ravel())[0, 1] > 0.5


def test_maximization_raises_the_activation(toy: Path) -> None:
    """The channel's mean at the end is above that of the beginning, and every image stays in its range."""
    network = LossNetwork(toy)

    def score(x: Tensor) -> Tensor:
        return network(x, ["relu3_1"])["relu3_1"][:, 2].mean()

    steps = list(maximize(score, 40, 40, MaximizationConfig(iterations=20, jitter_px=2)))
    assert steps[-1][0] > steps[0][0] * 1.2
    assert all(0 <= x.min() <= x.max() <= 1 for _, x in steps)
    smooth = list(maximize(score, 40, 40, MaximizationConfig(iterations=20, jitter_px=2, tv=1.0, blur_every=2)))[-1][1]
    rough = list(maximize(score, 40, 40, MaximizationConfig(iterations=20, jitter_px=2, tv=0.0, blur_every=0)))[-1][1]
    assert smooth.diff(dim=3).abs().mean() < rough.diff(dim=3).abs().mean()


def test_a_dream_raises_the_layers_norm(toy: Path) -> None:
    """After the octaves the layer's features are larger than on the photo, which can still be recognised."""
    network, x = LossNetwork(toy), tensor(blotches(0, 96))
    config = DreamConfig(iterations=4, octaves=3, jitter_px=4)
    assert octave_sizes(96, 96, config) == [(69, 69), (96, 96)]
    steps = list(dream(network, x, "relu3_1", config))
    assert len(steps) == 8
    assert all(image.shape == x.shape for _, image in steps)
    before, after = (float(network(image, ["relu3_1"])["relu3_1"].pow(2).mean()) for image in (x, steps[-1][1]))
    assert after > 1.1 * before
    assert np.corrcoef(x.flatten().numpy(), steps[-1][1].flatten().numpy())[0, 1] > 0.9


def test_saliency_marks_what_matters() -> None:
    """A score that looks at one corner only leaves the rest of the map black."""
    shown = saliency(lambda x: x[..., :10, :10].pow(2).sum(), blotches(0))
    assert shown[:10, :10].max() == 255
    assert not shown[10:, 10:].any()


def test_the_classifier_is_torchvisions(toy: Path) -> None:
    """Scores equal those of a chain built as torchvision builds it: pooled to 7 × 7, three full layers, no softmax."""
    classifier, x = Classifier(toy), tensor(blotches(0, 64))
    state = torch.load(toy, weights_only=True)
    y = classifier.network(x, ["relu5_3"])["relu5_3"] / UNITS
    y = torch.nn.functional.adaptive_avg_pool2d(torch.nn.functional.max_pool2d(y, 2), 7).flatten(1)
    for place in (0, 3, 6):
        y = torch.nn.functional.linear(y, state[f"classifier.{place}.weight"], state[f"classifier.{place}.bias"])
        y = y.relu() if place < 6 else y
    assert classifier(x).shape == (1, CLASSES)
    torch.testing.assert_close(classifier(x), y)


def test_a_sheet_has_a_column_per_channel(toy: Path) -> None:
    """The spots of the photo stand above what is held of them; one channel alone makes one column."""
    sheet = channel_sheet(LossNetwork(toy), blotches(0), "relu2_1", count=4)
    one = channel_sheet(LossNetwork(toy), blotches(0), "relu2_1", channel=1)
    assert sheet.height == one.height
    assert sheet.width > 3 * one.width


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a photo."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(blotches(0)).save("photo.png")
    return tmp_path


def test_the_command_shows_every_view(folder: Path, toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Channels, saliency, an excited channel, a class's own image and a dream: each is an image that can be read, and is named."""
    own = ["--loss-network", str(toy)]
    views = (
        ["--layer", "relu2_1"],
        ["--layer", "relu2_1", "--rule", "guided", "--channel", "1"],
        ["--view", "saliency", "--layer", "relu3_1"],
        ["--view", "saliency", "--class", "3"],
        ["--view", "maximize", "--layer", "relu2_1", "--iterations", "3", "--top", "2"],
        ["--view", "maximize", "--class", str(CLASSES - 1), "--iterations", "3"],
        ["--view", "dream", "--layer", "relu3_1", "--iterations", "2", "--octaves", "2"],
    )
    for number, view in enumerate(views):
        assert main(["see", "photo.png", "-o", f"{number}.png", *own, *view]) == 0
        assert read_image(Path(f"{number}.png")).image.std() > 0
        shown = f"class {view[3]}" if "--class" in view else view[view.index("--layer") + 1]
        assert f"{number}.png: {shown}\n" in capsys.readouterr().err
    assert main(["see", "photo.png", "-o", "all.png", *own, "--layer", "all", "--top", "2"]) == 0
    assert len(list(folder.glob("all-relu*.png"))) == 13


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--layer", "relu9_1"), 2, "relu9_1"),
        (("--view", "tea"), 2, "'tea'"),
        (("--rule", "tea"), 2, "'tea'"),
        (("--channel", "64", "--layer", "relu1_1"), 2, "0 to 63"),
        (("--class", "3", "--view", "saliency"), 7, "download torchvision's whole VGG and name it, as in --loss-network"),
        (("--class", "3"), 2, "--view"),
        (("--top", "0"), 2, "--top 0"),
        (("--view", "dream", "--octaves", "0"), 2, "--octaves 0"),
    ],
)
def test_refusals_are_sentences(folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int, words: str) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    assert main(["see", "photo.png", "-o", "out.png", *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("out.png").exists()


def test_files_without_a_classifier_are_refused(folder: Path, toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Convolutions alone tell no classes apart, and a class beyond the last is named."""
    bare = write_toy_vgg(folder / "bare.pth", classifier=False)
    command = ["see", "photo.png", "-o", "out.png", "--view", "saliency", "--class"]
    assert main([*command, "0", "--loss-network", str(bare)]) == 7
    assert "no classifier" in capsys.readouterr().err
    assert main([*command, str(CLASSES), "--loss-network", str(toy)]) == 2
    assert f"0 to {CLASSES - 1}" in capsys.readouterr().err


def test_ctrl_c_keeps_the_dream_so_far(folder: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop after the second step writes the image of that moment and ends as stopped programs do."""
    from stylecam.methods import see

    def stopped(*arguments: object, **options: object) -> object:
        yield 1.0, tensor(blotches(4))
        raise KeyboardInterrupt

    monkeypatch.setattr(see, "dream", stopped)
    assert main(["see", "photo.png", "-o", "out.png", "--view", "dream", "--layer", "relu2_1", "--loss-network", str(toy)]) == 130
    np.testing.assert_array_equal(read_image(Path("out.png")).image, blotches(4))


def test_ctrl_c_before_there_is_an_image(
    folder: Path, toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stop at once says no more than that, even where an older file is to be replaced, and leaves that alone."""
    from stylecam.methods import see

    def stopped(*arguments: object, **options: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(see, "dream", stopped)
    Path("out.png").write_text("older")
    command = ["see", "photo.png", "-o", "out.png", "--force", "--view", "dream", "--layer", "relu2_1", "--loss-network", str(toy)]
    assert main(command) == 130
    assert capsys.readouterr().err.strip() == "stylecam: stopped."
    assert Path("out.png").read_text() == "older"
