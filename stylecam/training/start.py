"""Training from a program: a folder of style images and a folder of photos in, a pack out."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from stylecam.core.paths import loss_network as shipped_loss_network
from stylecam.core.progress import Progress
from stylecam.errors import TrainingError, UsageError
from stylecam.net.families import Architecture, UNetConfig
from stylecam.packs.archive import pack_name
from stylecam.packs.pack import StylePack
from stylecam.training.config import CHECKPOINT, TrainConfig
from stylecam.training.data.style_images import read_style_images
from stylecam.training.tasks.full import TrainJob
from stylecam.training.tasks.full import train as train_full


def full_job(
    style_images: str | Path,
    photos: str | Path,
    output: str | Path,
    *,
    run: str | Path,
    config: TrainConfig | None = None,
    architecture: Architecture | None = None,
    only: Sequence[str] | None = None,
    init: StylePack | None = None,
    loss_network: Path | None = None,
    name: str = "",
    title: str = "",
    licence: str = "CC-BY-4.0",
    preview_photos: Sequence[Path] = (),
    faces: Path | None = None,
) -> TrainJob:
    """Return what is to be trained; see `train`.

    Raises:
        TrainingError: a style image is missing or damaged.
        UsageError: `config` weighs a style that is not among them.
    """
    config = config or TrainConfig()
    output = Path(output)
    shown = read_style_images(Path(style_images), config.style_size_px, None if only is None else list(only))
    if unknown := config.style_weights.keys() - {each.info.id for each in shown}:
        raise UsageError(f"The style weights name {', '.join(sorted(unknown))}, but there is no such style image.")
    name = name or pack_name(output)
    return TrainJob(
        config=config,
        architecture=(architecture or UNetConfig.live32()).with_styles(len(shown)),
        photos=Path(photos),
        style_images=shown,
        loss_network=loss_network or shipped_loss_network(),
        run=Path(run),
        output=output,
        name=name,
        title=title or name,
        licence=licence,
        init=init,
        preview_photos=preview_photos,
        faces=faces,
    )


def train(
    style_images: str | Path,
    photos: str | Path,
    output: str | Path,
    *,
    run: str | Path,
    config: TrainConfig | None = None,
    architecture: Architecture | None = None,
    only: Sequence[str] | None = None,
    init: StylePack | None = None,
    faces: str | Path | None = None,
    resume: bool = False,
) -> Generator[Progress]:
    """Train one network for several styles (arXiv 1610.07629), with the loss network that ships. Imports torch; uses a GPU if there is one.

    Args:
        style_images: a folder of style images, or one file; `provenance.json` beside them names titles, artists and licences.
        photos: a folder of photos, a thousand at least for a useful pack.
        output: the pack that is written, now and then and at the end: a folder, or a file that ends in .stylepack.
        run: folder for the checkpoint.
        config: steps, batch, sizes in pixels and weights; the defaults of `TrainConfig` take hours.
        architecture: the network; by default that of live32. The number of styles follows from the style images.
        only: ids of the style images to use, in this order.
        init: a pack of the same architecture and styles to start from.
        faces: a JSON file that says where faces are in the photos, see `stylecam.training.data.faces`; they count more there.
        resume: go on from the checkpoint in `run`.

    Returns:
        A generator of reports, `step` of `total` with the losses in `values` and, where something was saved, its path in
        `files["pack"]`. Nothing runs until it is asked for the next; closing it stops, and keeps what was trained.

    >>> import stylecam
    >>> from stylecam.core.paths import shipped
    >>> from stylecam.training.config import TrainConfig
    >>> config = TrainConfig(steps=2, batch=2, size_px=32, style_size_px=32)  # far too little to learn anything
    >>> style_image, photos = shipped("assets", "paintings", "senecio.jpg"), shipped("assets", "photos")
    >>> for report in stylecam.train(style_image, photos, "tiny.stylepack", run="run", config=config):
    ...     print(report.step, report.total, report.files["pack"])
    2 2 tiny.stylepack
    >>> stylecam.load_pack("tiny.stylepack").style_ids
    ('senecio',)

    Raises:
        UsageError: `config` weighs a style that is not among the style images.
        TrainingError: something that is named is missing or does not fit, `run` holds another run, or training diverges for good.
        PackError: the pack's name cannot stand in a pack.
        OutputError: a file cannot be written.
    """
    has_checkpoint = (Path(run) / CHECKPOINT).exists()
    if has_checkpoint and not resume:
        raise TrainingError(f"The folder '{run}' already holds a run; give resume=True to go on with it, or another folder.")
    job = full_job(
        style_images,
        photos,
        output,
        run=run,
        config=config,
        architecture=architecture,
        only=only,
        init=init,
        faces=None if faces is None else Path(faces),
    )
    yield from train_full(job, resume=resume)
