"""Training of one network for many styles (arXiv 1610.07629), as a loop that yields reports and may be stopped between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.net.architecture import TransformNetConfig
from stylecam.net.module import TransformNet
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StylePack
from stylecam.packs.store import check_pack, save_pack
from stylecam.perceptual.losses import total_variation_loss
from stylecam.perceptual.objective import TWO_SCALE, Objective
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training import checkpoint
from stylecam.training.config import TrainConfig
from stylecam.training.data.dataset import PhotoFolder, load_picture, style_order
from stylecam.training.data.grid_jitter import crop_place, off_grid
from stylecam.training.data.prefetch import prefetched
from stylecam.training.data.style_images import Painting, style_images
from stylecam.training.losses import temporal as calm
from stylecam.training.losses.checkerboard import pattern_loss
from stylecam.training.optimizer import Optimizer
from stylecam.training.precision import autocast_dtype, loader_threads, loss_dtype, pick_device
from stylecam.training.recipe import Curve, describe
from stylecam.training.reports.preview import save_sheet

#: Steps in a row that must fail before the weights are taken back to the last good ones, and how often that may happen.
BAD_STEPS = 5
ROLLBACKS = 3


@dataclass(frozen=True)
class TrainJob:
    """What to train from what, and where to put it."""

    config: TrainConfig
    architecture: TransformNetConfig
    photos: Path
    paintings: Sequence[Painting]
    loss_network: Path
    #: Folder for the checkpoint and the preview sheets.
    run: Path
    #: The pack that is written at every checkpoint: a folder, or a file that ends in .stylepack.
    output: Path
    name: str
    title: str
    licence: str
    #: A pack with the same architecture and styles to start from.
    init: StylePack | None = None
    #: Photos painted in every style on the preview sheets.
    preview_photos: Sequence[Path] = ()
    #: How the style weights were found, for the recipe; see `training.calibrate`.
    calibration: Mapping[str, Any] | None = None


class Trainer:
    """The state of a run: network, optimizer, averaged weights, losses so far. `train` drives it.

    Raises:
        TrainingError: something that the job names is missing or does not fit.
    """

    def __init__(self, job: TrainJob) -> None:
        config = job.config
        self.job = job
        self.device = pick_device()
        self.dtype = autocast_dtype(config.precision, self.device)
        torch.manual_seed(config.seed)
        self.net = _start(job).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = Optimizer(self.net, config.optimizer, config.learning_rate)
        # Small gradients would vanish in fp16; in bf16 and f32 the scaler does nothing.
        self.scaler = torch.amp.GradScaler(self.device.type, init_scale=1024.0, enabled=self.dtype == torch.float16)
        self.average = {name: parameter.detach().clone() for name, parameter in self.net.named_parameters()}
        network = LossNetwork(job.loss_network, loss_dtype(self.dtype), self.device)
        shown = style_images([painting.path for painting in job.paintings], TWO_SCALE, config.style_size_px, self.device)
        self.objective = Objective(network, TWO_SCALE, shown, covariances=config.covariance_weight > 0)
        self.set_style_weights([config.style_weights.get(painting.info.id, 1.0) for painting in job.paintings])
        factors = calm.style_factors(self.objective.grams[-1])
        self.calm_factors = torch.cat((factors, factors.new_zeros(1)))  # the identity row need not be calmer than its photo
        self.photos = PhotoFolder(job.photos, config.size_px, config.seed)
        self.curve = Curve()
        self.step_number = 0
        self.seconds = 0.0
        self.skipped = 0
        self.bad_in_a_row = 0
        self.rollbacks = 0
        #: Called with a name when a part of a step is done; a bench puts a clock here.
        self.mark: Callable[[str], None] = _unmarked
        self.good = self._snapshot()

    def step(self, photos: Tensor) -> None:
        """One step on a batch of photos (B, 3, H, W). A step whose gradient is not finite changes nothing and is counted."""
        config, step = self.job.config, self.step_number
        x = photos.to(self.device)
        rows = self.job.architecture.rows
        order = style_order(rows, config.seed, step * config.batch, config.batch)
        style = torch.tensor(order, device=self.device)
        is_style = style < self.job.architecture.styles  # the others are the identity row

        y = self.paint(x, style)
        self.mark("forward")
        compared = style.clamp(max=self.job.architecture.styles - 1)
        losses = self.objective(*off_grid(y, x, config.seed, step), compared, crop_at=crop_place(config.seed, step))
        weight = config.style_weight_at(step, warm=self.job.init is not None) * self.style_weights[style]
        pixel = config.identity_weight * (y - x).pow(2).mean((1, 2, 3))
        smooth = config.tv_weight * total_variation_loss(y) + config.pattern_weight * pattern_loss(y)
        style_loss = losses.style + config.covariance_weight * losses.covariance
        loss = losses.content + weight * style_loss + torch.where(is_style, smooth, pixel)
        self.mark("loss network")
        if config.calm_at(step):
            loss = loss + config.calm_weight * self.calm_factors[style] * self._calm(x, y, style)
            self.mark("calm")

        self.optimizer.zero_grad()
        self.scaler.scale(loss.mean()).backward()  # type: ignore[no-untyped-call]
        self.mark("backward")
        self.step_number += 1
        if not self.optimizer.step(self.scaler, config.learning_rate_at(step), config.clip_norm):
            self._skip()
            return
        self.bad_in_a_row = 0
        self._update_average()
        self.mark("optimizer")
        if is_style.any():
            self.curve.add(losses.content[is_style].mean().item(), losses.style[is_style].mean().item())

    def _calm(self, x: Tensor, y: Tensor, style: Tensor) -> Tensor:
        """Paint the photos `x` once more, as the next frame of a video, and compare with their paintings `y`, (B,)."""
        generator = torch.Generator(self.device).manual_seed(1_000_003 * self.job.config.seed + self.step_number)  # also when resumed
        moves = calm.random_moves(len(x), x.shape[-1], generator)
        return calm.calm_loss(y, self.paint(calm.next_frame(x, moves, generator), style), moves)

    def paint(self, x: Tensor, style: Tensor) -> Tensor:
        """Paint photos (B, 3, H, W), each in the style of its row number in `style` (B,)."""
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            y: Tensor = self.net(x, F.one_hot(style, self.job.architecture.rows).float())
        return y.float()

    def set_style_weights(self, weights: Sequence[float]) -> None:
        """Weigh the styles' losses anew from the next step on; one number per style."""
        self.style_weights = torch.tensor([*weights, 0.0], device=self.device)  # the identity row has no style loss

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Let the network have the averaged weights, which the pack gets, for a while."""
        last = {name: parameter.detach().clone() for name, parameter in self.net.named_parameters()}
        self._put(self.average)
        try:
            yield
        finally:
            self._put(last)

    def _put(self, values: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.net.named_parameters():
                parameter.copy_(values[name])

    def _update_average(self) -> None:
        """Exponential moving average of the weights: less noise than the last step's, and what the pack gets."""
        decay = min(self.job.config.average_decay, (1 + self.step_number) / (10 + self.step_number))
        with torch.no_grad():
            for name, parameter in self.net.named_parameters():
                self.average[name].lerp_(parameter, 1 - decay)

    def _skip(self) -> None:
        self.skipped += 1
        self.bad_in_a_row += 1
        if self.bad_in_a_row < BAD_STEPS:
            return
        self.rollbacks += 1
        self.bad_in_a_row = 0
        if self.rollbacks > ROLLBACKS:
            raise TrainingError(
                f"Training keeps diverging: {self.skipped} steps were not finite, up to step {self.step_number}. "
                "The last good pack is kept; try a smaller --learning-rate or --style-weight."
            )
        self._restore(self.good)

    def _snapshot(self) -> dict[str, Tensor]:
        """All tensors of the run, copied."""
        tensors = {f"net.{name}": parameter for name, parameter in self.net.named_parameters()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        tensors |= self.optimizer.tensors()
        return {name: value.detach().clone() for name, value in tensors.items()}

    def _restore(self, tensors: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.net.named_parameters():
                parameter.copy_(tensors[f"net.{name}"])
                self.average[name].copy_(tensors[f"average.{name}"])
        self.optimizer.restore(tensors)

    def save(self) -> dict[str, str]:
        """Write checkpoint, pack and preview sheet; return their paths by role."""
        self.good = self._snapshot()
        job = self.job
        state = {
            "config": job.config.to_json(),
            "architecture": job.architecture.to_json(),
            "styles": [painting.info.id for painting in job.paintings],
            "step": self.step_number,
            "seconds": self.seconds,
            "skipped": self.skipped,
            "curve": self.curve.to_json(),
        }
        path = job.run / checkpoint.FILE_NAME
        checkpoint.save_checkpoint(path, self.good, state)
        pack = self.pack()
        save_pack(pack, job.output, force=True)
        files = {"checkpoint": str(path), "pack": str(job.output)}
        if job.preview_photos:
            sheet = job.run / f"sheet-{self.step_number:06d}.png"
            save_sheet(pack, [load_picture(photo, job.config.size_px) for photo in job.preview_photos], sheet)
            files["preview"] = str(sheet)
        return files

    def pack(self) -> StylePack:
        """Return the averaged weights as a pack."""
        job = self.job
        return StylePack(
            name=job.name,
            title=job.title,
            licence=job.licence,
            config=job.architecture,
            styles=tuple(painting.info for painting in job.paintings),
            tensors={name: value.float().cpu().contiguous().numpy().copy() for name, value in self.average.items()},
            recipe=self._recipe(),
        )

    def _recipe(self) -> dict[str, Any]:
        job = self.job
        recipe = describe(job.config, job.init, self.step_number, self.seconds, self.skipped, len(self.photos), self.curve)
        if job.calibration:
            recipe["stages"][-1]["calibration"] = dict(job.calibration)
        return recipe

    def resume(self) -> None:
        """Go back to where the checkpoint in the run's folder was made.

        Raises:
            TrainingError: there is none, or it belongs to another network or other styles.
        """
        tensors, state = checkpoint.load_checkpoint(self.job.run / checkpoint.FILE_NAME)
        styles = [painting.info.id for painting in self.job.paintings]
        if state["architecture"] != self.job.architecture.to_json() or state["styles"] != styles:
            raise TrainingError(
                f"The checkpoint in '{self.job.run}' was made for another network or other styles; choose another --run folder."
            )
        self._restore({name: value.to(self.device) for name, value in tensors.items()})
        self.good = self._snapshot()
        self.step_number, self.seconds, self.skipped = state["step"], state["seconds"], state["skipped"]
        self.curve = Curve.from_json(state["curve"])

    def report(self, files: dict[str, str] | None = None) -> Progress:
        """Say how far the run is."""
        values: dict[str, Any] = {**self.curve.latest(), "skipped": float(self.skipped), "rollbacks": float(self.rollbacks)}
        return Progress("train", self.step_number, self.job.config.steps, self.seconds, values, files or {})


def train(job: TrainJob, *, resume: bool = False) -> Generator[Progress]:
    """Train a pack, yielding a report every few steps; closing the generator stops the run and keeps what it has.

    Raises:
        TrainingError: the job cannot start, or the run diverges for good.
        PackError: the job's name, title or licence cannot stand in a pack.
        OutputError: a file cannot be written.
    """
    check_pack_target(job.output, force=True)
    trainer = Trainer(job)
    check_pack(trainer.pack())  # a bad name is said now, not at the first checkpoint
    if resume:
        trainer.resume()
    config = job.config
    saved_at = trainer.step_number
    with closing(prefetched(trainer.photos, trainer.step_number, config.batch, loader_threads(trainer.device))) as batches:
        try:
            while trainer.step_number < config.steps:
                started = time.perf_counter()
                trainer.step(next(batches))
                trainer.seconds += time.perf_counter() - started
                if trainer.step_number % config.checkpoint_every == 0 or trainer.step_number == config.steps:
                    saved_at = trainer.step_number
                    yield trainer.report(trainer.save())
                elif trainer.step_number % config.report_every == 0:
                    yield trainer.report()
        except GeneratorExit:
            if trainer.step_number > saved_at:
                trainer.save()
            raise


def _unmarked(_part: str) -> None:
    """Do nothing: no clock is set."""


def _start(job: TrainJob) -> TransformNet:
    if job.init is None:
        return TransformNet(job.architecture)
    if job.init.config != job.architecture:
        raise TrainingError(
            f"The pack '{job.init.name}' has another architecture or another number of styles than this run; train without --init."
        )
    if job.init.style_ids != tuple(painting.info.id for painting in job.paintings):
        raise TrainingError(f"The pack '{job.init.name}' has other styles, or another order, than the paintings; train without --init.")
    return TransformNet.from_tensors(job.architecture, job.init.tensors)
