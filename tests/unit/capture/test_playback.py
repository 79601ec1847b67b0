"""A clip is paused, sought in and repeated or not, as a window asks."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest

from stylecam.capture.reader import CaptureThread, Phase
from stylecam.capture.video_file import VideoFile
from stylecam.core.frame import Frame
from stylecam.core.queues import Mailbox
from tests.unit.capture.clips import write_clip

FPS, FRAMES = 25, 60


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip whose frame n has the brightness 4 n."""
    images = [np.full((48, 64, 3), 4 * number, np.uint8) for number in range(FRAMES)]
    return write_clip(tmp_path_factory.mktemp("clip") / "grey.mp4", images, fps=FPS)


def number_of(frame: Frame | None) -> int:
    """Return which frame of the clip it is."""
    assert frame is not None
    return round(float(frame.image.mean()) / 4)


def test_seeking_goes_to_the_frame_and_the_times_go_on(clip: Path) -> None:
    """Forward, back, and beyond the end, where it begins again; numbers and times of the frames only grow."""
    source = VideoFile(clip, loop=True)
    source.open()
    assert source.playback.length_s == pytest.approx(FRAMES / FPS, abs=0.1)
    frames = [source.read()]
    for target_s, expected in ((1.6, 40), (0.4, 10), (0.0, 0), (2.2, 55)):
        source.playback.seek(target_s)
        frames.append(source.read())
        assert number_of(frames[-1]) == pytest.approx(expected, abs=1)
        assert source.playback.position_s == pytest.approx(target_s, abs=0.05)
        frames.append(source.read())
        assert number_of(frames[-1]) == pytest.approx(expected + 1, abs=1)
    source.playback.seek(99)
    frames.append(source.read())
    assert number_of(frames[-1]) == pytest.approx(0, abs=1)
    times = [frame.media_ns for frame in frames if frame is not None]
    assert all(0 < after - before < 200_000_000 for before, after in itertools.pairwise(times))
    source.close()


def test_a_clip_that_does_not_repeat_pauses_at_its_beginning(clip: Path) -> None:
    """So it can be played again."""
    source = VideoFile(clip, loop=True)
    source.open()
    source.playback.repeats = False
    for _ in range(FRAMES):
        assert source.read() is not None
    assert not source.playback.is_paused
    assert number_of(source.read()) == pytest.approx(0, abs=1)
    assert source.playback.waits
    source.close()


def test_a_paused_clip_delivers_nothing_but_what_is_sought(clip: Path) -> None:
    """The thread ends at once while it is paused, too."""
    inbox: Mailbox[Frame] = Mailbox()
    thread = CaptureThread(VideoFile(clip, loop=True), inbox)
    assert thread.playback is not None
    thread.start()
    assert inbox.take(10) is not None
    thread.playback.is_paused = True
    time.sleep(0.2)
    inbox.take(0)
    time.sleep(0.15)
    assert inbox.take(0) is None
    thread.playback.seek(1.6)
    sought = inbox.take(10)
    assert number_of(sought) == pytest.approx(40, abs=1)
    assert inbox.take(0) is None
    assert thread.stop(5)
    assert thread.state.phase is Phase.STOPPED
