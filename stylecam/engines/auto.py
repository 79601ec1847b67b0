"""Starts at once on one engine and changes to a faster one between two frames, if there is one."""

from __future__ import annotations

import logging
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from stylecam.engines.base import Engine, Image, LayerStats, Vector
from stylecam.errors import UsageError

_WARM_UP_FRAMES = 3
_TIMED_FRAMES = 7
#: A change shows (the engines round differently), so it must be worth something.
FASTER = 0.9

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Warmed:
    """A candidate that has run, and its pace."""

    engine: Engine
    ns_per_pixel: float


class AutoEngine(Engine):
    """Runs `start`; opens, warms and times a candidate in a background thread; keeps the faster.

    The first frame decides at which size the candidate is timed. Whatever happens in the background, frames keep coming from `start`.
    An engine that fails after the change is left for good, and the frame is stylized again by `start`.

    Args:
        start: a working engine.
        open_candidate: opens the engine that may be faster; called in the background thread.
    """

    def __init__(self, start: Engine, open_candidate: Callable[[], Engine]) -> None:
        self.config, self.head = start.config, start.head
        self._start, self._open_candidate = start, open_candidate
        self._lock = threading.Lock()
        self._warmed: _Warmed | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._own_paces: deque[float] = deque(maxlen=_TIMED_FRAMES)
        self._use(start)

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Stylize `image` with the engine of the moment; see `Engine.stylize`."""
        self._decide()
        begin = time.perf_counter_ns()
        try:
            result = self._current.stylize(image, scale_shift, maps=maps, stats=stats)
        except UsageError:
            raise
        except Exception as error:  # a device that was reset, or whose memory is full, raises whatever its library likes
            if self._current is self._start:
                raise
            self._leave(error)
            return self._start.stylize(image, scale_shift, maps=maps, stats=stats)
        if self._current is not self._start:
            self.note = self._current.note  # it may have fallen back within itself
        else:
            self._own_paces.append((time.perf_counter_ns() - begin) / (image.shape[0] * image.shape[1]))
            if self._thread is None and scale_shift.ndim == 1:
                self._warm(image.copy(), scale_shift.copy())
        return result

    def close(self) -> None:
        """Close all engines; a candidate that is still warming closes itself when it is done."""
        with self._lock:
            self._closed = True
            warmed, self._warmed = self._warmed, None
        if warmed is not None:
            warmed.engine.close()
        if self._current is not self._start:
            self._current.close()
        self._start.close()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the background work is done, for at most `timeout_s` seconds."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _use(self, engine: Engine) -> None:
        self._current = engine
        self.name, self.precision = engine.name, engine.precision
        self.device, self.on_cpu, self.copies = engine.device, engine.on_cpu, engine.copies
        self.supports_maps, self.supports_stats = engine.supports_maps, engine.supports_stats
        self.note = engine.note

    def _warm(self, image: Image, scale_shift: Vector) -> None:
        self._thread = threading.Thread(target=self._warm_candidate, args=(image, scale_shift), name="stylecam-warm-engine", daemon=True)
        self._thread.start()

    def _warm_candidate(self, image: Image, scale_shift: Vector) -> None:
        engine: Engine | None = None
        try:
            engine = self._open_candidate()
            times = []
            for _ in range(_WARM_UP_FRAMES + _TIMED_FRAMES):
                begin = time.perf_counter_ns()
                engine.stylize(image, scale_shift)
                times.append(time.perf_counter_ns() - begin)
                if self._closed:
                    break
            pace = statistics.median(times[_WARM_UP_FRAMES:] or times) / (image.shape[0] * image.shape[1])
            with self._lock:
                if not self._closed:
                    self._warmed = _Warmed(engine, pace)
                    # From here on the frames are timed without this thread's competition.
                    self._own_paces.clear()
                    return
        except Exception as error:  # whatever a GPU library raises, the video goes on
            _log.info("no faster engine: %s", error)
        if engine is not None:
            engine.close()

    def _decide(self) -> None:
        """Between two frames: take the candidate once both paces are known and it is faster."""
        warmed = self._warmed
        if warmed is None or len(self._own_paces) < _TIMED_FRAMES:
            return
        self._warmed = None
        own = statistics.median(self._own_paces)
        if warmed.ns_per_pixel < FASTER * own:
            _log.info("changing from %s to %s (%.0f instead of %.0f ns per pixel)", self.name, warmed.engine.name, warmed.ns_per_pixel, own)
            self._use(warmed.engine)
        else:
            warmed.engine.close()

    def _leave(self, error: Exception) -> None:
        failed = self._current
        self._use(self._start)
        self.note = f"{failed.name} failed, so {self._start.name} goes on: {error}"
        _log.warning(self.note)
        try:
            failed.close()
        except Exception as trouble:  # the device may be gone
            _log.info("closing %s: %s", failed.name, trouble)
