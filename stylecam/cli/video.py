"""`stylecam video`: stylize clips."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from stylecam.cli import video_optimization
from stylecam.cli.common_options import add_engine_arguments, add_params, open_stylizer, parse_render_params, scene_params
from stylecam.core.params import Scope
from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests
from stylecam.core.window_params import FADE_S, FADE_SHAPE
from stylecam.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from stylecam.control.timeline import Timeline
    from stylecam.core.progress import Progress
    from stylecam.engines.base import Image
    from stylecam.offline.plan import Job
    from stylecam.offline.stylizer import ClipStyle
    from stylecam.packs.pack import StylePack

_EXAMPLES = """\
examples:
  stylecam video clip.mp4 -o stylized.mp4 --style starry_night
  stylecam video clip.mov -o stylized.mp4 --style starry_night=0.7,great_wave=0.3 --keep-color 0.5 --size 1280
  stylecam video holiday/ -o stylized/ --style senecio
  stylecam video tripod.mp4 -o stylized.mp4 --style the_scream --calm
  stylecam video clip.mp4 -o stylized.mp4 --style the_scream --stable best
  stylecam video *.mp4 -o stylized/ --style starry_night --cluster tcp://192.168.1.10:8786
  stylecam video clip.mp4 -o stylized.mp4 --method optimization --style-image painting.jpg --size 320
  stylecam video clip.mp4 -o stylized.mp4 --scenes Waves@0,Paris@4.5
  stylecam video clip.mp4 -o stylized.mp4 --scenes 1@0,2@4.5,show.json#Night@9 --fade 1

Ctrl-C finishes the clip at hand with what was stylized so far, and ends; a second one ends at once.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `video` to the program's parser."""
    parser = subparsers.add_parser(
        "video",
        help="stylize clips",
        description="Stylize clips to H.264 in MP4, which plays everywhere: every frame at its own time, in display orientation, "
        "the sound copied.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="IN", help="clip, or folder of clips")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="MP4 file, or folder (for several clips)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--style", metavar="MIX", help="a style, or a mix such as starry_night=0.7,great_wave=0.3; all zero is the plain clip"
    )
    which.add_argument("--scene", metavar="NAME", help="a scene that you kept in the window, by name or number, or a file of scenes")
    which.add_argument(
        "--scenes", metavar="A@0,B@4.5", help="scenes and the seconds at which they hold; in between, one turns into the other"
    )
    parser.add_argument(
        FADE_S.flag, type=FADE_S.parse, metavar="S", help="with --scenes: each begins at its time and takes S seconds to come, 0 for a cut"
    )
    parser.add_argument(
        FADE_SHAPE.flag,
        type=FADE_SHAPE.parse,
        metavar="|".join(FADE_SHAPE.choices),
        default=FADE_SHAPE.default,
        help=f"with --scenes: {FADE_SHAPE.help} (default: %(default)s)",
    )
    add_params(parser, Scope.VIDEO)
    parser.add_argument(
        "--size", type=int, metavar="PIXELS", help="length of the longer side when stylized and saved (default: the clip's)"
    )
    add_engine_arguments(parser)
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="let Dask's workers stylize: tcp://HOST:8786 of a scheduler, or local:N for N processes here"
    )
    parser.add_argument("--json", action="store_true", help="report the progress on standard output, one line of JSON per frame")
    video_optimization.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Stylize what the arguments ask for.

    Returns:
        0, 4 when some of several clips could not be stylized, or 130 when it was stopped.
    """
    if args.method == "optimization":
        return video_optimization.run(args)
    if args.style_image is not None:
        raise UsageError("--style-image goes with --method optimization; the network knows the styles of its pack, see --style.")

    from stylecam.offline.clips import convert_clip
    from stylecam.offline.limits import check_size
    from stylecam.offline.plan import CLIP, plan_files
    from stylecam.packs.library import load_pack
    from stylecam.render.budget import ThreadBudget

    # All that can be refused is refused before the engine is opened, which may take seconds.
    check_size(args.size)
    if args.style is None and args.scene is None and args.scenes is None:
        raise UsageError(
            "Say which style: --style ID, a mix such as --style starry_night=0.7,great_wave=0.3, or scenes that you kept. "
            f"`stylecam pack info {args.pack}` lists the styles."
        )
    if args.fade is not None and args.scenes is None:
        raise UsageError(f"{FADE_S.flag} goes with --scenes, such as --scenes Waves@0,Paris@4.5.")
    pack = load_pack(args.pack)
    timeline = _timeline(args, pack)
    settings = [params for _, params in timeline.points]
    plan = plan_files(CLIP, args.inputs, args.output, settings[:1], force=args.force)
    if plan.left_out:
        print(f"stylecam: {plan.left_out}", file=sys.stderr)
    jobs = plan.jobs
    budget = ThreadBudget.of()
    failed = 0
    with ExitStack() as opened:
        style_of = _style_of(args, pack, timeline, opened)
        stop = opened.enter_context(stop_requests())
        for number, job in enumerate(jobs, 1):
            source, target = job.files
            title = f"{number}/{len(jobs)} {source.name}" if len(jobs) > 1 else source.name
            reports = convert_clip(source, target, style_of(source), size_px=args.size, threads=budget.encoder, force=args.force)
            try:
                if not _follow(reports, job, title, stop, as_json=args.json):
                    return STOPPED_EXIT_CODE
            except InputError as error:
                if len(jobs) == 1:
                    raise
                failed += 1
                print(f"stylecam: {error}", file=sys.stderr)
    if failed:
        print(f"stylecam: {failed} of {len(jobs)} clips could not be stylized.", file=sys.stderr)
        return InputError.exit_code
    return 0


def _style_of(
    args: argparse.Namespace, pack: StylePack, timeline: Timeline, opened: ExitStack
) -> Callable[[Path], Callable[[Image], Image] | ClipStyle]:
    """Open engine or cluster, and return what gives for a clip the function that stylizes its frames in order."""
    if args.cluster is None:
        stylizer = opened.enter_context(open_stylizer(args, pack, [params for _, params in timeline.points]))
        return lambda _source: stylizer.callback(timeline)

    from stylecam.engines.select import check_names
    from stylecam.offline.cluster import Cluster

    check_names(args.engine, args.device)
    cluster = Cluster(args.cluster, pack, timeline, engine=args.engine, device=args.device, precision=args.precision)
    opened.enter_context(cluster)
    return lambda source: _in_turn(cluster.stylized(source, args.size))


def _in_turn(stylized: Iterator[Image]) -> Callable[[Image], Image]:
    """Return a function of a clip's frames, called in order, that gives what was made of each elsewhere."""
    return lambda _frame: next(stylized)


