"""`stylecam pack import`: make a pack of somebody's network."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `import` to what can be done with packs."""
    parser = actions.add_parser(
        "import",
        help="make a pack of a network of PyTorch's fast_neural_style example, or of Magenta's",
        description="Make a pack of one style out of a .pth or .model file of PyTorch's fast_neural_style example, or one of all styles "
        "out of a checkpoint of Magenta's image_stylization (.index and .data, or one .ckpt). Only tensors are read: nothing in the file "
        "is run.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a .stylepack file, or a folder")
    parser.add_argument("--title", required=True, help="what its style is called, for people; several are numbered")
    parser.add_argument("--id", help="short name of the style (default: from the file's name)")
    parser.add_argument("--artist", default="unknown", help="who made the style image that it was trained on")
    parser.add_argument("--year", default="unknown", help="when")
    parser.add_argument("--licence", default="unknown", help="under which licence the network may be used; ask who made it")
    parser.add_argument("--source", default="", help="where the file comes from")
    parser.add_argument("--name", help="name of the pack (default: the output's)")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack")
    parser.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    import hashlib

    from stylecam.core.ids import as_id
    from stylecam.net.importers.tf_checkpoint import is_checkpoint
    from stylecam.packs.archive import check_pack_target, pack_name
    from stylecam.packs.pack import StyleInfo, StylePack
    from stylecam.packs.store import save_pack

    check_pack_target(args.output, force=args.force)
    if is_checkpoint(args.file):
        from stylecam.net.importers.magenta import read_magenta

        kind = "Magenta image_stylization"
        config, tensors, files = read_magenta(args.file)
    else:
        from stylecam.net.importers.fast_neural_style import read_fast_neural_style

        kind, files = "pytorch/examples fast_neural_style", [args.file]
        config, tensors = read_fast_neural_style(args.file)
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    style = args.id or as_id(files[0].stem.removesuffix(".ckpt")) or "style"
    count = config.styles
    infos = tuple(
        StyleInfo(
            style if count == 1 else f"{style}_{number}",
            args.title if count == 1 else f"{args.title} {number}",
            args.artist,
            args.year,
            args.licence,
            args.source,
            digest,
        )
        for number in range(1, count + 1)
    )
    recipe = {"imported": {"format": kind, "sha256": digest}}
    name = args.name or pack_name(args.output)
    save_pack(StylePack(name, args.title, args.licence, config, infos, tensors, recipe), args.output, force=args.force)
    print(f"wrote {args.output}: " + (f"one style, '{style}'" if count == 1 else f"{count} styles, '{infos[0].id}' to '{infos[-1].id}'"))
    return 0
