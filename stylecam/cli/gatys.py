"""`stylecam still --method gatys`: stylize one image with any style image, by optimisation."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.one_image import check_style_image, loss_precision, one_image, read_photo
from stylecam.cli.parent_watch import ParentWatch, add_child_options
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import UsageError
from stylecam.methods.optimization_config import GatysConfig

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.media.images import ImageFile
    from stylecam.methods.optimization import Guides

_DEFAULT = GatysConfig()
#: Text options: flag, default, metavar, help.
_WORDS = (
    ("--optimizer", _DEFAULT.method, "NAME", "lbfgs or adam (default: %(default)s)"),
    ("--start", None, "FROM", "content (the photo), noise or style (default: content; noise with --content-only and --style-only)"),
    ("--content-layers", ",".join(_DEFAULT.content_layers), "A,B=W", "layers, each with a weight if you like (default: %(default)s)"),
    ("--style-layers", ",".join(_DEFAULT.style_layers), "A,B=W", "likewise (default: the paper's, relu1_1 to relu5_1)"),
    ("--content-only", None, "A,B=W", "no style: what these layers hold of the photo"),
    ("--style-only", None, "A,B=W", "no content: a texture of what these layers hold of the style image"),
    ("--color", _DEFAULT.color, "FROM", "colours: style; or the photo's, by luminance, cholesky or analogies (default: %(default)s)"),
)
_NUMBERS = (
    ("--content-weight", _DEFAULT.content_weight, "0: the style alone (default: %(default)g)"),
    ("--style-weight", _DEFAULT.style_weight, "0: the content alone (default: %(default)g)"),
    ("--tv-weight", _DEFAULT.tv_weight, "total variation: more is smoother (default: %(default)g)"),
)
_FILES = (
    ("--mask", "regions of the photo, each in a colour of its own, that take their style from those of --style-mask"),
    ("--style-mask", "regions of the style image, in the same colours"),
    ("--fine-style-image", "take brush strokes and grain from this one, the larger forms from --style-image"),
    ("--preview", "write a small JPEG of the image so far there, every two seconds"),
    ("--loss-network", "torchvision's VGG-19 or VGG-16, a .pth (default: the VGG-16 that ships, to relu5_1)"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this method needs besides. Imports nothing heavy."""
    group = parser.add_argument_group("with --method gatys")
    group.add_argument(
        "--iterations", type=int, default=_DEFAULT.iterations, metavar="N", help="evaluations of the objective (default: %(default)s)"
    )
    group.add_argument(
        "--keep-every",
        type=int,
        default=0,
        metavar="N",
        help="also keep every N-th image (OUT-0100.png), a strip and a page of them",
    )
    for flag, default, metavar, text in _WORDS:
        group.add_argument(flag, default=default, metavar=metavar, help=text)
    for flag, number, text in _NUMBERS:
        group.add_argument(flag, type=float, default=number, metavar="W", help=text)
    for flag, text in _FILES:
        group.add_argument(flag, type=Path, metavar="FILE", help=text)
    group.add_argument("--style-colors", type=int, default=0, metavar="N", help="reduce the style image to 2 to 256 colours first")
    group.add_argument("--style-crop", metavar="L,T,W,H", help="use a part of the style image, as fractions: 0.25,0,0.5,0.5")
    add_child_options(group)


def run(args: argparse.Namespace) -> int:
    """Stylize and return 0; Ctrl-C ends the work, and what there is by then is written."""
    from stylecam.core.atomic_io import check_target
    from stylecam.core.paths import loss_network
    from stylecam.methods.optimization import stylize_file, written
    from stylecam.offline.limits import check_size

    photo_path, output = one_image(args)
    check_size(args.size)
    config = _config(args)
    if config.style:
        check_style_image(args)
    for target in written(output, config):
        check_target(target, force=args.force)
    guides = _guides(args)
    photo = read_photo(photo_path, args.size)
    style_image = _style_image(args) if args.style_image is not None else photo  # the content alone needs none
    network = args.loss_network or loss_network()
    parent = ParentWatch.of(args)
    begun = False
    with closing(
        stylize_file(photo, style_image, network, output, config, guides=guides, preview=args.preview, force=args.force)
    ) as reports:
        try:
            for report in reports:
                begun = True
                if args.json:
                    parent.tell(report.to_json())
                else:
                    _show(report)
                parent.go_on()
        except KeyboardInterrupt:
            reports.close()
            print(f"\nstylecam: stopped; {output} is the best so far." if begun else "\nstylecam: stopped.", file=sys.stderr)
            return STOPPED_EXIT_CODE
    print(f"{output}: {photo.image.shape[1]}x{photo.image.shape[0]}", file=sys.stderr)
    return 0


def _show(report: Progress) -> None:
    if "kept" in report.files:
        print(f"{report.files['kept']}: kept, loss {report.values['loss']:.3f}", file=sys.stderr)
    elif sys.stderr.isatty():
        print(f"\r{report.step}/{report.total} {report.message} loss {report.values['loss']:.3f}  ", end="", file=sys.stderr)


def _config(args: argparse.Namespace) -> GatysConfig:
    if args.content_only is not None and args.style_only is not None:
        raise UsageError("--content-only and --style-only exclude each other; leave out one.")
    alone = args.content_only is not None or args.style_only is not None
    return GatysConfig(
        iterations=args.iterations,
        keep_every=args.keep_every,
        method=args.optimizer,
        start=args.start or ("noise" if alone else "content"),
        content_weight=0.0 if args.style_only is not None else args.content_weight,
        style_weight=0.0 if args.content_only is not None else args.style_weight,
        tv_weight=args.tv_weight,
        content_layers=parse_layers(args.content_only or args.content_layers, "--content-layers"),
        style_layers=parse_layers(args.style_only or args.style_layers, "--style-layers"),
        style_size_px=args.style_size,
        color=args.color,
        precision=loss_precision(args),
        seed=args.seed,
    )


def _guides(args: argparse.Namespace) -> Guides:
    from stylecam.media.images import read_srgb
    from stylecam.methods.optimization import Guides

    if (args.mask is None) != (args.style_mask is None):
        raise UsageError("--mask and --style-mask go together, with the same colours on both; give the other one too.")
    files = (args.mask, args.style_mask, args.fine_style_image)
    photo_mask, style_mask, fine_style = (None if path is None else read_srgb(path) for path in files)
    return Guides(photo_mask, style_mask, fine_style)


def _style_image(args: argparse.Namespace) -> ImageFile:
    """Read the style image, cropped and reduced in colours if that is asked for, in its own size."""
    import numpy as np

    from stylecam.cli.train.prepare import preparation_of
    from stylecam.media.images import ImageFile, read_image
    from stylecam.training.data.preprocess import cropped, reduce_colors

    preparation = preparation_of(args.style_colors, args.style_crop, option="--style-crop")
    image = cropped(read_image(args.style_image).flat_srgb(), preparation.crop)
    return ImageFile(np.array(reduce_colors(image, preparation.colors)))


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
