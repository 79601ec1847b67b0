"""Sinks in their threads: what each promises the frames, and that none affects another."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.queues import FrameQueue, Ledger, Overflow
from stylecam.errors import UsageError
from stylecam.media.images import read_srgb
from stylecam.outputs.base import Sink
from stylecam.outputs.image_sequence import ImageSequence
from stylecam.outputs.letterbox import letterbox
from stylecam.outputs.parts import PartFile
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.registry import SINKS, SinkRequest, start_sink
from stylecam.outputs.sink_thread import SinkThread
from tests.unit.outputs.clips import frame, grey, read_clip, starts_with_its_index

WAIT_S = 60.0


class SlowRecorder(Recorder):
    """Waits for `go` before each frame, and says when it has begun."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go, self.begun = threading.Event(), threading.Event()

    def write(self, frame: Frame) -> None:
        """Wait, then write."""
        self.begun.set()
        assert self.go.wait(WAIT_S)
        super().write(frame)


class FakeCamera(Sink):
    """Stands for a virtual camera: one size for ever, the newest frame wins; it stalls while `go` is not set."""

    title, busy, done = "The camera", "camera busy", "sent"
    capacity, overflow = 1, Overflow.DROP_OLD
    size = (64, 48)

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.go, self.begun = threading.Event(), threading.Event()
        self.go.set()
        self.closed = 0

    def write(self, frame: Frame) -> None:
        """Keep it."""
        self.begun.set()
        assert self.go.wait(WAIT_S)
        self.frames.append(frame)

    def close(self) -> None:
        """Count."""
        self.closed += 1


def test_records_what_it_is_given(tmp_path: Path) -> None:
    """Every frame that was taken is in the file when `close` returns."""
    ledger = Ledger()
    recorder = Recorder(tmp_path / "a.mp4")
    recording = SinkThread(recorder, capacity=50, ledger=ledger)
    assert all(recording.put(frame(ms)) for ms in range(0, 1000, 40))
    assert recording.close(WAIT_S)
    assert recording.problem == ""
    assert recording.result == f"Recorded {tmp_path / 'a.mp4'}."
    assert recorder.seconds == pytest.approx(0.96, abs=0.001)
    assert len(read_clip(recorder.path).times) == 25
    assert starts_with_its_index(recorder.path)
    assert ledger.snapshot() == ({"recorded": 25}, {})
    assert not recording.put(frame(2000))
    assert ledger.snapshot()[1] == {}, "what comes too late is not lost by a busy encoder"


def test_a_busy_encoder_costs_frames_not_time(tmp_path: Path) -> None:
    """A full queue drops the new frame and counts it; the player shows the one before until the next."""
    ledger, slow = Ledger(), SlowRecorder(tmp_path / "a.mp4")
    recording = SinkThread(slow, capacity=2, ledger=ledger)
    assert recording.put(frame(0))
    assert slow.begun.wait(WAIT_S)
    assert [recording.put(frame(ms)) for ms in (40, 80, 120, 160)] == [True, True, False, False]
    slow.go.set()
    assert recording.close(WAIT_S)
    assert recording.dropped == 2
    assert ledger.snapshot() == ({"recorded": 3}, {"encoder busy": 2})
    assert [float(time) for time in read_clip(slow.path).times] == pytest.approx([0, 0.04, 0.08])


def test_a_stalled_camera_does_not_disturb_the_recorder(tmp_path: Path) -> None:
    """Beside it every frame is recorded; the camera drops the oldest, counts that under its own cause, and goes on with the newest."""
    ledger, camera, recorder = Ledger(), FakeCamera(), Recorder(tmp_path / "a.mp4")
    camera.go.clear()
    sinks = (SinkThread(recorder, capacity=50, ledger=ledger), SinkThread(camera, ledger=ledger))
    assert [sink.put(frame(0)) for sink in sinks] == [True, True]
    assert camera.begun.wait(WAIT_S)
    for ms in range(40, 1000, 40):
        assert [sink.put(frame(ms)) for sink in sinks] == [True, True], "a live device takes the new one for the old one"
    assert sinks[0].close(WAIT_S), "though the camera still stands"
    assert len(read_clip(recorder.path).times) == 25
    camera.go.set()
    assert sinks[1].close(WAIT_S)
    assert [each.media_ns for each in camera.frames] == [0, 960_000_000]
    assert (sinks[0].dropped, sinks[1].dropped) == (0, 23)
    assert ledger.snapshot() == ({"recorded": 25, "sent": 2}, {"camera busy": 23})


def test_a_stalled_recorder_does_not_disturb_the_camera(tmp_path: Path) -> None:
    """The other way round: the recorder loses frames by its own cause, the camera none."""
    ledger, camera, slow = Ledger(), FakeCamera(), SlowRecorder(tmp_path / "a.mp4")
    recording, sending = SinkThread(slow, capacity=2, ledger=ledger), SinkThread(camera, capacity=50, ledger=ledger)
    for ms in range(0, 400, 40):
        recording.put(frame(ms))
        assert sending.put(frame(ms))
    assert sending.close(WAIT_S)
    assert len(camera.frames) == 10
    slow.go.set()
    assert recording.close(WAIT_S)
    assert set(ledger.snapshot()[1]) == {"encoder busy"}


