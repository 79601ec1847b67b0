"""What the methods that make one image share on the command line: where it goes, how large it is, and how far it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import given_params
from stylecam.core.params import Scope
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.effects.base import Image
    from stylecam.media.images import ImageFile


def one_image(args: argparse.Namespace) -> tuple[Path, Path]:
    """Return input and output of a `still` that makes one image of one.

    Raises:
        UsageError: there is more than one of either, or something that only the network can do.
    """
    if len(args.inputs) != 1 or "-" in (args.inputs[0], args.output) or args.all or args.style is not None:
        raise UsageError(
            f"--method {args.method} stylizes one image file into one file, with one --style-image; leave out --style, --all and '-'."
        )
    refuse_network_options(args, Scope.STILL)
    return Path(args.inputs[0]), image_output(args.output)


def refuse_network_options(args: argparse.Namespace, scope: Scope) -> None:
    """Refuse options that another method would pass over in silence.

    Raises:
        UsageError: one was given.
    """
    if given := [param.flag for param in given_params(args, scope)]:
        raise UsageError(f"{', '.join(given)}: only for the network's styles; leave it out with --method {args.method}.")


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


def check_style_image(args: argparse.Namespace) -> None:
    """Ask for a style image.

    Raises:
        UsageError: none is named.
    """
    if args.style_image is None:
        raise UsageError("Name a style image: --style-image FILE, any image file.")


def read_photo(path: Path, size_px: int | None) -> ImageFile:
    """Read the image to be stylized, at this length of its longer side, or in its own size.

    Raises:
        InputError: it cannot be read.
    """
    from stylecam.media.images import read_image

    photo = read_image(path)
    return photo.resized(size_px) if size_px else photo


def loss_precision(args: argparse.Namespace) -> str:
    """Return what the loss network computes in: f32, unless another precision is asked for."""
    return "f32" if args.precision == "auto" else str(args.precision)


def follow(reports: Generator[tuple[Progress, Image | None]], output: Path, write: Callable[[Image], object]) -> int:
    """Show how far a method is, write its last image, and return the exit code.

    Ctrl-C writes the last image that the method had ready, a coarser one say, and says so; before there is one it writes nothing.

    Args:
        reports: of the method; with an image each time that there is one which could be kept.
        output: named in messages.
        write: writes an image to `output`, whole or not at all.
    """
    image, ready, seconds, line = None, "", 0.0, ""
    try:
        with closing(reports):
            for report, newest in reports:
                seconds = report.seconds
                if newest is not None:
                    image, ready = newest, report.message
                if sys.stderr.isatty():
                    line = f"{report.message}: {report.step} of {report.total}, {report.remaining_s or 0:.0f} s left"
                    print(f"\r{line}   ", end="", file=sys.stderr)
    except KeyboardInterrupt:
        what = "nothing was written" if image is None else f"{output} holds what was ready ({ready})"
        if image is not None:
            write(image)
        print(f"{line and chr(10)}stylecam: stopped; {what}.", file=sys.stderr)
        return STOPPED_EXIT_CODE
    assert image is not None  # noqa: S101 (for the type checker: a method that ends has made its image)
    write(image)
    print(f"{line and chr(10)}{output}: {image.shape[1]}x{image.shape[0]}, {seconds:.1f} s", file=sys.stderr)
    return 0
