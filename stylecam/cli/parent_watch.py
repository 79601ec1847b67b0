"""The tie between a child and the program that started it: lines on standard input pause it, and its end stops the work and keeps it."""

from __future__ import annotations

import argparse
import os
import sys
import threading

_POLL_S = 0.1


def add_child_options(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the options with which the window starts a command as its child."""
    parser.add_argument("--json", action="store_true", help="print reports as JSON lines")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="obey the lines `pause` and `resume`; stop and keep when standard input ends"
    )


class ParentWatch:
    """Follows what the parent writes: a line "pause", a line "resume"; when the pipe closes, the parent is gone or wants a stop.

    A parent that is killed closes the pipe as well, on every system, so the work is kept then too. Pausing waits between two steps
    rather than suspending the process: a suspended one could not see its parent die, and the time it slept would count as work.

    Args:
        requests: grows by one when the work is to stop; the caller looks at it between steps.
        fd: where to read, usually `sys.stdin.fileno()`; None follows nobody, and nothing here ever waits.
    """

    def __init__(self, requests: list[int], fd: int | None) -> None:
        self.requests = requests
        self._go_on = threading.Event()
        self._go_on.set()
        self._fd = fd
        if fd is not None:
            threading.Thread(target=self._follow, args=(fd,), name="stylecam-parent", daemon=True).start()

    @classmethod
    def of(cls, args: argparse.Namespace, requests: list[int] | None = None) -> ParentWatch:
        """Return what follows the parent, if the command has `add_child_options` and they say so."""
        return cls([] if requests is None else requests, sys.stdin.fileno() if getattr(args, "until_stdin_closes", False) else None)

    def tell(self, line: str) -> None:
        """Print a line for the parent. One that has gone away asks for a stop instead of raising, if it is being followed.

        Raises:
            BrokenPipeError: nobody reads, and nobody is followed.
        """
        try:
            print(line, flush=True)
        except BrokenPipeError:
            if self._fd is None:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor may Python complain again at exit
            self.requests.append(0)

    def wait(self) -> None:
        """Return at once, or, while the parent wants a pause, when it is over or the work is to stop."""
        while not self._go_on.wait(_POLL_S) and not self.requests:
            pass

    def go_on(self) -> None:
        """Wait as `wait` does; then, if the parent wants a stop, raise what the user's Ctrl-C raises.

        Raises:
            KeyboardInterrupt: the work is to stop.
        """
        self.wait()
        if self.requests:
            raise KeyboardInterrupt

    def _follow(self, fd: int) -> None:
        rest = b""
        # Not `sys.stdin`: its lock, held while it waits, would trouble the interpreter at exit.
        while data := _read(fd):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.strip() == b"pause":
                    self._go_on.clear()
                elif line.strip() == b"resume":
                    self._go_on.set()
            rest = rest[-100:]
        if not self.requests:
            self.requests.append(0)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""
