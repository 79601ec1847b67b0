"""`stylecam train identity`: train a pack's identity row, which gives back the photo, without touching its styles."""

from __future__ import annotations

import argparse
from pathlib import Path

from stylecam.cli.common_options import say_left_out, seed
from stylecam.cli.train.runs import check_output


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `identity` to the kinds of training."""
    parser = kinds.add_parser(
        "identity",
        help="fit the row behind the strength slider",
        description="Fit the pack's identity row, with which --strength and the slider go from the photo to the stylized image. No style "
        "changes. Minutes on two cores; needed after styles were trained without that row, good after any training.",
    )
    parser.add_argument("pack", metavar="PACK", help="pack to start from, by name or path")
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos (a hundred will do)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="pack to write: a folder, or a file ending in .stylepack")
    parser.add_argument("--steps", type=int, default=300, help="(default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.add_argument("--force", action="store_true", help="overwrite an existing pack")
    parser.set_defaults(run=_identity)


def _identity(args: argparse.Namespace) -> int:
    from stylecam.core.memory import keep_memory
    from stylecam.packs.library import load_pack
    from stylecam.training.tasks.identity import IdentityConfig, fit_identity

    keep_memory()
    check_output(args)
    pack = load_pack(args.pack)
    say_left_out(args.photos)
    config = IdentityConfig(steps=args.steps, seed=args.seed)
    for report in fit_identity(pack, args.photos, args.output, config):
        wrote = f", wrote {report.files['pack']}" if report.files else ""
        line = f"step {report.step}/{report.total} photo given back at {report.values['psnr_db']:.1f} dB{wrote}"
        print(report.to_json() if args.json else line, flush=True)
    return 0
