"""`python -m stylecam`, and the program `stylecam`."""

from __future__ import annotations

import logging
import os
import sys
import threading

from stylecam.cli import main

#: Threads that were asked to end and may be deep in an engine, a driver or a device.
_WORKERS = ("stylecam-render", "stylecam-warm-engine", "stylecam-job", "stylecam-capture", "stylecam-capture-close", "stylecam-feed")


def run() -> None:
    """Run the command line and end the process with its exit code.

    A window that is closed while its engine is being made leaves a thread behind that no one can stop. Python's own end would unwind it
    in the middle of C++ code, which aborts the process; so then the process ends at once, after all that was written is out.
    """
    code = main()
    if any(thread.name in _WORKERS for thread in threading.enumerate()):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):  # nobody reads any more, or it is closed
                continue
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
