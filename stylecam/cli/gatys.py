"""`stylecam still --method gatys`: stylize one image with any style image, by optimisation."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from stylecam.cli.one_image import one_image
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this method needs besides. Imports nothing heavy."""
    group = parser.add_argument_group("with --method gatys")
    group.add_argument("--iterations", type=int, default=500, metavar="N", help="evaluations of the objective (default: %(default)s)")
    group.add_argument("--keep-every", type=int, default=0, metavar="N", help="also keep the image of every N-th, as OUT-0100.png")
    group.add_argument("--optimizer", default="lbfgs", metavar="NAME", help="lbfgs or adam (default: %(default)s)")
    group.add_argument("--start", default="content", metavar="FROM", help="content, noise or style (default: %(default)s)")
    group.add_argument("--content-weight", type=float, default=1.0, metavar="W", help="0: the style alone (default: %(default)s)")
    group.add_argument("--style-weight", type=float, default=3.0, metavar="W", help="0: the content alone (default: %(default)s)")
    group.add_argument(
        "--content-layers", default="relu4_2", metavar="A,B=W", help="layers, each with a weight if you like (default: %(default)s)"
    )
    group.add_argument(
        "--style-layers",
        default="relu1_1,relu2_1,relu3_1,relu4_1,relu5_1",
        metavar="A,B=W",
        help="likewise (default: the paper's, %(default)s)",
    )
    group.add_argument(
        "--loss-network", type=Path, metavar="FILE", help="torchvision's VGG-19 or VGG-16, a .pth (default: the VGG-16 that ships)"
    )


def run(args: argparse.Namespace) -> int:
    """Stylize and return 0; Ctrl-C ends the work, and what there is by then is written."""
    if args.style_image is None and args.style_weight != 0:
        raise UsageError("Name a style image: --style-image FILE, any image file.")
    from stylecam.core.atomic_io import check_target
    from stylecam.core.paths import loss_network
    from stylecam.media.images import read_image
    from stylecam.methods.optimization import GatysConfig, kept_path, stylize_file
    from stylecam.offline.limits import check_size

    photo_path, output = one_image(args)
    check_size(args.size)
    config = GatysConfig(
        iterations=args.iterations,
        keep_every=args.keep_every,
        method=args.optimizer,
        start=args.start,
        content_weight=args.content_weight,
        style_weight=args.style_weight,
        content_layers=parse_layers(args.content_layers, "--content-layers"),
        style_layers=parse_layers(args.style_layers, "--style-layers"),
        style_size_px=args.style_size,
        seed=args.seed,
    )
    kept = range(config.keep_every, config.iterations + 1, config.keep_every) if config.keep_every else ()
    for target in (output, *(kept_path(output, number) for number in kept)):
        check_target(target, force=args.force)
    photo = read_image(photo_path)
    style_image = read_image(args.style_image) if args.style_image is not None else photo  # the content alone needs none
    network = loss_network() if args.loss_network is None else args.loss_network
    photo = photo.resized(args.size) if args.size else photo
    begun = False
    with closing(stylize_file(photo, style_image, network, output, config, force=args.force)) as reports:
        try:
            for report in reports:
                begun = True
                if "kept" in report.files:
                    print(f"{report.files['kept']}: kept, loss {report.values['loss']:.3f}", file=sys.stderr)
                elif sys.stderr.isatty():
                    print(f"\r{report.step}/{report.total} {report.message} loss {report.values['loss']:.3f}  ", end="", file=sys.stderr)
        except KeyboardInterrupt:
            reports.close()
            print(f"\nstylecam: stopped; {output} is the best so far." if begun else "\nstylecam: stopped.", file=sys.stderr)
            return STOPPED_EXIT_CODE
    print(f"{output}: {photo.image.shape[1]}x{photo.image.shape[0]}", file=sys.stderr)
    return 0


def parse_layers(text: str, option: str) -> dict[str, float]:
    """Return layer → weight for a list such as "relu1_1=0.5,relu4_1"; without a weight it is 1.

    Raises:
        UsageError: a name is missing or twice there, or a weight is not a number.
    """
    layers: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            weight = float(number) if equals else 1.0
        except ValueError:
            raise UsageError(f"{option}: '{number}' is not a weight; write as in relu1_1=0.5,relu4_1=1.") from None
        if not name or name in layers:
            raise UsageError(f"{option}: a layer is {'given twice' if name else 'missing'} in '{text}'; write as in relu1_1=0.5,relu4_1=1.")
        layers[name] = weight
    return layers
