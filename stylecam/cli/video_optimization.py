"""`stylecam video --method optimization`: stylize one clip with any style image, by optimisation."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylecam.cli.one_image import check_style_image, loss_precision, refuse_network_options
from stylecam.core.params import Scope
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.core.progress import Progress
    from stylecam.methods.temporal_targets import FrameStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of the method and what it needs. Imports nothing heavy."""
    parser.add_argument(
        "--method",
        choices=("network", "optimization"),
        default="network",
        help="optimization: any style image; seconds to minutes per frame (default: %(default)s)",
    )
    group = parser.add_argument_group("with --method optimization")
    group.add_argument("--style-image", type=Path, metavar="FILE", help="the style image, any image file")
    group.add_argument("--style-size", type=int, default=400, metavar="PX", help="its short side: sets the strokes (default: %(default)s)")
    group.add_argument(
        "--first-iterations", type=int, default=200, metavar="N", help="of the first frame of a scene (default: %(default)s)"
    )
    group.add_argument("--iterations", type=int, default=40, metavar="N", help="of each further frame (default: %(default)s)")
    group.add_argument(
        "--passes", type=int, default=1, metavar="N", help="over the whole clip, forwards and backwards (default: %(default)s)"
    )
    group.add_argument("--content-weight", type=float, default=1.0, metavar="W", help="(default: %(default)s)")
    group.add_argument("--style-weight", type=float, default=3.0, metavar="W", help="(default: %(default)s)")
    group.add_argument(
        "--temporal-weight", type=float, default=500.0, metavar="W", help="more: less flicker, less freedom (default: %(default)s)"
    )
    group.add_argument(
        "--loss-network", type=Path, metavar="FILE", help="torchvision's VGG-19 or VGG-16, a .pth (default: the one that ships)"
    )


def run(args: argparse.Namespace) -> int:
    """Stylize and return 0; after Ctrl-C the clip holds the frames that were complete."""
    check_style_image(args)
    if len(args.inputs) != 1 or args.style is not None or args.scene is not None or args.scenes is not None:
        raise UsageError("--method optimization stylizes one clip with one --style-image; leave out --style, --scene and --scenes.")
    refuse_network_options(args, Scope.VIDEO)

    from stylecam.core.params import RenderParams
    from stylecam.core.paths import loss_network
    from stylecam.media.decode import nothing_decoded
    from stylecam.media.images import read_srgb
    from stylecam.methods.optimization import GatysConfig
    from stylecam.methods.optimization_config import MOST_ITERATIONS
    from stylecam.methods.temporal_targets import FrameStore
    from stylecam.methods.video_optimization import ClipConfig, stylize_frames
    from stylecam.offline.limits import check_size
    from stylecam.offline.plan import CLIP, plan_files

    check_size(args.size)
    if not 1 <= args.first_iterations <= MOST_ITERATIONS:
        raise UsageError(f"--first-iterations {args.first_iterations} is out of range; give 1 to {MOST_ITERATIONS}.")
    config = ClipConfig(
        gatys=GatysConfig(
            args.first_iterations,
            content_weight=args.content_weight,
            style_weight=args.style_weight,
            style_size_px=args.style_size,
            precision=loss_precision(args),
        ),
        iterations=args.iterations,
        temporal_weight=args.temporal_weight,
        passes=args.passes,
    )
    (job,) = plan_files(CLIP, args.inputs, args.output, [RenderParams()], force=args.force).jobs
    source, target = job.files
    style_image, network = read_srgb(args.style_image), args.loss_network or loss_network()
    with tempfile.TemporaryDirectory(prefix="stylecam-") as folder, stop_requests() as stop:
        store = FrameStore(Path(folder))
        _read(store, source, args.size, stop)
        if not store.photos and not stop:
            raise nothing_decoded(source)
        reports: Any = stylize_frames(store, style_image, network, config)
        with closing(reports):
            for report in reports if not stop else ():
                _show(report, as_json=args.json)
                if stop:
                    break
        if not args.json and sys.stderr.isatty():
            print(file=sys.stderr)
        if not store.results:
            print("stylecam: stopped; no frame was complete, nothing was written.", file=sys.stderr)
            return STOPPED_EXIT_CODE
        last = _write(store, source, target, args)
        if args.json:
            print(last.to_json(), flush=True)
        if stop:
            print(f"stylecam: stopped; '{target}' plays: {_held(store, report)}.", file=sys.stderr)
            return STOPPED_EXIT_CODE
        print(f"{last.files['video']}: {store.results} frames, {report.seconds:.1f} s", file=sys.stderr)
    return 0


def _read(store: FrameStore, source: Path, size_px: int | None, stop: Sequence[int]) -> None:
    """Read the frames that `convert_clip` will ask for, until there is a request to stop."""
    from stylecam.offline.clips import clip_frames

    with closing(clip_frames(source, size_px)) as frames:
        for image, _ in frames:
            store.add_photo(image)
            if stop:
                break
            if sys.stderr.isatty():
                print(f"\rreading: {store.photos} frames   ", end="", file=sys.stderr)


def _write(store: FrameStore, source: Path, target: Path, args: argparse.Namespace) -> Progress:
    """Write the results that there are, each at its frame's time, with the sound; return the last report."""
    from stylecam.core.progress import Progress
    from stylecam.offline.clips import convert_clip
    from stylecam.render.budget import ThreadBudget

    numbers = iter(range(store.results))
    reports: Any = convert_clip(
        source, target, lambda _: store.result(next(numbers)), size_px=args.size, threads=ThreadBudget.of().encoder, force=args.force
    )
    last = Progress("video")
    with closing(reports):
        for last in reports:
            if last.step == store.results < store.photos:
                break  # closing finishes the clip with what it holds
    return last


def _held(store: FrameStore, report: Progress) -> str:
    if store.results < store.photos:
        return f"it holds only {store.results} of {store.photos} frames"
    return f"it holds all frames, after {report.step // store.photos} of {report.total // store.photos} passes"


def _show(report: Progress, *, as_json: bool) -> None:
    if as_json:
        print(report.to_json(), flush=True)
    elif sys.stderr.isatty():
        left = f", {report.remaining_s / 60:.0f} minutes left" if report.remaining_s else ""
        print(
            f"\r{report.message}: {report.step} of {report.total} frames, loss {report.values['loss']:.3f}{left}   ",
            end="",
            file=sys.stderr,
        )
