"""`stylecam train full`: train a whole network from style images and photos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import add_loss_network, say_left_out, seed
from stylecam.cli.train.runs import check_run, kept_sentence, progress_line
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.errors import UsageError
from stylecam.training.config import LEARNING_RATE_FROM_NOTHING, OPTIMIZERS, TrainConfig

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.training.tasks.full import TrainJob


#: Where the options' defaults are declared.
_DEFAULT = TrainConfig()
_FIGURES = ("content", "style")


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `full` to the kinds of training."""
    full = kinds.add_parser(
        "full",
        help="train a whole network",
        description="Train one network for all style images of a folder. Ctrl-C stops and keeps pack and checkpoint; --resume goes on.",
    )
    full.add_argument("--photos", type=Path, required=True, help="folder of photos, the more the better (a thousand at least)")
    full.add_argument("--styles", type=Path, required=True, help="folder of style images, or one; provenance.json beside names artists")
    full.add_argument("--only", help="comma-separated ids of the style images to use, in this order")
    full.add_argument("-o", "--output", type=Path, required=True, help="pack to write: a folder, or a file ending in .stylepack")
    full.add_argument(
        "--run",
        "--run-folder",
        dest="run_folder",
        type=Path,
        required=True,
        help="folder for checkpoint, preview sheets and log",
    )
    full.add_argument("--resume", action="store_true", help="go on from the checkpoint in the run's folder")
    full.add_argument("--init", help="pack to start from (same architecture, same styles)")
    full.add_argument(
        "--architecture",
        choices=("live32", "paper"),
        default="live32",
        help="the network of that pack, or the paper's (default: %(default)s)",
    )
    full.add_argument("--steps", type=int, default=_DEFAULT.steps, help="(default: %(default)s)")
    full.add_argument("--minutes", type=float, help="end after so long too, learning rate and all (default: steps alone end it)")
    full.add_argument("--batch", type=int, default=_DEFAULT.batch, help="(default: %(default)s)")
    full.add_argument("--size", type=int, default=_DEFAULT.size_px, help="side of the training crops in pixels (default: %(default)s)")
    full.add_argument(
        "--large-share",
        type=float,
        default=_DEFAULT.large_share,
        help="share of the steps whose crops are 1.75 times as large (default: %(default)s)",
    )
    full.add_argument(
        "--style-size",
        type=int,
        default=_DEFAULT.style_size_px,
        help="short side of the style images in pixels; sets the stroke size (default: %(default)s)",
    )
    full.add_argument("--style-weight", type=float, default=_DEFAULT.style_weight, help="(default: %(default)s)")
    full.add_argument("--style-weights", default="", help="factors of single styles, such as senecio=1.5,naruto_whirlpools=0.6")
    full.add_argument(
        "--calibrate", action="store_true", help="first find a weight for each style, so that none is a tint and none eats the photo"
    )
    full.add_argument(
        "--covariance-weight",
        type=float,
        default=_DEFAULT.covariance_weight,
        help="weight of the second-moment style loss: more contrast and colour, such as 0.3 of the style weight (default: off)",
    )
    full.add_argument(
        "--pattern-weight", type=float, default=_DEFAULT.pattern_weight, help="weight of the checkerboard penalty (default: %(default)g)"
    )
    full.add_argument(
        "--calm-weight",
        type=float,
        default=_DEFAULT.calm_weight,
        help="weight of the temporal consistency loss, against flicker, such as 9 (default: off)",
    )
    full.add_argument(
        "--learning-rate",
        type=float,
        help=f"peak of the cycle (default: {LEARNING_RATE_FROM_NOTHING:g}, or {_DEFAULT.learning_rate:g} with --init)",
    )
    full.add_argument(
        "--optimizer",
        choices=OPTIMIZERS,
        default=_DEFAULT.optimizer,
        help="muon gains more per step, at least with --init (default: %(default)s)",
    )
    full.add_argument(
        "--calm-start", type=float, default=_DEFAULT.calm_start, help="share of the run after which that loss joins (default: %(default)s)"
    )
    full.add_argument(
        "--faces", type=Path, help='JSON file that says where faces are, such as {"portrait.jpg": [[left, top, width, height]]}, in pixels'
    )
    full.add_argument(
        "--face-content",
        type=float,
        default=_DEFAULT.face_content,
        help="by how much more the photo counts there than elsewhere (default: %(default)s)",
    )
    full.add_argument("--seed", type=seed, default=_DEFAULT.seed)
    add_loss_network(full)
    full.add_argument("--preview", type=Path, action="append", default=[], help="photo for the preview sheets; may be given several times")
    full.add_argument("--name", default="", help="name of the pack (default: the output's)")
    full.add_argument("--title", default="", help="title of the pack, for people")
    full.add_argument("--licence", default="CC-BY-4.0", help="licence of the trained weights (default: %(default)s)")
    full.add_argument("--json", action="store_true", help="print reports as JSON lines")
    full.add_argument("--force", action="store_true", help="overwrite an existing pack")
    full.set_defaults(run=_full)


