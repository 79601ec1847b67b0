"""Errors that a user may meet: one sentence (what, why, what next) and an exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StylecamError(Exception):
    """Something the user can act on, and what all errors for users derive from. `str(error)` is the whole message, one or two sentences.

    `exit_code` is what the program ends with; it shows no traceback.

    >>> import stylecam
    >>> try:
    ...     stylecam.load_pack("live23")
    ... except stylecam.StylecamError as error:
    ...     print(error, type(error).__name__, error.exit_code)
    There is no style pack 'live23'. Did you mean live32? Installed are: live32. PackError 3
    """

    exit_code = 1


class UsageError(StylecamError):
    """The command line or a setting asks for something that does not exist or contradicts itself."""

    exit_code = 2


class PackError(StylecamError):
    """A style pack is missing, damaged, hostile, or of a version that cannot be read."""

    exit_code = 3


class InputError(StylecamError):
    """An image, clip, folder or stream cannot be read."""

    exit_code = 4


class OutputError(StylecamError):
    """A result cannot be written, or would overwrite something."""

    exit_code = 5


class EngineError(StylecamError):
    """No engine, or not the named one, can run the network here."""

    exit_code = 6


class TrainingError(StylecamError):
    """Training cannot start or cannot continue."""

    exit_code = 7


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return " Did you mean …?" for the closest of `choices`, or an empty string if none is close."""
    close = difflib.get_close_matches(name.lower(), list(choices), n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(close)}?" if close else ""
