"""`stylecam texture quilt`: a large texture of patches of a small one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.one_image import follow, image_output, parse_pixels
from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.effects.base import Image

_EXAMPLES = """\
examples:
  stylecam texture quilt bricks.jpg -o wall.png --size 1024x768
  stylecam texture quilt painting.jpg -o waves.png --part 300x300+40+520 --patch 60 --seed 3
"""


def add_parser(ways: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `quilt` to the ways to make a texture."""
    parser = ways.add_parser(
        "quilt",
        help="of patches of an image",
        description="Sew patches of an image into a larger texture, each cut where it differs least from its neighbours "
        "(Efros, Freeman 2001).",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("image", type=Path, metavar="IMAGE", help="what the texture shall look like")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="image file to be written")
    parser.add_argument("--size", default="512x512", metavar="WxH", help="of the result (default: %(default)s)")
    parser.add_argument("--part", metavar="WxH+X+Y", help="use a part of IMAGE: width, height, distance from left and top, in pixels")
    parser.add_argument(
        "--patch", type=int, default=36, metavar="PX", help="side of the patches: as large as the texture's largest element"
    )
    parser.add_argument("--overlap", type=int, default=0, metavar="PX", help="of neighbouring patches (default: a sixth of the patch)")
    parser.add_argument(
        "--tolerance", type=float, default=0.1, metavar="T", help="chance chooses among errors up to 1 + T of the least (default: 0.1)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number, another texture (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Quilt and return 0; Ctrl-C leaves nothing behind."""
    output = image_output(args.output)

    from stylecam.core.atomic_io import check_target
    from stylecam.media.images import ImageFile, read_srgb, write_image
    from stylecam.methods.image_quilting import QuiltConfig, synthesize

    width, height = parse_pixels(args.size)
    config = QuiltConfig(patch_px=args.patch, overlap_px=args.overlap, tolerance=args.tolerance, seed=args.seed)
    check_target(output, force=args.force)
    texture = cut_part(read_srgb(args.image), args.part)
    reports = synthesize(texture, width, height, config)
    return follow(reports, output, lambda image: write_image(ImageFile(image), output, force=args.force))


def cut_part(image: Image, text: str | None) -> Image:
    """Return the part of an image that a text such as 256x256+40+10 names; all of it without one.

    Raises:
        UsageError: the text names no part, or one beyond the image.
    """
    if text is None:
        return image
    left, top, right, bottom = _part(text, image.shape[1], image.shape[0])
    return image[top:bottom, left:right]


def _part(text: str, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom."""
    size, *offsets = text.split("+")
    wide, high = parse_pixels(size, "--part")
    if len(offsets) != 2 or not all(offset.isascii() and offset.isdigit() for offset in offsets):
        raise UsageError(f"'{text}' is no part of an image; write --part like 256x256+40+10.")
    left, top = (int(offset) for offset in offsets)
    if left + wide > width or top + high > height:
        raise UsageError(f"--part {text} goes beyond the image, which has {width}x{height} pixels.")
    return left, top, left + wide, top + high
