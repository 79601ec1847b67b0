"""`stylecam still`: paint picture files."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from stylecam.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from stylecam.core.params import RenderParams
    from stylecam.packs.pack import StylePack
    from stylecam.still.batch import Paint, Report

_EXAMPLES = """\
examples:
  stylecam still photo.jpg -o painted.jpg --style starry_night
  stylecam still photo.jpg -o painted.png --style starry_night=0.7,great_wave=0.3 --keep-color 0.5
  stylecam still holiday/ more/*.png -o painted/ --style senecio --size 1024
  stylecam still photo.jpg -o all/ --all
  stylecam still - -o - --style senecio --format jpg < photo.jpg > painted.jpg
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `still` to the program's parser."""
    parser = subparsers.add_parser(
        "still",
        help="paint picture files",
        description="Paint picture files: PNG, JPEG, WebP, TIFF; AVIF, GIF and BMP are read too. Turned upright as their EXIF says; "
        "colour profile, EXIF and transparency are kept.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="IN", help="picture, folder of pictures, or - for standard input")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="file, folder (for several pictures), or - for standard output"
    )
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument(
        "--style", metavar="MIX", help="a style, or a mix such as starry_night=0.7,great_wave=0.3; all zero is the plain photo"
    )
    looks.add_argument("--all", action="store_true", help="every style of the pack, one picture each")
    parser.add_argument("--raw", action="store_true", help="leave the weights as they are instead of scaling them to sum to 1")
    parser.add_argument("--strength", type=float, default=1.0, metavar="0..1", help="0 is the photo, 1 the painting (default: 1)")
    parser.add_argument("--keep-color", type=float, default=0.0, metavar="0..1", help="how much of the photo's colours stays (default: 0)")
    parser.add_argument(
        "--size", type=int, metavar="PIXELS", help="length of the longer side when painted and saved (default: the picture's)"
    )
    parser.add_argument("--format", metavar="NAME", help="png, jpg, webp or tiff (default: by OUT's ending; in a folder, as each input)")
    parser.add_argument("--pack", default="live32", help="style pack, by name or path (default: %(default)s)")
    parser.add_argument("--engine", default="auto", help="auto, openvino, onnx or torch (default: %(default)s)")
    parser.add_argument("--precision", default="auto", help="auto, f32, or what the engine offers (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Paint what the arguments ask for and return the exit code: 0, or 4 when some of several pictures could not be painted."""
    from stylecam.still.batch import paint_all
    from stylecam.still.limits import check_size
    from stylecam.still.plan import plan_jobs

    # All that can be refused is refused before the engine is opened, which may take seconds.
    check_size(args.size)
    if args.style is None and not args.all:
        raise UsageError(
            "Say which style: --style ID, a mix such as --style starry_night=0.7,great_wave=0.3, or --all. "
            f"`stylecam pack info {args.pack}` lists the styles."
        )
    pack = _find_pack(args.pack)
    looks = _looks(args, pack)
    jobs = plan_jobs(args.inputs, args.output, looks, format_name=args.format, force=args.force)
    if "-" in args.inputs and sys.stdin.isatty():
        raise InputError("Standard input is the keyboard; send a picture through it, as in `stylecam still - … < photo.jpg`.")
    if args.output == "-" and sys.stdout.isatty():
        raise OutputError("Standard output is the screen; send it to a file, as in `stylecam still … -o - > painted.png`.")

    with _painter(args, pack, looks) as paint:
        reports = paint_all(jobs, paint, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer, size_px=args.size, force=args.force)
        return _show(reports, sum(len(job.targets) for job in jobs))


def _find_pack(name: str) -> StylePack:
    from stylecam.app import paths
    from stylecam.packs.library import PackLibrary

    return PackLibrary([paths.shipped("weights"), paths.user_packs()]).load(name)


def _looks(args: argparse.Namespace, pack: StylePack) -> list[RenderParams]:
    from stylecam.core.mix import StyleMix
    from stylecam.core.params import RenderParams

    mixes = [StyleMix({style: 1.0}) for style in pack.style_ids] if args.all else [StyleMix.parse(args.style)]
    for mix in mixes:
        mix.vector(pack.style_ids, raw=args.raw)  # refuses a style that the pack lacks
    return [RenderParams(mix, args.raw, args.strength, args.keep_color) for mix in mixes]


@contextmanager
def _painter(args: argparse.Namespace, pack: StylePack, looks: Iterable[RenderParams]) -> Iterator[Paint]:
    """Give a function that paints; an engine is opened only if a network has to run."""
    from stylecam.app import paths
    from stylecam.engines.registry import open_engine
    from stylecam.pipeline.stylizer import stylize_frame
    from stylecam.still.limits import available_memory, check_memory

    if all(look.is_plain for look in looks):
        yield lambda image, _: image
        return
    engine = open_engine(pack, args.engine, precision=args.precision, cache_dir=paths.user_cache())

    def paint(image: NDArray[np.uint8], params: RenderParams) -> NDArray[np.uint8]:
        height, width = image.shape[:2]
        check_memory(height, width, pack.config, engine.name, available_memory() if engine.device.startswith("CPU") else None)
        return stylize_frame(image, engine, pack, params)

    with closing(engine):
        yield paint


def _show(reports: Iterable[Report], total: int) -> int:
    """Tell on stderr what happens, picture by picture, and return the exit code. Standard output belongs to the picture."""
    from tqdm import tqdm

    failed = 0
    with tqdm(total=total, unit="picture", file=sys.stderr, disable=total == 1 or not sys.stderr.isatty()) as bar:
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
        print(f"stylecam: {failed} of {total} pictures could not be painted.", file=sys.stderr)
        return InputError.exit_code
    return 0
