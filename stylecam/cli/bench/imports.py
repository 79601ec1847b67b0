"""`stylecam bench import`: how long the program takes to start, and what it loads."""

from __future__ import annotations

import argparse

from stylecam.cli.bench.figures import add_json_file, check_json_file, write_json_file


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `import` to the kinds of bench."""
    starts = kinds.add_parser(
        "import",
        help="time the start of the program",
        description="Time the program's start, and list the packages that take longest to load.",
    )
    add_json_file(starts)
    starts.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    from stylecam.bench.app.imports import STARTS, measure_start

    check_json_file(args)
    starts = []
    for what in STARTS:
        start = measure_start(what)
        starts.append(start.to_json())
        print(f"{what}: {start.seconds:.3f} s; " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in start.slowest_ms.items()))
    write_json_file(args, starts)
    return 0
