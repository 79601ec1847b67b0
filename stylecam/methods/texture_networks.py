"""Texture networks (Ulyanov, Lebedev, Vedaldi, Lempitsky 2016, arXiv 1603.03417): one pass makes a texture of noise, or stylizes a photo.

A network is trained for one image by the loss of Gatys, Ecker, Bethge 2015; it is a file of tensors with a JSON header, no code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from stylecam.core.atomic_io import check_target, reason, write_file
from stylecam.core.progress import Progress
from stylecam.errors import PackError, UsageError
from stylecam.methods.texture_generator import TextureConfig, TextureGenerator, noise
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import Term
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training.data.dataset import PhotoFolder, at_short_side
from stylecam.training.loop import Loop, Mark, Task, fit
from stylecam.training.precision import autocast_dtype, loss_dtype, pick_device
from stylecam.training.schedule import Pace, one_cycle

_HEADER = "texture_network"
_LEAST_STYLE_PX, _MOST_STYLE_PX = 64, 1024
_MAX_BYTES = 64 * 1024 * 1024
#: Largest image: its maps take 3 GB.
MAX_PIXELS = 2048 * 2048
_STYLE = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0}


@dataclass(frozen=True)
class TextureTraining:
    """How a texture network is trained; `content_weight` counts only with photos."""

    minutes: float | None = 15.0
    steps: int | None = None
    size_px: int = 256
    batch: int = 1
    learning_rate: float = 0.01
    content_weight: float = 1.0
    style_weight: float = 1.0
    levels: int = 5
    channels: int = 8
    seed: int = 0
    precision: str = "auto"

    def __post_init__(self) -> None:
        if not 64 <= self.size_px <= 1024 or self.size_px % (1 << (self.levels - 1)):
            raise UsageError(f"--size {self.size_px} cannot be trained at; give a multiple of {1 << (self.levels - 1)} from 64 to 1024.")
        if self.minutes is None and self.steps is None:
            raise UsageError("Say when the training ends: --minutes or --steps.")
        if any(value is not None and not 0 < value < math.inf for value in (self.minutes, self.steps, self.batch, self.learning_rate)):
            raise UsageError("Minutes, steps, batch and learning rate must be greater than 0, and have an end.")
        if not (0 <= self.content_weight < math.inf and 0 < self.style_weight < math.inf):
            raise UsageError(f"A content weight of {self.content_weight:g} makes no sense; give 0 or more.")

    def to_recipe(self) -> dict[str, Any]:
        """Return, as JSON data, what shaped the result."""
        return {key: value for key, value in asdict(self).items() if key not in ("minutes", "steps")}


class TextureTask(Task):
    """A generator for one image `style` (1, 3, h, w) in [0, 1], of noise alone or of noise and photos."""

    stage = "texture"

    def __init__(
        self,
        style: Tensor,
        output: Path,
        config: TextureTraining,
        loss_network: Path,
        *,
        about: Mapping[str, Any],
        photos: Path | None = None,
    ) -> None:
        self.config, self.output, self.about = config, output, dict(about)
        self.pace = Pace(steps=config.steps, minutes=config.minutes, report_s=10, save_s=60)
        self.device = pick_device()
        self.dtype = autocast_dtype(config.precision, self.device)
        self.photos = None if photos is None else PhotoFolder(photos, config.size_px, config.seed)
        torch.manual_seed(config.seed)
        shape = TextureConfig(config.levels, config.channels, photo=photos is not None)
        self.model: TextureGenerator = TextureGenerator(shape).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        network = LossNetwork(loss_network, loss_dtype(self.dtype), self.device)
        content = {} if photos is None else {"relu3_1": 1.0}
        self.objective = Objective(network, (Term("texture", style=_STYLE, content=content),), [[style[0].to(self.device)]])

    def rates(self, through: float) -> Mapping[str, float]:
        """One cycle."""
        return {"all": self.config.learning_rate * one_cycle(through)}

    def batch(self, step: int, seconds: float) -> Tensor:  # noqa: ARG002
        """Return photos, or images without channels where there are none."""
        config = self.config
        if self.photos is None:
            return torch.empty(config.batch, 0, config.size_px, config.size_px)
        return self.photos.batch(step * config.batch, config.batch)

    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:  # noqa: ARG002
        """Return the mean loss of a batch; every step has new noise."""
        config = self.config
        z = noise(self.model.config, (config.seed, 1, step), len(photos), config.size_px, config.size_px)
        x = photos if self.photos is not None else None
        with self.autocast():
            y = self.model([part.to(self.device) for part in z], x)
        mark("forward")
        losses = self.objective(y, y if x is None else x, torch.zeros(len(y), dtype=torch.long, device=self.device))
        mark("loss network")
        style, content = losses.style.mean(), losses.content.mean()
        figures = {"style": style.item()} | ({} if x is None else {"content": content.item()})
        return config.style_weight * style + (0 if x is None else config.content_weight * content), figures

    def fingerprint(self) -> dict[str, Any]:
        """Name the network; it is never asked for, since there is no checkpoint."""
        return self.model.config.to_json()

    def write(self, run: Loop) -> dict[str, str]:
        """Write the network from the averaged weights."""
        with run.averaged():
            tensors = {name: value.detach().float().cpu().contiguous() for name, value in self.model.state_dict().items()}
        photos = 0 if self.photos is None else len(self.photos)
        made = run.stage(self.config.to_recipe(), photos)
        header = {"architecture": self.model.config.to_json(), **self.about, "recipe": made}
        write_file(self.output, save(tensors, {_HEADER: json.dumps(header)}), force=True)
        return {"network": str(self.output)}


def train_texture(task: TextureTask, *, force: bool = False) -> Generator[Progress]:
    """Train, yielding reports; closing the generator stops the run and keeps what it has.

    Raises:
        OutputError: the file exists already and `force` is not set, or it cannot be written.
        TrainingError: the run diverges for good.
    """
    check_target(task.output, force=force)
    yield from fit(task)


class TextureNetwork:
    """A trained network, read from its file.

    >>> TextureNetwork.read(Path("waves.safetensors")).generate(640, 480, seed=7).shape  # doctest: +SKIP
    (480, 640, 3)
    """

    def __init__(self, generator: TextureGenerator, header: Mapping[str, Any]) -> None:
        self.generator, self.header = generator.eval().requires_grad_(False), dict(header)
        self.config = generator.config

    @classmethod
    def read(cls, path: Path) -> TextureNetwork:
        """Read what a `TextureTask` wrote.

        Raises:
            PackError: there is no such file, or it is another; nothing in it is run.
        """
        try:
            return cls(*_read(path))
        except (OSError, SafetensorError, ValueError, RecursionError) as error:
            why = reason(error) if isinstance(error, OSError) else error
            raise PackError(f"'{path}' cannot be read as a texture network ({why}); make one with `stylecam train texture`.") from error

    def generate(self, width: int, height: int, *, seed: int) -> NDArray[np.uint8]:
        """Return a texture (height, width, 3) of a network without photos; it tiles where both sides are multiples of `config.grid_px`.

        Raises:
            UsageError: the network stylizes photos, or the size is out of range.
        """
        if self.config.photo:
            raise UsageError("This network stylizes photos: use `stylecam still PHOTO --method texture-network --network FILE`.")
        return self._image(width, height, seed, None)

    def stylize(self, photo: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
        """Return a photo (H, W, 3) in the network's style, of the same size.

        Raises:
            UsageError: the network makes textures, or the photo is too small or too large.
        """
        if not self.config.photo:
            raise UsageError("This network makes textures of noise alone: use `stylecam texture generate`, or train one with --photos.")
        return self._image(photo.shape[1], photo.shape[0], seed, photo)

    @torch.inference_mode()
    def _image(self, width: int, height: int, seed: int, photo: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        grid, least = self.config.grid_px, self.config.least_px
        if width * height > MAX_PIXELS or min(width, height) < least:
            raise UsageError(
                f"{width}x{height} pixels cannot be made in one piece; give sides of {least} pixels at least, and no more than "
                f"{MAX_PIXELS / 1e6:.1f} megapixels."
            )
        if seed < 0:
            raise UsageError("--seed must be 0 or more.")
        # The border of what is made of a photo has other strokes, so it is made beyond the photo and cut off.
        margin = 0 if photo is None else 2 * grid
        high, wide = (-(-(side + 2 * margin) // grid) * grid for side in (height, width))
        z = noise(self.config, (seed,), 1, high, wide)
        x = None
        if photo is not None:
            beyond = (margin, high - height - margin), (margin, wide - width - margin), (0, 0)
            x = torch.from_numpy(np.pad(photo, beyond, mode="reflect")).permute(2, 0, 1)[None].float() / 255
        y = self.generator(z, x)[0, :, margin : margin + height, margin : margin + width]
        return np.asarray((y * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy())


def _read(path: Path) -> tuple[TextureGenerator, dict[str, Any]]:
    """Return generator and header; raise ValueError, and errors of files, where it is another file."""
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"it has more than {_MAX_BYTES >> 20} MiB")
    with safe_open(path, framework="pt") as file:
        header = json.loads((file.metadata() or {}).get(_HEADER, "null"))
        if not isinstance(header, dict):
            raise ValueError("its header describes no texture network")
        generator = TextureGenerator(TextureConfig.from_json(header.get("architecture")))
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
    if {name: (v.dtype, v.shape) for name, v in tensors.items()} != {n: (v.dtype, v.shape) for n, v in generator.state_dict().items()}:
        raise ValueError("its tensors are not those that its header describes")
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise ValueError("not all of its numbers are finite")
    generator.load_state_dict(tensors)
    return generator, header


def style_tensor(image: NDArray[np.uint8], short_side_px: int) -> Tensor:
    """Return an image (H, W, 3) as a trainer wants it, (1, 3, h, w) in [0, 1]; one that is smaller than asked for is not enlarged.

    Raises:
        UsageError: the size is out of range, or the image is too small to show a texture.
    """
    side = min(*image.shape[:2], short_side_px)
    if side < _LEAST_STYLE_PX or short_side_px > _MOST_STYLE_PX:
        raise UsageError(
            f"A texture is learned of {_LEAST_STYLE_PX} to {_MOST_STYLE_PX} pixels a side, not of {side}; name another image, --part "
            "or --style-size."
        )
    return at_short_side(Image.fromarray(image), side)[None]
