"""`stylecam doctor`: what works on this machine."""

from __future__ import annotations

import argparse
import json

from stylecam.errors import EngineError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor` to the program's parser."""
    parser = subparsers.add_parser(
        "doctor",
        help="report what works on this machine",
        description="Start every engine for real and print one report to paste into a bug report. "
        "Exit code 0 if at least one engine works, else 6.",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from stylecam.app.doctor import diagnostics

    report = {}
    for name, data in diagnostics.collect():
        report[name] = data
        if not args.json:
            print(diagnostics.render(name, data), flush=True)
    if args.json:
        print(json.dumps(report, indent=2))
    return 0 if diagnostics.works(report) else EngineError.exit_code
