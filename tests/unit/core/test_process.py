"""When a process was started, and how it ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from stylecam.core import process as age
from stylecam.core.process import child_environment
from stylecam.errors import OutputError


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells it")
def test_a_child_was_started_between_the_call_and_its_first_line() -> None:
    """Two processes read the same clock, and the start lies before what the child does first (to the 10 ms of the system's count)."""
    child = "import time; now = time.monotonic_ns(); from stylecam.core.process import process_begun_ns; print(process_begun_ns(), now)"
    before = time.monotonic_ns()
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    begun, first_line = map(int, done.stdout.split())
    assert before - 20_000_000 <= begun < first_line


def test_elsewhere_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems have no such file; then nothing is reported rather than something wrong."""
    monkeypatch.setattr(age.sys, "platform", "darwin")
    assert age.process_begun_ns() is None


def test_the_end_does_not_wait_for_idle_threads() -> None:
    """A pool that nobody closed has threads that wait for work; they are told to end."""
    script = (
        "from concurrent.futures import ThreadPoolExecutor; from stylecam.core.process import end_now\n"
        "pool = ThreadPoolExecutor(1); pool.submit(int).result(); end_now(3)"
    )
    assert subprocess.run([sys.executable, "-c", script], env=child_environment(), check=False, timeout=60).returncode == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_is_lost_at_the_end_is_an_error() -> None:
    """What was written is out before the process ends; where it cannot be, the exit code says so; a failure's own code stays."""
    codes, environment = [], child_environment(PYTHONUNBUFFERED="")
    for end in ("end_now(0)", "end_now(5)"):
        script = f"from stylecam.core.process import end_now; print('lost'); {end}"
        with Path("/dev/full").open("w") as full:
            codes.append(subprocess.run([sys.executable, "-c", script], stdout=full, env=environment, check=False).returncode)
    assert codes == [OutputError.exit_code, 5]
