"""The folder of a training run: what it may hold when a training begins."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.errors import UsageError
from stylecam.training.config import CHECKPOINT


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
    if args.output.exists() and not (args.force or args.resume):
        raise UsageError(f"'{args.output}' already exists; add --force to overwrite it, or name another -o.")
