"""A new style for a finished network in minutes: one row of γ and β is fitted, nothing else changes (arXiv 1610.07629, section 3.2)."""

from __future__ import annotations

import io
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps
from torch import Tensor

from stylecam import __version__
from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.packs.store import check_pack, save_styles
from stylecam.perceptual.losses import total_variation_loss
from stylecam.perceptual.objective import TWO_SCALE, Objective
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training import checkpoint
from stylecam.training.data.dataset import PhotoFolder, load_picture
from stylecam.training.data.grid_jitter import crop_place, off_grid
from stylecam.training.data.preprocess import Preparation, open_painting, prepare
from stylecam.training.data.style_images import THUMBNAIL_PX
from stylecam.training.losses.checkerboard import pattern_loss
from stylecam.training.optimizer import restore_state, state_tensors
from stylecam.training.precision import autocast_dtype, loss_dtype, pick_device
from stylecam.training.recipe import WINDOW, Curve
from stylecam.training.reports.side_by_side import save_pairs, to_tensor
from stylecam.training.style_row import StyleRow, row_tensors
from stylecam.training.tasks.add_style_config import AddStyleConfig

#: Steps in a row with a gradient that is not finite, after which the fit gives up.
BAD_STEPS = 20
#: The row that is kept is an average over about this many of the last steps: less noise, above all where the fit is stopped early.
AVERAGE_STEPS = 20
REPORT_EVERY_S = 1.0


@dataclass(frozen=True)
class AddStyleJob:
    """What to add to what, and where to put it. `info` is what is known of the painting; its thumbnail and size are filled in here."""

    config: AddStyleConfig
    #: The network that the style is for. It is only read.
    pack: StylePack
    painting: Path
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


