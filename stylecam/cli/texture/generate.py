"""`stylecam texture generate`: a texture of any size by a texture network."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from stylecam.cli.common_options import seed
from stylecam.cli.one_image import image_output
from stylecam.cli.sizes import parse_pixels

_EXAMPLES = """\
examples:
  stylecam texture generate waves.safetensors -o waves.png --size 1024 --seed 7
  stylecam texture generate waves.safetensors -o wide.png --size 1920x1080
"""


def add_parser(ways: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `generate` to the ways to make a texture."""
    parser = ways.add_parser(
        "generate",
        help="by a network of `stylecam train texture`",
        description="Make a texture with a network that `stylecam train texture` trained, in one pass (Ulyanov and others 2016). It tiles "
        "without a seam where width and height are multiples of 16.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("network", type=Path, metavar="FILE", help="of `stylecam train texture`")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="image file to be written")
    parser.add_argument("--size", default="512", metavar="PX|WxH", help="of the result (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="another number, another texture (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Generate and return 0."""
    output = image_output(args.output)
    width, height = parse_pixels(args.size if "x" in args.size else f"{args.size}x{args.size}")

    from stylecam.core.atomic_io import check_target
    from stylecam.media.images import ImageFile, write_image
    from stylecam.methods.texture_networks import TextureNetwork

    check_target(output, force=args.force)
    network = TextureNetwork.read(args.network)
    begun = time.perf_counter()
    image = network.generate(width, height, seed=args.seed)
    seconds = time.perf_counter() - begun
    write_image(ImageFile(image), output, force=args.force)
    print(f"{output}: {width}x{height}, {seconds:.1f} s", file=sys.stderr)
    return 0
