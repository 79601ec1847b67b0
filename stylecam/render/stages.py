"""Runs the stages of a picture: each is timed, and one that raises is switched off with a sentence while the picture goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from stylecam.errors import StylecamError
from stylecam.render.stats import Stats

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Stages:
    """Used by the render thread; `problem` may be read by any."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._off: dict[str, str] = {}

    def run(self, name: str, work: Callable[[], T], instead: T) -> T:
        """Return what `work` returns, or `instead` if the stage is off or fails now."""
        if name in self._off:
            return instead
        try:
            with self._stats.timed(name):
                return work()
        except Exception as error:  # the picture must go on, whatever a driver throws
            self.switch_off(name, error)
            return instead

    def switch_off(self, name: str, error: Exception) -> None:
        """Leave a stage out from now on, and say why."""
        what = str(error) if isinstance(error, StylecamError) else f"The stage '{name}' failed ({type(error).__name__}: {error})."
        self._off[name] = f"{what} It is switched off and the picture goes on; Ctrl+E starts it again."
        _log.info("stage %s is off", name, exc_info=error)

    def is_off(self, name: str) -> bool:
        """Return whether a stage was switched off."""
        return name in self._off

    def restart(self, name: str | None = None) -> None:
        """Give one stage, or every one, another chance."""
        self._off = {} if name is None else {stage: why for stage, why in self._off.items() if stage != name}

    @property
    def problem(self) -> str:
        """The sentences of what is off, or an empty string."""
        return " ".join(dict.fromkeys(self._off.values()))
