"""Messages for whoever looks for a fault. Quiet unless asked; what every user should read is printed, not logged."""

from __future__ import annotations

import logging
import sys

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_HANDLER = "stylecam"


def configure(verbosity: int = 0) -> None:
    """Send the log of `stylecam` to stderr: warnings, with 1 also information, with 2 and more everything.

    Calling it again replaces what the earlier call set up; other libraries' loggers are left alone.
    """
    logger = logging.getLogger("stylecam")
    for handler in [handler for handler in logger.handlers if handler.name == _HANDLER]:
        logger.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.name = _HANDLER
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s" if verbosity else "stylecam: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
