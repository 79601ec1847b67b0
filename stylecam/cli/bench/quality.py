"""`stylecam bench quality`: how good a pack's images are."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylecam.cli.bench.figures import add_json_file, check_json_file, show, write_json_file
from stylecam.cli.bench.flicker import usual_clips
from stylecam.cli.common_options import add_loss_network, add_pack
from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.bench.quality.measure import QualityReport
    from stylecam.packs.pack import StylePack


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `quality` to the kinds of bench."""
    quality = kinds.add_parser(
        "quality",
        help="judge a pack's images",
        description="Stylize photos in every style of a pack and compare each image with its photo and its style image, on the middle "
        "square (--size): content and style at half size and style at full size, as packs are trained; how much of the style was gained; "
        "content in the middle of that, where faces mostly are (faces are not looked for); and the classic objective, content + 3 x style. "
        "Also: is the nearest style image the right one, which two styles look most alike, how much is clipped, how strong is a regular "
        "pattern (comb), and how much do clips flicker? --evaluations 0 --no-flicker is the quick mode, a few minutes for 12 photos and "
        "32 styles.",
    )
    add_pack(quality)
    quality.add_argument("--photos", type=Path, help="folder of photos that were not trained on (default: the ones that ship)")
    quality.add_argument("--styles", type=Path, help="folder of the pack's style images (default: the ones that ship)")
    add_loss_network(quality)
    quality.add_argument("--sheet", type=Path, metavar="FILE", help="also draw a labelled sheet, a row per style (JPEG under 3 MB, or PNG)")
    quality.add_argument("--tile", type=int, default=150, metavar="PX", help="side of the sheet's images (default: %(default)s)")
    quality.add_argument("--html", type=Path, metavar="DIR", help="write a page there: style image, photo, this pack and L-BFGS in a row")
    quality.add_argument("--full", action="store_true", help="all pairs of photo and style image, 512 px: takes days the first time")
    quality.add_argument(
        "--size", type=int, metavar="PX", help="side of the square that is judged, and shown on the page pixel by pixel (default: 256)"
    )
    quality.add_argument("--only", metavar="IDS", help="comma-separated ids of the styles to judge (default: all)")
    quality.add_argument(
        "--evaluations",
        type=int,
        default=150,
        metavar="N",
        help="let the L-BFGS reference runs take so many; they are kept, and a stopped measurement continues where it was; "
        "0: neither these nor the classic objective (default: %(default)s)",
    )
    quality.add_argument(
        "--start", choices=("photo", "noise"), default="photo", help="where the L-BFGS reference runs begin (default: %(default)s)"
    )
    quality.add_argument("--against", metavar="PACK", help="show this pack's images too, on the page of --html")
    quality.add_argument("--no-flicker", action="store_true", help="leave out the flicker of every style (half a minute)")
    quality.add_argument("--curves", type=Path, metavar="DIR", help="folder of the kept reference runs (default: in the user's cache)")
    add_json_file(quality)
    quality.set_defaults(run=_quality)


def _quality(args: argparse.Namespace) -> int:
    from stylecam.bench.quality.measure import QualityReport, measure_quality, photo_paths
    from stylecam.core import paths
    from stylecam.core.atomic_io import check_target, write_file
    from stylecam.packs.library import load_pack
    from stylecam.packs.ops import subset

    if not 0 <= args.evaluations <= 10_000:
        raise UsageError(f"--evaluations {args.evaluations} is out of range; give 0 to 10000.")
    if args.html is not None and not args.evaluations:
        raise UsageError("--html compares with L-BFGS, which --evaluations 0 leaves out; give one without the other.")
    check_json_file(args)
    for target in (args.sheet, None if args.html is None else args.html / "index.html"):
        if target is not None and (target.parent.exists() or target.name != "index.html"):
            check_target(target, force=args.force)
    if args.size is not None and not 32 <= args.size <= 2048:
        raise UsageError(f"--size {args.size} is out of range; give 32 to 2048 pixels.")
    photos = photo_paths(args.photos or paths.shipped("assets", "photos"))
    pack = load_pack(args.pack)
    if args.only:
        pack = subset(pack, args.only.split(","))
    against = load_pack(args.against) if args.against else None
    if args.sheet is not None:  # first: it takes seconds, and what is wrong with its size is reported before minutes of work
        write_file(args.sheet, _sheet(pack, photos, args.tile, args.sheet.suffix), force=args.force)
    loss_network = args.loss_network or paths.loss_network()
    styles = args.styles or paths.shipped("assets", "paintings")
    data: dict[str, Any] = {}
    for report in measure_quality(pack, photos, styles, loss_network, size_px=_size_px(args), classic=args.evaluations > 0):
        if isinstance(report, QualityReport):
            print(_table(report))
            data = report.to_json()
        else:
            show(report)
    flicker = {} if args.no_flicker else _flicker(pack)
    for style in data["styles"]:
        style["flicker"] = flicker.get(style["id"])
    data["median"]["flicker"] = round(statistics.median(flicker.values()), 4) if flicker else None
    if flicker:
        print(f"flicker: {data['median']['flicker']:.3f} (median of the styles; `stylecam bench flicker` reports more)")
    if args.evaluations:
        _add_pairs(args, pack, against, photos, data)
    write_json_file(args, data)
    return 0


