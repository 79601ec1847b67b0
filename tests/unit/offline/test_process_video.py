"""A clip through a function: frames in order, times and sound kept, and clear words where the function or the names are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylecam.engines.base import Image
from stylecam.errors import InputError, OutputError, UsageError
from stylecam.offline.process_video import process_video
from tests.unit.capture.clips import write_clip
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import read_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Return a clip of six frames, each of one grey."""
    path = tmp_path / "clip.mp4"
    write_clip(path, [np.full((48, 64, 3), 40 * n, np.uint8) for n in range(6)])
    return path


def test_every_frame_passes_once_in_order(clip: Path, tmp_path: Path) -> None:
    """With its number, and what comes back is what the clip shows, at the same times; reports count up to the last."""
    seen: list[tuple[int, int]] = []
    steps: list[int] = []

    def callback(frame: Image, index: int) -> Image:
        seen.append((index, int(frame.mean())))
        return np.asarray(255 - frame, np.uint8)

    done = process_video(clip, tmp_path / "out.mp4", callback, report=lambda report: steps.append(report.step))
    assert [index for index, _ in seen] == list(range(6))
    np.testing.assert_allclose([grey for _, grey in seen], [40 * n for n in range(6)], atol=2)
    result, source = read_clip(tmp_path / "out.mp4"), read_clip(clip)
    np.testing.assert_allclose([image.mean() for image in result.images], [255 - 40 * n for n in range(6)], atol=6)
    assert result.times == pytest.approx(source.times)
    assert (done.step, done.files["video"], steps) == (6, str(tmp_path / "out.mp4"), [1, 2, 3, 4, 5, 6, 6])


def test_times_and_sound_are_kept(tmp_path: Path) -> None:
    """Frames at odd times stand at the same ones afterwards, and every byte of the sound is as before."""
    source = make_clip(tmp_path / "in.mp4", [0, 33, 66, 150, 151, 400, 900, 933])
    process_video(source, tmp_path / "out.mp4", lambda frame, index: frame)
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert [float(time) for time in after.times] == pytest.approx([float(time) for time in before.times], abs=1e-3)
    assert before.sound
    assert [data for _, data in after.sound] == [data for _, data in before.sound]


def test_frames_may_have_another_size_but_only_one(clip: Path, tmp_path: Path) -> None:
    """The callback decides the clip's size with its first frame; a change midway is an error, and what was made plays."""
    process_video(clip, tmp_path / "small.mp4", lambda frame, index: np.ascontiguousarray(frame[::2, ::2]))
    assert read_clip(tmp_path / "small.mp4").images[0].shape == (24, 32, 3)
    with pytest.raises(ValueError, match=r"returned \(44, 64, 3\) for frame 4, and \(48, 64, 3\) before"):
        process_video(clip, tmp_path / "cut.mp4", lambda frame, index: frame[: 48 if index < 4 else 44])
    assert len(read_clip(tmp_path / "cut.mp4").images) == 4
    with pytest.raises(ValueError, match="uint8 RGB"):
        process_video(clip, tmp_path / "floats.mp4", lambda frame, index: frame / 255)
    assert not (tmp_path / "floats.mp4").exists()


def test_names_are_checked_first(clip: Path, tmp_path: Path) -> None:
    """A clip that is missing, a target that exists, is the clip itself, or is no MP4: a sentence, and no frame is read."""

    def callback(frame: Image, index: int) -> Image:
        raise AssertionError("a frame was read")

    taken = tmp_path / "taken.mp4"
    taken.write_bytes(b"precious")
    for source, target, error in (
        (tmp_path / "none.mp4", "out.mp4", InputError),
        (clip, taken, OutputError),
        (clip, clip, OutputError),
        (clip, tmp_path / "out.avi", UsageError),
        (tmp_path, tmp_path / "out.mp4", UsageError),
    ):
        with pytest.raises(error):
            process_video(source, target, callback)
    assert taken.read_bytes() == b"precious"
