"""The mailbox keeps the newest value and counts what it replaced."""

from __future__ import annotations

import threading

from stylecam.core.queues import Mailbox


def test_the_newest_value_wins_and_drops_are_counted() -> None:
    """Three values put, one taken: the last; two were dropped; then it is empty."""
    box: Mailbox[int] = Mailbox()
    for value in (1, 2, 3):
        box.put(value)
    assert box.take(0) == 3
    assert box.dropped == 2
    assert box.take(0) is None


def test_take_waits_for_another_thread() -> None:
    """A reader that came first gets the value when it comes."""
    box: Mailbox[str] = Mailbox()
    threading.Timer(0.05, box.put, ["late"]).start()
    assert box.take(5) == "late"


def test_closing_wakes_the_reader_but_keeps_a_value() -> None:
    """Close ends the waiting; what was left before can still be taken."""
    box: Mailbox[int] = Mailbox()
    threading.Timer(0.05, box.close).start()
    assert box.take(5) is None
    full: Mailbox[int] = Mailbox()
    full.put(7)
    full.close()
    assert full.take() == 7
    assert full.take() is None
    assert full.closed
