"""`stylecam train add-style`: add a style to a pack, in minutes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import say_left_out
from stylecam.cli.parent_watch import ParentWatch, add_child_options
from stylecam.cli.train import prepare as train_prepare
from stylecam.cli.train.runs import add_fit_options, check_run, follow, minutes_of, run_folder
from stylecam.core.stopping import stop_requests
from stylecam.errors import UsageError
from stylecam.training.tasks.add_style_config import AddStyleConfig

if TYPE_CHECKING:
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
    parser.add_argument("--photos", type=Path, help="folder of photos to train on (default: the five that ship; yours are better)")
    for fact, text in _FACTS:
        parser.add_argument(f"--{fact}", help=text)
    train_prepare.add_preparation(parser)
    parser.add_argument(
        "--style-weight", type=float, default=_DEFAULT.style_weight, help="more gives bolder strokes (default: %(default)s)"
    )
    parser.add_argument("--size", type=int, default=_DEFAULT.size_px, help="side of the crops in pixels (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=_DEFAULT.batch, help="photos per step (default: %(default)s)")
    add_fit_options(parser, _DEFAULT.minutes or 0)
    add_child_options(parser)
    parser.set_defaults(run=_add_style)


def _add_style(args: argparse.Namespace) -> int:
    run = run_folder(args)
    check_run(args, run)
    with stop_requests() as requests:
        from stylecam.core.memory import keep_memory
        from stylecam.training.tasks.add_style import add_style

        keep_memory()
        reports = add_style(_job(args, run), resume=args.resume)
        return follow(reports, args, run, ("objective", "content", "style"), ParentWatch.of(args, requests))


def _job(args: argparse.Namespace, run: Path) -> AddStyleJob:
    from dataclasses import replace

    from stylecam.core import paths
    from stylecam.media.formats import is_image
    from stylecam.packs.archive import pack_name
    from stylecam.packs.library import load_pack
    from stylecam.training.data.style_images import read_style_images
    from stylecam.training.tasks.add_style import AddStyleJob

    if not args.style_image.is_file():
        raise UsageError(f"There is no style image '{args.style_image}'; correct its name.")
    config = AddStyleConfig(
        minutes=minutes_of(args, _DEFAULT.minutes),
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
        name=pack_name(args.output),
        title=info.title,
        preview_photos=args.preview or first,
    )
