"""`stylecam still`: stylize image files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli import gatys, quilting, texture_network
from stylecam.cli.common_options import add_engine_arguments, add_params, open_stylizer, parse_render_params, scene_params, seed
from stylecam.core.params import Scope
from stylecam.errors import InputError, OutputError, UsageError
from stylecam.methods.optimization_config import GatysConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stylecam.offline.images import Report

#: Ways besides the network: each has `add_arguments(parser)` for its options and `run(args)`.
METHODS = {"gatys": gatys, "quilting": quilting, "texture-network": texture_network}

_EXAMPLES = """\
examples:
  stylecam still photo.jpg -o stylized.jpg --style starry_night
  stylecam still photo.jpg -o stylized.png --style starry_night=0.7,great_wave=0.3 --keep-color 0.5
  stylecam still holiday/ more/*.png -o stylized/ --style senecio --size 1024
  stylecam still photo.jpg -o all/ --all
  stylecam still photo.jpg -o stylized.png --method gatys --style-image painting.jpg --size 512
  stylecam still photo.jpg -o patches.png --method quilting --style-image painting.jpg --size 512
  stylecam still - -o - --style senecio --format jpg < photo.jpg > stylized.jpg
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `still` to the program's parser."""
    parser = subparsers.add_parser(
        "still",
        help="stylize image files",
        description="Stylize image files: PNG, JPEG, WebP, TIFF; AVIF, GIF and BMP are read too. Turned as their EXIF says; "
        "colour profile, EXIF and transparency are kept.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="IN", help="image, folder of images, or - for standard input")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="file, folder (for several images), or - for standard output")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--style", metavar="MIX", help="a style, or a mix such as starry_night=0.7,great_wave=0.3; all zero is the plain photo"
    )
    which.add_argument("--scene", metavar="NAME", help="a scene that you kept in the window, by name or number, or a file of scenes")
    which.add_argument("--all", action="store_true", help="every style of the pack, one image each")
    add_params(parser, Scope.STILL)
    parser.add_argument(
        "--size", type=int, metavar="PIXELS", help="length of the longer side when stylized and saved (default: the image's)"
    )
    parser.add_argument("--format", metavar="NAME", help="png, jpg, webp or tiff (default: by OUT's ending; in a folder, as each input)")
    add_engine_arguments(parser)
    parser.add_argument(
        "--method",
        choices=("network", *METHODS),
        default="network",
        help="gatys: minutes of optimisation, and quilting: patches, both with any --style-image; texture-network: with --network "
        "(default: %(default)s)",
    )
    parser.add_argument("--style-image", type=Path, metavar="FILE", help="the other methods' style image, any image file")
    parser.add_argument(
        "--style-size",
        type=int,
        default=GatysConfig().style_size_px,
        metavar="PX",
        help="its short side: sets the strokes (default: %(default)s)",
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="where chance takes part: another number, another image")
    for method in METHODS.values():
        method.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Stylize what the arguments ask for and return the exit code: 0, or 4 when some of several images could not be stylized."""
    if args.method in METHODS:
        code: int = METHODS[args.method].run(args)
        return code
    if args.style_image is not None:
        raise UsageError("--style-image goes with --method gatys or quilting; the network knows the styles of its pack, see --style.")

    from stylecam.offline.images import stylize_all
    from stylecam.offline.limits import check_size
    from stylecam.offline.plan import IMAGE, plan_files
    from stylecam.packs.library import load_pack

    # All that can be refused is refused before the engine is opened, which may take seconds.
    check_size(args.size)
    if args.style is None and args.scene is None and not args.all:
        raise UsageError(
            "Say which style: --style ID, a mix such as --style starry_night=0.7,great_wave=0.3, or --all. "
            f"`stylecam pack info {args.pack}` lists the styles."
        )
    pack = load_pack(args.pack)
    if args.scene is not None:
        settings = [scene_params(args, args.scene, pack, Scope.STILL)]
    else:
        settings = [parse_render_params(args, text, pack, Scope.STILL) for text in (pack.style_ids if args.all else [args.style])]
    plan = plan_files(IMAGE, args.inputs, args.output, settings, format_name=args.format, force=args.force)
    if plan.left_out:
        print(f"stylecam: {plan.left_out}", file=sys.stderr)
    if "-" in args.inputs and sys.stdin.isatty():
        raise InputError("Standard input is the keyboard; send an image through it, as in `stylecam still - … < photo.jpg`.")
    if args.output == "-" and sys.stdout.isatty():
        raise OutputError("Standard output is the screen; send it to a file, as in `stylecam still … -o - > stylized.png`.")

    with open_stylizer(args, pack, settings) as stylizer:
        reports = stylize_all(
            plan.jobs,
            stylizer.stylize,
            stdin=sys.stdin.buffer,
            stdout=sys.stdout.buffer,
            size_px=args.size,
            force=args.force,
        )
        return _show(reports, sum(len(job.targets) for job in plan.jobs))


def _show(reports: Iterable[Report], total: int) -> int:
    """Report on stderr what happens, image by image, and return the exit code. Standard output belongs to the image."""
    from tqdm import tqdm

    failed = 0
    with tqdm(total=total, unit="image", file=sys.stderr, disable=total == 1 or not sys.stderr.isatty()) as bar:
        for report in reports:
            bar.update()
            if report.error is not None:
                if total == 1:
                    raise report.error
                failed += 1
                bar.write(f"stylecam: {report.error}", file=sys.stderr)
            elif report.notes or bar.disable:
                size = f"{report.width_px}x{report.height_px}, {report.seconds:.1f} s"
                bar.write(f"{report.target}: {'; '.join([size, *report.notes])}", file=sys.stderr)
    if failed:
        print(f"stylecam: {failed} of {total} images could not be stylized.", file=sys.stderr)
        return InputError.exit_code
    return 0
