"""`stylecam train`: one file per task."""

from stylecam.cli.train.full import add_parser

__all__ = ["add_parser"]
