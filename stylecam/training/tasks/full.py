"""Training of one network for many styles (arXiv 1610.07629), with style losses on two scales."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.net.families import Architecture
from stylecam.net.module import TransformNet
from stylecam.net.styles import STYLES
from stylecam.packs.archive import check_pack_target
from stylecam.packs.pack import StylePack
from stylecam.packs.store import check_pack, save_pack
from stylecam.perceptual.losses import total_variation_loss
from stylecam.perceptual.objective import Objective
from stylecam.perceptual.terms import TWO_SCALE, with_full_size
from stylecam.perceptual.vgg import LossNetwork
from stylecam.training import distributed, recipe
from stylecam.training.config import CHECKPOINT, TrainConfig
from stylecam.training.data.dataset import PhotoFolder, load_image
from stylecam.training.data.faces import read_faces
from stylecam.training.data.filmed import filmed_batch
from stylecam.training.data.random_window import crop_place, random_window
from stylecam.training.data.sampling import style_weights
from stylecam.training.data.style_images import StyleImage, style_images
from stylecam.training.loop import Loop, Mark, Task, fit
from stylecam.training.losses import temporal
from stylecam.training.losses.checkerboard import checkerboard_loss
from stylecam.training.precision import autocast_dtype, loss_dtype, pick_device
from stylecam.training.reports.sheet import save_sheet

#: No image's content and style may count more than this: now and then a constant-colour sample asks for the impossible.
MOST_LOSS = 60.0


@dataclass(frozen=True)
class TrainJob:
    """What to train from what, and where to put it."""

    config: TrainConfig
    architecture: Architecture
    photos: Path
    style_images: Sequence[StyleImage]
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
    #: Photos stylized in every style on the preview sheets.
    preview_photos: Sequence[Path] = ()
    #: Where faces are in the photos, a file: see `training.data.faces`.
    faces: Path | None = None
    #: How the style weights were found, for the recipe; see `training.calibrate`.
    calibration: Mapping[str, Any] | None = None


class FullTask(Task):
    """A whole network.

    Raises:
        TrainingError: something that the job names is missing or does not fit.
    """

    stage = "train"

    def __init__(self, job: TrainJob) -> None:
        config = job.config
        self.job, self.pace = job, config.pace()
        self.optimizer, self.clip_norm, self.average_decay = config.optimizer, config.clip_norm, config.average_decay
        self.device = pick_device()
        dtypes = (torch.float32, torch.bfloat16, torch.float16)
        self.dtype = dtypes[int(distributed.from_first(dtypes.index(autocast_dtype(config.precision, self.device))))]
        if any(config.photos_in(distributed.size(), large=large) % distributed.size() for large in (False, True)):
            raise TrainingError(f"A batch of {config.batch} for each process splits a photo's images; give a multiple of 2.")
        torch.manual_seed(config.seed)
        self.grid_px = job.architecture.total_stride
        self.model: TransformNet = _start(job).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        network = LossNetwork(job.loss_network, loss_dtype(self.dtype), self.device)
        terms = with_full_size(TWO_SCALE, style=config.full_size_style, content=config.small_content)
        shown = style_images([image.path for image in job.style_images], terms, config.style_size_px, self.device)
        self.objective = Objective(network, terms, shown, covariances=config.covariance_weight > 0)
        self.set_style_weights([config.style_weights.get(image.info.id, 1.0) for image in job.style_images])
        faces = None if job.faces is None else read_faces(job.faces)
        self.photos = PhotoFolder(job.photos, config.size_px, config.seed, four_share=config.four_share, faces=faces)
        self.large_photos = self.photos.large(config.large_px)
        self.face_channels = int(faces is not None)

    def rates(self, through: float) -> Mapping[str, float]:
        """One cycle for all."""
        return {"all": self.job.config.learning_rate_at(through)}

    def batch(self, step: int, seconds: float) -> Tensor:
        """Return the photos of a step, each for several styles, (N, 3, H, H); filmed ones with their next frame, (N, 7, H, H).

        With faces there is one channel more, the last.
        """
        config, processes = self.job.config, distributed.size()
        large = config.is_large(step)
        whole = config.photos_in(processes, large=large)
        count = whole // processes
        photos = self.large_photos if large else self.photos
        first = step * whole + distributed.rank() * count
        make = filmed_batch if config.is_filmed(step, self.pace.through(step, seconds)) else PhotoFolder.batch
        return make(photos, first, count)

    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:
        """Return the mean loss of a step: content, style, smoothness, the identity row's error and, now and then, temporal consistency."""
        config, rows, styles = self.job.config, self.job.architecture.rows, self.job.architecture.styles
        images = config.images(large=config.is_large(step))
        whole = style_weights(rows, styles, config.seed, step, images * distributed.size(), config.mix_share)
        weights = whole[distributed.rank() * images :][:images].to(self.device)  # (B, rows)
        is_style = weights[:, :styles].sum(1) > 0.5  # the others are the identity row
        end = photos.shape[1] - self.face_channels
        photos, later, faces = photos[:, :3].contiguous(memory_format=torch.channels_last), photos[:, 3:end], photos[:, end:]
        x = photos.repeat_interleave(images // len(photos), 0)
        y = self.stylize(x, weights)
        mark("forward")
        seen_y, seen_x, seen_faces = random_window((y, photos, faces), config.seed, step, self.grid_px)
        emphasis = config.face_content * seen_faces if self.face_channels else None
        wanted = torch.where(is_style[:, None], weights[:, :styles], 1 / styles)  # of the identity row only the content counts
        place = crop_place(config.seed, step, whole=through >= config.whole_from)
        losses = self.objective(seen_y, seen_x, wanted, crop_at=place, emphasis=emphasis)
        style_weight = config.style_weight_at(step, warm=self.job.init is not None) * (weights @ self.style_weights)
        compared = losses.content + style_weight * (losses.style + config.covariance_weight * losses.covariance)
        pixel = config.identity_weight * (y - x).pow(2).mean((1, 2, 3))
        smooth = config.tv_weight * total_variation_loss(y) + config.pattern_weight * checkerboard_loss(y, self.grid_px)
        loss = compared.clamp(max=MOST_LOSS) + torch.where(is_style, smooth, pixel)
        mark("loss network")
        if config.temporal_at(step, through):
            # The identity row need not flicker less than its photo.
            held = self._still_loss(later, y, weights) if later.shape[1] else self._moving_loss(x, y, weights, step)
            loss = loss + config.calm_weight * is_style * held
            mark("calm")
        return loss.mean(), _figures(losses.content[is_style], losses.style[is_style], losses.terms[is_style])

    def _still_loss(self, later: Tensor, y: Tensor, weights: Tensor) -> Tensor:
        """Stylize the next frames of filmed photos, `later` (N, 4, H, H), and compare with the images `y`, (B,)."""
        after = later.repeat_interleave(len(y) // len(later), 0)
        frames = after[:, :3].contiguous(memory_format=torch.channels_last)
        return temporal.still_loss(y, self.stylize(frames, weights), after[:, 3:])

    def _moving_loss(self, x: Tensor, y: Tensor, weights: Tensor, step: int) -> Tensor:
        """Stylize the photos `x` once more, as the next frame of a video, and compare with the images `y`, (B,)."""
        seed = 1_000_003 * (self.job.config.seed + distributed.rank()) + step + 1
        generator = torch.Generator(self.device).manual_seed(seed)  # the same when resumed
        moves = temporal.random_moves(len(x), x.shape[-1], generator)
        return temporal.temporal_loss(y, self.stylize(temporal.next_frame(x, moves, generator), weights), moves)

    def stylize(self, x: Tensor, weights: Tensor) -> Tensor:
        """Stylize photos (B, 3, H, W), each in the mix of its weights (B, rows)."""
        with self.autocast():
            y: Tensor = self.model(x, weights)
        return y.float()

    def set_style_weights(self, weights: Sequence[float]) -> None:
        """Weigh the styles' losses by these numbers from the next step on; one number per style."""
        identity = [0.0] * (self.job.architecture.rows - len(weights))  # the identity row has no style loss
        self.style_weights = torch.tensor([*weights, *identity], device=self.device)

    def values(self, latest: Mapping[str, float]) -> dict[str, float]:
        """Add the objective."""
        return with_objective(latest, self.job.config.style_weight)

    def fingerprint(self) -> dict[str, Any]:
        """Name the network and its styles."""
        return {"architecture": self.job.architecture.to_json(), "styles": [image.info.id for image in self.job.style_images]}

    def checkpoint_file(self) -> Path:
        """Return the file in the run's folder."""
        return self.job.run / CHECKPOINT

    def write(self, run: Loop) -> dict[str, str]:
        """Write pack and preview sheet."""
        job, pack = self.job, self.pack(run)
        save_pack(pack, job.output, force=True)
        files = {"pack": str(job.output)}
        if job.preview_photos:
            sheet = job.run / f"sheet-{run.step_number:06d}.png"
            save_sheet(pack, [load_image(photo, job.config.size_px) for photo in job.preview_photos], sheet)
            files["preview"] = str(sheet)
        return files

    def pack(self, run: Loop) -> StylePack:
        """Return the averaged weights as a pack."""
        job = self.job
        with run.averaged():
            tensors = self.model.tensors()
        return StylePack(
            name=job.name,
            title=job.title,
            licence=job.licence,
            config=job.architecture,
            styles=tuple(image.info for image in job.style_images),
            tensors=tensors,
            recipe=self._recipe(run),
        )

    def _recipe(self, run: Loop) -> dict[str, Any]:
        more = {"calibration": dict(self.job.calibration)} if self.job.calibration else {}
        settings = self.job.config.to_recipe()
        stage = run.stage(settings, len(self.photos), **more)
        return recipe.with_stage(self.job.init, stage)


def train(job: TrainJob, *, resume: bool = False) -> Generator[Progress]:
    """Train a pack, yielding a report every few steps; closing the generator stops the run and keeps what it has.

    Raises:
        TrainingError: the job cannot start, or the run diverges for good.
        PackError: the job's name, title or licence cannot stand in a pack.
        OutputError: a file cannot be written.
    """
    check_pack_target(job.output, force=True)
    task = FullTask(job)
    check_pack(task.pack(Loop(task)))  # a bad name is said now, not at the first checkpoint
    yield from fit(task, resume=resume)


def with_objective(latest: Mapping[str, float], style_weight: float) -> dict[str, float]:
    """Return the figures of a report, the objective content + weight · style among them where there are any yet."""
    values = dict(latest)
    if values:
        values["objective"] = values["content"] + style_weight * values["style"]
    return values


def _figures(content: Tensor, style: Tensor, terms: Tensor) -> dict[str, float]:
    """Return the means over the images of a step; nothing if it had none."""
    if not len(content):
        return {}
    figures = torch.cat((content.mean()[None], style.mean()[None], terms.mean(0))).tolist()  # one copy from the device
    return dict(zip(("content", "style", *(f"style_{term.name}" for term in TWO_SCALE)), figures, strict=True))


def _start(job: TrainJob) -> TransformNet:
    if job.init is None:
        return TransformNet(job.architecture)
    if job.init.config.trunk_only() != job.architecture:
        raise TrainingError(
            f"The pack '{job.init.name}' has another architecture or another number of styles than this run; train without --init."
        )
    if job.init.style_ids != tuple(image.info.id for image in job.style_images):
        raise TrainingError(f"The pack '{job.init.name}' has other styles, or another order, than the style images; train without --init.")
    # A fast output belongs to the network that it was trained on: `train fast-head` gives the new one its own.
    wanted = {conv.weight for conv in job.architecture.convs} | {STYLES}
    return TransformNet.from_tensors(job.architecture, {name: value for name, value in job.init.tensors.items() if name in wanted})
