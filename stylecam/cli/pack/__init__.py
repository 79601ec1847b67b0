"""`stylecam pack`: look into, check, install, join and import packs."""

from stylecam.cli.pack.commands import add_parser

__all__ = ["add_parser"]
