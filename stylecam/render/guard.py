"""Runs the stages of a live frame: each is timed, and one that raises is switched off with a sentence while the video goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from stylecam.effects.base import Context, Stage
from stylecam.engines.base import Image
from stylecam.errors import StylecamError, UsageError
from stylecam.render.stats import Stats

T = TypeVar("T")
C = TypeVar("C", bound=Context)

_log = logging.getLogger(__name__)


class Guard:
    """Used by the render thread; `problem` may be read by any. `took_ms` holds what each stage that succeeded took in the frame at hand."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._off: dict[str, str] = {}
        self._complaint = ""
        self.took_ms: dict[str, float] = {}

    def begin_frame(self) -> None:
        """Forget what was said and timed of the frame before."""
        self._complaint, self.took_ms = "", {}

    def attempt(self, stage: Stage[C], context: C, state: Any) -> tuple[Image, Any] | None:
        """Run a stage; None if it is off, or fails now (see `frame.run_stages`)."""
        return self.run(stage.name, lambda: stage.run(context, state), None)

    def run(self, name: str, work: Callable[[], T], instead: T | None) -> T | None:
        """Return what `work` returns, or `instead` if the stage is off or fails now."""
        if name in self._off:
            return instead
        begin = time.perf_counter_ns()
        try:
            result = work()
            self.took_ms[name] = (time.perf_counter_ns() - begin) / 1e6
        except UsageError as error:  # the user's, not the stage's: it runs again once the controls stand otherwise
            self._complaint = str(error)
            return instead
        except Exception as error:  # the video must go on, whatever a driver throws
            self.switch_off(name, error)
            return instead
        else:
            return result
        finally:
            self._stats.add(name, (time.perf_counter_ns() - begin) / 1e6)

    def switch_off(self, name: str, error: Exception) -> None:
        """Leave a stage out from now on, and say why."""
        if isinstance(error, MemoryError) or "out of memory" in str(error).lower():  # torch and the drivers say it in words
            what = f"The memory is not enough for the stage '{name}' at this size; choose a smaller one, or close other programs."
        else:
            what = str(error) if isinstance(error, StylecamError) else f"The stage '{name}' failed ({type(error).__name__}: {error})."
        self._off[name] = f"{what} It is switched off and the video goes on; Ctrl+E starts it again."
        _log.info("stage %s is off", name, exc_info=error)

    def is_off(self, name: str) -> bool:
        """Return whether a stage was switched off."""
        return name in self._off

    def restart(self, name: str | None = None) -> None:
        """Give one stage, or every one, another chance."""
        self._off = {} if name is None else {stage: why for stage, why in self._off.items() if stage != name}

    @property
    def problem(self) -> str:
        """The sentences of what is off or cannot be done now, or an empty string."""
        return " ".join(filter(None, [*dict.fromkeys(self._off.values()), self._complaint]))
