"""A session without a window: it reads, stylizes and sends until it is stopped, and reports what happens in lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable

from stylecam.app.live.session import Session
from stylecam.errors import OutputError

_POLL_S = 0.1
#: Why the last sink ended is reported soon after it did.
_LAST_LOOKS = 5


def run_without_window(
    session: Session, source: str, sinks: Iterable[str], say: Callable[[str], object], stopped: Callable[[], Collection[object]]
) -> None:
    """Send what is stylized to sinks until it is stopped; nobody sees a preview, so none is made larger than a pixel.

    Args:
        session: is closed at the end.
        source: as `Session.open_source` takes it.
        sinks: ids of `outputs.registry`.
        say: called with each sentence for the user.
        stopped: returns something that is not empty when it is to end.

    Raises:
        OutputError: no sink is left; the sentence says why.
    """
    session.set_preview_size(1, 1)
    reported: set[str] = set()
    problem, looks_without = "", 0
    try:
        session.open_source(source)
        for name in sinks:
            session.switch_sink(name, on=True)
        while not stopped():
            status = session.status()
            for event in session.take_events():
                if event.is_problem and not status.sinks:
                    problem = event.text
                elif event.text:
                    say(event.text)
            for line in (status.source_problem, *(sink.detail for sink in status.sinks.values())):
                if line and line not in reported:
                    reported.add(line)
                    say(line)
            looks_without = 0 if status.sinks else looks_without + 1
            if looks_without > _LAST_LOOKS:
                raise OutputError(problem or "Nothing is sent any more.")
            time.sleep(_POLL_S)
    finally:
        session.close()
        for event in session.take_events():
            say(event.text)
