"""`stylecam bench training`: where the time of a training step goes."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from stylecam.cli.bench.figures import add_json_file, check_json_file, show, write_json_file
from stylecam.cli.common_options import add_loss_network
from stylecam.errors import UsageError


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `training` to the kinds of bench."""
    parser = kinds.add_parser(
        "training",
        help="time a training step",
        description="Time the parts of a training step, and compare it with a plain f32 loop. Close other programs first.",
    )
    parser.add_argument("--photos", type=Path, help="folder of photos (default: the ones that ship)")
    parser.add_argument("--styles", type=Path, help="folder of style images (default: the ones that ship)")
    add_loss_network(parser)
    parser.add_argument("--architecture", choices=("live32", "paper"), default="live32", help="(default: %(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="timed steps (default: %(default)s)")
    parser.add_argument("--plain-steps", type=int, default=5, help="timed steps of the plain loop, 0 for none (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=4, help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=256, help="side of the crops in pixels (default: %(default)s)")
    parser.add_argument("--precision", default="auto", help="auto, bf16, fp16 or f32 (default: %(default)s)")
    parser.add_argument("--calm", action="store_true", help="with the temporal consistency loss in every step")
    add_json_file(parser)
    parser.set_defaults(run=_training)


def _training(args: argparse.Namespace) -> int:
    if args.steps < 1 or args.plain_steps < 0:
        raise UsageError("At least one step must be timed; give --steps from 1 and --plain-steps from 0.")

    from stylecam.bench.speed.training import TrainingReport, markdown_table, measure_training
    from stylecam.core import paths
    from stylecam.net.families import TransformNetConfig, UNetConfig
    from stylecam.training.config import TrainConfig
    from stylecam.training.data.style_images import read_style_images
    from stylecam.training.tasks.full import TrainJob

    check_json_file(args)
    calm = 1.0 if args.calm else 0.0
    # One kind of step: small crops, the cheap one of the two views at full size.
    plain = TrainConfig(large_share=0.0, four_share=0.0, small_content=0.0, whole_from=1.0, filmed_share=0.0)
    config = replace(plain, batch=args.batch, size_px=args.size, precision=args.precision, calm_weight=calm, calm_start=0.0, calm_every=1)
    sources = read_style_images(args.styles or paths.shipped("assets", "paintings"), config.style_size_px)
    count = len(sources)
    job = TrainJob(
        config=config,
        architecture=UNetConfig.live32(count) if args.architecture == "live32" else TransformNetConfig(styles=count),
        photos=args.photos or paths.shipped("assets", "photos"),
        style_images=sources,
        loss_network=args.loss_network or paths.loss_network(),
        run=Path(),  # neither is written
        output=Path(),
        name="bench",
        title="Bench",
        licence="none",
    )
    for report in measure_training(job, args.steps, args.plain_steps):
        if isinstance(report, TrainingReport):
            print(markdown_table(report))
            write_json_file(args, report.to_json())
        else:
            show(report)
    return 0
