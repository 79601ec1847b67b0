"""A new style for a finished network in minutes: one row of γ and β is fitted, nothing else changes (arXiv 1610.07629, section 3.2)."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.packs.store import check_pack, save_styles
from stylecam.perceptual.losses import total_variation_loss
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import TWO_SCALE, with_full_size
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training import recipe
from stylecam.training.config import CHECKPOINT
from stylecam.training.data.dataset import PhotoFolder, at_short_side, load_image
from stylecam.training.data.preprocess import Preparation, open_style_image, prepare
from stylecam.training.data.random_window import crop_place, random_window
from stylecam.training.data.style_images import thumbnail
from stylecam.training.loop import Loop, Mark, Task, fit
from stylecam.training.losses.checkerboard import checkerboard_loss
from stylecam.training.precision import autocast_dtype, loss_dtype, pick_device
from stylecam.training.reports.sheet import save_grid
from stylecam.training.style_row import StyleRow, row_tensors
from stylecam.training.tasks.add_style_config import AddStyleConfig
from stylecam.training.tasks.full import MOST_LOSS, with_objective

#: Photos by which the pack's nearest style is found.
_NEAREST_PHOTOS = 2


@dataclass(frozen=True)
class AddStyleJob:
    """What to add to what, and where to put it. `info` is what is known of the style image; its thumbnail and size are filled in here."""

    config: AddStyleConfig
    #: The network that the style is for. It is only read.
    pack: StylePack
    style_image: Path
    info: StyleInfo
    preparation: Preparation
    photos: Path
    loss_network: Path
    #: Folder for the checkpoint and the previews.
    run: Path
    #: The style-only pack that is written at every checkpoint: a folder, or a file that ends in .stylepack.
    output: Path
    name: str
    title: str
    #: Photos to show in the new style.
    preview_photos: Sequence[Path] = ()


class AddStyleTask(Task):
    """One row for a finished network.

    Raises:
        TrainingError: something that the job names is missing or does not fit.
    """

    stage = "add-style"
    #: The row that is kept is an average over about twenty of the last steps: less noise, above all where the fit is stopped early.
    average_decay = 0.95

    def __init__(self, job: AddStyleJob) -> None:
        config = job.config
        if job.info.id in job.pack.style_ids:
            raise TrainingError(f"The pack '{job.pack.name}' already has a style '{job.info.id}'; give the new one another --id.")
        self.job, self.pace, self.clip_norm = job, config.pace(), config.clip_norm
        self.device = pick_device()
        # fp16 would need its losses scaled, for which so small a fit has no use: there the network computes as the losses do.
        self.dtype = loss_dtype(autocast_dtype(config.precision, self.device))
        style_image = prepare(open_style_image(job.style_image), job.preparation, config.style_size_px)
        self.info = replace(job.info, style_size_px=min(style_image.size), thumbnail=thumbnail(style_image))
        terms = with_full_size(TWO_SCALE, style=config.full_size_style, content=config.small_content)
        shown = [[at_short_side(style_image, term.style_px(min(style_image.size))).to(self.device)] for term in terms]
        self.objective = Objective(LossNetwork(job.loss_network, self.dtype, self.device), terms, shown)
        self.grid_px = job.pack.config.total_stride
        self.model: StyleRow = StyleRow(job.pack, self.device)
        self.previews = [load_image(path, config.size_px) for path in job.preview_photos]
        self.photos = PhotoFolder(job.photos, config.size_px, config.seed)
        #: The style of the pack that is nearest to the style image, and where the fit begins.
        self.nearest = self._nearest_style()
        self.model.begin_with(self.nearest)

    def _nearest_style(self) -> int:
        """Return the row of the pack's style whose images of some photos have the least style loss against the new style image.

        The mean of all styles, where a fit could begin as well, is a style of nothing.
        """
        photos = self.photos.batch(0, _NEAREST_PHOTOS).to(self.device)
        style = torch.zeros(len(photos), dtype=torch.long, device=self.device)
        losses = []
        with torch.no_grad(), self.autocast():
            for number in range(len(self.job.pack.style_ids)):
                losses.append(self.objective(self.model.in_style(photos, number).float(), photos, style).style.mean().item())
        return losses.index(min(losses))

    def groups(self) -> dict[str, dict[str, nn.Parameter]]:
        """Mix and difference have rates of their own."""
        return {"mix": {"mix": self.model.mix}, "difference": {"difference": self.model.difference}}

    def rates(self, through: float) -> Mapping[str, float]:
        """First the mix is sought, then the difference from it."""
        return dict(zip(("mix", "difference"), self.job.config.learning_rates_at(through), strict=True))

    def batch(self, step: int, seconds: float) -> Tensor:  # noqa: ARG002
        """Return the photos of a step, (B, 3, H, W)."""
        return self.photos.batch(step * self.job.config.batch, self.job.config.batch)

    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:
        """Return the mean of content, style and smoothness."""
        config = self.job.config
        with self.autocast():
            y = self.model(photos)
        y = y.float()
        mark("forward")
        style = torch.zeros(len(y), dtype=torch.long, device=self.device)
        crop_at = crop_place(config.seed, step, whole=through >= config.whole_from)
        seen_y, seen_x = random_window((y, photos), config.seed, step, self.grid_px)
        losses = self.objective(seen_y, seen_x, style, crop_at=crop_at)
        compared = (losses.content + config.style_weight * losses.style).clamp(max=MOST_LOSS)
        loss = compared + config.tv_weight * total_variation_loss(y) + config.pattern_weight * checkerboard_loss(y, self.grid_px)
        mark("loss network")
        return loss.mean(), {"content": losses.content.mean().item(), "style": losses.style.mean().item()}

    def values(self, latest: Mapping[str, float]) -> dict[str, float]:
        """Add the objective."""
        return with_objective(latest, self.job.config.style_weight)

    def fingerprint(self) -> dict[str, Any]:
        """Name the network, the style image's file, and what was done to it."""
        style_image = {"sha256": self.info.sha256, "style_size_px": self.info.style_size_px, **self.job.preparation.to_json()}
        return {"trunk": self.job.pack.trunk, "styles": list(self.job.pack.style_ids), "painting": style_image}

    def checkpoint_file(self) -> Path:
        """Return the file in the run's folder."""
        return self.job.run / CHECKPOINT

    def write(self, run: Loop) -> dict[str, str]:
        """Write the style-only pack and the preview: photos on the left, what the new style makes of them on the right."""
        job = self.job
        with run.averaged():
            save_styles(self.new_pack(run), job.output, force=True)
            files = {"pack": str(job.output)}
            if self.previews:
                path = job.run / f"preview-{run.step_number:06d}.png"
                with torch.no_grad():
                    stylized = [self.model(photo[None].to(self.device))[0].cpu() for photo in self.previews]
                save_grid(list(zip(self.previews, stylized, strict=True)), path)
                files["preview"] = str(path)
        return files

    def new_pack(self, run: Loop) -> StylePack:
        """Return the network with the model's row as its only style."""
        job = self.job
        stage = run.stage(
            job.config.to_recipe(),
            len(self.photos),
            added_to=job.pack.name,
            preparation=job.preparation.to_json(),
        )
        return StylePack(
            name=job.name,
            title=job.title,
            licence=job.pack.licence,  # the row is worth something only with the network that it was made from
            config=job.pack.config.with_styles(1, identity=False),
            styles=(self.info,),
            tensors=row_tensors(job.pack, self.model.row().detach().float().cpu().numpy()),
            recipe=recipe.with_stage(None, stage),
        )


def add_style(job: AddStyleJob, *, resume: bool = False) -> Generator[Progress]:
    """Fit a new style, yielding a report about every second; closing the generator stops the fit and keeps what it has.

    Killed without warning, it loses what came after the last checkpoint: at most `config.save_every_s` and the current step.

    Raises:
        TrainingError: the job cannot start, or the fit diverges.
        PackError: the job's name or title, or what is said of the style, cannot stand in a pack.
        OutputError: a file cannot be written.
    """
    check_pack_target(job.output, force=True)
    task = AddStyleTask(job)
    check_pack(task.new_pack(Loop(task)))  # a bad name is said now, not at the first checkpoint
    yield from fit(task, resume=resume)
