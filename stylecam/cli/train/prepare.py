"""`stylecam train prepare`: crop and scale a style image and reduce its colours before training."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.errors import UsageError
from stylecam.training.tasks.add_style_config import AddStyleConfig

if TYPE_CHECKING:
    from PIL import Image

    from stylecam.training.data.preprocess import Preparation


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `prepare` to the kinds of training."""
    parser = kinds.add_parser(
        "prepare",
        help="crop a style image, reduce its colours, set the size of its strokes",
        description="Write a style image as the trainer would see it, with a sheet to judge it. `train add-style` takes the same options.",
    )
    parser.add_argument("style_image", type=Path, metavar="STYLE_IMAGE")
    parser.add_argument("-o", "--output", type=Path, required=True, help="PNG to write")
    add_preparation(parser)
    parser.add_argument("--preview", type=Path, metavar="SHEET.png", help="write before, after and palette, side by side")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.set_defaults(run=_prepare)


def add_preparation(parser: argparse.ArgumentParser) -> None:
    """Add the options that `prepare` and `add-style` share."""
    parser.add_argument("--colors", type=int, default=0, metavar="N", help="reduce the style image to 2 to 256 colours")
    parser.add_argument("--crop", metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the style image to use, as fractions: 0.25,0,0.5,0.5")
    parser.add_argument("--scale", type=float, default=1.0, metavar="F", help="size of the strokes: 2 is twice as large (default: 1)")
    parser.add_argument(
        "--style-size",
        type=int,
        default=AddStyleConfig().style_size_px,
        metavar="PX",
        help="short side in pixels at which the style image is used at scale 1 (default: %(default)s)",
    )


def preparation(args: argparse.Namespace) -> Preparation:
    """Read the options of `add_preparation`.

    Raises:
        UsageError: --crop is not four numbers.
        TrainingError: a number is out of range.
    """
    return preparation_of(args.colors, args.crop, args.scale)


def preparation_of(colors: int, crop: str | None, scale: float = 1.0, option: str = "--crop") -> Preparation:
    """Read a preparation from colours, a crop as text, and the size of the strokes.

    Raises:
        UsageError: the crop is not four numbers.
        TrainingError: a number is out of range.
    """
    from stylecam.training.data.preprocess import Preparation

    if crop is None:
        return Preparation(colors, scale=scale)
    try:
        left, top, width, height = (float(value) for value in crop.split(","))
    except ValueError:
        raise UsageError(f"{option} takes left,top,width,height as fractions, such as 0.25,0,0.5,0.5, not '{crop}'.") from None
    return Preparation(colors, (left, top, width, height), scale)


def _prepare(args: argparse.Namespace) -> int:
    from stylecam.core.atomic_io import check_target, write_file
    from stylecam.training.data.preprocess import comparison_sheet, open_style_image, palette, prepare

    wanted = preparation(args)
    targets = [path for path in (args.output, args.preview) if path is not None]
    for path in targets:
        if path.suffix.lower() != ".png":
            raise UsageError(f"'{path}' must end in .png: other kinds of images would change the colours again.")
        check_target(path, force=args.force)
    if len({path.resolve() for path in targets}) < len(targets):
        raise UsageError("-o and --preview name the same file; give the sheet another name.")
    style_image = open_style_image(args.style_image)
    prepared = prepare(style_image, wanted, args.style_size)
    write_file(args.output, _png(prepared), force=args.force)
    if args.preview is not None:
        write_file(args.preview, _png(comparison_sheet(style_image, prepared)), force=args.force)
    for color, share in palette(prepared, args.colors or 8)[:8]:
        print("#{:02x}{:02x}{:02x}".format(*color), f"{share:6.1%}")
    side = min(prepared.size)
    print(f"wrote {args.output} ({prepared.width}x{prepared.height}); train on it with --style-size {side} to keep this stroke size")
    return 0


def _png(image: Image.Image) -> bytes:
    import io

    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