def _add_pairs(args: argparse.Namespace, pack: StylePack, against: StylePack | None, photos: Sequence[Path], data: dict[str, Any]) -> None:
    """Compare pairs of photo and style image with L-BFGS, add their columns to the figures, and write the page if one is asked for."""
    from stylecam.bench.quality.pairs import PairScore, measure_pairs, pair_columns
    from stylecam.core import paths

    styles = args.styles or paths.shipped("assets", "paintings")
    scores: list[PairScore] = []
    for item in measure_pairs(
        pack,
        photos,
        styles,
        args.loss_network or paths.loss_network(),
        args.curves or paths.user_cache() / "curves",
        full=args.full,
        size_px=_size_px(args),
        evaluations=args.evaluations,
        start=args.start,
        against=against,
    ):
        if isinstance(item, PairScore):
            scores.append(item)
        else:
            show(item)
    columns = pair_columns(scores)
    for style in data["styles"]:
        style.update(columns[style["id"]])
    data["median"].update(columns["median"])
    data["pairs"], data["start"] = len(scores), args.start
    equivalent = f"{data['median']['lbfgs_equivalents']} L-BFGS iterations from {args.start}"
    print(f"{len(scores)} pairs; an image equals {equivalent} (median)")
    if args.html is not None:
        from stylecam.bench.quality.html_report import write_page

        write_page(args.html, pack, data, scores, photos, styles, start=args.start, force=args.force)


def _size_px(args: argparse.Namespace) -> int | None:
    return args.size or (512 if args.full else None)


def _sheet(pack: StylePack, photos: Sequence[Path], tile_px: int, suffix: str) -> bytes:
    from stylecam.bench.quality.sheet import contact_sheet, sheet_file
    from stylecam.engines.select import open_engine

    return sheet_file(contact_sheet(pack, open_engine(pack), photos, tile_px), suffix)


def _flicker(pack: StylePack) -> dict[str, float]:
    """Measure as `bench flicker` does by default; return the figure of every style."""
    from stylecam.bench.quality.flicker import FlickerReport, measure_flicker
    from stylecam.engines.select import open_engine

    found: dict[str, float] = {}
    for report in measure_flicker(pack, open_engine(pack), usual_clips()):
        if isinstance(report, FlickerReport):
            found = {row.style: row.flicker for row in report.rows if row.what == "pack"}
        else:
            show(report)
    return found


def _table(report: QualityReport) -> str:
    width = max(len(style.id) for style in report.styles)
    heads = ("content", "half size", "full size", "gained", "face", "classic", "nearest right", "clipped", "comb", "its own")
    lines = [f"{'style':<{width}}  " + "  ".join(f"{head:>9}" for head in heads)]

    def line(name: str, row: dict[str, Any]) -> str:
        figures = [f"{row[key]:9.3f}" for key in ("content", "style_half", "style_full")]
        figures += [f"{row['style_gained']:9.1%}", f"{row['face_content']:9.3f}"]
        figures.append(f"{'-':>9}" if row["classic"] is None else f"{row['classic']:9.3f}")
        figures += [f"{row['nearest_style_rate']:13.0%}", f"{row['clipped_excess']:+9.1%}"]
        return f"{name:<{width}}  " + "  ".join([*figures, f"{row['comb_power']:9.1f}", f"{row['comb_power_style']:9.1f}"])

    data = report.to_json()
    lines += [line(style["id"], style) for style in sorted(data["styles"], key=lambda style: style["style_half"])]
    lines += [line(key, data[key]) for key in ("mean", "median", "largest")]
    one, two, difference = report.closest_pair
    lines.append(f"{report.photos} photos; most alike are {one} and {two}: they differ by {difference:.3f} of full scale on average")
    if data["over_clipped"]:
        lines.append(f"more than {data['clipped_limit']:.0%} of clipped pixels beyond the style image's: {', '.join(data['over_clipped'])}")
    return "\n".join(lines)
