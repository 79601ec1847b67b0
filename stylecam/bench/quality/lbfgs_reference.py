"""Reference curves: how fast L-BFGS (arXiv 1508.06576) lowers the classic objective from photo or noise, as small JSON files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from stylecam.core.atomic_io import make_folder, write_file
from stylecam.perceptual.lbfgs import descend
from stylecam.perceptual.objective import Objective
from stylecam.training.reports.sheet import png_of

MAX_EVALUATIONS = 150
#: A run may stop early once it is this share of the pack's objective: the next, better pack then needs no new run.
MARGIN = 0.9
#: No run stops before this: the page shows what it gives at so many evaluations.
SHOWN_AT = 60
#: Where a run may start.
STARTS = ("photo", "noise")
#: An image of the run is kept at every so many evaluations.
SNAPSHOT_EVERY = 10


@dataclass(frozen=True)
class Curve:
    """Losses of one L-BFGS run, one per evaluation; `restarts` of its line search. `folder`/`name`.json is its file."""

    folder: Path
    name: str
    losses: tuple[float, ...]
    restarts: int

    def equivalents(self, objective: float, limit: int = MAX_EVALUATIONS) -> tuple[int, bool]:
        """Return how many evaluations it takes to be at most `objective`, and True; or how many did not suffice, and False."""
        losses = self.losses[:limit]
        for number, loss in enumerate(losses, 1):
            if loss <= objective:
                return number, True
        return len(losses), False

    def suffices(self, objective: float, evaluations: int) -> bool:
        """Tell whether it was computed as far as judging `objective` within `evaluations` needs."""
        return len(self.losses) >= evaluations or min(self.losses, default=float("inf")) <= objective

    def snapshot(self, evaluations: int) -> Path | None:
        """Return the kept image of the run nearest to `evaluations`, or None if there is none."""
        files = list(self.folder.glob(f"{self.name}-[0-9][0-9][0-9].png"))
        return min(files, key=lambda path: abs(int(path.stem[-3:]) - evaluations), default=None)


def curve_name(
    photo: Path, style_image: Path, loss_network: Path, size_px: int, style_size_px: int, style_weight: float, start: str
) -> str:
    """Name a curve by the contents of its files, its start and the sizes of its images: another photo never meets an old curve."""
    digest = hashlib.sha256(f"{size_px} {style_size_px} {style_weight} {start}".encode())
    for path in (photo, style_image, loss_network):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{style_image.stem}-{photo.stem}-{digest.hexdigest()[:12]}"


def read_curve(folder: Path, name: str) -> Curve | None:
    """Return the curve in the folder, or None if it was not computed or its file is damaged (it can be made again)."""
    try:
        data = json.loads((folder / f"{name}.json").read_text("utf-8"))
        losses = tuple(float(loss) for loss in data["losses"])
        return Curve(folder, name, losses, int(data["restarts"])) if losses else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def compute_curve(
    folder: Path,
    name: str,
    objective: Objective,
    photo: Tensor,
    *,
    style_weight: float,
    evaluations: int,
    enough: float = 0.0,
    start: str = "photo",
) -> Iterator[tuple[int, float] | Curve]:
    """Run L-BFGS; yields (evaluations, best loss) as it goes, at last the curve, whose files are then written.

    A longer curve is computed from the start: the run is deterministic, and keeping its state would take megabytes per pair.

    Args:
        folder: of the curves; made if missing.
        name: see `curve_name`.
        objective: of one style image.
        photo: (1, 3, H, W) in [0, 1].
        style_weight: of the style loss; that of the content is 1.
        evaluations: at most.
        enough: stop once the loss is not above this, but not before `SHOWN_AT` evaluations.
        start: one of `STARTS`. From the photo, content begins at zero; the counts that are published start from noise.

    Raises:
        OutputError: the files cannot be written.
    """
    make_folder(folder)

    def loss(y: Tensor) -> Tensor:
        found = objective(y, photo, torch.tensor([0]))
        return (found.content + style_weight * found.style).sum()

    losses: list[float] = []
    begin = photo if start == "photo" else torch.rand(photo.shape, generator=torch.Generator().manual_seed(0))
    due, restarts, image = SNAPSHOT_EVERY, 0, begin
    for step in descend(loss, begin, evaluations):
        losses += step.losses
        restarts, image = step.restarts, step.image
        if len(losses) >= due:
            _save(image, folder / f"{name}-{len(losses):03d}.png")
            due += SNAPSHOT_EVERY
        yield len(losses), step.best_loss
        if step.best_loss <= enough and len(losses) >= SHOWN_AT:
            break
    _save(image, folder / f"{name}-{len(losses):03d}.png")
    text = json.dumps({"losses": [round(value, 6) for value in losses], "restarts": restarts})
    write_file(folder / f"{name}.json", text.encode(), force=True)
    yield Curve(folder, name, tuple(losses), restarts)


def _save(image: Tensor, path: Path) -> None:
    write_file(path, png_of(image[0]), force=True)
