"""What the methods that make one image share on the command line: where it goes and how large it is."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.errors import UsageError


def one_image(args: argparse.Namespace) -> tuple[Path, Path]:
    """Return input and output of a `still` that makes one image of one.

    Raises:
        UsageError: there is more than one of either, or something that only the network can do.
    """
    if len(args.inputs) != 1 or "-" in (args.inputs[0], args.output) or args.all or args.style is not None:
        raise UsageError(
            f"--method {args.method} stylizes one image file into one file, with one --style-image; leave out --style, --all and '-'."
        )
    return Path(args.inputs[0]), image_output(args.output)


def image_output(name: str) -> Path:
    """Return where an image goes.

    Raises:
        UsageError: its ending is not that of an image that can be written.
    """
    from stylecam.media.formats import IMAGES_WRITTEN

    output = Path(name)
    if output.suffix.lower() not in IMAGES_WRITTEN:
        raise UsageError(f"'{output}' does not end like an image; use {', '.join(IMAGES_WRITTEN)}.")
    return output


def parse_pixels(text: str, option: str = "--size") -> tuple[int, int]:
    """Return width and height of a text such as 512x384.

    Raises:
        UsageError: it is no size, or one out of range.
    """
    from stylecam.offline.limits import MAX_SIZE_PX, MIN_SIZE_PX

    width, _, height = text.partition("x")
    sides = [int(side) if side.isascii() and side.isdigit() else 0 for side in (width, height)]
    if not all(MIN_SIZE_PX <= side <= MAX_SIZE_PX for side in sides):
        raise UsageError(f"'{text}' is no size; write {option} like 512x384, each side from {MIN_SIZE_PX} to {MAX_SIZE_PX} pixels.")
    return sides[0], sides[1]
