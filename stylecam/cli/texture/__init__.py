"""`stylecam texture`: textures of any size, one file per way to make them."""

from __future__ import annotations

import argparse

from stylecam.cli.texture import generate, quilt


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `texture` and its ways to the program's parser."""
    texture = subparsers.add_parser(
        "texture", help="make textures of any size", description="Make a texture of any size that looks like a small one."
    )
    ways = texture.add_subparsers(title="ways", metavar="WAY", required=True)
    quilt.add_parser(ways)
    generate.add_parser(ways)