def test_a_camera_of_one_size_takes_frames_of_any() -> None:
    """The size may change while it runs: frames are fitted in, with bars, and keep their times."""
    camera = FakeCamera()
    sending = SinkThread(camera, capacity=9)
    for ms, image in ((0, grey(200, 64, 48)), (40, grey(200, 96, 48)), (80, grey(200, 32, 48)), (120, grey(200, 128, 96))):
        sending.put(frame(ms, image))
    assert sending.close(WAIT_S)
    assert [each.image.shape for each in camera.frames] == [(48, 64, 3)] * 4
    assert [each.media_ns // 1_000_000 for each in camera.frames] == [0, 40, 80, 120]
    same, wide, tall, large = (each.image[..., 0] for each in camera.frames)
    assert (same == 200).all()
    assert (large == 200).all()
    assert (wide[:8] == 0).all()
    assert (wide[8:40] == 200).all()
    assert (wide[40:] == 0).all()
    assert (tall[:, :16] == 0).all()
    assert (tall[:, 16:48] == 200).all()


def test_a_letterbox_keeps_what_fits() -> None:
    """A frame that fits is passed on as it is; a line of pixels still shows."""
    image = grey(7, 32, 24)
    assert letterbox(image, 32, 24) is image
    assert letterbox(np.full((1, 1000, 3), 255, np.uint8), 20, 10).max() == 255


def test_closing_has_a_time_limit(tmp_path: Path) -> None:
    """An encoder that hangs does not keep the program; a sentence tells what becomes of the file. A device says so in its own way."""
    slow = SlowRecorder(tmp_path / "a.mp4")
    recording = SinkThread(slow)
    recording.put(frame(0))
    assert slow.begun.wait(WAIT_S)
    assert not recording.close(0.01)
    assert "finished at its next start" in recording.problem
    slow.go.set()
    assert recording.close(WAIT_S)
    camera = FakeCamera()
    camera.go.clear()
    sending = SinkThread(camera)
    sending.put(frame(0))
    assert not sending.close(0.01)
    assert sending.problem == "The camera takes long to end."
    camera.go.set()
    assert sending.close(WAIT_S)


def test_a_sink_that_would_make_the_frames_wait_is_refused() -> None:
    """WAIT is for files that are converted; live it is a programmer's mistake."""

    class Patient(FakeCamera):
        overflow = Overflow.WAIT

    with pytest.raises(ValueError, match="wait"):
        SinkThread(Patient())


def test_a_queue_that_drops_the_oldest_keeps_the_newest() -> None:
    """It takes every item until it is closed, and counts those that made space."""
    queue: FrameQueue[int] = FrameQueue(2, Overflow.DROP_OLD)
    assert all(queue.put(number) for number in range(5))
    assert queue.dropped == 3
    queue.close()
    assert not queue.put(5)
    assert [queue.take(), queue.take(), queue.take()] == [3, 4, None]
    assert queue.dropped == 4


def test_no_frame_is_reported(tmp_path: Path) -> None:
    """A recording that was stopped before a frame came leaves no file, and says so."""
    recording = SinkThread(Recorder(tmp_path / "a.mp4"))
    assert recording.close(WAIT_S)
    assert recording.problem.startswith("Nothing was recorded")
    assert recording.result == ""
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
    recording = SinkThread(Recorder(tmp_path / "a.mp4"), capacity=1000)
    noise = np.random.default_rng(0)
    for ms in range(0, 20_000, 40):
        recording.put(frame(ms, noise.integers(0, 255, (48, 64, 3), np.uint8)))
    assert recording.close(WAIT_S)
    assert "cannot be written: the disk is full. What was written before plays" in recording.problem
    (left,) = tmp_path.iterdir()
    assert str(left) in recording.problem
    assert read_clip(left).times[-1] > 1
    assert not recording.put(frame(30_000))


def test_a_fault_is_reported_and_the_sink_closed() -> None:
    """Whatever a driver throws ends the sink, not the program."""

    class Broken(FakeCamera):
        def write(self, frame: Frame) -> None:
            raise RuntimeError("no such device")

    camera = Broken()
    sending = SinkThread(camera)
    sending.put(frame(0))
    assert sending.close(WAIT_S)
    assert sending.problem == "The camera failed (RuntimeError: no such device); start it again."
    assert camera.closed == 1


def test_every_sink_of_the_registry_can_be_started(tmp_path: Path) -> None:
    """Its module makes one; a name that nobody has is a usage error with a suggestion."""
    for spec in SINKS:
        sink = start_sink(spec.id, SinkRequest(tmp_path, ("senecio",)))
        assert sink.name == spec.id
        assert sink.close(WAIT_S)
    recording = start_sink("record", SinkRequest(tmp_path, ("senecio",)))
    recording.put(frame(0))
    assert recording.close(WAIT_S)
    (clip,) = tmp_path.iterdir()
    assert "senecio" in clip.name
    with pytest.raises(UsageError, match="Did you mean record"):
        start_sink("recrod", SinkRequest(tmp_path))


def test_a_recording_is_mirrored_if_wished(tmp_path: Path) -> None:
    """Left and right are exchanged once more in the file, from the frame on at which it is switched; what is shown stays."""
    wished = [False]
    folder = tmp_path / "images"
    thread = SinkThread(ImageSequence(folder, lambda: wished[0]))
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32, 0] = 255
    for number, wish in enumerate((False, True)):
        wished[0] = wish
        thread.put(Frame(image, number, 0, number * 40_000_000))
        deadline = time.monotonic() + 20
        while not (folder / f"frame_{number + 1:06d}.png").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert thread.close()
    np.testing.assert_array_equal(read_srgb(folder / "frame_000001.png"), image)
    np.testing.assert_array_equal(read_srgb(folder / "frame_000002.png"), image[:, ::-1])
