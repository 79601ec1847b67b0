"""`stylecam train collect`: photos to train on, from the user's own camera."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.core.stopping import STOPPED_EXIT_CODE


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `collect` to the kinds of training."""
    parser = kinds.add_parser(
        "collect",
        help="save frames of your camera to train on",
        description="Save frames of your camera, or of a clip, into a folder for --photos. They stay on this machine. Ctrl-C stops.",
    )
    parser.add_argument("--source", default="camera", help="as for the window (default: %(default)s)")
    parser.add_argument("-n", "--count", type=int, default=200, help="how many frames (default: %(default)s)")
    parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="at least so far apart (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder; frames are added to what is there")
    parser.set_defaults(run=_collect)


def _collect(args: argparse.Namespace) -> int:
    from stylecam.capture.open_source import open_source
    from stylecam.core import paths
    from stylecam.training.data.collect import collect

    source = open_source(args.source, paths.shipped("assets", "clips", "demo.mp4"))
    step = 0
    try:
        for report in collect(source, args.output, args.count, args.every):
            step = report.step
            print(f"{step}/{report.total} {report.files['photo']}", flush=True)
    except KeyboardInterrupt:
        print(f"stopped; {step} frames are kept in {args.output}", flush=True)
        return STOPPED_EXIT_CODE
    if step < args.count:
        print(f"the source ended after {step} frames")
    return 0
