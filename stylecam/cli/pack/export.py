"""`stylecam pack export`: write a pack as one file or folder, or its network as ONNX for other programs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.sizes import parse_pixels
from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.packs.pack import StylePack


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export` to what can be done with packs."""
    parser = actions.add_parser("export", help="write a pack as one file, unpack it into a folder, or write its network as ONNX")
    parser.add_argument("pack", help="name or path")
    parser.add_argument("--name", help="give it another name (default: its own)")
    onnx = parser.add_argument_group("as ONNX, for other programs")
    onnx.add_argument("--onnx", metavar="WxH", help="write the network for images of this size instead, such as 640x480")
    onnx.add_argument("--style", metavar="MIX", help="with this mix built in; otherwise γ and β are the input `styles`")
    onnx.add_argument("--head", default="fine", help="which of its outputs; the fast one takes half-size images (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a .stylepack file, or a folder; with --onnx an .onnx file")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack or file")
    parser.set_defaults(run=_export)


def _export(args: argparse.Namespace) -> int:
    from stylecam.packs.library import pack_library
    from stylecam.packs.store import load_manifest, save_pack, save_styles

    library = pack_library()
    pack = library.load(args.pack)
    if args.onnx is not None:
        return _export_onnx(pack, args)
    if args.style is not None or args.head != "fine":
        raise UsageError("--style and --head are for --onnx; give it a size, such as --onnx 640x480.")
    save = save_styles if load_manifest(library.find(args.pack)).kind == "styles" else save_pack
    save(replace(pack, name=args.name) if args.name else pack, args.output, force=args.force)
    print(f"wrote {args.output}")
    return 0


def _export_onnx(pack: StylePack, args: argparse.Namespace) -> int:
    from stylecam.core.atomic_io import check_target, write_file
    from stylecam.core.mix import StyleMix
    from stylecam.engines.lowering.export import export_onnx

    check_target(args.output, force=args.force)
    width, height = parse_pixels(args.onnx, "--onnx", least=1)
    row = None if args.style is None else pack.scale_shift(StyleMix.parse(args.style))
    write_file(args.output, export_onnx(pack, height, width, row=row, head=args.head), force=args.force)
    styles = "" if row is not None else f" and `styles` float32 (1, {pack.config.scale_shift_size})"
    print(f"wrote {args.output}: from `image` uint8 ({height}, {width}, 3){styles} to `stylized`")
    return 0
