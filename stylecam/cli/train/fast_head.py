"""`stylecam train fast-head`: train the fast output of a finished pack, without touching its styles."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.parent_watch import ParentWatch
from stylecam.cli.train.runs import add_fit_options, check_run, follow, minutes_of, run_folder
from stylecam.core.stopping import stop_requests
from stylecam.training.tasks.fast_head_config import FastHeadConfig

if TYPE_CHECKING:
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
    parser.add_argument(
        "--style-size", type=int, default=_DEFAULT.style_size_px, help="short side of the style images in pixels (default: %(default)s)"
    )
    add_fit_options(parser, _DEFAULT.minutes or 0)
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.set_defaults(run=_fast_head)


def _fast_head(args: argparse.Namespace) -> int:
    run = run_folder(args)
    check_run(args, run)
    with stop_requests() as requests:
        from stylecam.core.memory import keep_memory
        from stylecam.training.tasks.fast_head import fit_fast_head

        keep_memory()
        reports = fit_fast_head(_job(args, run), resume=args.resume)
        return follow(reports, args, run, ("content", "style", "anchor"), ParentWatch.of(args, requests))


def _job(args: argparse.Namespace, run: Path) -> FastHeadJob:
    from stylecam.core import paths
    from stylecam.packs.library import load_pack
    from stylecam.packs.ops import with_head_of
    from stylecam.training.data.style_images import read_style_images
    from stylecam.training.tasks.fast_head import FastHeadJob

    config = FastHeadConfig(steps=args.steps, minutes=minutes_of(args, _DEFAULT.minutes), style_size_px=args.style_size, seed=args.seed)
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
