"""`stylecam see`: show what a layer of the loss network, a channel or a class is about."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from stylecam.cli.common_options import seed
from stylecam.cli.parent_watch import ParentWatch, add_child_options
from stylecam.core.stopping import STOPPED_EXIT_CODE

_EXAMPLES = """\
examples:
  stylecam see photo.jpg -o sheet.png --layer relu4_1                        # deconvnet: nine channels, and what excites them
  stylecam see photo.jpg -o sheet.png --layer relu4_1 --rule guided
  stylecam see photo.jpg -o layers.png --layer all                           # layers-relu1_1.png, layers-relu1_2.png …
  stylecam see photo.jpg -o channels.png --layer relu4_1 --view maximize
  stylecam see photo.jpg -o dream.jpg --layer relu5_1 --view dream
  stylecam see cat.jpg -o where.png --view saliency --class 281 --loss-network vgg16-397923af.pth
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `see` to the program's parser."""
    parser = subparsers.add_parser(
        "see",
        help="show what layers of the loss network hold of a photo",
        description="Show what a layer of VGG holds of a photo: its channels by deconvnet, guided backpropagation or gradient, saliency, "
        "images that excite it, or a dream.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="image to write")
    parser.add_argument(
        "--layer", default="relu4_1", help="such as relu4_1, or all: one image each, OUT-relu1_1.png … (default: %(default)s)"
    )
    parser.add_argument("--view", default="channels", metavar="NAME", help="channels, saliency, maximize or dream (default: %(default)s)")
    parser.add_argument(
        "--rule", default="deconvnet", metavar="NAME", help="channels: deconvnet, guided or gradient (default: %(default)s)"
    )
    parser.add_argument("--top", type=int, default=9, metavar="N", help="so many channels, by how much the photo excites them (default: 9)")
    parser.add_argument("--channel", type=int, metavar="N", help="this channel alone")
    parser.add_argument("--class", dest="class_number", type=int, metavar="N", help="saliency, maximize: this class of ImageNet, 0 to 999")
    parser.add_argument("--iterations", type=int, default=0, metavar="N", help="maximize: 160 by default; dream: 10 in each octave")
    parser.add_argument("--octaves", type=int, default=4, metavar="N", help="dream: so many sizes (default: %(default)s)")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="longer side at which the photo is looked at (default: 512 at most)")
    parser.add_argument("--loss-network", type=Path, metavar="FILE", help="torchvision's VGG, a .pth (default: the VGG-16 that ships)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N")
    add_child_options(parser)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look, write and return 0; Ctrl-C ends the work, and the image so far is written."""
    from stylecam.cli.one_image import image_output
    from stylecam.core.atomic_io import check_target
    from stylecam.core.paths import loss_network
    from stylecam.media.images import read_image
    from stylecam.methods.see import SeeConfig, see_file
    from stylecam.offline.limits import check_size
    from stylecam.perceptual.vgg import LossNetwork

    output, network = image_output(args.output), args.loss_network or loss_network()
    check_size(args.size)
    layers = LossNetwork(network).layers if args.layer == "all" else (args.layer,)
    targets = [output.with_name(f"{output.stem}-{layer}{output.suffix}") if args.layer == "all" else output for layer in layers]
    configs = [
        SeeConfig(
            layer=layer,
            view=args.view,
            rule=args.rule,
            count=args.top,
            channel=args.channel,
            class_number=args.class_number,
            iterations=args.iterations,
            octaves=args.octaves,
            seed=args.seed,
        )
        for layer in layers
    ]
    for target in targets:
        check_target(target, force=args.force)
    photo = read_image(args.photo)
    photo = photo.resized(args.size or min(512, max(photo.image.shape[:2])))
    parent = ParentWatch.of(args)
    for target, config in zip(targets, configs, strict=True):
        shown = False
        with closing(see_file(photo, network, target, config, force=args.force)) as reports:
            try:
                for report in reports:
                    shown = True
                    if args.json:
                        parent.tell(report.to_json())
                    elif report.files:
                        print(f"{target}: {report.message}", file=sys.stderr)
                    elif report.total > 1 and sys.stderr.isatty():
                        print(f"\r{report.step}/{report.total} {report.values['value']:.4g}  ", end="", file=sys.stderr)
                    parent.go_on()
            except KeyboardInterrupt:
                reports.close()
                print(f"\nstylecam: stopped; {target} is what there was." if shown else "\nstylecam: stopped.", file=sys.stderr)
                return STOPPED_EXIT_CODE
    return 0
