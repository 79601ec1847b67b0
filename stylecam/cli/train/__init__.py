"""`stylecam train`: make packs from style images and photos, one file per task."""

from __future__ import annotations

import argparse

from stylecam.cli.train import add_style, collect, fast_head, full, identity, prepare, texture


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `train` and its kinds to the program's parser."""
    train = subparsers.add_parser("train", help="train style packs", description="Train style packs from style images and photos.")
    kinds = train.add_subparsers(title="kinds", metavar="KIND", required=True)
    for kind in (full, add_style, prepare, identity, fast_head, collect, texture):
        kind.add_parser(kinds)