class StyleFit:
    """The state of a fit: the row, its optimizer, the losses so far. `add_style` drives it.

    Raises:
        TrainingError: something that the job names is missing or does not fit.
    """

    def __init__(self, job: AddStyleJob) -> None:
        config = job.config
        if job.info.id in job.pack.style_ids:
            raise TrainingError(f"The pack '{job.pack.name}' already has a style '{job.info.id}'; give the new one another --id.")
        self.job = job
        self.device = pick_device()
        # fp16 would need its losses scaled, for which so small a fit has no use: there the network computes as the losses do.
        self.dtype = loss_dtype(autocast_dtype(config.precision, self.device))
        painting = prepare(open_painting(job.painting), job.preparation, config.style_size_px)
        self.info = replace(job.info, style_size_px=min(painting.size), thumbnail=_thumbnail(painting))
        shown = [[_at_size(painting, term.style_px(min(painting.size))).to(self.device)] for term in TWO_SCALE]
        self.objective = Objective(LossNetwork(job.loss_network, self.dtype, self.device), TWO_SCALE, shown)
        self.model = StyleRow(job.pack, self.device)
        self.optimizer = torch.optim.Adam([{"params": [self.model.mix]}, {"params": [self.model.difference]}], betas=(0.9, 0.99))
        self.average = self.model.row().detach().clone()  # (N,)
        self.previews = [load_picture(path, config.size_px) for path in job.preview_photos]
        self.photos = PhotoFolder(job.photos, config.size_px, config.seed)
        self.small_photos = PhotoFolder(job.photos, min(config.small_px, config.size_px), config.seed)
        self.curve = Curve()
        self.step_number = 0
        self.seconds = 0.0
        self.skipped = 0
        self.bad_in_a_row = 0

    @property
    def through(self) -> float:
        """How far the fit is, from 0 to 1, in steps or in time, whichever ends it first."""
        return self.job.config.through(self.step_number, self.seconds)

    def batch(self, step: int) -> Tensor:
        """Return the photos of a step, (B, 3, H, W): small ones early on, where any size shows the way and small ones are quick."""
        config = self.job.config
        # Asked for while another step runs: only what `step` says may decide, or a run could not be repeated.
        early = config.through(step, self.seconds) < config.small_until
        photos = self.small_photos if early else self.photos
        return photos.batch(step * config.batch, config.batch)

    def step(self, photos: Tensor) -> None:
        """One step of Adam on photos (B, 3, H, W). A step whose gradient is not finite changes nothing and is counted."""
        config = self.job.config
        x = photos.to(self.device)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            y = self.model(x)
        y = y.float()
        style = torch.zeros(len(x), dtype=torch.long, device=self.device)
        place = crop_place(config.seed, self.step_number)
        losses = self.objective(*off_grid(y, x, config.seed, self.step_number), style, crop_at=place)
        smooth = config.tv_weight * total_variation_loss(y) + config.pattern_weight * pattern_loss(y)
        loss = losses.content + config.style_weight * losses.style + smooth

        for group, rate in zip(self.optimizer.param_groups, config.learning_rates_at(self.through), strict=True):
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.mean().backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip_norm)
        self.step_number += 1
        if not torch.isfinite(norm):
            self._skip()
            return
        self.bad_in_a_row = 0
        self.optimizer.step()
        with torch.no_grad():
            self.average.lerp_(self.model.row(), max(1 / self.step_number, 1 / AVERAGE_STEPS))
        self.curve.add(losses.content.mean().item(), losses.style.mean().item())

    def _skip(self) -> None:
        self.skipped += 1
        self.bad_in_a_row += 1
        if self.bad_in_a_row >= BAD_STEPS:
            raise TrainingError(
                f"The new style cannot be fitted: {BAD_STEPS} steps in a row were not finite, up to step {self.step_number}. "
                "Try another painting or crop; what was saved before is kept."
            )

    def save(self) -> dict[str, str]:
        """Write checkpoint, pack and preview; return their paths by role."""
        job = self.job
        tensors = dict[str, Tensor](self.model.named_parameters()) | {"average": self.average}
        tensors |= state_tensors("adam", self.optimizer, dict(self.model.named_parameters()))
        state = {
            "trunk": job.pack.trunk,
            "styles": list(job.pack.style_ids),
            "painting": self._fingerprint(),
            "step": self.step_number,
            "seconds": self.seconds,
            "skipped": self.skipped,
            "curve": self.curve.to_json(),
        }
        path = job.run / checkpoint.FILE_NAME
        checkpoint.save_checkpoint(path, tensors, state)
        save_styles(self.new_pack(), job.output, force=True)
        files = {"checkpoint": str(path), "pack": str(job.output)}
        if self.previews:
            files["preview"] = str(self._save_preview())
        return files

    def _fingerprint(self) -> dict[str, Any]:
        """Return what a checkpoint must agree on: the painting's file and what was done to it."""
        return {"sha256": self.info.sha256, "style_size_px": self.info.style_size_px, **self.job.preparation.to_json()}

    def _save_preview(self) -> Path:
        """Paint the preview photos with the averaged row, one below the other, the photo on the left."""
        path = self.job.run / f"preview-{self.step_number:06d}.png"
        with torch.no_grad():
            painted = [self.model.paint(photo[None].to(self.device), self.average)[0].cpu() for photo in self.previews]
        save_pairs(list(zip(self.previews, painted, strict=True)), path)
        return path

    def new_pack(self) -> StylePack:
        """Return the network with the averaged row as its only style."""
        job = self.job
        return StylePack(
            name=job.name,
            title=job.title,
            licence=job.pack.licence,  # the row is worth something only with the network that it was made from
            config=job.pack.config.with_styles(1, identity=False),
            styles=(self.info,),
            tensors=row_tensors(job.pack, self.average.float().cpu().numpy()),
            recipe=self._recipe(),
        )

    def _recipe(self) -> dict[str, Any]:
        """Say how the row was made; it holds no paths: packs travel."""
        curve = {
            "every_steps": WINDOW,
            "content": [round(content, 4) for content, _ in self.curve.points],
            "style": [round(style, 4) for _, style in self.curve.points],
        }
        stage = {
            "program": f"stylecam {__version__}",
            "added_to": self.job.pack.name,
            "steps_done": self.step_number,
            "minutes": round(self.seconds / 60, 1),
            "steps_skipped": self.skipped,
            "photos": len(self.photos),
            "settings": self.job.config.to_json(),
            "preparation": self.job.preparation.to_json(),
            "curve": curve,
        }
        return {"stages": [stage]}

    def resume(self) -> None:
        """Go back to where the checkpoint in the run's folder was made.

        Raises:
            TrainingError: there is none, or it belongs to another network or painting.
        """
        job = self.job
        tensors, state = checkpoint.load_checkpoint(job.run / checkpoint.FILE_NAME)
        same = (state.get("trunk"), state.get("styles"), state.get("painting"))
        if same != (job.pack.trunk, list(job.pack.style_ids), self._fingerprint()):
            raise TrainingError(
                f"The checkpoint in '{job.run}' was made for another network, painting or preparation; choose another --run folder."
            )
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(tensors[name])
        self.average = tensors["average"].to(self.device)
        restore_state("adam", self.optimizer, dict(self.model.named_parameters()), tensors)
        self.step_number, self.seconds, self.skipped = state["step"], state["seconds"], state["skipped"]
        self.curve = Curve.from_json(state["curve"])

    def report(self, files: dict[str, str] | None = None) -> Progress:
        """Say how far the fit is. Where time ends it, the number of steps is an estimate that follows the pace."""
        latest = self.curve.latest()
        values = {**latest, "skipped": float(self.skipped)}
        if latest:
            values["objective"] = latest["content"] + self.job.config.style_weight * latest["style"]
        total = self.step_number if self.through >= 1 else round(self.step_number / self.through) if self.through > 0 else 0
        return Progress("add-style", self.step_number, total, self.seconds, values, files or {})


