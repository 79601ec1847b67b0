"""What the window, `still` and `video` share: the options that are declared once, and what stylizes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylecam.core.params import Scope
from stylecam.core.paths import DEFAULT_PACK
from stylecam.effects.registry import every_param

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stylecam.control.scenes import Scene
    from stylecam.core.params import Param, RenderParams
    from stylecam.offline.stylizer import Stylizer
    from stylecam.packs.pack import StylePack

#: What numpy, torch and random all take.
MAX_SEED = 2**63 - 1


def seed(text: str) -> int:
    """Return a number to begin chance with, such as every generator takes.

    >>> seed("7")
    7
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEED)) and int(text) <= MAX_SEED):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no seed; give a whole number from 0 to {MAX_SEED}")
    return int(text)


def add_params(parser: argparse.ArgumentParser | argparse._ArgumentGroup, scope: Scope) -> None:
    """Add every declared option that can be set there. None is what an option has that is not given."""
    for param in _params(scope):
        help_text = f"{param.help} (default: {'the last one, or ' if scope is Scope.WINDOW else ''}{_default(param, scope)})"
        if param.kind == "switch":
            parser.add_argument(param.flag, dest=param.id, action=argparse.BooleanOptionalAction, default=None, help=help_text)
        else:
            metavar = (
                "|".join(param.choices)
                or ("TEXT" if param.kind == "text" else "")
                or param.unit.strip("%").upper()
                or f"{param.low:g}..{param.high:g}"
            )
            parser.add_argument(param.flag, dest=param.id, type=param.parse, metavar=metavar, help=help_text.replace("%", "%%"))


def given_params(args: argparse.Namespace, scope: Scope) -> dict[Param[Any], Any]:
    """Return the values of the options that were given."""
    given = {param: getattr(args, param.id) for param in _params(scope)}
    return {param: value for param, value in given.items() if value is not None}


def _params(scope: Scope) -> list[Param[Any]]:
    return [param for param in every_param() if scope in param.scope and param.persist]


def _default(param: Param[Any], scope: Scope) -> str:
    value = param.first if scope is Scope.WINDOW else param.default
    if param.kind == "switch":
        return "on" if value else "off"
    return param.zero if not value and param.zero else str(value) if param.kind in ("choice", "text") else f"{value:g}"


def say_left_out(*folders: Path) -> None:
    """Tell on stderr how many images and clips below these folders are of kinds that are not read."""
    from stylecam.media.formats import is_clip, is_image, left_out

    files = (path for folder in folders if folder.is_dir() for path in folder.rglob("*") if not is_image(path) and not is_clip(path))
    if sentence := left_out(files):
        print(f"stylecam: {sentence}", file=sys.stderr)


def add_pack(parser: argparse.ArgumentParser) -> None:
    """Add which pack is used."""
    parser.add_argument("--pack", default=DEFAULT_PACK, help="style pack, by name or path (default: %(default)s)")


def add_loss_network(parser: argparse.ArgumentParser) -> None:
    """Add which loss network is trained or judged with; without it `core.paths.loss_network` says where the one that ships lies."""
    parser.add_argument("--loss-network", type=Path, help="VGG-16 weights as safetensors (default: the ones that ship)")


def add_engine_choice(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add which engine runs the network, and on which device; `engines.select.check_names` refuses what is not there."""
    from stylecam.engines.devices import DEVICES

    parser.add_argument("--engine", default="auto", help="auto, openvino, onnx or torch (default: %(default)s)")
    parser.add_argument(
        "--device",
        default="auto",
        metavar="NAME",
        help=f"{', '.join(DEVICES)}: auto is the fastest that works, `stylecam doctor` says what each needs (default: %(default)s)",
    )


def add_precision(parser: argparse.ArgumentParser) -> None:
    """Add in which numbers the network runs."""
    parser.add_argument("--precision", default="auto", help="auto, f32, or what the engine offers (default: %(default)s)")


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is stylized with."""
    add_pack(parser)
    add_engine_choice(parser)
    add_precision(parser)
    parser.add_argument("--force", action="store_true", help="overwrite existing files")


def parse_render_params(args: argparse.Namespace, mix_text: str, pack: StylePack, scope: Scope) -> RenderParams:
    """Return how to stylize.

    Raises:
        UsageError: the mix cannot be read, names a style that the pack lacks, or a number is out of range.
    """
    from stylecam.core.mix import StyleMix
    from stylecam.core.params import RAW, RenderParams

    params = RenderParams(StyleMix.parse(mix_text), given_params(args, scope))
    pack.scale_shift(params.mix, raw=params[RAW])  # refuses a style that the pack lacks
    return params


def scene_params(args: argparse.Namespace, name: str, pack: StylePack, scope: Scope) -> RenderParams:
    """Return how a scene is stylized with, by its name, number or file; options that were given beside it win.

    Raises:
        UsageError: there is no such scene.
        InputError: its file cannot be read, or is no file of scenes.
    """
    from stylecam.core.params import RenderParams

    scene = find_scene(name, pack)
    values = {param: value for param, value in scene.values.items() if scope in param.scope}
    return RenderParams(scene.mix, {**values, **given_params(args, scope)})


def find_scene(name: str, pack: StylePack) -> Scene:
    """Return a scene as a pack can show it; styles that the pack lacks are said on stderr.

    Raises:
        UsageError: there is no such scene.
        InputError: its file cannot be read, or is no file of scenes.
    """
    from stylecam.app.live.scene_store import find_scene
    from stylecam.control.scenes import left_out_sentence
    from stylecam.core import paths

    found, note = find_scene(name, paths.user_scenes())
    scene, missing = found.only(pack.style_ids)
    for sentence in filter(None, (note, left_out_sentence(found, missing))):
        print(f"stylecam: {sentence}", file=sys.stderr)
    return scene


def open_stylizer(args: argparse.Namespace, pack: StylePack, settings: Iterable[RenderParams]) -> Stylizer:
    """Return what stylizes, with its engine open, if a network has to run at all.

    Raises:
        UsageError: there is no engine, device or precision of that name.
        EngineError: it cannot be used here.
    """
    from stylecam.offline.stylizer import Stylizer

    stylizer = Stylizer(pack, engine=args.engine, device=args.device, precision=args.precision)
    if not all(params.is_plain for params in settings):
        _ = stylizer.engine  # now, before any file is read
    return stylizer
