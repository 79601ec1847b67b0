"""`stylecam train fast-head`: train the fast output of a finished pack, without touching its styles."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.train.run_folder import check_run
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.training.tasks.fast_head_config import FastHeadConfig

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.training.tasks.fast_head import FastHeadJob


_DEFAULT = FastHeadConfig()


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `fast-head` to the kinds of training."""
    parser = kinds.add_parser(
        "fast-head",
        help="train the output that the fast mode uses",
        description="Train a pack's fast output: from a half-size frame it draws a full-size image. Styles and the fine output stay as "
        "they are. A quarter of an hour on two cores; needed again after the network itself was trained. Ctrl-C stops and keeps what is "
        "there; --resume goes on.",
    )
    parser.add_argument("pack", metavar="PACK", help="pack to start from, by name or path")
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos (a thousand or more)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="pack to write: a folder, or a file ending in .stylepack")
    parser.add_argument("--styles", type=Path, help="folder with the style images (default: the ones that stylecam ships)")
    parser.add_argument("--init-head", metavar="PACK", help="pack whose fast output to start from, such as an earlier one")
    parser.add_argument("--run", dest="run_folder", type=Path, help="folder for checkpoint and previews (default: NAME.run)")
    parser.add_argument("--minutes", type=float, help=f"time that it may take (default: {_DEFAULT.minutes:g}, or no limit with --steps)")
    parser.add_argument("--steps", type=int, help="end after so many steps")
    parser.add_argument(
        "--style-size", type=int, default=_DEFAULT.style_size_px, help="short side of the style images in pixels (default: %(default)s)"
    )
    parser.add_argument("--preview", type=Path, action="append", default=[], help="photo for the previews; may be given several times")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loss-network", type=Path, help="VGG-16 weights as safetensors (default: the ones that stylecam ships)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the run's folder")
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack, and an earlier run")
    parser.set_defaults(run=_fast_head)


def _fast_head(args: argparse.Namespace) -> int:
    run = args.run_folder or args.output.with_name(f"{args.output.name.removesuffix('.stylepack')}.run")
    check_run(args, run)
    with stop_requests() as requests:
        from stylecam.training.memory import keep_memory
        from stylecam.training.tasks.fast_head import fit_fast_head

        keep_memory()
        reports = fit_fast_head(_job(args, run), resume=args.resume)
        for report in reports:
            print(report.to_json() if args.json else _line(report), flush=True)
            if requests:
                reports.close()
                print(f"stylecam: stopped; pack and checkpoint are kept, go on with --resume --run {run}", file=sys.stderr)
                return STOPPED_EXIT_CODE
    return 0


def _job(args: argparse.Namespace, run: Path) -> FastHeadJob:
    from stylecam.core import paths
    from stylecam.packs.library import load_pack
    from stylecam.packs.ops import with_head_of
    from stylecam.training.data.style_images import read_style_images
    from stylecam.training.tasks.fast_head import FastHeadJob

    minutes = _DEFAULT.minutes if args.minutes is None and args.steps is None else args.minutes
    config = FastHeadConfig(steps=args.steps, minutes=minutes, style_size_px=args.style_size, seed=args.seed)
    pack = load_pack(args.pack)
    if args.init_head:
        pack = with_head_of(pack, load_pack(args.init_head))
    return FastHeadJob(
        config=config,
        pack=pack,
        style_images=read_style_images(args.styles or paths.shipped("assets", "paintings"), config.style_size_px),
        photos=args.photos,
        loss_network=args.loss_network or paths.loss_network(),
        run=run,
        output=args.output,
        preview_photos=args.preview,
    )


def _line(report: Progress) -> str:
    values = " ".join(f"{name} {value:.4f}" for name, value in report.values.items() if name in ("content", "style", "anchor"))
    left = f", {report.remaining_s / 60:.1f} min left" if report.remaining_s is not None else ""
    wrote = f", wrote {report.files['pack']}" if report.files else ""
    return f"step {report.step}/{report.total} {values}{left}{wrote}"
