"""Texture networks: what they make, that a seed decides it, and that a file is believed only as far as it was checked."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from stylecam.cli import main
from stylecam.errors import PackError, UsageError
from stylecam.media.images import read_srgb
from stylecam.methods.texture_generator import TextureConfig, TextureGenerator, noise
from stylecam.methods.texture_networks import TextureNetwork, TextureTask, TextureTraining, style_tensor, train_texture
from tests.unit.methods.toy_vgg import write_toy_vgg

Pixels = NDArray[np.uint8]


def _network(*, photo: bool = False) -> TextureNetwork:
    torch.manual_seed(3)
    return TextureNetwork(TextureGenerator(TextureConfig(levels=3, photo=photo)), {})


def _stripes() -> Pixels:
    """Red and blue stripes of four pixels."""
    image = np.zeros((64, 64, 3), np.uint8)
    image[np.arange(64) // 4 % 2 == 0, :, 0] = 230
    image[np.arange(64) // 4 % 2 == 1, :, 2] = 230
    return image


def _train(tmp_path: Path, steps: int, output: Path) -> dict[str, float]:
    """Train on the stripes with a toy loss network and return the last figures."""
    config = TextureTraining(steps=steps, minutes=None, size_px=64, batch=2, levels=3, precision="f32")
    task = TextureTask(style_tensor(_stripes(), 64), output, config, write_toy_vgg(tmp_path / "vgg.pth"), about={"licence": "CC0"})
    *_, last = train_texture(task)
    return last.values


def test_a_seed_decides_the_texture() -> None:
    """The same seed gives the same bytes; another gives a texture that differs by more than a tenth of its contrast at most pixels."""
    network = _network()
    first, again, other = (network.generate(96, 64, seed=seed) for seed in (7, 7, 8))
    assert first.shape == (64, 96, 3)
    assert np.array_equal(first, again)
    difference = np.abs(first.astype(float) - other).mean()
    assert difference > 0.1 * first.std()


def test_any_size_and_tiles_without_a_seam() -> None:
    """Sides need not fit the network's grid; where they do, a shift of all noise around the border shifts the texture around it."""
    network = _network()
    assert network.generate(71, 53, seed=1).shape == (53, 71, 3)
    z = noise(network.config, (5,), 1, 64, 64)
    grid = network.config.grid_px
    with torch.no_grad():
        plain = network.generator(z)
        moved = network.generator([torch.roll(part, 4 * grid >> i, dims=3) for i, part in enumerate(z)])
    assert torch.allclose(torch.roll(plain, 4 * grid, dims=3), moved, atol=1e-4)


@pytest.mark.slow
def test_training_lowers_the_style_loss_and_writes_a_file_without_code(tmp_path: Path) -> None:
    """After some steps the style loss is clearly lower than after two; the file has licence and recipe and gives the trained network."""
    early = _train(tmp_path, 2, tmp_path / "early.safetensors")["style"]
    late = _train(tmp_path, 20, tmp_path / "late.safetensors")
    assert late["style"] < 0.9 * early  # a mean over all steps, the first ones too
    network = TextureNetwork.read(tmp_path / "late.safetensors")
    assert network.header["licence"] == "CC0"
    assert network.header["recipe"]["steps_done"] == 20
    (tmp_path / "any").touch()
    assert (tmp_path / "late.safetensors").stat().st_mode == (tmp_path / "any").stat().st_mode  # others may read it as any file
    colours = network.generate(64, 64, seed=1).reshape(-1, 3).mean(0)
    assert colours[1] < min(colours[0], colours[2])  # red and blue, like the stripes


