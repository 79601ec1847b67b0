"""A program that is ended while its engine is still being made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_window_that_is_closed_at_once_ends_in_good_order(tmp_path: Path) -> None:
    """Whenever the system asks it to end, it has an exit code of its own: it is never aborted in the middle of an engine."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "STYLECAM_HOME": str(tmp_path)}
    for wait_s in (1.5, 2.5, 4.0):
        command = [sys.executable, "-m", "stylecam", "--source", "demo"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(wait_s)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
        assert "terminate called" not in said
        assert process.returncode in (0, 130, -signal.SIGTERM), said  # the last: before Python had begun


@pytest.mark.slow
def test_a_window_ends_before_python_takes_it_apart(tmp_path: Path) -> None:
    """What it wrote is there and its exit code is the command's, though PyQt's own end, which may read what is gone, is not reached."""
    script = (
        "import atexit, sys, threading, time, stylecam.__main__ as program\n"
        "atexit.register(print, 'taken apart')\n"
        "late = threading.Thread(target=lambda: (time.sleep(0.5), print('finished')))\n"
        "late.start()\n"
        "program.run()\n"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "STYLECAM_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script, "--source", "demo", "--frames", "2", "--stats", str(tmp_path / "stats.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["finished"]), done.stderr
    assert json.loads((tmp_path / "stats.json").read_text())["frames_shown"] >= 2