def _full(args: argparse.Namespace) -> int:
    check_run(args, args.run_folder, replaces=False)
    if not args.resume:
        say_left_out(args.photos, args.styles)
    from stylecam.training import distributed

    distributed.start()
    try:
        return _follow(args)
    finally:
        distributed.stop()


def _follow(args: argparse.Namespace) -> int:
    """Train and report, in the first process alone; Ctrl-C in one of them ends all after the same step."""
    from stylecam.training import distributed

    if args.calibrate and distributed.size() > 1:
        raise UsageError("--calibrate is done by one process; run it without torchrun and a few --steps first, then use --style-weights.")
    reports = _reports(args)
    with stop_requests() as requests:
        for report in reports:
            if distributed.rank() == 0:
                print(report.to_json() if args.json else _line(report), flush=True)
            if distributed.any_of(bool(requests)):
                reports.close()
                if distributed.rank():
                    return STOPPED_EXIT_CODE
                if report.stage == "calibrate":
                    print("stylecam: stopped while calibrating; nothing was trained yet.", file=sys.stderr)
                    return STOPPED_EXIT_CODE
                print(kept_sentence(args.run_folder), file=sys.stderr)
                return STOPPED_EXIT_CODE
    return 0


def _reports(args: argparse.Namespace) -> Generator[Progress]:
    from stylecam.core.memory import keep_memory
    from stylecam.training.calibrate import calibrate, forget, resumed
    from stylecam.training.tasks.full import train

    keep_memory()
    job = _job(args)
    if args.resume:
        job = resumed(job)
    elif args.calibrate:
        job = yield from calibrate(job, probe_steps=max(200, job.config.steps // 40))
    else:
        forget(job)
    yield from train(job, resume=args.resume)


def _line(report: Progress) -> str:
    if report.stage == "calibrate":
        values = " ".join(f"{name} {report.values[name]:.3f}" for name in _FIGURES if name in report.values)
        return f"calibrating, {report.step}/{report.total} {report.message}{values}"
    return progress_line(report, _FIGURES)


def _job(args: argparse.Namespace) -> TrainJob:
    from stylecam.core.mix import StyleMix
    from stylecam.net.families import TransformNetConfig, UNetConfig
    from stylecam.packs.library import load_pack
    from stylecam.training.start import full_job

    config = TrainConfig(
        steps=args.steps,
        minutes=args.minutes,
        batch=args.batch,
        size_px=args.size,
        large_share=args.large_share,
        style_size_px=args.style_size,
        style_weight=args.style_weight,
        style_weights=dict(StyleMix.parse(args.style_weights)) if args.style_weights else {},
        covariance_weight=args.covariance_weight,
        face_content=args.face_content,
        pattern_weight=args.pattern_weight,
        calm_weight=args.calm_weight,
        calm_start=args.calm_start,
        optimizer=args.optimizer,
        learning_rate=args.learning_rate or (_DEFAULT.learning_rate if args.init else LEARNING_RATE_FROM_NOTHING),
        seed=args.seed,
    )
    return full_job(
        args.styles,
        args.photos,
        args.output,
        run=args.run_folder,
        config=config,
        architecture=UNetConfig.live32() if args.architecture == "live32" else TransformNetConfig(),
        only=args.only.split(",") if args.only else None,
        init=load_pack(args.init) if args.init else None,
        loss_network=args.loss_network,
        name=args.name,
        title=args.title,
        licence=args.licence,
        preview_photos=args.preview,
        faces=args.faces,
    )
