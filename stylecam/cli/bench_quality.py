"""`stylecam bench quality`: how good a pack's pictures are."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.bench.quality import QualityReport


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `quality` to the kinds of bench."""
    quality = kinds.add_parser(
        "quality",
        help="judge a pack's pictures",
        description="Paint photos in every style of a pack and compare each picture with its photo and its painting, by a fixed objective: "
        "content + 3 x style on the middle 256 pixels. Also: is the nearest painting the right one, and which two styles look most alike?",
    )
    quality.add_argument("--pack", default="live32", help="style pack: a name or a path (default: %(default)s)")
    quality.add_argument("--photos", type=Path, help="folder of photos that were not trained on (default: the ones that ship)")
    quality.add_argument("--styles", type=Path, help="folder of the pack's paintings (default: the ones that ship)")
    quality.add_argument("--loss-network", type=Path, help="VGG-16 weights as safetensors (default: the ones that ship)")
    quality.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    quality.add_argument("--sheet", type=Path, metavar="FILE", help="also paint a labelled contact sheet of all styles (JPEG or PNG)")
    quality.add_argument("--html", type=Path, metavar="DIR", help="write a page there: painting, photo, ours and L-BFGS side by side")
    quality.add_argument("--full", action="store_true", help="all pairs of photo and painting, 512 px: takes days the first time")
    quality.add_argument(
        "--evaluations",
        type=int,
        default=150,
        metavar="N",
        help="let the L-BFGS reference runs take so many; they are kept, and a stopped measurement goes on where it was; "
        "0: no reference (default: %(default)s)",
    )
    quality.add_argument("--curves", type=Path, metavar="DIR", help="folder of the kept reference runs (default: in the user's cache)")
    quality.add_argument("--force", action="store_true", help="overwrite FILE")
    quality.set_defaults(run=_quality)


def _quality(args: argparse.Namespace) -> int:
    from stylecam.app import library, paths
    from stylecam.bench.quality import QualityReport, measure_quality, photo_paths
    from stylecam.core.files import check_target, write_file

    if not 0 <= args.evaluations <= 10_000:
        raise UsageError(f"--evaluations {args.evaluations} is out of range; give 0 to 10000.")
    if args.html is not None and not args.evaluations:
        raise UsageError("--html compares with L-BFGS, which --evaluations 0 leaves out; give one without the other.")
    for target in (args.json, args.sheet, None if args.html is None else args.html / "index.html"):
        if target is not None and (target.parent.exists() or target.name != "index.html"):
            check_target(target, force=args.force)
    photos = photo_paths(args.photos or paths.shipped("assets", "photos"))
    pack = library.pack_library().load(args.pack)
    loss_network = args.loss_network or library.loss_network()
    styles = args.styles or paths.shipped("assets", "paintings")
    size_px = 512 if args.full else None
    data: dict[str, Any] = {}
    for report in measure_quality(pack, photos, styles, loss_network, size_px=size_px):
        if isinstance(report, QualityReport):
            print(_table(report))
            data = report.to_json()
        elif sys.stderr.isatty():
            print(f"\r{report.step}/{report.total} {report.message:<40}", end="" if report.step < report.total else "\n", file=sys.stderr)
    if args.evaluations:
        from stylecam.bench.pairs import PairScore, measure_pairs, pair_columns

        curves = args.curves or paths.user_cache() / "curves"
        scores = []
        for item in measure_pairs(
            pack, photos, styles, loss_network, curves, full=args.full, size_px=size_px, evaluations=args.evaluations
        ):
            if isinstance(item, PairScore):
                scores.append(item)
            elif sys.stderr.isatty():
                print(f"\r{item.stage} {item.step}/{item.total} {item.message:<50}", end="", file=sys.stderr)
        columns = pair_columns(scores)
        for style in data["styles"]:
            style.update(columns[style["id"]])
        data["median"].update(columns["median"])
        data["pairs"] = len(scores)
        print(f"{len(scores)} pairs; a picture is worth {data['median']['lbfgs_equivalents']} evaluations of L-BFGS (median)")
        if args.html is not None:
            from stylecam.bench.page import write_page

            write_page(args.html, pack, data, scores, photos, styles, force=args.force)
    if args.json is not None:
        write_file(args.json, (json.dumps(data, indent=1) + "\n").encode(), force=args.force)
    if args.sheet is not None:
        from stylecam.bench.sheet import contact_sheet
        from stylecam.engines.registry import open_engine

        engine = open_engine(pack, cache_dir=paths.user_cache())
        buffer = io.BytesIO()
        contact_sheet(pack, engine, photos).save(buffer, "PNG" if args.sheet.suffix.lower() == ".png" else "JPEG", quality=88)
        write_file(args.sheet, buffer.getvalue(), force=args.force)
    return 0


def _table(report: QualityReport) -> str:
    width = max(len(style.id) for style in report.styles)
    lines = [f"{'style':<{width}}  content  style  objective  nearest is right"]
    for style in sorted(report.styles, key=lambda s: s.objective):
        lines.append(
            f"{style.id:<{width}}  {style.content:7.3f}  {style.style:5.3f}  {style.objective:9.3f}  {style.nearest_painting_rate:16.0%}"
        )
    data = report.to_json()
    for key in ("mean", "median"):
        row = data[key]
        lines.append(
            f"{key:<{width}}  {row['content']:7.3f}  {row['style']:5.3f}  {row['objective']:9.3f}  {row['nearest_painting_rate']:16.0%}"
        )
    one, two, difference = report.closest_pair
    lines.append(f"{report.photos} photos; most alike are {one} and {two}: they differ by {difference:.3f} of full scale on average")
    return "\n".join(lines)
