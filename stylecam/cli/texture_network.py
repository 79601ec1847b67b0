"""`stylecam still --method texture-network`: stylize a photo with a network of `stylecam train texture --photos`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from stylecam.cli.one_image import one_image, read_photo
from stylecam.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this method needs besides. Imports nothing heavy."""
    group = parser.add_argument_group("with --method texture-network")
    group.add_argument("--network", type=Path, metavar="FILE", help="of `stylecam train texture --photos`")


def run(args: argparse.Namespace) -> int:
    """Stylize and return 0."""
    if args.network is None or args.style_image is not None:
        raise UsageError("Name a network that `stylecam train texture --photos` trained: --network FILE, without --style-image.")
    photo_path, output = one_image(args)

    from dataclasses import replace

    from stylecam.core.atomic_io import check_target
    from stylecam.media.images import write_image
    from stylecam.methods.texture_networks import TextureNetwork
    from stylecam.offline.limits import check_size

    check_size(args.size)
    check_target(output, force=args.force)
    network = TextureNetwork.read(args.network)
    photo = read_photo(photo_path, args.size)
    begun = time.perf_counter()
    image = network.stylize(photo.image, seed=args.seed)
    seconds = time.perf_counter() - begun
    write_image(replace(photo, image=image), output, force=args.force)
    print(f"{output}: {image.shape[1]}x{image.shape[0]}, {seconds:.1f} s", file=sys.stderr)
    return 0
