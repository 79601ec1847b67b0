"""Time goes wrong: the system's clock is set while the program runs, and the whole program is stopped and continued."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.capture.reader import CaptureThread, Phase
from stylecam.capture.test_pattern import TestPattern
from stylecam.core.frame import Frame
from stylecam.core.queues import Mailbox
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.unit.outputs.clips import read_clip

pytestmark = pytest.mark.faults


def test_a_clock_that_is_set_while_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour back, a day ahead, many times a second: frames keep coming, nothing counts as lost, the recording has its true times."""
    truly, began = time.time, time.monotonic()
    monkeypatch.setattr(time, "time", lambda: truly() + (-3600, 0, 86_400)[int((time.monotonic() - began) * 50) % 3])
    inbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(TestPattern(64, 48, 50), inbox)
    recording = SinkThread(Recorder(tmp_path / "a.mp4"), capacity=100)
    capture.start()
    for _ in range(40):
        frame = inbox.take(10)
        assert frame is not None
        assert capture.state.phase is Phase.RUNNING
        recording.put(Frame(frame.image, frame.index, frame.captured_ns, frame.captured_ns))
    took_s = time.monotonic() - began
    assert capture.stop(10)
    assert recording.close(60)
    assert recording.problem == ""
    times = [float(each) for each in read_clip(tmp_path / "a.mp4").times]
    assert len(times) == 40
    assert all(a < b for a, b in pairwise(times))
    assert 0.6 < times[-1] <= took_s


def test_a_clock_that_is_set_while_the_session_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates, ages of frames and how long was recorded are of the clock that nobody sets."""
    truly = time.time
    world = World()
    session = Session(tiny_pack(), world.services(), settings=Settings(mix={"senecio": 1.0}, params={"size_px": 0, "calm": False}))
    try:
        session.open_source("demo")
        session.commands.run("record")
        monkeypatch.setattr(time, "time", lambda: truly() - 86_400)
        deadline = time.monotonic() + 20
        while session.status().numbers.fps <= 0:
            assert time.monotonic() < deadline
            world.feed.put()
            time.sleep(0.02)
        status = session.status()
        assert 0 <= status.numbers.latency_ms < 5000
        assert 0 <= status.sinks["record"].seconds < 20
    finally:
        session.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.slow
@pytest.mark.parametrize(("source", "stopped_s"), [("pattern:160x120@30", 3), ("demo", 3), ("pattern:160x120@30", 20)])
def test_the_whole_program_is_stopped_and_continued(tmp_path: Path, repository: Path, source: str, stopped_s: float) -> None:
    """Live or a clip: it goes on at its ordinary pace, without a burst of what was missed, and the recording shows the pause as it was."""
    words = ["--source", source, "--mix", "starry_night=0", "--strength", "0", "--size", "160", "--record", "--report", "0.1"]
    environment = os.environ | {"PYTHONPATH": str(repository), "STYLECAM_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "stylecam", *words], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(program.stdout or ()), daemon=True)
        reader.start()
        videos, deadline = tmp_path / "videos", time.monotonic() + 60
        while not (videos.is_dir() and list(videos.iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(1.5)
        program.send_signal(signal.SIGSTOP)
        time.sleep(stopped_s)
        program.send_signal(signal.SIGCONT)
        time.sleep(1.5)
        program.send_signal(signal.SIGINT)
        err = program.stderr.read()
        assert program.wait(60) == 130, err
        reader.join(10)
    assert "Traceback" not in err
    assert len(lines) > 5
    (path,) = videos.iterdir()
    times = np.array([float(each) for each in read_clip(path).times])
    gaps = np.diff(times)
    assert (gaps > 0).all()
    at = int(gaps.argmax())
    assert stopped_s - 0.5 < gaps[at] < stopped_s + 2
    after = times[at + 1 :] - times[at + 1]
    assert len(after) > 5
    for begin in (0.0, 0.25):  # a burst would be dozens at once
        assert ((after >= begin) & (after < begin + 0.25)).sum() <= 0.25 * 30 + 4
