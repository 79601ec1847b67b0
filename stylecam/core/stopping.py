"""Stopping long work politely: by Ctrl-C, a kill that can be refused, or the end of the terminal."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

#: What a program that Ctrl-C stopped returns, as shells have it: 128 and the number of the signal.
STOPPED_EXIT_CODE = 130

_HANGUP: int | None = getattr(signal, "SIGHUP", None)  # Windows has none


@contextmanager
def stop_requests(first: Callable[[], object] = lambda: None) -> Iterator[list[int]]:
    """Collect the first Ctrl-C (or polite kill, or end of the terminal) for the loop to see; a second one ends the program at once.

    In a thread other than the main one, where Python delivers no signals, the list stays empty.

    Args:
        first: called, too, when the first one comes, to end what waits.

    Yields:
        The signals that came: empty, or one number.
    """
    requests: list[int] = []

    def request(number: int) -> None:
        if requests:
            raise KeyboardInterrupt
        requests.append(number)
        first()

    with _handled(request, signal.SIGINT, signal.SIGTERM):
        yield requests


@contextmanager
def stops_raise() -> Iterator[None]:
    """Let a polite kill and the end of the terminal raise what Ctrl-C raises, so that they too leave nothing half-written."""

    def stop(_number: int) -> None:
        raise KeyboardInterrupt

    with _handled(stop, signal.SIGTERM):
        yield


@contextmanager
def _handled(handle: Callable[[int], None], *numbers: int) -> Iterator[None]:
    """Call `handle` for these signals, and for the end of the terminal once: shell and system may both report it.

    What is printed to a terminal that is gone goes nowhere, instead of raising an error. `nohup` is respected.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    terminals = [fd for fd in (1, 2) if _is_terminal(fd)]
    hung_up = False

    def received(number: int, _frame: FrameType | None) -> None:
        nonlocal hung_up
        if number == _HANGUP:
            if hung_up:
                return
            hung_up = True
            _forget(terminals)
        handle(number)

    if _HANGUP is not None and signal.getsignal(_HANGUP) != signal.SIG_IGN:
        numbers = (*numbers, _HANGUP)
    before: dict[int, Any] = {number: signal.signal(number, received) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def _forget(terminals: list[int]) -> None:
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for fd in terminals:
            os.dup2(nowhere, fd)
        os.close(nowhere)
