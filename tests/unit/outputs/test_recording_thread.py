import threading
from pathlib import Path

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger
from stylecam.outputs import sink_thread as recording_thread
from stylecam.outputs.parts import PartFile
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import RecordingThread
from tests.unit.outputs.clips import frame, grey, read_clip, starts_with_its_index

WAIT_S = 60.0


class SlowRecorder(Recorder):
    """Waits for `go` before each frame, and says when it has begun."""

    go = threading.Event()
    begun = threading.Event()

    def write(self, frame: Frame) -> None:
        """Wait, then write."""
        self.begun.set()
        assert self.go.wait(WAIT_S)
        super().write(frame)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[SlowRecorder]:
    """Let recordings be slow until `go` is set."""
    SlowRecorder.go, SlowRecorder.begun = threading.Event(), threading.Event()
    monkeypatch.setattr(recording_thread, "Recorder", SlowRecorder)
    return SlowRecorder


def test_records_what_it_is_given(tmp_path: Path) -> None:
    """Every frame that was taken is in the file when `close` returns."""
    ledger = Ledger()
    recording = RecordingThread(tmp_path / "a.mp4", capacity=50, ledger=ledger)
    assert all(recording.put(frame(ms)) for ms in range(0, 1000, 40))
    assert recording.close(WAIT_S)
    assert recording.problem == ""
    assert recording.path == tmp_path / "a.mp4"
    assert recording.seconds == pytest.approx(0.96, abs=0.001)
    assert len(read_clip(recording.path).times) == 25
    assert starts_with_its_index(recording.path)
    assert ledger.snapshot() == ({"recorded": 25}, {})
    assert not recording.put(frame(2000))


def test_a_busy_encoder_costs_pictures_not_time(tmp_path: Path, slow: type[SlowRecorder]) -> None:
    """A full queue drops the new frame and counts it; the player shows the one before until the next."""
    ledger = Ledger()
    recording = RecordingThread(tmp_path / "a.mp4", capacity=2, ledger=ledger)
    assert recording.put(frame(0))
    assert slow.begun.wait(WAIT_S)
    assert [recording.put(frame(ms)) for ms in (40, 80, 120, 160)] == [True, True, False, False]
    slow.go.set()
    assert recording.close(WAIT_S)
    assert recording.dropped == 2
    assert ledger.snapshot() == ({"recorded": 3}, {"encoder busy": 2})
    assert [float(time) for time in read_clip(recording.path).times] == pytest.approx([0, 0.04, 0.08])


def test_closing_has_a_time_limit(tmp_path: Path, slow: type[SlowRecorder]) -> None:
    """An encoder that hangs does not keep the program; a sentence tells what becomes of the file."""
    recording = RecordingThread(tmp_path / "a.mp4")
    recording.put(frame(0))
    assert slow.begun.wait(WAIT_S)
    assert not recording.close(0.01)
    assert "takes long to finish" in recording.problem
    slow.go.set()
    assert recording.close(WAIT_S)


def test_another_size_begins_another_file(tmp_path: Path) -> None:
    """Changing the source or size while recording keeps both parts."""
    recording = RecordingThread(tmp_path / "a.mp4", capacity=9)
    for ms in (0, 40, 80):
        recording.put(frame(ms))
    for ms in (120, 160):
        recording.put(frame(ms, grey(9, 32, 32)))
    assert recording.close(WAIT_S)
    assert recording.paths == [tmp_path / "a.mp4", tmp_path / "a (2).mp4"]
    assert [len(read_clip(path).times) for path in recording.paths] == [3, 2]
    assert recording.problem == ""


def test_no_picture_is_told(tmp_path: Path) -> None:
    """A recording that was stopped before a picture came leaves no file, and says so."""
    recording = RecordingThread(tmp_path / "a.mp4")
    assert recording.close(WAIT_S)
    assert recording.problem.startswith("Nothing was recorded")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_the_recording_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written before is finished if that can be done, and plays; the recording takes no more frames."""
    write, space = PartFile.write, [100_000]

    def limited(self: PartFile, data: bytes) -> int:
        space[0] -= len(data)
        if space[0] < 0:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(PartFile, "write", limited)
    recording = RecordingThread(tmp_path / "a.mp4", capacity=1000)
    noise = np.random.default_rng(0)
    for ms in range(0, 20_000, 40):
        recording.put(frame(ms, noise.integers(0, 255, (48, 64, 3), np.uint8)))
    assert recording.close(WAIT_S)
    assert "cannot be written: the disk is full. What was written before plays" in recording.problem
    (left,) = tmp_path.iterdir()
    assert str(left) in recording.problem
    assert read_clip(left).times[-1] > 1
    assert not recording.put(frame(30_000))


def test_a_fault_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the encoder throws ends the recording, not the program."""

    def broken(self: Recorder, frame: Frame) -> None:
        raise RuntimeError("no such encoder")

    monkeypatch.setattr(Recorder, "write", broken)
    recording = RecordingThread(tmp_path / "a.mp4")
    recording.put(frame(0))
    assert recording.close(WAIT_S)
    assert recording.problem == "Recording failed (RuntimeError: no such encoder); record again."
