"""What steers the optimisation: one half of the objective alone, colours, masks, two scales; and what there is to choose from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.cli import main
from stylecam.core.paths import loss_network
from stylecam.errors import InputError
from stylecam.media.images import read_image
from stylecam.methods import optimization
from stylecam.methods.color_transfer import luminance
from stylecam.methods.optimization import GatysConfig, Guides, stylize
from stylecam.methods.regions import regions
from stylecam.perceptual.losses import content_loss, gram_matrix, style_loss
from stylecam.perceptual.vgg import LossNetwork

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
FAST = {"relu1_1": 1.0, "relu2_1": 1.0}


def blotches(seed: int, height: int = 40, width: int = 48, low: int = 0, high: int = 255) -> Pixels:
    """Return soft coloured blotches."""
    noise = np.random.default_rng(seed).integers(low, high, (6, 6, 3), np.uint8)
    return np.array(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a photo and two style images."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("photo", "style", "fine")):
        Image.fromarray(blotches(number)).save(f"{name}.png")
    return tmp_path


def last(photo: Pixels, style: Pixels, config: GatysConfig, guides: Guides | None = None) -> Pixels:
    """Return the result."""
    return [image for _, image in stylize(photo, style, loss_network(), config, guides)][-1]


def features(image: Pixels, layer: str) -> torch.Tensor:
    """Return what a layer holds of an image."""
    x = torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32) / 255)[None]
    return LossNetwork(loss_network())(x, [layer])[layer]


@pytest.mark.slow
def test_content_alone_is_reconstructed(folder: Path) -> None:
    """--content-only starts from noise and comes, in features, at least twenty times nearer to the photo; no style image is needed."""
    command = ["still", "photo.png", "-o", "out.png", "--method", "gatys", "--content-only", "relu2_1", "--iterations", "40"]
    assert main(command) == 0
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
    before, after = (
        float(content_loss(features(image, "relu2_1"), features(blotches(0), "relu2_1")))
        for image in (noise, read_image(Path("out.png")).image)
    )
    assert after < before / 20


@pytest.mark.slow
def test_style_alone_is_a_texture(folder: Path) -> None:
    """--style-only starts from noise: the same for any photo, with Gram matrices ten times nearer to the style image's."""
    Image.fromarray(blotches(7)).save("other.png")
    for name in ("photo", "other"):
        command = ["still", f"{name}.png", "-o", f"{name}-out.png", "--method", "gatys", "--style-image", "style.png"]
        assert main([*command, "--style-only", "relu2_1", "--iterations", "25", "--style-size", "40"]) == 0
    made = read_image(Path("photo-out.png")).image
    np.testing.assert_array_equal(made, read_image(Path("other-out.png")).image)
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
    target = gram_matrix(features(blotches(1), "relu2_1"))
    before, after = (float(style_loss(gram_matrix(features(image, "relu2_1")), target)) for image in (noise, made))
    assert after < before / 10


def test_luminance_keeps_the_photos_colours() -> None:
    """Only the luminance is stylized: the difference to the photo is the same in all channels, up to rounding and clipping."""
    photo = blotches(0, low=80, high=170)
    made = last(photo, blotches(1), GatysConfig(10, color="luminance", style_layers=FAST, style_size_px=40))
    difference = made.astype(int) - photo
    assert np.ptp(difference, axis=2).max() <= 3
    assert np.abs(luminance(made) - luminance(photo)).mean() > 1


@pytest.mark.slow
@pytest.mark.parametrize("color", ["cholesky", "analogies"])
def test_matched_colours_are_the_photos(color: str) -> None:
    """A dark red photo stays dark red in a bright blue style."""
    photo, style = blotches(0) // 4, 255 - blotches(1) // 4
    photo[..., 0] += 90
    plain, matched = (last(photo, style, GatysConfig(12, color=name, style_layers=FAST, style_size_px=40)) for name in ("style", color))
    wanted = photo.reshape(-1, 3).mean(0)
    assert np.abs(matched.reshape(-1, 3).mean(0) - wanted).max() < 10 < np.abs(plain.reshape(-1, 3).mean(0) - wanted).max()


