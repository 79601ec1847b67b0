"""`stylecam` without a command: the window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import add_engine_choice, add_params, find_scene, given_params
from stylecam.core.params import Scope
from stylecam.core.paths import DEFAULT_PACK
from stylecam.errors import OutputError, StylecamError, UsageError

if TYPE_CHECKING:
    from stylecam.app.live.exercise import ExercisePlan
    from stylecam.app.live.session import Session
    from stylecam.app.settings import Settings
    from stylecam.control.scenes import Scene
    from stylecam.packs.library import PackLibrary
    from stylecam.packs.pack import StylePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the program's own parser the window's options, which hold when no command is named."""
    group = parser.add_argument_group("the window (no command)")
    group.add_argument(
        "--source", default="", help="camera:0, demo, pattern, a photo, a clip or an address (default: the last one, or the first camera)"
    )
    group.add_argument(
        "--camera-size", metavar="WxH@FPS", help="the size and rate to ask of a camera, such as 1920x1080@60 (default: 1280x720@30)"
    )
    group.add_argument("--pack", default="", help=f"style pack: a name or a path (default: the last one, or {DEFAULT_PACK})")
    group.add_argument("--scene", metavar="NAME", help="start with a scene that you kept, by name or number, or with a file of scenes")
    group.add_argument("--mix", help="styles to start with, such as starry_night=0.7,great_wave=0.3 (default: the last mix)")
    add_engine_choice(group)
    add_params(group, Scope.WINDOW)
    group.add_argument("--frames", type=int, default=0, metavar="N", help="show N stylized frames and quit; settings are left alone")
    group.add_argument("--record", action="store_true", help="record from the start, into your folder of videos")
    group.add_argument("--virtual-camera", action="store_true", help="be a camera for calls and OBS from the start")
    group.add_argument(
        "--no-window",
        action="store_true",
        help="with --virtual-camera or --record: no window, until Ctrl-C; settings are left alone",
    )
    group.add_argument("--report", type=float, default=0.0, metavar="S", help="print a JSON line with rates and memory every S seconds")
    group.add_argument("--screenshot", type=Path, metavar="PNG", help="save an image of the window at the end (implies --frames 1)")
    group.add_argument("--stats", type=Path, metavar="JSON", help="write rates, times and drops at the end (implies --frames 1)")
    group.add_argument("--trace", action="store_true", help="add to --stats which photo was shown when, for measuring latency")
    group.add_argument("--moves", type=int, default=0, metavar="N", help="with --trace, move a slider N times and note how soon it shows")
    group.add_argument("--exercise", type=Path, metavar="JSON", help="turn controls at random as the file plans; for `stylecam bench soak`")
    parser.set_defaults(run=run)


def _check(args: argparse.Namespace) -> None:
    """Refuse options that cannot be, or contradict each other, before anything is loaded.

    Raises:
        UsageError: with what to give instead.
        OutputError: there is no folder for a file that is to be written.
    """
    for name in ("screenshot", "stats"):
        path: Path | None = getattr(args, name)
        if path is not None and not path.parent.is_dir():
            raise OutputError(f"There is no folder '{path.parent}' for the {name}; create it first.")
    if args.trace and args.stats is None:
        raise UsageError("--trace has nowhere to write; name a file with --stats.")
    if args.moves < 0 or (args.moves and not args.trace):
        raise UsageError(f"--moves {args.moves} cannot be; give a number from 0 up, together with --trace.")
    if args.no_window and (not _sinks(args) or args.screenshot or args.stats or args.frames):
        raise UsageError("--no-window goes with --virtual-camera or --record, and with no option that needs a window.")
    if args.scene is not None and args.mix is not None:
        raise UsageError("--scene and --mix both say what to start with; give one of them.")
    if args.frames < 0:
        raise UsageError(f"--frames {args.frames} is negative; give how many frames to show, or leave it out.")
    if not 0 <= args.report <= 3600:
        raise UsageError(f"--report {args.report:g} is out of range; give seconds between reports, such as 5.")


