"""`python -m stylecam`, and the program `stylecam`."""

from __future__ import annotations

import sys
import threading

from stylecam.cli import main
from stylecam.core.process import end_now


def run() -> None:
    """Run the command line and end the process with its exit code.

    Python's own end is not for everything that ran here. A thread that was asked to end may be deep in an engine, a driver or a device:
    unwound there, C++ aborts the process. And PyQt goes through a list of its objects at exit while deleting those in it, which now and
    then reads one that is gone: a segmentation fault after the window closed, once in seven times on a busy machine. With either, the
    process ends at once.
    """
    code = main()
    if "PyQt6.QtCore" in sys.modules or any(thread.daemon for thread in threading.enumerate()):
        end_now(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
