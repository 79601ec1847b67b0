"""What the trainings share on the command line: a folder for the run, its options, and its reports until it ends or is stopped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.cli.common_options import add_loss_network, seed
from stylecam.cli.parent_watch import ParentWatch
from stylecam.core.stopping import STOPPED_EXIT_CODE
from stylecam.errors import UsageError
from stylecam.training.config import CHECKPOINT

if TYPE_CHECKING:
    from stylecam.core.progress import Progress


def add_fit_options(parser: argparse.ArgumentParser, minutes: float) -> None:
    """Add the options of trainings that take minutes, beside a finished pack; `minutes` is the usual time, see `minutes_of`."""
    parser.add_argument("--run", dest="run_folder", type=Path, help="folder for checkpoint and previews (default: NAME.run)")
    parser.add_argument("--minutes", type=float, help=f"time that it may take (default: {minutes:g}, or no limit with --steps)")
    parser.add_argument("--steps", type=int, help="end after so many steps")
    parser.add_argument("--preview", type=Path, action="append", default=[], help="photo for the previews; may be given several times")
    parser.add_argument("--seed", type=seed, default=0)
    add_loss_network(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the run's folder")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack, and an earlier run")


def minutes_of(args: argparse.Namespace, usual: float | None) -> float | None:
    """Return the time that a training may take; with --steps alone there is no limit."""
    return usual if args.minutes is None and args.steps is None else args.minutes


def run_folder(args: argparse.Namespace) -> Path:
    """Return the folder of a run: the one that was named, else one beside the output, named after it."""
    from stylecam.packs.archive import pack_name

    folder: Path | None = args.run_folder
    return folder or args.output.with_name(f"{pack_name(args.output)}.run")


def check_run(args: argparse.Namespace, run: Path, *, replaces: bool = True) -> None:
    """Refuse to resume what is not there, and to lose an earlier run or a finished pack.

    Args:
        args: has `resume`, `force` and `output`.
        run: the folder.
        replaces: whether --force begins an earlier run again, too.

    Raises:
        UsageError: --resume without a checkpoint, or a run or pack that is there already.
    """
    has_checkpoint = (run / CHECKPOINT).exists()
    if args.resume and not has_checkpoint:
        raise UsageError(f"There is no checkpoint in '{run}' to resume; leave out --resume to start.")
    if has_checkpoint and not (args.resume or (replaces and args.force)):
        again = " --force to start again," if replaces else ""
        raise UsageError(f"The folder '{run}' already holds a run; add --resume to go on with it,{again} or name another --run folder.")
    if not args.resume:
        check_output(args)


def check_output(args: argparse.Namespace) -> None:
    """Refuse to lose a finished pack.

    Raises:
        UsageError: there is one, and --force is not given.
    """
    if args.output.exists() and not args.force:
        raise UsageError(f"'{args.output}' already exists; add --force to overwrite it, or name another -o.")


def follow(reports: Generator[Progress], args: argparse.Namespace, run: Path, figures: Sequence[str], parent: ParentWatch) -> int:
    """Print every report, until the training ends or somebody wants it to stop; return the exit code.

    Args:
        reports: of the training; closing them keeps what it has.
        args: has `json`.
        run: the folder, to be named when it stops.
        figures: which of a report's values people are shown.
        parent: whom the lines are for; knows whether the training is to stop.
    """
    for report in reports:
        parent.tell(report.to_json() if args.json else progress_line(report, figures))
        parent.wait()
        if parent.requests:
            reports.close()
            print(kept_sentence(run), file=sys.stderr)
            return STOPPED_EXIT_CODE
    return 0


def progress_line(report: Progress, figures: Sequence[str]) -> str:
    """Return a report as people read it."""
    values = " ".join(f"{name} {report.values[name]:.3f}" for name in figures if name in report.values)
    left = f", {report.remaining_s / 60:.1f} min left" if report.remaining_s is not None else ""
    skipped = f", {report.values['skipped']:.0f} skipped" if report.values.get("skipped") else ""
    wrote = f", wrote {report.files['pack']}" if report.files else ""
    return f"step {report.step}/{report.total} {values}{skipped}{left}{wrote}"


def kept_sentence(run: Path) -> str:
    """Return the sentence for a user who stopped a training."""
    return f"stylecam: stopped; pack and checkpoint are kept, go on with --resume --run {run}"
