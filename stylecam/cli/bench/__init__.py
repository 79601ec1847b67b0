"""`stylecam bench`: measure speed and quality, one file per measurement."""

from __future__ import annotations

import argparse

from stylecam.cli.bench import flicker, imports, quality, soak, speed, training


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `bench` and its kinds to the program's parser."""
    bench = subparsers.add_parser("bench", help="measure speed and quality", description="Measure speed and quality on this machine.")
    kinds = bench.add_subparsers(title="kinds", metavar="KIND", required=True)
    for kind in (speed, quality, flicker, training, soak, imports):
        kind.add_parser(kinds)
