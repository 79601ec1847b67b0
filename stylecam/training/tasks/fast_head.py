"""The fast output of a finished pack: the convolution that draws a full-size image from a half-size frame. Nothing else is trained."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.net.cost import grid_px
from stylecam.net.families import FAST, FINE
from stylecam.net.module import TransformNet
from stylecam.packs.archive import check_pack_target
from stylecam.packs.ops import with_fast_head
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import FAST_DETAIL
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training import recipe
from stylecam.training.config import CHECKPOINT
from stylecam.training.data.dataset import PhotoFolder, load_image
from stylecam.training.data.random_window import crop_place, random_window
from stylecam.training.data.sampling import style_weights
from stylecam.training.data.style_images import StyleImage, style_images
from stylecam.training.fast_head_start import enlarging_head
from stylecam.training.loop import Loop, Mark, Task, fit
from stylecam.training.losses import temporal
from stylecam.training.losses.checkerboard import checkerboard_loss
from stylecam.training.precision import autocast_dtype, loss_dtype, pick_device
from stylecam.training.reports.sheet import save_grid
from stylecam.training.schedule import Pace, one_cycle
from stylecam.training.tasks.fast_head_config import FastHeadConfig

#: The network sees images at this share of their sides, and draws them at their size.
_HALF = 2


@dataclass(frozen=True)
class FastHeadJob:
    """What to train from what, and where to put it."""

    config: FastHeadConfig
    #: The pack whose fast output is trained; it gets one if it has none. Its styles and its fine output stay bit for bit the same.
    pack: StylePack
    #: Of at least one of the pack's styles, in any order; styles without one take no part.
    style_images: Sequence[StyleImage]
    photos: Path
    loss_network: Path
    run: Path
    output: Path
    #: Photos for the previews: each drawn by the fine output, twice as large, and beside it by the fast one.
    preview_photos: Sequence[Path] = ()


class FastHeadTask(Task):
    """The convolution `head_fast` of a network; everything else is frozen.

    Raises:
        TrainingError: something that the job names is missing or does not fit.
        PackError: networks of the pack's family have no fast output.
    """

    stage = "fast-head"

    def __init__(self, job: FastHeadJob) -> None:
        config = job.config
        self.job, self.average_decay = job, config.average_decay
        self.pace = Pace(steps=config.steps, minutes=config.minutes, report_s=1.0, save_s=config.save_every_s)
        self.pack = with_fast_head(job.pack)
        self.device = pick_device()
        self.dtype = autocast_dtype(config.precision, self.device)
        self.model: TransformNet = TransformNet.from_tensors(self.pack.config, self.pack.tensors)
        self.model = self.model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.requires_grad_(False)
        (self.head,) = {conv.weight for conv in self.pack.config.convs} - {conv.weight for conv in self.pack.config.graph().convs}
        self.model.get_parameter(self.head).requires_grad_()
        self.grid_px = _HALF * grid_px(self.pack.config.graph(FAST))
        known = {image.info.id: image.path for image in job.style_images}
        self.rows = [number for number, style in enumerate(self.pack.style_ids) if style in known]
        if not self.rows:
            raise TrainingError(f"None of the style images is one of the pack '{job.pack.name}'; name their folder with --styles.")
        paths = [known[self.pack.style_ids[row]] for row in self.rows]
        shown = style_images(paths, FAST_DETAIL, config.style_size_px, self.device)
        self.objective = Objective(LossNetwork(job.loss_network, loss_dtype(self.dtype), self.device), FAST_DETAIL, shown)
        self.photos = PhotoFolder(job.photos, config.size_px, config.seed)
        if not job.pack.config.has_fast_head:
            self._start()
        self.previews = [load_image(path, config.size_px) for path in job.preview_photos]

    def _start(self) -> None:
        """Let the head begin as the enlargement of the fine output: one photo for each style, and for the identity row."""
        rows = [*self.rows, *([len(self.pack.rows) - 1] if self.pack.config.identity else [])]
        small = F.avg_pool2d(self.photos.batch(0, len(rows)), _HALF).to(self.device)
        with torch.no_grad():
            self.model.get_parameter(self.head).copy_(enlarging_head(self.model, small, self.model.styles[rows]))

    def rates(self, through: float) -> Mapping[str, float]:
        """One cycle."""
        return {"all": self.job.config.learning_rate * one_cycle(through)}

    def batch(self, step: int, seconds: float) -> Tensor:  # noqa: ARG002
        """Return the photos of a step, each for several styles."""
        count = self.job.config.photos_per_step
        return self.photos.batch(step * count, count)

    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:  # noqa: ARG002
        """Return the mean loss of a step."""
        config, styles, identity = self.job.config, len(self.rows), int(self.pack.config.identity)
        shares = style_weights(styles + identity, styles, config.seed, step, config.batch, config.mix_share).to(self.device)
        is_style = shares[:, :styles].sum(1) > 0.5
        x = photos.repeat_interleave(config.batch // len(photos), 0)
        weights = self._pack_weights(shares)
        y, fine = self._stylize(x, weights)
        mark("forward")
        seen_y, seen_x = random_window((y, photos), config.seed, step, self.grid_px)
        wanted = torch.where(is_style[:, None], shares[:, :styles], 1 / styles)
        losses = self.objective(seen_y, seen_x, wanted, crop_at=crop_place(config.seed, step, whole=False))
        anchor = (F.avg_pool2d(y, _HALF) - fine).pow(2).mean((1, 2, 3))
        pattern = checkerboard_loss(y, self.grid_px)
        compared = config.style_weight * losses.style + config.content_weight * losses.content
        drawn = compared + config.anchor_weight * anchor + config.pattern_weight * pattern
        pixel = (y - x).pow(2).mean((1, 2, 3))
        loss = torch.where(is_style, drawn, config.identity_weight * pixel)
        mark("loss network")
        if config.calm_weight and step % config.calm_every == 0:
            loss = loss + config.calm_weight * is_style * self._temporal_loss(x, y, weights, step)
            mark("calm")
        return loss.mean(), _figures(losses.content[is_style], losses.style[is_style], anchor[is_style], pattern[is_style])

    def _pack_weights(self, shares: Tensor) -> Tensor:
        """Return weights of all the pack's rows for those of the styles that are trained on, and of the identity row."""
        weights = torch.zeros(len(shares), self.pack.config.rows, device=self.device)
        weights[:, self.rows] = shares[:, : len(self.rows)]
        if self.pack.config.identity:
            weights[:, -1] = shares[:, -1]
        return weights

    def _stylize(self, x: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return the fast output for photos (B, 3, H, W), and the fine one of their half-size copies, (B, 3, H / 2, W / 2)."""
        small = F.avg_pool2d(x, _HALF)
        with self.autocast():
            y: Tensor = self.model(small, weights, head=FAST)
            with torch.no_grad():
                fine: Tensor = self.model(small, weights, head=FINE)
        return y.float(), fine.float()

    def _temporal_loss(self, x: Tensor, y: Tensor, weights: Tensor, step: int) -> Tensor:
        generator = torch.Generator(self.device).manual_seed(1_000_003 * self.job.config.seed + step + 1)
        moves = temporal.random_moves(len(x), x.shape[-1], generator)
        return temporal.temporal_loss(y, self._stylize(temporal.next_frame(x, moves, generator), weights)[0], moves)

    def fingerprint(self) -> dict[str, Any]:
        """Name the network and the styles that are trained on."""
        return {
            "trunk": self.pack.trunk,
            "styles": [self.pack.style_ids[row] for row in self.rows],
            "head": self.pack.config.to_json()["head_fast"],
        }

    def checkpoint_file(self) -> Path:
        """Return the file in the run's folder."""
        return self.job.run / CHECKPOINT

    def write(self, run: Loop) -> dict[str, str]:
        """Write the pack and the preview."""
        job = self.job
        with run.averaged():
            save_pack(self.with_head(run), job.output, force=True)
            files = {"pack": str(job.output)}
            if self.previews:
                path = job.run / f"preview-{run.step_number:06d}.png"
                save_grid([self._compared(photo[None].to(self.device), number) for number, photo in enumerate(self.previews)], path)
                files["preview"] = str(path)
        return files

    @torch.no_grad()
    def _compared(self, photo: Tensor, number: int) -> list[Tensor]:
        """Return a photo, and in one of the styles its fine output at half size, enlarged, and its fast one."""
        side = min(side // self.grid_px * self.grid_px for side in photo.shape[-2:])
        photo = photo[..., :side, :side]
        shares = torch.zeros(1, len(self.rows) + int(self.pack.config.identity), device=self.device)
        shares[0, number % len(self.rows)] = 1
        fast, fine = self._stylize(photo, self._pack_weights(shares))
        return [image[0].cpu() for image in (photo, F.interpolate(fine, scale_factor=_HALF, mode="bilinear"), fast)]

    def with_head(self, run: Loop) -> StylePack:
        """Return the pack with the model's fast output; all else is the pack's, bit for bit."""
        weight = self.model.get_parameter(self.head).detach().float().cpu().contiguous().numpy().copy()
        stage = run.stage(
            self.job.config.to_recipe(),
            len(self.photos),
            fitted="fast output",
        )
        return replace(self.pack, tensors={**self.pack.tensors, self.head: weight}, recipe=recipe.with_stage(self.pack, stage))


def fit_fast_head(job: FastHeadJob, *, resume: bool = False) -> Generator[Progress]:
    """Train a pack's fast output, yielding a report about every second; closing the generator stops the fit and keeps what it has.

    Raises:
        TrainingError: the job cannot start, or the fit diverges.
        PackError: networks of the pack's family have no fast output.
        OutputError: a file cannot be written.
    """
    check_pack_target(job.output, force=True)
    yield from fit(FastHeadTask(job), resume=resume)


def _figures(content: Tensor, style: Tensor, anchor: Tensor, pattern: Tensor) -> dict[str, float]:
    """Return the means over the images of a step; nothing if it had none."""
    if not len(content):
        return {}
    values = torch.stack([each.mean() for each in (content, style, anchor, pattern)]).tolist()
    return dict(zip(("content", "style", "anchor", "pattern"), values, strict=True))
