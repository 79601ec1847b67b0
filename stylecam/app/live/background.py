"""Work that may take seconds, off the window's thread; what came of it waits until somebody asks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from stylecam.app.live.interfaces import Event
from stylecam.errors import StylecamError

_log = logging.getLogger(__name__)


class Background:
    """Starts jobs, each in a thread of its own, and keeps their events. Any thread may call any method."""

    def __init__(self) -> None:
        self._jobs: list[threading.Thread] = []
        self._events: list[Event] = []
        self._lock = threading.Lock()

    def start(self, work: Callable[[], object]) -> threading.Thread:
        """Run `work`; what it raises becomes an event."""

        def run() -> None:
            try:
                work()
            except StylecamError as error:
                self.tell(Event(str(error), is_problem=True))
            except Exception as error:  # reported, not lost in a future that nobody asks
                _log.info("a background job failed", exc_info=error)
                self.tell(Event(f"This did not work: {error}.", is_problem=True))

        # A daemon, so that a device that hangs in `close` cannot keep the program from ending.
        thread = threading.Thread(target=run, name="stylecam-job", daemon=True)
        with self._lock:
            self._jobs = [*(each for each in self._jobs if each.is_alive()), thread]
            thread.start()
        return thread

    @property
    def is_busy(self) -> bool:
        """True while a job runs."""
        with self._lock:
            return any(job.is_alive() for job in self._jobs)

    def tell(self, event: Event) -> None:
        """Keep an event until it is taken."""
        with self._lock:
            self._events.append(event)

    def take_events(self) -> list[Event]:
        """Return what was reported since the last call."""
        with self._lock:
            events, self._events = self._events, []
        return events

    def join(self, timeout_s: float) -> bool:
        """Wait for all jobs together; False if some did not end in time."""
        deadline = time.monotonic() + timeout_s
        with self._lock:
            jobs = list(self._jobs)
        for thread in jobs:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in jobs)
