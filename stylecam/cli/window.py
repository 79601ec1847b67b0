"""`stylecam` without a command: the window."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.errors import OutputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST_MIX = "the_scream=1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the program's own parser the window's options, which hold when no command is named."""
    group = parser.add_argument_group("the window (no command)")
    group.add_argument("--source", type=Path, help="photo to show (default: a portrait that stylecam ships)")
    group.add_argument("--pack", default="live32", help="style pack: a name or a path (default: %(default)s)")
    group.add_argument(
        "--mix", default=FIRST_MIX, help="styles to start with, such as starry_night=0.7,great_wave=0.3 (default: %(default)s)"
    )
    group.add_argument("--engine", default="auto", help="auto, openvino, onnx or torch (default: %(default)s)")
    group.add_argument("--screenshot", type=Path, help="paint once, save a picture of the window as PNG, and quit")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the window; return its exit code."""
    from stylecam.app import paths
    from stylecam.core.mix import StyleMix
    from stylecam.engines.registry import open_engine
    from stylecam.gui.main import WindowJob, run_window
    from stylecam.packs.library import PackLibrary
    from stylecam.packs.store import load_pack
    from stylecam.still.pictures import read_picture

    if args.screenshot is not None and not args.screenshot.parent.is_dir():
        raise OutputError(f"There is no folder '{args.screenshot.parent}' for the screenshot; create it first.")
    photo = read_picture(args.source or paths.shipped("assets", "photos", "astronaut.jpg")).image
    pack = load_pack(PackLibrary([paths.shipped("weights"), paths.user_packs()]).find(args.pack))
    mix = StyleMix.parse(args.mix)
    pack.scale_shift(mix)  # unknown styles are said before a window opens
    job = WindowJob(
        photo=photo,
        pack=pack,
        mix=mix,
        open_engine=partial(open_engine, pack, args.engine, cache_dir=paths.user_cache()),
        read_photo=lambda path: read_picture(path).image,
        write_photo=_write,
        screenshot=args.screenshot,
    )
    return run_window(job)


def _write(image: NDArray[np.uint8], path: Path) -> None:
    from stylecam.still.pictures import FORMATS, Picture, write_picture

    if path.suffix.lower() not in FORMATS:
        raise OutputError(f"'{path.name}' names no picture format; end it in {', '.join(FORMATS)}.")
    write_picture(Picture(image), path, force=True)  # the file dialog has asked before
