"""A program that is ended while its engine is still being made."""

from __future__ import annotations

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
