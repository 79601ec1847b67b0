"""`stylecam bench soak`: the window with a restless user for an hour."""

from __future__ import annotations

import argparse
import sys

from stylecam.cli.bench.figures import add_json_file, check_json_file, write_json_file
from stylecam.cli.common_options import add_pack, seed
from stylecam.errors import StylecamError, UsageError


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `soak` to the kinds of bench."""
    soak = kinds.add_parser(
        "soak",
        help="look for leaks over a long time",
        description="Run the app for a long time while controls, recordings, packs and sources change at random. Fails if memory, threads "
        "or open files grow, frames get old, or anything is raised.",
    )
    soak.add_argument("--minutes", type=float, default=60.0, help="(default: %(default)s)")
    soak.add_argument("--seed", type=seed, default=0, help="what is done at random (default: %(default)s)")
    add_pack(soak)
    add_json_file(soak)
    soak.set_defaults(run=_soak)


def _soak(args: argparse.Namespace) -> int:
    if not 0 < args.minutes <= 24 * 60:
        raise UsageError(f"--minutes {args.minutes:g} is out of range; give up to a day.")

    from stylecam.bench.app.soak import SoakReport, soak

    check_json_file(args)
    for report in soak(args.minutes, args.seed, pack=args.pack):
        if isinstance(report, SoakReport):
            print(report)
            write_json_file(args, report.to_json())
            if report.misses:
                raise StylecamError(f"The soak failed: {'; '.join(report.misses)}.")
        elif sys.stderr.isatty() or report.stage == "rest":
            values = report.values
            print(
                f"{report.seconds:6.0f} s {report.stage:<8} {values['fps']:5.1f} fps {values['rss_mb']:7.1f} MB "
                f"{values['threads']:.0f} threads {values['handles']:.0f} files, oldest {values['oldest_frames']:.0f} frames, "
                f"{values['exceptions']:.0f} exceptions",
                file=sys.stderr,
            )
    return 0