def _sinks(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the ids of the sinks that are on from the start."""
    return tuple(name for name in ("record", "virtual_camera") if getattr(args, name))


def run(args: argparse.Namespace) -> int:
    """Open the window; return its exit code."""
    _check(args)

    from stylecam.app import settings as settings_file
    from stylecam.app.live.services import build_services
    from stylecam.app.live.session import Session
    from stylecam.capture.base import CameraFormat
    from stylecam.core import paths
    from stylecam.core.mix import StyleMix
    from stylecam.engines.select import check_names
    from stylecam.packs.library import pack_library
    from stylecam.render.budget import ThreadBudget

    check_names(args.engine, args.device)
    exercise = _plan(args.exercise) if args.exercise is not None else None
    camera = str(CameraFormat.parse(args.camera_size)) if args.camera_size is not None else ""
    frames = args.frames or int(args.screenshot is not None or args.stats is not None)
    folder = paths.user_settings()
    # A run for an image or for numbers must not depend on what somebody did before, nor change it.
    settings, notice = (settings_file.Settings(), "") if frames else settings_file.load(folder)
    asked = {param.id: value for param, value in given_params(args, Scope.WINDOW).items()}
    settings = replace(settings, params={**settings.params, **asked}, camera=camera or settings.camera)
    library = pack_library()
    # A run for an image or for numbers shows the pack as it is, without the styles that the user added.
    pack, pack_name, missing = _find_pack(library, args.pack, settings, alone=bool(frames))
    mix = None
    if args.mix is not None:
        mix = StyleMix.parse(args.mix)
        pack.scale_shift(mix, raw=True)  # unknown styles are said before a window opens
    scene = find_scene(args.scene, pack) if args.scene is not None else None
    budget = ThreadBudget.of()
    budget.apply()
    services = build_services(library, args.engine, budget, device=args.device)
    if args.no_window:
        return _without_window(Session(pack, services, pack_name, settings, mix), args.source or settings.source, _sinks(args), scene)

    from stylecam.gui.main import WindowJob, run_window

    job = WindowJob(
        services=services,
        pack=pack,
        pack_name=pack_name,
        settings=settings,
        save_settings=(lambda _: "") if frames else partial(settings_file.save, folder=folder),
        source=args.source,
        mix=mix,
        notice=" ".join(filter(None, (notice, missing))),
        qt_threads=budget.qt,
        frames=frames,
        scene=scene,
        sinks=_sinks(args),
        report_s=args.report,
        screenshot=args.screenshot,
        stats=args.stats,
        trace=args.trace,
        moves=args.moves,
        exercise=exercise,
    )
    return run_window(job)


def _plan(path: Path) -> ExercisePlan:
    from stylecam.app.live.exercise import ExercisePlan

    try:
        return ExercisePlan.from_json(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"--exercise {path} holds no plan ({error}); `stylecam bench soak` writes one.") from error


def _without_window(session: Session, source: str, sinks: Iterable[str], scene: Scene | None) -> int:
    from stylecam.app.live.windowless import run_without_window
    from stylecam.core.stopping import STOPPED_EXIT_CODE, stop_requests

    if scene is not None:
        session.scenes.show(scene)
    with stop_requests() as stop:
        run_without_window(session, source, sinks, lambda line: print(f"stylecam: {line}", file=sys.stderr), lambda: stop)
    return STOPPED_EXIT_CODE


def _find_pack(library: PackLibrary, wanted: str, settings: Settings, *, alone: bool) -> tuple[StylePack, str, str]:
    """Return the pack, its name and a notice. One that was named must be there; one of the last time may be gone."""
    from stylecam.app.live.additions import open_first

    if alone:
        return library.load(wanted or settings.pack), wanted or settings.pack, ""
    try:
        return open_first(library, wanted or settings.pack, beside=(settings.pack, DEFAULT_PACK))
    except StylecamError as error:
        if wanted or settings.pack == DEFAULT_PACK:
            raise
        return *open_first(library, DEFAULT_PACK)[:2], f"{error} The pack {DEFAULT_PACK} is shown instead."
