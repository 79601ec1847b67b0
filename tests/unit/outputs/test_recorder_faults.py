"""Recordings that end badly: killed, on a full disk, in a folder that takes no more. What had been recorded is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stylecam.errors import OutputError
from stylecam.outputs.parts import finish_leftovers
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
from tests.unit.outputs.clips import frame, read_clip, starts_with_its_index

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, permissions and mounts of POSIX")

#: Records a live source as the window does, and says which second of it was just handed over.
RECORDS = """
import sys
from pathlib import Path
from stylecam.capture.test_pattern import TestPattern
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
recording = SinkThread(Recorder(Path(sys.argv[1])))
source = TestPattern(160, 120, float(sys.argv[2]))
source.open()
while (frame := source.read()) is not None:
    recording.put(frame)
    print(frame.media_ns / 1e9, flush=True)
"""


def recorded_until_killed(target: Path, repository: Path, at_s: float, fps: float) -> float:
    """Kill a recording without warning at `at_s`; return how many seconds had been handed to it."""
    command = [sys.executable, "-c", RECORDS, str(target), str(fps)]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if float(line) >= at_s:
                    break
        finally:
            process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split("\n")[:-1]
    assert process.returncode == -signal.SIGKILL
    return float(rest[-1] if rest else line)


@pytest.mark.parametrize(
    ("at_s", "fps"),
    [(1, 30), (4, 30), pytest.param(4, 5, id="a slow camera at 4 s"), pytest.param(25, 30, marks=pytest.mark.slow)],
)
def test_kill_9_costs_less_than_two_seconds(tmp_path: Path, repository: Path, at_s: float, fps: float) -> None:
    """However short the recording, the next start makes a common MP4 of it that lacks the last moment only."""
    target = tmp_path / "stylecam killed.mp4"
    fed_s = recorded_until_killed(target, repository, at_s, fps)
    assert finish_leftovers(tmp_path) == [target]
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert starts_with_its_index(target)
    clip = read_clip(target)
    assert clip.times[0] == 0
    assert fed_s - 2 < clip.times[-1] <= fed_s
    # At a second there is no room for two: half of it is there.
    assert at_s > 1 or clip.times[-1] > 0.3
    gaps = np.diff([float(time) for time in clip.times])
    assert np.median(gaps) == pytest.approx(1 / fps, rel=0.05)


def test_what_was_recorded_is_put_on_the_disk_for_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system is asked to do so at least every second of media, in a thread of its own: frames do not wait for a slow disk."""
    reached, synced, release = [], threading.Semaphore(0), threading.Event()

    def slow(descriptor: int) -> None:
        reached.append((os.fstat(descriptor).st_size, threading.current_thread() is threading.main_thread()))
        synced.release()
        assert release.wait(30)

    monkeypatch.setattr(os, "fsync", slow)
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in range(0, 1200, 40):
        recorder.write(frame(ms))
    assert synced.acquire(timeout=30)  # the first is under way, and the frames were taken all the same
    assert len(reached) == 1
    release.set()
    for ms in range(1200, 6000, 40):
        recorder.write(frame(ms))
        if ms % 1000 == 0:
            assert synced.acquire(timeout=30)
    recorder.close()
    sizes = [size for size, _ in reached]
    assert len(sizes) >= 5
    assert sizes == sorted(sizes)
    assert sizes[0] > 0
    assert not any(main for _, main in reached)


def _write_until_refused(recorder: Recorder, times_ms: Iterator[int]) -> None:
    for ms in times_ms:
        recorder.write(frame(ms))


def test_a_disk_that_loses_what_it_took_ends_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the system reports only when data is put on the disk becomes the usual sentence."""

    def lost(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", lost)
    recorder = Recorder(tmp_path / "a.mp4")
    times_ms = iter(range(0, 60_000, 40))
    with pytest.raises(OutputError, match=r"cannot be written: .*What was written before plays as it is"):
        _write_until_refused(recorder, times_ms)
    with pytest.raises(OutputError, match="cannot be written"):
        recorder.close()
    assert (tmp_path / "a.part.mp4").exists()


def test_a_truly_full_disk_keeps_what_was_recorded(small_disk: Path) -> None:
    """One sentence; the part plays, and once there is space again it is finished."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 600_000)
    recording = SinkThread(Recorder(small_disk / "stylecam a.mp4", spare_bytes=None), capacity=1000)
    noise = np.random.default_rng(0)
    for ms in range(0, 20_000, 40):
        recording.put(frame(ms, noise.integers(0, 255, (48, 64, 3), np.uint8)))
    assert recording.close(60)
    assert recording.problem.startswith(f"'{small_disk / 'stylecam a.mp4'}' cannot be written: the disk is full. ")
    assert recording.problem.count("the disk is full") == 1
    ballast.unlink()
    (finished,) = finish_leftovers(small_disk)
    assert starts_with_its_index(finished)
    assert read_clip(finished).times[-1] > 1


CLOSED_FOLDER = """
import ctypes, os, sys, time
from pathlib import Path
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
from tests.unit.outputs.clips import frame
if os.geteuid() == 0:  # who may write anywhere: without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, in all threads to come, no more
    libc, head, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(head, sets) == 0
    for number in range(3):  # effective, permitted, inheritable
        sets[number] &= ~0b110
    assert libc.capset(head, sets) == 0
folder = Path(sys.argv[1])
recording = SinkThread(Recorder(folder / "stylecam a.mp4"), capacity=1000)
for ms in range(0, 3000, 40):
    recording.put(frame(ms))
    if ms == 1000:
        while not list(folder.iterdir()):
            time.sleep(0.01)
        folder.chmod(0o500)
print(recording.close(60), recording.problem)
"""


def test_a_folder_that_becomes_read_only_keeps_the_whole_recording(repository: Path) -> None:
    """Nothing is lost: the part holds every frame, the sentence says where, and it is finished once the folder takes files again."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to whom root becomes
        folder = Path(name)
        command = [sys.executable, "-c", CLOSED_FOLDER, str(folder)]
        run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=120)
        assert run.returncode == 0, run.stderr
        part, target = folder / "stylecam a.part.mp4", folder / "stylecam a.mp4"
        sentence = f"'{target}' could not be finished: permission denied. What was written plays as it is: '{part}'."
        assert run.stdout.strip() == f"True {sentence}"
        folder.chmod(0o700)
        assert finish_leftovers(folder) == [target]
        assert len(read_clip(target).times) == 75
