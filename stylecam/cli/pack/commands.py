"""`stylecam pack`: look at style packs, check, install, export, merge and split them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sized
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.pack import export as pack_export
from stylecam.cli.pack import importer as pack_import
from stylecam.errors import PackError, StylecamError, UsageError

if TYPE_CHECKING:
    from stylecam.packs.library import PackLibrary
    from stylecam.packs.pack import StylePack


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `pack` and what can be done with packs to the program's parser."""
    pack = subparsers.add_parser("pack", help="list, check, install and combine style packs", description="Work with style packs.")
    actions = pack.add_subparsers(title="actions", metavar="ACTION", required=True)

    actions.add_parser("list", help="the packs that ship and those you installed").set_defaults(run=_list)

    info = actions.add_parser("info", help="a pack's styles, authors, licences and training")
    info.add_argument("pack", help="name or path")
    info.set_defaults(run=_info)

    check = actions.add_parser("check", help="check packs completely")
    check.add_argument("packs", nargs="+", metavar="PACK", help="name or path")
    check.set_defaults(run=_check)

    install = actions.add_parser("install", help="check a pack and keep a copy among yours")
    install.add_argument("pack", type=Path, help="folder or .stylepack file")
    install.add_argument("--name", help="the name to know it by (default: its own)")
    install.add_argument("--force", action="store_true", help="replace an installed pack of the same name")
    install.set_defaults(run=_install)

    pack_export.add_parser(actions)

    merge = actions.add_parser("merge", help="put the styles of packs with the same network into one")
    merge.add_argument("packs", nargs="+", metavar="PACK", help="name or path")
    merge.add_argument("--name", help="name of the new pack (default: the output's)")
    merge.add_argument("--title", help="title of the new pack, for people (default: its name)")
    _add_output(merge)
    merge.set_defaults(run=_merge)

    split = actions.add_parser("split", help="take some styles out of a pack")
    split.add_argument("pack", help="name or path")
    split.add_argument("--styles", required=True, help="comma-separated ids")
    split.add_argument("--style-only", action="store_true", help="leave out the network: kilobytes, usable beside a pack that has it")
    split.add_argument("--name", help="name of the new pack (default: the output's)")
    split.add_argument("--title", help="title of the new pack, for people (default: the titles of its styles)")
    _add_output(split)
    split.set_defaults(run=_split)

    pack_import.add_parser(actions)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, help="a .stylepack file, or a folder")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack")


def _library() -> PackLibrary:
    from stylecam.packs.library import pack_library

    return pack_library()


def _list(_args: argparse.Namespace) -> int:
    rows = []
    for name, path, manifest in _library().manifests():
        if isinstance(manifest, PackError):
            rows.append((name, "-", f"DAMAGED: {manifest}"))
        else:
            kind = _counted(manifest.styles) + (", no network" if manifest.kind == "styles" else "")
            rows.append((name, kind, f"{manifest.title} ({path})"))
    if not rows:
        print("No packs are installed; `stylecam pack install FILE` adds one.")
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
    for row in rows:
        print(f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}")
    return 0


def _info(args: argparse.Namespace) -> int:
    from stylecam.packs.describe import training_line

    pack = _library().load(args.pack)
    numbers = sum(value.size for value in pack.tensors.values())
    print(f"{pack.name}: {pack.title}")
    print(f"licence   {pack.licence}")
    print(f"network   {pack.trunk}")
    print(f"numbers   {numbers:,}, of them {pack.config.scale_shift_size:,} per style")
    for stage in pack.recipe.get("stages", []) if isinstance(pack.recipe.get("stages"), list) else []:
        if isinstance(stage, dict):
            print(f"training  {training_line(stage)}")
    width = max(len(style.id) for style in pack.styles)
    print(f"styles    {len(pack.styles)}")
    for style in pack.styles:
        print(f"  {style.id:<{width}}  {style.title}, {style.artist}, {style.year} ({style.licence})")
    return 0


def _check(args: argparse.Namespace) -> int:
    library, bad = _library(), 0
    for name in args.packs:
        try:
            pack = library.load(name)
        except StylecamError as error:
            bad += 1
            print(error, file=sys.stderr)
        else:
            print(f"{name}: sound, {_counted(pack.styles)}")
    return PackError.exit_code if bad else 0


def _install(args: argparse.Namespace) -> int:
    from stylecam.core import paths
    from stylecam.packs.library import install_path
    from stylecam.packs.store import load_manifest

    pack = _renamed(_library().load(args.pack.absolute()), args.name)
    if (shipped := paths.shipped("weights", pack.name)).exists():
        raise UsageError(
            f"A pack named '{pack.name}' ships with stylecam ({shipped}) and would hide this one; install it as another with --name."
        )
    target = install_path(paths.user_packs(), pack.name)
    _save(pack, target, args.force, style_only=load_manifest(args.pack).kind == "styles")
    print(f"installed {pack.name}: {_counted(pack.styles)} ({target})")
    return 0


def _merge(args: argparse.Namespace) -> int:
    from stylecam.packs.archive import pack_name
    from stylecam.packs.ops import merge

    library = _library()
    name = args.name or pack_name(args.output)
    pack = merge([library.load(name) for name in args.packs], name=name, title=args.title or name)
    _save(pack, args.output, args.force)
    print(f"wrote {args.output}: {_counted(pack.styles)}")
    return 0


def _split(args: argparse.Namespace) -> int:
    from stylecam.packs.archive import pack_name
    from stylecam.packs.ops import subset

    ids = [style.strip() for style in args.styles.split(",")]
    pack = subset(_library().load(args.pack), ids, name=args.name or pack_name(args.output), title=args.title)
    _save(pack, args.output, args.force, style_only=args.style_only)
    print(f"wrote {args.output}: {_counted(pack.styles)}")
    return 0


def _counted(styles: Sized) -> str:
    return f"{len(styles)} style{'s' if len(styles) != 1 else ''}"


def _renamed(pack: StylePack, name: str | None) -> StylePack:
    return replace(pack, name=name) if name else pack


def _save(pack: StylePack, path: Path, force: bool, *, style_only: bool = False) -> None:
    from stylecam.packs.store import save_pack, save_styles

    (save_styles if style_only else save_pack)(pack, path, force=force)
