"""The command line: parse, call the right room, turn errors into one sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from stylecam import __version__
from stylecam.cli import doctor, pack, still
from stylecam.errors import StylecamError

COMMANDS = (still, pack, doctor)  # each has add_parser(subparsers), which sets `run` to a function from arguments to exit code


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole program. Imports nothing heavy: `stylecam --help` answers at once."""
    parser = argparse.ArgumentParser(
        prog="stylecam", description="Repaint photos, clips and your webcam in 32 painters' hands at once, mixed as you like."
    )
    parser.add_argument("--version", action="version", version=f"stylecam {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0 done, 2 wrong usage, 130 stopped by Ctrl-C, else see `stylecam.errors`."""
    args = build_parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except StylecamError as error:
        print(f"stylecam: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stylecam: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`stylecam … | head`); keep Python from complaining again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
