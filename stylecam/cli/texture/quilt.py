"""`stylecam texture quilt`: a large texture of patches of a small one."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.cli.common_options import seed
from stylecam.cli.one_image import follow, image_output
from stylecam.cli.sizes import cut_part, parse_pixels

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
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="another number, another texture (default: %(default)s)")
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
