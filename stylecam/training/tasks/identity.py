"""Teach a finished pack the row that gives back the photo, without touching its styles."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam import __version__
from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.net.module import TransformNet
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.data.prefetch import prefetched
from stylecam.training.precision import autocast_dtype, loader_threads, pick_device


@dataclass(frozen=True)
class IdentityConfig:
    """How long and on what the row is fitted; the defaults take minutes on two cores."""

    steps: int = 300
    batch: int = 4
    size_px: int = 160
    learning_rate: float = 0.02
    seed: int = 0
    report_every: int = 10

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "report_every"):
            if getattr(self, name) < 1:
                raise TrainingError(f"The identity row needs {name} of at least 1, not {getattr(self, name)}; give a larger number.")

    def learning_rate_at(self, step: int) -> float:
        """Up in 20 steps, then down along a cosine to a fiftieth."""
        up = min(1.0, (step + 1) / 20)
        return self.learning_rate * up * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / self.steps)))


def fit_identity(pack: StylePack, photos: Path, output: Path, config: IdentityConfig | None = None) -> Generator[Progress]:
    """Fit the identity row's γ and β to the photos themselves (mean squared error), and write the pack.

    The convolutions are frozen and no style takes part, so that every style's numbers stay as they are, bit for bit. A pack
    without an identity row gets one.

    Raises:
        TrainingError: there are no photos, or the fit is not finite.
        PackError, OutputError: the pack cannot be written.
    """
    config = config or IdentityConfig()
    check_pack_target(output, force=True)
    data = PhotoFolder(photos, config.size_px, config.seed)
    device = pick_device()
    dtype = autocast_dtype("auto", device)
    pack = with_identity_row(pack)
    net = TransformNet.from_tensors(pack.config, pack.tensors).to(device)
    rows = [parameter for name, parameter in net.named_parameters() if ".norm." in name]
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(".norm." in name)
    # The other rows' gradients are exactly zero, and Adam leaves such numbers alone.
    optimizer = torch.optim.Adam(rows, config.learning_rate)
    weights = torch.zeros(config.batch, pack.config.rows, device=device)
    weights[:, -1] = 1
    started = time.perf_counter()
    error = 0.0
    with closing(prefetched(data, 0, config.batch, loader_threads(device))) as batches:
        for step, batch in zip(range(config.steps), batches, strict=False):  # batches never end
            x = batch.to(device)
            with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                y = net(x, weights)
            loss = (y.float() - x).pow(2).mean()
            optimizer.param_groups[0]["lr"] = config.learning_rate_at(step)
            optimizer.zero_grad()
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(rows, 1.0)
            if torch.isfinite(norm):
                optimizer.step()
            error = loss.item()
            done = step + 1
            if done % config.report_every == 0 and done < config.steps:
                yield Progress("identity", done, config.steps, time.perf_counter() - started, {"psnr_db": _decibel(error)})
    tensors = net.tensors()
    if not all(np.isfinite(value).all() for value in tensors.values()):
        raise TrainingError("The identity row did not become finite; try a smaller learning rate.")
    save_pack(replace(pack, tensors=tensors, recipe=_recipe(pack, config, len(data))), output, force=True)
    seconds = time.perf_counter() - started
    yield Progress("identity", config.steps, config.steps, seconds, {"psnr_db": _decibel(error)}, {"pack": str(output)})


def with_identity_row(pack: StylePack) -> StylePack:
    """Return the pack itself if it has an identity row, else with one that starts from the mean of its styles.

    Raises:
        TrainingError: its output has no normalisation, as in an imported network.
    """
    if pack.config.identity:
        return pack
    if pack.config.output_after != "sigmoid":
        raise TrainingError(
            f"The network of '{pack.name}' has no normalisation at its output, so no row can give back a photo; its strength slider blends."
        )

    def grown(name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([value, value.mean(0, keepdims=True)]) if ".norm." in name else value

    tensors = {name: grown(name, value) for name, value in pack.tensors.items()}
    return replace(pack, config=pack.config.with_styles(pack.config.styles, identity=True), tensors=tensors)


@torch.no_grad()
def photo_error(pack: StylePack, photo: Tensor) -> float:
    """Return how well the identity row gives back a photo (3, H, W): PSNR in decibels, the more the better."""
    net = TransformNet.from_tensors(pack.config, pack.tensors)
    weights = torch.zeros(1, pack.config.rows)
    weights[:, -1] = 1
    return _decibel((net(photo[None], weights) - photo).pow(2).mean().item())


def _decibel(squared_error: float) -> float:
    return -10 * math.log10(max(squared_error, 1e-12))


def _recipe(pack: StylePack, config: IdentityConfig, photos: int) -> dict[str, object]:
    stage = {
        "program": f"stylecam {__version__}",
        "fitted": "identity row",
        "steps_done": config.steps,
        "photos": photos,
        "settings": {"batch": config.batch, "size_px": config.size_px, "learning_rate": config.learning_rate, "seed": config.seed},
    }
    earlier = pack.recipe.get("stages")
    return {**pack.recipe, "stages": [*(earlier if isinstance(earlier, list) else []), stage]}
