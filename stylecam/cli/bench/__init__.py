"""`stylecam bench`: one file per measurement."""

from stylecam.cli.bench.speed import add_parser

__all__ = ["add_parser"]
