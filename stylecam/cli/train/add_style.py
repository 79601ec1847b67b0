"""`stylecam train add-style`: add a style to a pack, in minutes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import say_left_out
from stylecam.cli.parent_watch import ParentWatch
from stylecam.cli.train import prepare as train_prepare
from stylecam.cli.train.run_folder import check_run
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.errors import UsageError
from stylecam.training.tasks.add_style_config import AddStyleConfig

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.training.tasks.add_style import AddStyleJob

_DEFAULT = AddStyleConfig()
#: What is known of the style image: option, field of `StyleInfo`, help.
_FACTS = (
    ("id", "short name, such as my_garden (default: from the file's name)"),
    ("title", "title of the style image"),
    ("artist", "who made it"),
    ("year", "when"),
    ("licence", "licence of the style image"),
    ("source", "where the image file comes from"),
)


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `add-style` to the kinds of training."""
    parser = kinds.add_parser(
        "add-style",
        help="add a style to a pack, in minutes",
        description="Train one style for the network of a pack and write it as a style-only pack of a few kilobytes. No style of the "
        "pack changes. Ctrl-C stops and keeps what is there; --resume goes on.",
    )
    parser.add_argument("style_image", type=Path, metavar="STYLE_IMAGE")
    parser.add_argument("--to", required=True, metavar="PACK", help="pack whose network the style is for, by name or path")
    parser.add_argument("-o", "--output", type=Path, required=True, help="style-only pack to write: a .stylepack file, or a folder")
    parser.add_argument("--run", dest="run_folder", type=Path, help="folder for checkpoint and previews (default: NAME.run)")
    parser.add_argument("--photos", type=Path, help="folder of photos to train on (default: the five that ship; yours are better)")
    parser.add_argument("--minutes", type=float, help=f"time that it may take (default: {_DEFAULT.minutes:g}, or no limit with --steps)")
    parser.add_argument("--steps", type=int, help="end after so many steps")
    parser.add_argument(
        "--preview", type=Path, action="append", default=[], help="photo to show in the new style; may be given several times"
    )
    for fact, text in _FACTS:
        parser.add_argument(f"--{fact}", help=text)
    train_prepare.add_preparation(parser)
    parser.add_argument(
        "--style-weight", type=float, default=_DEFAULT.style_weight, help="more gives bolder strokes (default: %(default)s)"
    )
    parser.add_argument("--size", type=int, default=_DEFAULT.size_px, help="side of the crops in pixels (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=_DEFAULT.batch, help="photos per step (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=_DEFAULT.seed)
    parser.add_argument("--loss-network", type=Path, help="VGG-16 weights as safetensors (default: the ones that stylecam ships)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the run's folder")
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="obey the lines `pause` and `resume`; stop and keep when standard input ends"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack, and an earlier run")
    parser.set_defaults(run=_add_style)


def _add_style(args: argparse.Namespace) -> int:
    run = args.run_folder or args.output.with_name(f"{_name(args.output)}.run")
    check_run(args, run)
    with stop_requests() as requests:
        from stylecam.training.memory import keep_memory
        from stylecam.training.tasks.add_style import add_style

        keep_memory()
        reports = add_style(_job(args, run), resume=args.resume)
        parent = ParentWatch(requests, sys.stdin.fileno() if args.until_stdin_closes else None)
        for report in reports:
            parent.tell(report.to_json() if args.json else _line(report))
            parent.wait()
            if requests:
                reports.close()
                print(f"stylecam: stopped; pack and checkpoint are kept, go on with --resume --run {run}", file=sys.stderr)
                return STOPPED_EXIT_CODE
    return 0


def _job(args: argparse.Namespace, run: Path) -> AddStyleJob:
    from dataclasses import replace

    from stylecam.core import paths
    from stylecam.media.formats import is_image
    from stylecam.packs.library import load_pack
    from stylecam.training.data.style_images import read_style_images
    from stylecam.training.tasks.add_style import AddStyleJob

    if not args.style_image.is_file():
        raise UsageError(f"There is no style image '{args.style_image}'; correct its name.")
    config = AddStyleConfig(
        minutes=_DEFAULT.minutes if args.minutes is None and args.steps is None else args.minutes,
        steps=args.steps,
        batch=args.batch,
        size_px=args.size,
        style_weight=args.style_weight,
        style_size_px=args.style_size,
        seed=args.seed,
    )
    info = read_style_images(args.style_image, args.style_size)[0].info
    given = {fact: getattr(args, fact) for fact, _ in _FACTS if getattr(args, fact) is not None}
    photos = args.photos or paths.shipped("assets", "photos")
    say_left_out(photos)
    first = sorted(path for path in photos.rglob("*") if is_image(path))[:1]
    info = replace(info, **given)
    name = _name(args.output)
    return AddStyleJob(
        config=config,
        pack=load_pack(args.to),
        style_image=args.style_image,
        info=info,
        preparation=train_prepare.preparation(args),
        photos=photos,
        loss_network=args.loss_network or paths.loss_network(),
        run=run,
        output=args.output,
        name=name,
        title=info.title,
        preview_photos=args.preview or first,
    )


def _name(output: Path) -> str:
    return output.name.removesuffix(".stylepack")


def _line(report: Progress) -> str:
    values = " ".join(f"{name} {report.values[name]:.3f}" for name in ("objective", "content", "style") if name in report.values)
    left = f", {report.remaining_s / 60:.1f} min left" if report.remaining_s is not None else ""
    skipped = f", {report.values['skipped']:.0f} skipped" if report.values.get("skipped") else ""
    wrote = f", wrote {report.files['pack']}" if report.files else ""
    return f"step {report.step}/{report.total} {values}{skipped}{left}{wrote}"
