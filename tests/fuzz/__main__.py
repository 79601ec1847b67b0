"""`python -m tests.fuzz --inputs 100000`: a run by hand; prints a line per target, and what was found."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz import targets
from tests.fuzz.child import input_rng
from tests.fuzz.run import run_target


def main() -> int:
    """Return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Feed damaged and forged inputs to every reader.")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each target (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1e9, help="for each target, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--targets", default="", help=f"of {', '.join(targets.names())} (default: all)")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write this input of one target to standard output")
    args = parser.parse_args()
    names = args.targets.split(",") if args.targets else targets.names()
    if args.show is not None:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.buffer.write(targets.make(names[0], Path(folder)).make(input_rng(names[0], args.seed, args.show)))
        return 0
    failed = False
    for name in names:
        begun = time.monotonic()
        outcome = run_target(name, seed=args.seed, inputs=args.inputs, seconds=args.seconds, first=args.first)
        took = time.monotonic() - begun
        cost = f"at most {outcome.mb:.1f} MB and {outcome.s:.3f} s"
        _say(f"{name:<16} {outcome.inputs:7d} inputs in {took:6.0f} s, {cost}; found {len(outcome.found)}")
        for kind, each in outcome.kinds.items():
            _say(f"    {kind}: input {each['found']}: {each['error']}")
        failed |= bool(outcome.found)
    return int(failed)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
