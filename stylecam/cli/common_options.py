"""What `still` and `video` share: how a picture is to look, and who paints it."""

from __future__ import annotations

import argparse
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from stylecam.core.params import RenderParams
    from stylecam.offline.images import Paint
    from stylecam.packs.pack import StylePack


def add_look_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how a picture is painted, besides --style."""
    parser.add_argument("--raw", action="store_true", help="leave the weights as they are instead of scaling them to sum to 1")
    parser.add_argument("--strength", type=float, default=1.0, metavar="0..1", help="0 is the photo, 1 the painting (default: 1)")
    parser.add_argument("--keep-color", type=float, default=0.0, metavar="0..1", help="how much of the photo's colours stays (default: 0)")


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is painted with."""
    parser.add_argument("--pack", default="live32", help="style pack, by name or path (default: %(default)s)")
    parser.add_argument("--engine", default="auto", help="auto, openvino, onnx or torch (default: %(default)s)")
    parser.add_argument("--precision", default="auto", help="auto, f32, or what the engine offers (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def find_pack(name: str) -> StylePack:
    """Return the pack of that name or path.

    Raises:
        PackError: there is none, or it cannot be read.
    """
    from stylecam.app.library import pack_library

    return pack_library().load(name)


def parse_look(args: argparse.Namespace, mix_text: str, pack: StylePack) -> RenderParams:
    """Return how to paint.

    Raises:
        UsageError: the mix cannot be read, names a style that the pack lacks, or a number is out of range.
    """
    from stylecam.core.mix import StyleMix
    from stylecam.core.params import RenderParams

    mix = StyleMix.parse(mix_text)
    mix.vector(pack.style_ids, raw=args.raw)  # refuses a style that the pack lacks
    return RenderParams(mix, args.raw, args.strength, args.keep_color)


@contextmanager
def painter(args: argparse.Namespace, pack: StylePack, looks: Iterable[RenderParams]) -> Iterator[Paint]:
    """Give a function that paints; an engine is opened only if a network has to run."""
    from stylecam.app import paths
    from stylecam.engines.select import open_engine
    from stylecam.offline.limits import available_memory, check_memory
    from stylecam.render.frame import stylize_frame

    if all(look.is_plain for look in looks):
        yield lambda image, _: image
        return
    engine = open_engine(pack, args.engine, precision=args.precision, cache_dir=paths.user_cache())

    def paint(image: NDArray[np.uint8], params: RenderParams) -> NDArray[np.uint8]:
        height, width = image.shape[:2]
        check_memory(height, width, pack.config, engine.name, available_memory() if engine.device.startswith("CPU") else None)
        return stylize_frame(image, engine, pack, params)

    with closing(engine):
        yield paint