def add_style(job: AddStyleJob, *, resume: bool = False) -> Generator[Progress]:
    """Fit a new style, yielding a report about every second; closing the generator stops the fit and keeps what it has.

    Killed without warning, it loses what came after the last checkpoint: at most `config.save_every_s` and the step at hand.

    Raises:
        TrainingError: the job cannot start, or the fit diverges.
        PackError: the job's name or title, or what is said of the style, cannot stand in a pack.
        OutputError: a file cannot be written.
    """
    check_pack_target(job.output, force=True)
    fit = StyleFit(job)
    check_pack(fit.new_pack())  # a bad name is said now, not at the first checkpoint
    if resume:
        fit.resume()
    saved_at = fit.step_number
    saved_s = reported_s = fit.seconds
    with ThreadPoolExecutor(1, thread_name_prefix="photos") as loader:
        pending = loader.submit(fit.batch, fit.step_number)
        try:
            if fit.through >= 1:  # resumed, but nothing is left to do: say so, and see to it that the pack is there
                yield fit.report(fit.save())
            while fit.through < 1:
                started = time.perf_counter()
                photos = pending.result()
                pending = loader.submit(fit.batch, fit.step_number + 1)
                fit.step(photos)
                fit.seconds += time.perf_counter() - started
                if fit.through >= 1 or fit.seconds - saved_s >= job.config.save_every_s:
                    saved_at, saved_s, reported_s = fit.step_number, fit.seconds, fit.seconds
                    yield fit.report(_timed(fit))
                elif fit.seconds - reported_s >= REPORT_EVERY_S:
                    reported_s = fit.seconds
                    yield fit.report()
        except GeneratorExit:
            if fit.step_number > saved_at:
                fit.save()
            raise


def _timed(fit: StyleFit) -> dict[str, str]:
    """Save, and count the time it takes: the user waits for it too."""
    started = time.perf_counter()
    files = fit.save()
    fit.seconds += time.perf_counter() - started
    return files


def _at_size(image: Image.Image, short_side_px: int) -> Tensor:
    """Return an image at a smaller size as (3, H, W) in [0, 1]."""
    factor = short_side_px / min(image.size)
    size = (max(short_side_px, round(image.width * factor)), max(short_side_px, round(image.height * factor)))
    return to_tensor(image if size == image.size else image.resize(size, Image.Resampling.LANCZOS))


def _thumbnail(painting: Image.Image) -> bytes:
    buffer = io.BytesIO()
    ImageOps.fit(painting, (THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
