"""The command line: parse, call the right package, turn errors into one sentence and an exit code."""

from __future__ import annotations

import argparse
import errno
import importlib
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from stylecam import __version__, log
from stylecam.cli import window
from stylecam.core.stopping import STOPPED_EXIT_CODE, stops_raise
from stylecam.errors import OutputError, StylecamError, UsageError, did_you_mean

#: Modules here with `add_parser(subparsers)`, which sets `run` to a function from arguments to exit code. None imports anything
#: heavy before it runs.
COMMANDS = ("still", "video", "texture", "analogy", "see", "pack", "train", "bench", "doctor")

BUG_EXIT_CODE = 70

#: How torch and drivers say what Python says by an error of its own.
_TOO_LITTLE_MEMORY = ("out of memory", "can't allocate memory", "size calculation overflowed")

_logger = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Tells of wrong usage as of every other error: by raising it. Options are not abbreviated, so that new ones break no script."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})
        self.register("type", Path, _path)

    def error(self, message: str) -> NoReturn:
        choice = re.search(r"invalid choice: '?([\w-]+)'? \(choose from (.+)\)", message)
        hint = did_you_mean(choice[1], re.findall(r"[\w-]+", choice[2])) if choice else ""
        if message.endswith("expected one argument"):
            hint = " A name that begins with a dash is written like ./-name."
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.{hint}")


def _path(text: str) -> Path:
    """Return a path; an empty text, as of a script's variable that was never set, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return Path(text)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole program. Imports nothing heavy: `stylecam --help` answers at once."""
    parser = _Parser(prog="stylecam", description="Restyle photos, clips and your webcam in 32 painters' styles, mixed as you like.")
    parser.add_argument("--version", action="version", version=f"stylecam {__version__}")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="report more on stderr; twice for everything")
    window.add_arguments(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        importlib.import_module(f"stylecam.cli.{command}").add_parser(subparsers)
    for subparser in subparsers.choices.values():
        # Also behind the command; without a default there, so that it does not undo the one in front.
        subparser.add_argument("-v", "--verbose", action="count", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _joined(argv: Sequence[str]) -> list[str]:
    """Return the arguments with a file for -o that begins with a dash joined to its option, without which argparse sees an option in it.

    >>> _joined(["still", "a.png", "-o", "-b.png", "--all"])
    ['still', 'a.png', '--output=-b.png', '--all']

    Raises:
        UsageError: two dashes are the value of an option, of which argparse makes an empty list.
    """
    joined: list[str] = []
    for each in argv:
        if "--" not in joined and re.fullmatch(r"--[\w-]+=--", each):
            raise UsageError(f"'{each}' gives the option no value; a name that begins with a dash is written like ./-name.")
        if joined and joined[-1] in ("-o", "--output") and "--" not in joined and re.fullmatch(r"-[^-].*\.\w+", each):
            joined[-1] = f"--output={each}"
        else:
            joined.append(each)
    return joined


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    0 done, 2 wrong usage, 70 a fault in stylecam itself, 130 stopped by Ctrl-C, else see `stylecam.errors`.
    """
    verbosity = 0
    _open_closed_streams()
    try:
        args = build_parser().parse_args(_joined(sys.argv[1:] if argv is None else argv))
        verbosity = args.verbose
        log.configure(verbosity)
        with stops_raise():
            code: int = args.run(args)
    except StylecamError as error:
        _logger.debug("where it was raised:", exc_info=True)
        print(f"stylecam: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stylecam: stopped.", file=sys.stderr)
        return STOPPED_EXIT_CODE
    except BrokenPipeError:
        # The reader of our output went away (`stylecam … | head`); keep Python from complaining again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _fault(error, verbosity)
        print("stylecam: The disk is full, or what the output goes to; free some space and try again.", file=sys.stderr)
        return OutputError.exit_code
    except Exception as error:
        if not isinstance(error, MemoryError) and not any(words in str(error).lower() for words in _TOO_LITTLE_MEMORY):
            return _fault(error, verbosity)
        print("stylecam: The memory is not enough for this; use a smaller --size or --batch, or close other programs.", file=sys.stderr)
        return StylecamError.exit_code
    return code


def _fault(error: Exception, verbosity: int) -> int:
    if verbosity:
        traceback.print_exc()
    what = " ".join(f"{type(error).__name__}: {error}".split())
    print(f"stylecam: This is a fault in stylecam: {what}. Run it again with --verbose and report what it prints.", file=sys.stderr)
    return BUG_EXIT_CODE


def _open_closed_streams() -> None:
    """Give the program a standard input and outputs that lead nowhere where it was started without, as a desktop may do."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 (as long as the program runs)
