"""Style transfer by optimisation: it gets nearer, keeps what was asked for, and a stop keeps the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.cli import main
from stylecam.core.paths import shipped
from stylecam.errors import InputError, UsageError
from stylecam.media.images import read_image
from stylecam.methods import optimization as gatys
from stylecam.methods.optimization import GatysConfig, sizes, stylize, stylize_file

VGG = shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")


def blotches(seed: int, height: int = 40, width: int = 48) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return soft coloured blotches."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return np.array(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a photo and a style image."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(blotches(0)).save("photo.png")
    Image.fromarray(blotches(1)).save("style.png")
    return tmp_path


@pytest.mark.parametrize("start", gatys.STARTS)
@pytest.mark.parametrize("weights", [(1, 3), (1, 0), (0, 3)])
def test_every_start_gets_nearer(start: str, weights: tuple[float, float]) -> None:
    """From photo, noise or style image, with both parts of the objective or one alone, the loss falls; images have the photo's size."""
    config = GatysConfig(8, start=start, content_weight=weights[0], style_weight=weights[1], style_size_px=40)
    reports = list(stylize(blotches(0), blotches(1), VGG, config))
    losses = [progress.values["loss"] for progress, _ in reports]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] or losses[0] < 1e-6  # a start that is the goal already
    assert reports[-1][1].shape == (40, 48, 3)
    if losses[0] >= 1e-6:
        assert reports[-1][0].step == reports[-1][0].total == 8


def test_coarse_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large image is stylized at half its size first; the last image has its own."""
    monkeypatch.setattr(gatys, "COARSE_PX", 40)
    assert sizes(45, 64) == [(23, 32), (45, 64)]
    shapes = [image.shape[:2] for _, image in stylize(blotches(0, 64, 72), blotches(1), VGG, GatysConfig(8, style_size_px=40))]
    assert shapes == sorted(shapes)
    assert shapes[0] == (32, 36)
    assert shapes[-1] == (64, 72)


def test_a_stop_keeps_the_best(folder: Path) -> None:
    """Closing the generator after two reports writes the image of that moment."""
    run = stylize_file(
        read_image(Path("photo.png")), read_image(Path("style.png")), VGG, Path("out.png"), GatysConfig(50, style_size_px=40)
    )
    next(run)
    next(run)
    run.close()  # type: ignore[attr-defined]
    image = read_image(Path("out.png")).image
    assert image.shape == (40, 48, 3)
    assert not np.array_equal(image, blotches(0))


def test_the_command_keeps_every_nth(folder: Path) -> None:
    """Kept images carry their number; without --force nothing that exists is overwritten, and nothing is stylized."""
    command = ["still", "photo.png", "-o", "out.png", "--method", "gatys", "--style-image", "style.png"]
    command += ["--iterations", "6", "--keep-every", "3", "--style-size", "40"]
    assert main(command) == 0
    assert {path.name for path in folder.glob("out*")} == {"out.png", "out-0003.png", "out-0006.png", "out-strip.jpg", "out.html"}
    np.testing.assert_array_equal(read_image(Path("out-0006.png")).image, read_image(Path("out.png")).image)
    Path("out.png").unlink()
    assert main(command) == 5
    assert not Path("out.png").exists()


def test_ctrl_c_keeps_what_there_is(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C in the middle of an iteration writes the best image so far, says so, and ends as stopped programs do."""

    def stopped(*arguments: object, **options: object) -> object:
        yield gatys._Report(1, 2.0, blotches(2))
        raise KeyboardInterrupt

    monkeypatch.setattr(gatys, "_descend", stopped)
    assert main(["still", "photo.png", "-o", "out.png", "--method", "gatys", "--style-image", "style.png"]) == 130
    assert "best so far" in capsys.readouterr().err
    np.testing.assert_array_equal(read_image(Path("out.png")).image, blotches(2))


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "--style-image"),
        (("--style-image", "nowhere.png"), 4, "nowhere.png"),
        (("--style-image", "style.png", "--iterations", "0"), 2, "--iterations 0"),
        (("--style-image", "style.png", "--optimizer", "sgd"), 2, "'sgd'"),
        (("--style-image", "style.png", "--start", "x"), 2, "'x'"),
        (("--style-image", "style.png", "--style-layers", "relu9_9"), 2, "relu9_9"),
        (("--style-image", "style.png", "--style-weight", "0", "--content-weight", "0"), 2, "not both 0"),
        (("--style-image", "style.png", "--style", "senecio"), 2, "leave out --style"),
    ],
)
def test_refusals_are_sentences(folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int, words: str) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    assert main(["still", "photo.png", "-o", "out.png", "--method", "gatys", *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("out.png").exists()


def test_too_small_and_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before minutes of work, or none at all."""
    with pytest.raises(InputError, match="too few"):
        next(stylize(blotches(0, 8, 8), blotches(1), VGG, GatysConfig()))
    monkeypatch.setattr(gatys, "available_memory", lambda: 1000)
    with pytest.raises(InputError, match="GB of memory"):
        next(stylize(blotches(0), blotches(1), VGG, GatysConfig()))
    with pytest.raises(UsageError):
        GatysConfig(keep_every=-1)
