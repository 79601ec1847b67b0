"""Train a whole pack on a rented GPU within a given time, from few megabytes of photos.

On your own machine, shrink your photos (60 MiB hold some 3,500):

    python scripts/train_on_gpu.py gather --photos my_photos -o gpu_photos

On the GPU machine, with this repository and that folder:

    python scripts/train_on_gpu.py train --photos gpu_photos -o live32_gpu --minutes 25

The second times a few steps, plans as many as fit, trains, fits the identity row, and writes the pack. The pack is also written at
every checkpoint, so that a machine that is taken away leaves one behind.

Measured on 2026-11-26 on one NVIDIA H200 with torch 2.11: the trainer did 10,552 steps of batch 16 in 8.5 minutes, 48 ms each, with the
temporal consistency loss at every second step, going on from the pack of that day (docs/live32.md). This script's own plan, from
nothing within 25 minutes, has not been run: about 27,000 such steps fit. Photos are decoded by eight threads; `stylecam bench
training` shows on such a machine whether they keep up ("wait for photos").
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image

from stylecam.bench.speed.training import TrainingReport, measure_training
from stylecam.core import paths
from stylecam.errors import InputError, StylecamError, UsageError
from stylecam.media.formats import is_image
from stylecam.media.images import read_image
from stylecam.net.families import UNetConfig
from stylecam.packs.store import load_pack
from stylecam.training.config import TrainConfig
from stylecam.training.data.style_images import read_style_images
from stylecam.training.tasks.full import TrainJob, train
from stylecam.training.tasks.identity import IdentityConfig, fit_identity

#: Short side and JPEG quality of gathered photos: crops of 256 pixels need no more.
PHOTO_PX, QUALITY = 288, 85
CONFIG = TrainConfig(batch=16, styles_per_photo=2, learning_rate=3e-3, calm_weight=9.0, report_every=100, checkpoint_every=2000)
#: For the identity row, the last pack, and what takes longer than planned.
RESERVE_S = 120.0
TIMED_STEPS = 30
#: Mean of a run's steps, in steps of its end, which see whole images: those are a third of all and take 1.6 times as long as the others,
#: a sixth of all are asked for temporal consistency too.
MEAN_STEP = 0.8
IDENTITY = IdentityConfig(steps=400, batch=8, size_px=256)


def gather(photos: Path, output: Path, mib: float) -> tuple[int, int]:
    """Write small copies of photos, in random order, until they fill `mib` mebibytes; return how many, and their bytes.

    Raises:
        UsageError: there are no photos, or `output` holds something already.
    """
    files = sorted(path for path in photos.rglob("*") if is_image(path) and path.is_file())
    if output.exists() and any(output.iterdir()):
        raise UsageError(f"The folder '{output}' is not empty; name a new one.")
    output.mkdir(parents=True, exist_ok=True)
    count = size = 0
    for number in np.random.default_rng(0).permutation(len(files)):
        try:
            image = read_image(files[number]).flat_srgb()
        except InputError:
            continue  # a broken photo is no loss
        scale = min(1.0, PHOTO_PX / min(image.size))
        copy = output / f"{count:05d}.jpg"
        image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS).save(copy, quality=QUALITY)
        if size + copy.stat().st_size > mib * 2**20:
            copy.unlink()
            break
        count, size = count + 1, size + copy.stat().st_size
    if not count:
        raise UsageError(f"There is no photo that can be read in '{photos}'; name another folder.")
    return count, size


def plan_steps(step_s: float, left_s: float) -> int:
    """Return how many steps fit into `left_s` seconds, the reserve kept back.

    Raises:
        UsageError: too few for a network to learn anything.
    """
    steps = int((left_s - RESERVE_S) / step_s)
    if steps < 1000:
        raise UsageError(f"Only {max(0, steps)} steps of {step_s:.2f} s fit into the time; give more --minutes, or a faster machine.")
    return steps


def fitting(job: TrainJob) -> tuple[TrainJob, float]:
    """Time steps of the job, with half the batch as long as the memory is not enough; return it and the seconds per step.

    Raises:
        UsageError: not even one photo fits.
    """
    while True:
        try:
            dearest = replace(job, config=replace(job.config, whole_from=0.0))  # the end of the run, which must fit too
            *_, report = measure_training(dearest, TIMED_STEPS, 0)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if job.config.batch == 1:
                raise UsageError("The device's memory is not enough for one photo; free some, or use another device.") from None
            job = replace(job, config=replace(job.config, batch=job.config.batch // 2))
            continue
        return job, cast(TrainingReport, report).step_ms / 1e3


def run(job: TrainJob, deadline: float) -> Iterator[str]:
    """Plan, train, fit the identity row; yield what happens. At the deadline training stops and what it has is kept."""
    job, step_s = fitting(job)
    steps = plan_steps(MEAN_STEP * step_s, deadline - time.monotonic())
    yield f"batch {job.config.batch}, {1e3 * step_s:.0f} ms per step, {steps} steps planned"
    job = replace(job, config=replace(job.config, steps=steps))
    reports = train(job)
    for report in reports:
        yield f"step {report.step}/{report.total} " + " ".join(f"{key} {value:.3f}" for key, value in report.values.items())
        if time.monotonic() > deadline - RESERVE_S / 2:
            reports.close()
            yield "out of time: stopped before the plan's end; the pack is kept"
            break
    for report in fit_identity(load_pack(job.output), job.photos, job.output, IDENTITY):
        yield f"identity row, step {report.step}/{report.total}: {report.values['psnr_db']:.1f} dB"


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments and do one of the two; return the exit code."""
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    gathering = kinds.add_parser("gather", help="shrink photos")
    gathering.add_argument("--mib", type=float, default=60.0, help="most mebibytes (default: %(default)s)")
    training = kinds.add_parser("train", help="train on this machine's GPU")
    training.add_argument("--minutes", type=float, default=25.0, help="for everything (default: %(default)s)")
    training.add_argument("--styles", type=Path, default=paths.shipped("assets", "paintings"), help="folder of style images")
    training.add_argument("--batch", type=int, default=CONFIG.batch, help="(default: %(default)s)")
    training.add_argument("--size", type=int, default=CONFIG.size_px, help="side of the crops (default: %(default)s)")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--cpu", action="store_true", help="continue without a GPU")
    for each in (gathering, training):
        each.add_argument("--photos", type=Path, required=True)
        each.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args(arguments)
    try:
        if args.kind == "gather":
            count, size = gather(args.photos, args.output, args.mib)
            say(f"{count} photos, {size / 2**20:.1f} MiB in {args.output}")
            return 0
        if not (torch.cuda.is_available() or args.cpu):
            raise UsageError("torch finds no GPU here; check the driver and that torch was installed for CUDA, or add --cpu.")
        if args.output.exists():
            raise UsageError(f"'{args.output}' already exists; name another -o.")
        config = replace(CONFIG, batch=args.batch, size_px=args.size, seed=args.seed)
        sources = read_style_images(args.styles, config.style_size_px)
        job = TrainJob(
            config=config,
            architecture=UNetConfig.live32(len(sources)),
            photos=args.photos,
            style_images=sources,
            loss_network=paths.loss_network(),
            run=args.output.with_name(f"{args.output.name}.run"),
            output=args.output,
            name=args.output.name,
            title=args.output.name,
            licence="CC-BY-4.0",
        )
        for line in run(job, started + 60 * args.minutes):
            say(f"{time.monotonic() - started:6.0f} s  {line}")
    except StylecamError as error:
        sys.stderr.write(f"train_on_gpu: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
