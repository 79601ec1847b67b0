"""What all benches share on the command line: a file for their figures, and how far they are."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylecam.core.progress import Progress


def add_json_file(parser: argparse.ArgumentParser, overwritten: str = "FILE") -> None:
    """Add where the figures are written, and whether what is there may be overwritten; `overwritten` names it."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--force", action="store_true", help=f"overwrite {overwritten}")


def check_json_file(args: argparse.Namespace) -> None:
    """Refuse a file that could not be written, before minutes of work.

    Raises:
        OutputError: there is no such folder, or the file exists.
    """
    from stylecam.core.atomic_io import check_target

    if args.json is not None:
        check_target(args.json, force=args.force)


def write_json_file(args: argparse.Namespace, figures: Any) -> None:
    """Write the figures, if a file was named.

    Raises:
        OutputError: the disk refuses.
    """
    from stylecam.core.atomic_io import write_json

    if args.json is not None:
        write_json(args.json, figures, force=args.force)


def show(report: Progress) -> None:
    """Show on a terminal how far a bench is, in one line that is written over."""
    if sys.stderr.isatty():
        what = " ".join(filter(None, (report.stage, f"{report.step}/{report.total}", report.message)))
        print(f"\r{what:<70}", end="" if report.step < report.total else "\n", file=sys.stderr)
