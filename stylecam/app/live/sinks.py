"""The sinks of a session: where frames go beside the screen, switched on and off by name, and finished in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event, RunningSink, SinkStatus
from stylecam.errors import StylecamError

#: A recording is worth waiting for, longer than anything else.
_FINISH_TIMEOUT_S = 10.0


class Sinks:
    """Those that are on, by name. Any thread may call any method.

    Args:
        start: makes a sink and starts its thread, by the name of `outputs.registry`; may raise StylecamError.
        send: is given all sinks whenever they change.
        background: where sinks are finished and events kept.
        lock: of the controls.
    """

    def __init__(
        self,
        start: Callable[[str], RunningSink],
        send: Callable[[tuple[RunningSink, ...]], object],
        background: Background,
        lock: threading.RLock,
    ) -> None:
        self._start, self._send, self._background, self._lock = start, send, background, lock
        self._sinks: dict[str, tuple[RunningSink, float]] = {}
        self._finishing: list[threading.Thread] = []

    def __contains__(self, name: object) -> bool:
        """Return whether a sink is on."""
        return name in self._sinks

    @property
    def names(self) -> frozenset[str]:
        """Those that are on."""
        return frozenset(self._sinks)

    def switch(self, name: str, on: bool) -> None:
        """Send what is shown from now on to a sink too, or finish it; what came of it is reported as an event."""
        with self._lock:
            if on == (name in self._sinks):
                return
            if on:
                try:
                    self.attach(name, self._start(name))
                except StylecamError as error:
                    self._background.tell(Event(str(error), is_problem=True))
            else:
                self.attach(name, None)

    def attach(self, name: str, sink: RunningSink | None) -> None:
        """Send frames to a sink that runs already; None: no more to the one of that name, which is finished in the background."""
        with self._lock:
            old = self._sinks.pop(name, None)
            if sink is not None:
                self._sinks[name] = sink, time.monotonic()
            self._send(tuple(sink for sink, _ in self._sinks.values()))
            if old is not None:
                running = [thread for thread in self._finishing if thread.is_alive()]
                self._finishing = [*running, self._background.start(partial(self._finish, old[0]))]

    def status(self) -> dict[str, SinkStatus]:
        """Return how those that are on stand; one that failed is taken off here."""
        with self._lock:
            for name in [name for name, (sink, _) in self._sinks.items() if sink.problem]:
                self.attach(name, None)
            now = time.monotonic()
            return {name: SinkStatus(now - since, sink.dropped, sink.detail) for name, (sink, since) in self._sinks.items()}

    def end(self) -> None:
        """Finish all, in the background."""
        for name in self.names:
            self.attach(name, None)

    def join(self) -> None:
        """Wait for those that are being finished."""
        deadline = time.monotonic() + _FINISH_TIMEOUT_S
        for thread in self._finishing:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _finish(self, sink: RunningSink) -> None:
        sink.close()
        if sink.problem or sink.result:
            path = next(iter(sink.files), None)
            self._background.tell(Event(sink.problem or sink.result, is_problem=bool(sink.problem), path=path))