def _timeline(args: argparse.Namespace, pack: StylePack) -> Timeline:
    """Return what the frames are stylized with; a single style or scene holds all the time."""
    from stylecam.control.timeline import Timeline, parse_scene_times

    if args.scenes is not None:
        points = parse_scene_times(args.scenes, lambda name: scene_params(args, name, pack, Scope.VIDEO))
        return Timeline(points, args.fade, args.fade_shape)
    if args.scene is not None:
        return Timeline([(0.0, scene_params(args, args.scene, pack, Scope.VIDEO))])
    return Timeline([(0.0, parse_render_params(args, args.style, pack, Scope.VIDEO))])


def _follow(reports: Iterator[Progress], job: Job, title: str, stop: list[int], *, as_json: bool) -> bool:
    """Stylize one clip and report how far it is; False if it was stopped. What was stylized before is finished then."""
    from tqdm import tqdm

    closer: Any = reports  # a generator
    bar = tqdm(desc=title, unit="frame", file=sys.stderr, disable=as_json or not sys.stderr.isatty())
    with bar, closing(closer):
        for report in reports:
            if as_json:
                print(report.to_json(), flush=True)
            if report.stage == "done":
                bar.close()
                notes = [f"{report.step} frames, {report.seconds:.1f} s", *filter(None, [report.message])]
                print(f"{report.files['video']}: {'; '.join(notes)}", file=sys.stderr)
                return True
            bar.total = report.total or None
            bar.update()
            if stop:
                bar.close()
                closer.close()
                held = f"only {report.step} of {report.total} frames"
                print(f"stylecam: stopped; '{job.targets[0]}' plays, but holds {held}.", file=sys.stderr)
                return False
    return True
