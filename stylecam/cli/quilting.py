"""`stylecam still --method quilting`: depict one image by patches of a style image."""

from __future__ import annotations

import argparse

from stylecam.cli.one_image import check_style_image, follow, one_image, read_photo
from stylecam.errors import UsageError

#: Finer choice than in textures: the photo leaves less to chance.
_TOLERANCE = 0.02


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this method needs besides. Imports nothing heavy."""
    group = parser.add_argument_group("with --method quilting")
    group.add_argument("--patch", type=int, default=18, metavar="PX", help="side of the first pass's patches (default: %(default)s)")
    group.add_argument("--passes", type=int, default=3, metavar="N", help="each with patches of 2/3 of the size (default: %(default)s)")
    group.add_argument(
        "--alpha",
        type=float,
        default=0.6,
        metavar="A",
        help="weight of the seams in the last pass, against likeness to the photo (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Quilt and return 0; after Ctrl-C the last pass that was complete is written."""
    check_style_image(args)
    photo_path, output = one_image(args)

    from dataclasses import replace

    from stylecam.core.atomic_io import check_target
    from stylecam.media.images import read_image, write_image
    from stylecam.methods.image_quilting import QuiltConfig, transfer
    from stylecam.offline.limits import MAX_SIZE_PX, check_size

    check_size(args.size)
    config = QuiltConfig(patch_px=args.patch, tolerance=_TOLERANCE, seed=args.seed)
    if not args.patch < args.style_size <= MAX_SIZE_PX:
        raise UsageError(
            f"--style-size {args.style_size} is out of range; give more than the patch's {args.patch} pixels, and at most {MAX_SIZE_PX}."
        )
    check_target(output, force=args.force)
    photo, style_image = read_photo(photo_path, args.size), read_image(args.style_image)
    height, width = style_image.image.shape[:2]
    if args.style_size < min(height, width):  # never larger: that would only blur the patches
        style_image = style_image.resized(round(args.style_size * max(height, width) / min(height, width)))
    reports = transfer(photo.image, style_image.image, args.passes, args.alpha, config)
    return follow(reports, output, lambda image: write_image(replace(photo, image=image), output, force=args.force))
