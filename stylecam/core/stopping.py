"""Stopping long work politely: the first Ctrl-C is noted for the loop to see, a second one ends the program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: What a program that Ctrl-C stopped returns, as shells have it: 128 and the number of the signal.
STOPPED_EXIT_CODE = 130


@contextmanager
def stop_requests(first: Callable[[], object] = lambda: None) -> Iterator[list[int]]:
    """Collect the first Ctrl-C (or polite kill) for the loop to see; a second one ends the program at once.

    In a thread other than the main one, where Python delivers no signals, the list stays empty.

    Args:
        first: called, too, when the first one comes, to end what waits.

    Yields:
        The signals that came: empty, or one number.
    """
    requests: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield requests
        return

    def request(number: int, _frame: FrameType | None) -> None:
        if requests:
            raise KeyboardInterrupt
        requests.append(number)
        first()

    before: dict[int, Any] = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
