"""Quilting: the result is made of the texture, looks like it, and no copy of it; the commands say what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.cli import main
from stylecam.core.paths import shipped
from stylecam.errors import InputError
from stylecam.media.images import read_srgb
from stylecam.methods import image_quilting
from stylecam.methods.image_quilting import QuiltConfig, synthesize, transfer
from stylecam.perceptual.losses import gram_matrix, style_loss
from stylecam.perceptual.vgg import LossNetwork

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@cache
def painting(name: str) -> Pixels:
    """Return a style image that ships."""
    return read_srgb(shipped("assets", "paintings", name))


def weave(size: int = 96) -> Pixels:
    """Return part of a style image with regular forms."""
    return painting("morris_acanthus_red.jpg")[:size, :size]


def made(texture: Pixels, width: int, height: int, config: QuiltConfig) -> Pixels:
    """Return the finished texture."""
    *_, (_, image) = synthesize(texture, width, height, config)
    assert image is not None
    return image


def test_pixels_come_from_the_texture_and_seeds_differ() -> None:
    """Every colour of the result is one of the texture; the same seed gives the same, another one another."""
    texture, config = weave(64), QuiltConfig(patch_px=16)
    image = made(texture, 90, 70, config)
    assert image.shape == (70, 90, 3)
    assert {tuple(pixel) for pixel in image.reshape(-1, 3)} <= {tuple(pixel) for pixel in texture.reshape(-1, 3)}
    np.testing.assert_array_equal(image, made(texture, 90, 70, config))
    assert not np.array_equal(image, made(texture, 90, 70, QuiltConfig(patch_px=16, seed=1)))


def test_it_is_no_copy() -> None:
    """No part of the result as large as two patches equals one of the texture."""
    texture = weave(96)
    image = made(texture, 64, 64, QuiltConfig(patch_px=16))
    for y in range(0, 32, 8):
        for x in range(0, 32, 8):
            found = cv2.matchTemplate(texture, image[y : y + 32, x : x + 32], cv2.TM_SQDIFF).min()
            assert found > 32 * 32 * 3  # a grey level per number on average


def test_seams_are_better_than_chance() -> None:
    """Where patches meet, neighbouring pixels differ far less than where the same patches are laid at random beside each other."""
    texture, size = weave(96), 16
    config = QuiltConfig(patch_px=size, overlap_px=4)
    quilted = made(texture, 124, 124, config).astype(float)
    rng = np.random.default_rng(0)
    tiles = [[texture[y : y + 12, x : x + 12] for y, x in rng.integers(0, 80, (10, 2))] for _ in range(10)]
    chance = np.vstack([np.hstack(row) for row in tiles]).astype(float)
    steps = [np.abs(np.diff(image, axis=1))[:, 11::12].mean() for image in (quilted[:120, :120], chance)]
    assert steps[0] < 0.6 * steps[1]


def test_gram_matrices_are_nearer_than_those_of_noise() -> None:
    """The quilted texture's second-order statistics are the texture's, far more than those of the same pixels in random order."""
    texture = weave(128)
    image = made(texture, 128, 128, QuiltConfig(patch_px=32, seed=2))
    noise = np.random.default_rng(0).permutation(image.reshape(-1, 3)).reshape(image.shape)
    network = LossNetwork(shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors"))

    def grams(pixels: Pixels) -> dict[str, torch.Tensor]:
        x = torch.from_numpy(pixels.astype(np.float32).transpose(2, 0, 1) / 255)[None]
        return {name: gram_matrix(found) for name, found in network(x, ("relu1_2", "relu2_2", "relu3_3")).items()}

    with torch.no_grad():
        theirs, ours, others = grams(texture), grams(image), grams(noise)
    shares = [float(style_loss(ours[layer], target) / style_loss(others[layer], target)) for layer, target in theirs.items()]
    assert max(shares) < 0.6  # in the finest layer, which hardly sees more than colours
    assert min(shares) < 0.1


def test_a_transfer_depicts_the_photo() -> None:
    """The image is light where the photo is, in every pass, and has no colours but the style image's."""
    photo = np.zeros((48, 56, 3), np.uint8)
    cv2.circle(photo, (28, 24), 16, (200, 200, 200), -1)
    inside = photo[..., 0] > 0
    style_image = np.ascontiguousarray(painting("starry_night.jpg")[::8, ::8])
    images = [image for _, image in transfer(photo, style_image, config=QuiltConfig(patch_px=18, tolerance=0.02)) if image is not None]
    assert len(images) == 3
    for image in images:
        light = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float)
        assert light[inside].mean() > light[~inside].mean() + 30
    assert {tuple(pixel) for pixel in images[-1].reshape(-1, 3)} <= {tuple(pixel) for pixel in style_image.reshape(-1, 3)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a photo and a texture."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(weave(64)).save("texture.png")
    Image.fromarray(weave(40)[:, ::-1]).save("photo.png")
    return tmp_path


def test_the_commands(folder: Path) -> None:
    """`texture quilt` makes a texture of the size asked for, `still --method quilting` an image of the photo's size."""
    assert main(["texture", "quilt", "texture.png", "-o", "t.png", "--size", "70x50", "--patch", "16", "--part", "60x50+4+10"]) == 0
    assert read_srgb(Path("t.png")).shape == (50, 70, 3)
    command = [
        "still",
        "photo.png",
        "-o",
        "s.png",
        "--method",
        "quilting",
        "--style-image",
        "texture.png",
        "--patch",
        "9",
        "--style-size",
        "48",
    ]
    assert main(command) == 0
    assert read_srgb(Path("s.png")).shape == (40, 40, 3)
    assert main(command) == 5  # it is there already


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("texture", "quilt", "nowhere.png", "-o", "o.png"), 4, "nowhere.png"),
        (("texture", "quilt", "texture.png", "-o", "o.png", "--patch", "64"), 4, "smaller --patch"),
        (("texture", "quilt", "texture.png", "-o", "o.png", "--patch", "20", "--overlap", "11"), 2, "--overlap 11"),
        (("texture", "quilt", "texture.png", "-o", "o.png", "--size", "wide"), 2, "512x384"),
        (("texture", "quilt", "texture.png", "-o", "o.png", "--part", "60x60+9+0"), 2, "beyond the image"),
        (("texture", "quilt", "texture.png", "-o", "o.xyz"), 2, "o.xyz"),
        (("still", "photo.png", "-o", "o.png", "--method", "quilting"), 2, "--style-image"),
        (("still", "photo.png", "-o", "o.png", "--method", "quilting", "--style-image", "texture.png", "--alpha", "2"), 2, "--alpha 2"),
        (("still", "photo.png", "-o", "o.png", "--method", "quilting", "--style-image", "texture.png", "--strength", "1"), 2, "--strength"),
        (
            ("still", "photo.png", "-o", "o.png", "--method", "quilting", "--style-image", "texture.png", "--style-size", "9"),
            2,
            "--style-size 9",
        ),
    ],
)
def test_refusals_are_sentences(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    assert main(list(arguments)) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("o.png").exists()


def test_too_little_memory_is_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any work, with what would help."""
    monkeypatch.setattr(image_quilting, "available_memory", lambda: 1000)
    with pytest.raises(InputError, match="smaller --size"):
        next(synthesize(weave(64), 90, 70, QuiltConfig(patch_px=16)))
    with pytest.raises(InputError, match="smaller --style-size"):
        next(transfer(weave(40), weave(64), config=QuiltConfig(patch_px=16)))


def test_ctrl_c_keeps_a_complete_pass(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Stopped after a pass, its image is written and said to be that; stopped before, there is nothing."""
    command = ["still", "photo.png", "-o", "o.png", "--method", "quilting", "--style-image", "texture.png", "--patch", "9"]

    def stopped_after(parts: list[int]) -> None:
        lay = image_quilting._Quilt.lay

        def stopping(self: image_quilting._Quilt, **options: bool) -> Iterator[int]:
            if not parts:
                raise KeyboardInterrupt
            parts.pop()
            yield from lay(self, **options)

        monkeypatch.setattr(image_quilting._Quilt, "lay", stopping)

    with monkeypatch.context():
        stopped_after([])
        assert main(command) == 130
    assert "nothing was written" in capsys.readouterr().err
    assert not Path("o.png").exists()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    stopped_after([1])
    assert main(command) == 130
    assert "pass 1 of 3" in capsys.readouterr().err
    assert read_srgb(Path("o.png")).shape == (40, 40, 3)
