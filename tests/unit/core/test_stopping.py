"""How Ctrl-C stops long work."""

from __future__ import annotations

import signal
import threading

import pytest

from stylecam.core.stopping import stop_requests


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_request_is_noted_and_the_second_ends(number: signal.Signals) -> None:
    """The loop sees the first one and is notified; the second raises; afterwards the signals mean what they meant before."""
    before, seen = signal.getsignal(number), []
    with pytest.raises(KeyboardInterrupt), stop_requests(lambda: seen.append(1)) as requests:  # noqa: PT012 (the second raises here)
        assert requests == []
        signal.raise_signal(number)
        assert requests == [number]
        assert seen == [1]
        signal.raise_signal(number)
        pytest.fail("the second one did not end it")
    assert signal.getsignal(number) is before


def test_another_thread_is_left_alone() -> None:
    """Python delivers signals to the main thread only; elsewhere nothing is changed."""
    before, got = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with stop_requests() as requests:
            got.append(list(requests))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert got == [[]]
    assert signal.getsignal(signal.SIGINT) is before
