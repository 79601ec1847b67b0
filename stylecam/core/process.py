"""When this process was started, how much memory it holds, how it ends, and what its children need to find the same program."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from stylecam.errors import OutputError


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process that finds the same stylecam, wherever either was started; `more` is added."""
    root = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))), **more}


def ask_child(module: str, *arguments: str, timeout_s: float) -> dict[str, Any]:
    """Run a module in a process of its own, for what may end its process or hang; return the JSON object that is the last line it prints.

    Never raises for what the module does: then the result is {"error": a sentence}.
    """
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, env=child_environment(), check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return {"error": f"It did not answer within {timeout_s:.0f} s."}
    except OSError as error:
        return {"error": f"The trial could not be started ({error})."}
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        found = None
    if isinstance(found, dict):
        return found
    return {"error": f"The trial ended with {_ending(done.returncode)} ({last_line(done.stderr)})."}


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def end_now(code: int) -> NoReturn:
    """End this process with `code` as soon as all that was written is out and every thread that must finish has; nothing is taken apart."""
    # As Python's own end does first: idle threads of pools end, all others that are no daemons are waited for.
    threading._shutdown()  # type: ignore[attr-defined]
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # nobody reads any more, or it is closed
            continue
        except OSError:  # the disk is full
            code = code or OutputError.exit_code
    os._exit(code)


def process_begun_ns() -> int | None:
    """Return when this process was started, by `time.monotonic_ns`, to 10 ms; None where the system does not say (other than Linux)."""
    if sys.platform != "linux":
        return None
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])  # behind the name, which may hold spaces
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return time.monotonic_ns() - round(age_s * 1e9)


def peak_rss_mb() -> float | None:
    """Return the most memory that this process ever held, in MB, or None where the system does not say."""
    if sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)
    # Not getrusage: on Linux its peak counts the parent's memory too, from before the child became another program.
    return _status_mb("VmHWM:")


def rss_mb() -> float | None:
    """Return the memory that this process holds now, in MB, or None where the system does not say (other than Linux)."""
    return _status_mb("VmRSS:")


def thread_count() -> int:
    """Return how many threads this process has, those of libraries included."""
    import psutil  # here, not above: only a bench needs it

    return int(psutil.Process().num_threads())


def handle_count() -> int:
    """Return how many files, sockets and pipes this process holds open; on Windows, handles of every kind."""
    import psutil

    process = psutil.Process()
    return int(process.num_handles() if sys.platform == "win32" else process.num_fds())


def _status_mb(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6, 1)
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def available_memory() -> int:
    """Return the bytes that programs can still take, without swapping others out."""
    import psutil  # here, not above: only who reads large files needs it

    return int(psutil.virtual_memory().available)


def last_line(complaints: str, code: int = 0) -> str:
    r"""Return the last line that a child wrote to its standard error: the sentence, if it failed with one; else how it ended by `code`.

    >>> last_line("Traceback …\nOSError: no space\n")
    'OSError: no space'
    >>> last_line("", 3)
    'it ended without a word, with exit code 3'
    """
    silent = "it ended without a word" + (f", with {_ending(code)}" if code else "")
    return (complaints.strip().splitlines() or [silent])[-1]