def halves(upper: tuple[int, int, int], lower: tuple[int, int, int], size: tuple[int, int] = (40, 48)) -> Pixels:
    """Return a mask of two colours."""
    mask = np.empty((*size, 3), np.uint8)
    mask[: size[0] // 2], mask[size[0] // 2 :] = upper, lower
    return mask


def test_masks_place_styles() -> None:
    """Above comes what is below in the style image, and the other way round."""
    style = np.concatenate([np.full((20, 48, 3), 20, np.uint8), np.full((20, 48, 3), 235, np.uint8)])
    guides = Guides(halves((255, 0, 0), (0, 0, 255)), halves((0, 0, 255), (255, 0, 0)))
    config = GatysConfig(15, start="noise", content_weight=0, style_layers=FAST, style_size_px=40)
    made = last(blotches(0), style, config, guides)
    assert made[:16].mean() > made[24:].mean() + 40


def test_masks_are_read_as_people_draw_them() -> None:
    """Nearly equal colours and soft borders are one region; a colour that the other mask lacks is named."""
    drawn = halves((250, 8, 3), (5, 0, 240), (200, 48))
    drawn[100] = (128, 0, 128)
    found = regions(drawn, halves((0, 0, 255), (255, 0, 0)))
    assert [here.mean() for here, _ in found] == [pytest.approx(0.495), pytest.approx(0.5)]
    assert all(here[0, 0] != there[0, 0] for here, there in found)
    with pytest.raises(InputError, match="#00ff00"):
        regions(halves((0, 255, 0), (0, 0, 255)), halves((0, 0, 255), (255, 0, 0)))


@pytest.mark.slow
def test_the_fine_scale_comes_from_the_second_style_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its finest layer the mixed style image is that of the second image, and its large forms stay."""
    coarse = blotches(1)
    fine = np.random.default_rng(3).integers(0, 256, (40, 48, 3), np.uint8)
    network = LossNetwork(loss_network())
    config = GatysConfig(30, style_size_px=40)
    mixed = list(optimization._with_fine_scale(coarse, fine, network, config))[-1].image
    target = gram_matrix(features(fine, "relu1_1"))
    before, after = (float(style_loss(gram_matrix(features(image, "relu1_1")), target)) for image in (coarse, mixed))
    assert after < before / 10
    small = [np.array(Image.fromarray(image).resize((6, 5), Image.Resampling.BOX)).astype(float).ravel() for image in (coarse, mixed)]
    assert np.corrcoef(*small)[0, 1] > 0.5


def test_a_strip_and_a_page_to_choose_from(folder: Path) -> None:
    """The strip shows photo, style image and each kept image; the page holds them all and links to their files."""
    command = ["still", "photo.png", "-o", "my out.png", "--method", "gatys", "--style-image", "style.png", "--style-layers", "relu1_1"]
    assert main([*command, "--content-layers", "relu1_1", "--iterations", "6", "--keep-every", "2", "--style-size", "40"]) == 0
    strip = read_image(Path("my out-strip.jpg")).image
    assert strip.shape[1] > 4.5 * strip.shape[0]
    page = Path("my out.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 5
    assert all(f'href="my%20out-{number:04d}.png"' in page for number in (2, 4, 6))
    assert "6 iterations" in page
    assert all(f'alt="{words}' in page for words in ("photo", "style image", "2 iterations, loss"))


def test_large_images_go_by_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the size that is looked at at once the same image comes out, up to what L-BFGS makes of rounding."""
    config = GatysConfig(4, style_layers=FAST, content_layers={"relu2_1": 1.0}, style_size_px=40)
    whole = last(blotches(0), blotches(1), config)
    monkeypatch.setattr(optimization, "_WHOLE_PX", 1000)
    monkeypatch.setattr(optimization, "_TILE_PX", 16)
    tiled = last(blotches(0), blotches(1), config)
    assert np.abs(tiled.astype(int) - whole).max() <= 2


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--content-only", "relu1_1", "--style-only", "relu1_1"), 2, "exclude"),
        (("--style-image", "style.png", "--mask", "photo.png"), 2, "--style-mask"),
        (("--style-image", "style.png", "--color", "sepia"), 2, "'sepia'"),
        (("--style-image", "style.png", "--tv-weight", "-1"), 2, "--tv-weight"),
        (("--style-image", "style.png", "--style-crop", "1,2"), 2, "--style-crop"),
        (("--style-image", "style.png", "--style-colors", "1000"), 7, "256"),
        (("--style-image", "style.png", "--fine-style-image", "no.png"), 4, "no.png"),
        (("--style-image", "style.png", "--style-layers", "relu5_4"), 2, "--loss-network"),
    ],
)
def test_refusals_are_sentences(folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: int, words: str) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    assert main(["still", "photo.png", "-o", "out.png", "--method", "gatys", *options]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("out.png").exists()
