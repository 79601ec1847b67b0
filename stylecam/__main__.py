"""`python -m stylecam`, and the program `stylecam`."""

from __future__ import annotations

import logging
import os
import sys
import threading

from stylecam.cli import main


def run() -> None:
    """Run the command line and end the process with its exit code.

    Python's own end is not for everything that ran here. A thread that was asked to end may be deep in an engine, a driver or a device:
    unwound there, C++ aborts the process. And PyQt goes through a list of its objects at exit while deleting those in it, which now and
    then reads one that is gone: a segmentation fault after the window closed, once in seven times on a busy machine. With either, the
    process ends at once, after all that was written is out.
    """
    code = main()
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    if "PyQt6.QtCore" in sys.modules or any(thread.daemon for thread in others):
        for thread in others:
            if not thread.daemon:
                thread.join()
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
