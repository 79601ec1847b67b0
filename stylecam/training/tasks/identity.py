"""The row of a finished pack that gives back the photo, fitted without touching its styles."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.net.module import TransformNet
from stylecam.net.styles import STYLES
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack
from stylecam.training import recipe
from stylecam.training.checks import check_counts
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.loop import Loop, Mark, Task, fit
from stylecam.training.precision import autocast_dtype, pick_device
from stylecam.training.schedule import Pace, one_cycle


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
        check_counts(self, ("steps", "batch", "report_every"), "The identity row")

    def to_recipe(self) -> dict[str, Any]:
        """Return, as JSON data, what shaped the result."""
        return {key: value for key, value in asdict(self).items() if key not in ("steps", "report_every")}


class IdentityTask(Task):
    """The identity row's γ and β, by the mean squared error to the photo; convolutions and styles are frozen.

    Raises:
        TrainingError: there are no photos, or the network has no place for such a row.
    """

    stage = "identity"
    average_decay = 0.9

    def __init__(self, pack: StylePack, photos: Path, output: Path, config: IdentityConfig) -> None:
        self.pack, self.output, self.config = with_identity_row(pack), output, config
        self.pace = Pace(steps=config.steps, report_steps=config.report_every)
        self.photos = PhotoFolder(photos, config.size_px, config.seed)
        self.device = pick_device()
        self.dtype = autocast_dtype("auto", self.device)
        self.model: TransformNet = TransformNet.from_tensors(self.pack.config, self.pack.tensors).to(self.device)
        # The other rows' gradients are exactly zero, and Adam leaves such numbers alone.
        self.model.requires_grad_(False).styles.requires_grad_()

    def rates(self, through: float) -> Mapping[str, float]:
        """One cycle."""
        return {"all": self.config.learning_rate * one_cycle(through, floor=0.02)}

    def batch(self, step: int, seconds: float) -> Tensor:  # noqa: ARG002
        """Return the photos of a step."""
        return self.photos.batch(step * self.config.batch, self.config.batch)

    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:  # noqa: ARG002
        """Return the mean squared error."""
        weights = torch.zeros(len(photos), self.pack.config.rows, device=self.device)
        weights[:, -1] = 1
        with self.autocast():
            y = self.model(photos, weights)
        mark("forward")
        error = (y.float() - photos).pow(2).mean()
        return error, {"squared_error": error.item()}

    def values(self, latest: Mapping[str, float]) -> dict[str, float]:
        """Return the error as people read it."""
        return {"psnr_db": _decibel(latest["squared_error"])} if latest else {}

    def fingerprint(self) -> dict[str, Any]:
        """Name the network; it is never asked for, since there is no checkpoint."""
        return {"trunk": self.pack.trunk}

    def write(self, run: Loop) -> dict[str, str]:
        """Write the pack with its row."""
        with run.averaged():
            fitted = self.model.tensors()
        if not all(np.isfinite(value).all() for value in fitted.values()):
            raise TrainingError("The identity row did not become finite; try a smaller learning rate.")
        rows = np.concatenate([self.pack.rows[:-1], fitted[STYLES][-1:]])
        stage = run.stage(
            self.config.to_recipe(),
            len(self.photos),
            fitted="identity row",
        )
        save_pack(
            replace(self.pack.with_rows(rows, self.pack.styles, identity=True), recipe=recipe.with_stage(self.pack, stage)),
            self.output,
            force=True,
        )
        return {"pack": str(self.output)}


def fit_identity(pack: StylePack, photos: Path, output: Path, config: IdentityConfig | None = None) -> Generator[Progress]:
    """Fit the identity row's γ and β to the photos themselves, and write the pack.

    The convolutions are frozen and no style takes part, so that every style's numbers stay as they are, bit for bit. A pack
    without an identity row gets one. Closing the generator writes what there is.

    Raises:
        TrainingError: there are no photos, or the fit is not finite.
        PackError, OutputError: the pack cannot be written.
    """
    check_pack_target(output, force=True)
    yield from fit(IdentityTask(pack, photos, output, config or IdentityConfig()))


def with_identity_row(pack: StylePack) -> StylePack:
    """Return the pack itself if it has an identity row, else with one that starts from the mean of its styles.

    Raises:
        TrainingError: its output has no normalisation, as in an imported network.
    """
    if pack.config.identity:
        return pack
    if not pack.config.normalises_output:
        raise TrainingError(
            f"The network of '{pack.name}' has no normalisation at its output, so no row can give back a photo; its strength slider blends."
        )

    rows = np.concatenate([pack.rows, pack.rows.mean(0, keepdims=True)])
    return pack.with_rows(rows, pack.styles, identity=True)


def _decibel(squared_error: float) -> float:
    return -10 * math.log10(max(squared_error, 1e-12))