def test_a_photo_goes_in_beside_the_noise() -> None:
    """A network with photos keeps an odd size, follows the photo, and refuses to make textures; one without refuses photos."""
    network, rng = _network(photo=True), np.random.default_rng(1)
    photo = rng.integers(0, 256, (45, 61, 3)).astype(np.uint8)
    stylized = network.stylize(photo, seed=1)
    assert stylized.shape == photo.shape
    assert not np.array_equal(stylized, network.stylize(255 - photo, seed=1))
    with pytest.raises(UsageError, match="stylizes photos"):
        network.generate(64, 64, seed=1)
    with pytest.raises(UsageError, match="noise alone"):
        _network().stylize(photo, seed=1)


@pytest.mark.parametrize("values", [{"content_weight": math.nan}, {"content_weight": -1.0}, {"minutes": math.inf}, {"steps": 0}])
def test_a_training_that_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    """Before anything is trained: a weight that is no number would spoil every step, and a time without end would never write."""
    with pytest.raises(UsageError):
        TextureTraining(**values)


def test_a_photo_has_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network sees the photo in the midst of its reflection, so that no border of its own is left on the photo's."""
    network, seen = _network(photo=True), []

    def passed_on(self: TextureGenerator, noise: list[torch.Tensor], photo: torch.Tensor) -> torch.Tensor:
        seen.append((photo.shape[-2:], noise[0].shape[-2:]))
        return photo

    monkeypatch.setattr(TextureGenerator, "forward", passed_on)
    photo = np.random.default_rng(0).integers(0, 256, (41, 50, 3), np.uint8)
    assert np.array_equal(network.stylize(photo, seed=1), photo)
    ((sides, noisy),) = seen
    assert sides == noisy
    assert min(sides[0] - 41, sides[1] - 50) >= 4 * network.config.grid_px


def test_what_is_no_texture_network_is_refused(tmp_path: Path) -> None:
    """A missing file, text, another safetensors, other shapes, infinite numbers and a huge architecture each end in one sentence."""
    path = tmp_path / "made.safetensors"
    _train(tmp_path, 1, path)
    tensors = load_file(path)
    name = min(tensors)
    good = {"architecture": TextureConfig(levels=3).to_json()}
    cases = {
        "shapes": ({**tensors, name: torch.zeros(2)}, good),
        "infinite": ({**tensors, name: torch.full_like(tensors[name], float("inf"))}, good),
        "huge": (tensors, {"architecture": {"levels": 3, "channels": 10**9, "photo": False}}),
        "another": (tensors, []),
    }
    for case, (changed, header) in cases.items():
        save_file(changed, tmp_path / case, {"texture_network": json.dumps(header)})
    (tmp_path / "text").write_text("no tensors")
    for case in (*cases, "text", "missing"):
        with pytest.raises(PackError, match="cannot be read as a texture network") as refusal:
            TextureNetwork.read(tmp_path / case)
        assert "Errno" not in str(refusal.value)
    assert TextureNetwork.read(path).config.levels == 3


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`texture generate` and `still --method texture-network` write what the library makes, never over a file; a wrong size is refused."""
    files = {}
    for photo in (False, True):
        network = _network(photo=photo)
        files[photo] = str(tmp_path / f"{photo}.safetensors")
        header = {"architecture": network.config.to_json()}
        save_file(network.generator.state_dict(), files[photo], {"texture_network": json.dumps(header)})
    output = tmp_path / "made.png"
    command = ["texture", "generate", files[False], "-o", str(output), "--size", "80x48", "--seed", "7"]
    assert main(command) == 0
    assert np.array_equal(read_srgb(output), _network().generate(80, 48, seed=7))
    assert main(command) != 0
    assert "--force" in capsys.readouterr().err
    assert main([*command, "--force", "--size", "9000"]) == UsageError.exit_code
    stylized = tmp_path / "stylized.png"
    assert main(["still", str(output), "-o", str(stylized), "--method", "texture-network", "--network", files[True]]) == 0
    assert np.array_equal(read_srgb(stylized), _network(photo=True).stylize(read_srgb(output), seed=0))
    assert main(["still", str(output), "-o", str(tmp_path / "x.png"), "--method", "texture-network"]) == UsageError.exit_code
