"""`stylecam analogy`: A is to A' as B is to B'."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.cli.one_image import follow, image_output, read_photo
from stylecam.errors import UsageError

_EXAMPLES = """\
examples:
  stylecam analogy photo.jpg drawing_of_it.jpg other_photo.jpg -o drawn.png
  stylecam analogy painting.jpg painting.jpg photo.jpg -o out.png --blur 4 --kappa 10
  stylecam analogy map.png landscape.jpg new_map.png -o new_landscape.png --numbers
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `analogy` to the program's parser."""
    parser = subparsers.add_parser(
        "analogy",
        help="do to one image what was done to another",
        description="Make B' so that A is to A' as B is to B' (Hertzmann and others 2001): "
        "a filter from one pair of images, without training.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("a", type=Path, metavar="A", help="an image")
    parser.add_argument("a_prime", type=Path, metavar="A'", help="what was made of it, in the same size")
    parser.add_argument("b", type=Path, metavar="B", help="the image to which the same shall be done")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="image file for B'")
    parser.add_argument(
        "--kappa", type=float, default=5.0, metavar="K", help="0 is exact, 5 to 25 keeps strokes in one piece (default: %(default)s)"
    )
    parser.add_argument("--levels", type=int, default=4, metavar="N", help="sizes from coarse to fine (default: %(default)s)")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="length of the longer side of B and B' (default: B's)")
    parser.add_argument(
        "--pair-size", type=int, default=480, metavar="PIXELS", help="A and A' are reduced to this: sets the strokes (default: %(default)s)"
    )
    parser.add_argument(
        "--numbers", action="store_true", help="texture by numbers: A and B are maps in flat colours, colours are those of A'"
    )
    parser.add_argument(
        "--blur", type=float, default=0.0, metavar="PX", help="smooth A first, but for edges: for A' alone, given twice (default: not)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make B' and return 0; after Ctrl-C the last level that was complete is written, enlarged."""
    output = image_output(args.output)

    from dataclasses import replace

    from stylecam.core.atomic_io import check_target
    from stylecam.media.images import ImageFile, read_srgb, write_image
    from stylecam.methods.image_analogies import AnalogyConfig, analogy, smoothed
    from stylecam.offline.limits import check_size

    check_size(args.size)
    check_size(args.pair_size, "--pair-size")
    if not 0 <= args.blur <= 50:
        raise UsageError(f"--blur {args.blur:g} is out of range; give 0 to 50 pixels.")
    config = AnalogyConfig(kappa=args.kappa, levels=args.levels, numbers=args.numbers)
    check_target(output, force=args.force)
    pair = [ImageFile(read_srgb(path)) for path in (args.a, args.a_prime)]
    a, a_prime = (image.resized(min(args.pair_size, max(image.image.shape))).image for image in pair)
    b = read_photo(args.b, args.size)
    reports = analogy(smoothed(a, args.blur) if args.blur else a, a_prime, b.image, config)
    return follow(reports, output, lambda image: write_image(replace(b, image=image), output, force=args.force))
