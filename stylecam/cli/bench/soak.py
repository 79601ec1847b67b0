"""`stylecam bench soak`: the window with a restless user for an hour."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

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
    soak.add_argument("--seed", type=int, default=0, help="what is done at random (default: %(default)s)")
    soak.add_argument("--pack", default="live32", help="style pack: a name or a path (default: %(default)s)")
    soak.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    soak.add_argument("--force", action="store_true", help="overwrite FILE")
    soak.set_defaults(run=_soak)


def _soak(args: argparse.Namespace) -> int:
    if not 0 < args.minutes <= 24 * 60:
        raise UsageError(f"--minutes {args.minutes:g} is out of range; give up to a day.")

    from stylecam.bench.app.soak import SoakReport, soak
    from stylecam.core.atomic_io import check_target, write_json

    if args.json is not None:
        check_target(args.json, force=args.force)
    for report in soak(args.minutes, args.seed, pack=args.pack):
        if isinstance(report, SoakReport):
            print(report)
            if args.json is not None:
                write_json(args.json, report.to_json(), force=args.force)
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
