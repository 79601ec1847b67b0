"""What the end of the terminal, or a polite kill, costs: no more than Ctrl-C. Windows has neither."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from stylecam.core.stopping import stop_requests, stops_raise

pty = pytest.importorskip("pty")


def test_the_end_of_the_terminal_is_a_request_too_but_only_one() -> None:
    """Shell and system both report it; the second report must not end what the first one began to keep. Ctrl-C still does."""
    with stop_requests() as requests:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert requests == [signal.SIGHUP]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_commands_without_a_loop_are_interrupted(number: signal.Signals) -> None:
    """A polite kill raises what Ctrl-C raises; afterwards the signals mean what they meant before."""
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stops_raise():  # noqa: PT012 (it raises between the two)
        signal.raise_signal(number)
        pytest.fail("nothing was raised")
    assert signal.getsignal(number) is before


def test_nohup_is_respected() -> None:
    """Who asked for the terminal's end to be ignored gets that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stops_raise(), stop_requests() as requests:
            signal.raise_signal(signal.SIGHUP)
            assert requests == []
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_printed_to_a_terminal_that_is_gone_raises_nothing(tmp_path: Path) -> None:
    """A command whose terminal was closed keeps what it has, though its messages go nowhere."""
    work = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from stylecam.core.stopping import stop_requests\n"
        "with stop_requests() as requests:\n"
        "    print('ready', flush=True)\n"
        "    while not requests:\n"
        "        time.sleep(0.01)\n"
        "    print('kept', file=sys.stderr, flush=True)\n"
        "    Path(sys.argv[1]).write_text('kept')\n"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", work, str(tmp_path / "kept")])
    while b"ready" not in os.read(terminal, 99):
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (tmp_path / "kept").read_text() == "kept"
