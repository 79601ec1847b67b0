import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylecam.errors import OutputError
from stylecam.outputs import parts
from stylecam.outputs.parts import PartFile, finish_leftovers
from stylecam.outputs.recorder import Recorder
from tests.unit.outputs.clips import frame, grey, read_clip, starts_with_its_index


def test_frames_keep_their_times(tmp_path: Path) -> None:
    """Uneven times, with a gap, come out as they went in, counted from the first; the last frame is shown as long as the one before."""
    recorder = Recorder(tmp_path / "a.mp4")
    times_ms = [5000, 5033, 5101, 5140, 7000, 7040]
    for ms in times_ms:
        recorder.write(frame(ms))
    recorder.close()
    assert recorder.paths == [tmp_path / "a.mp4"]
    clip = read_clip(tmp_path / "a.mp4")
    assert [float(time) for time in clip.times] == pytest.approx([(ms - 5000) / 1000 for ms in times_ms], abs=1 / 90_000)
    assert clip.seconds == pytest.approx(2.08, abs=1e-3)
    assert recorder.seconds == pytest.approx(2.04, abs=1e-3)
    assert recorder.frames == 6
    assert [int(image.mean()) for image in clip.images] == pytest.approx([ms // 10 % 256 for ms in times_ms], abs=4)


def test_the_finished_file_is_what_every_player_takes(tmp_path: Path) -> None:
    """H.264, yuv420p, BT.709 said and meant, index in front, one file and nothing beside it."""
    colors = np.zeros((48, 64, 3), np.uint8)
    colors[:, :32], colors[:, 32:] = (200, 30, 60), (20, 180, 90)
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in (0, 40, 80):
        recorder.write(frame(ms, colors))
    recorder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert starts_with_its_index(tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.pix_fmt, codec.colorspace, codec.color_range) == ("h264", "yuv420p", 1, 1)
        assert (codec.color_primaries, codec.color_trc) == (1, 1)
    image = read_clip(tmp_path / "a.mp4").images[-1]
    np.testing.assert_allclose(image[24, 10].astype(int), colors[24, 10], atol=4)
    np.testing.assert_allclose(image[24, 50].astype(int), colors[24, 50], atol=4)


def test_odd_sizes_are_made_even(tmp_path: Path) -> None:
    """H.264 takes even sizes: the last column and row stand twice."""
    recorder = Recorder(tmp_path / "a.mp4")
    recorder.write(frame(0, grey(90, 63, 47)))
    recorder.close()
    clip = read_clip(tmp_path / "a.mp4")
    assert clip.images[0].shape == (48, 64, 3)
    assert np.ptp(clip.images[0]) <= 4


def test_times_that_stand_or_run_back_do_not_end_the_recording(tmp_path: Path) -> None:
    """Every frame is kept, each later than the one before."""
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in (0, 100, 100, 40, 200):
        recorder.write(frame(ms))
    recorder.close()
    times = read_clip(tmp_path / "a.mp4").times
    assert len(times) == 5
    assert times == sorted(set(times))
    assert times[-1] == Fraction(1, 5)


def test_another_size_begins_another_file(tmp_path: Path) -> None:
    """A clip has one size: changing the source or size while recording keeps both parts, each from its own first frame."""
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in (0, 40, 80):
        recorder.write(frame(ms))
    for ms in (120, 160):
        recorder.write(frame(ms, grey(9, 32, 32)))
    recorder.close()
    recorder.close()
    assert recorder.paths == [tmp_path / "a.mp4", tmp_path / "a (2).mp4"]
    assert recorder.result == f"Recorded {recorder.paths[0]} and {recorder.paths[1]}."
    assert recorder.seconds == pytest.approx(0.12)
    assert [[float(time) for time in read_clip(path).times] for path in recorder.paths] == [
        pytest.approx([0, 0.04, 0.08]),
        pytest.approx([0, 0.04]),
    ]
    with pytest.raises(ValueError, match="closed"):
        recorder.write(frame(120))


def test_nothing_written_leaves_nothing(tmp_path: Path) -> None:
    """Closing an unused recorder makes no file, and says so once."""
    recorder = Recorder(tmp_path / "a.mp4")
    with pytest.raises(OutputError, match="Nothing was recorded"):
        recorder.close()
    recorder.close()
    assert recorder.paths == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A name that is taken, being recorded to, or taken before the end is not used."""
    (tmp_path / "a.mp4").write_bytes(b"mine")
    recorders = [Recorder(tmp_path / "a.mp4") for _ in range(2)]
    for recorder in recorders:
        recorder.write(frame(0))
    (tmp_path / "a (2).mp4").write_bytes(b"also mine")
    for recorder in recorders:
        recorder.close()
    assert recorders[0].path == tmp_path / "a (4).mp4"
    assert recorders[1].path == tmp_path / "a (3).mp4"
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"
    assert (tmp_path / "a (2).mp4").read_bytes() == b"also mine"


def test_a_part_that_a_crash_left_takes_no_name_away(tmp_path: Path) -> None:
    """The new clip gets the name it was given; the old part stays as it is."""
    (tmp_path / "a.part.mp4").write_bytes(b"left")
    recorder = Recorder(tmp_path / "a.mp4")
    recorder.write(frame(0))
    recorder.close()
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "a.part.mp4"}
    assert (tmp_path / "a.part.mp4").read_bytes() == b"left"


def test_the_file_plays_while_it_grows(tmp_path: Path) -> None:
    """A copy taken at any moment holds all but the last moment, so that a power cut costs no more."""
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in range(0, 10_000, 40):
        recorder.write(frame(ms))
    copy = tmp_path / "copy.mp4"
    copy.write_bytes((tmp_path / "a.part.mp4").read_bytes())
    clip = read_clip(copy)
    assert clip.times[0] == 0
    assert clip.times[-1] > 10 - 2
    recorder.close()


KILLED = """
import sys, time
from pathlib import Path
from stylecam.outputs.recorder import Recorder
from tests.unit.outputs.clips import frame
recorder = Recorder(Path(sys.argv[1]))
for ms in range(0, 8000, 40):
    recorder.write(frame(ms))
print("recording", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_a_killed_recording_plays_and_is_finished_later(tmp_path: Path, repository: Path) -> None:
    """After kill -9 the part plays up to the last moment; while it is written nobody touches it, afterwards it is made a common MP4."""
    target = tmp_path / "stylecam x.mp4"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(target)], cwd=repository, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"recording\n"
            assert finish_leftovers(tmp_path) == []
        finally:
            process.send_signal(signal.SIGKILL)
    assert read_clip(tmp_path / "stylecam x.part.mp4").times[-1] > 8 - 2
    assert finish_leftovers(tmp_path) == [target]
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert starts_with_its_index(target)
    assert read_clip(target).times[-1] > 8 - 2


def test_leftovers_that_are_no_clips_stay(tmp_path: Path) -> None:
    """A part that cannot be read is left alone, an empty one goes, other files are none of ours; a missing folder is no error."""
    (tmp_path / "stylecam bad.part.mp4").write_bytes(b"damaged" * 100)
    (tmp_path / "stylecam empty.part.mp4").touch()
    (tmp_path / "download.part.mp4").touch()
    assert finish_leftovers(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["download.part.mp4", "stylecam bad.part.mp4"]
    assert finish_leftovers(tmp_path / "missing") == []


def test_a_torn_end_costs_the_last_frames_only(tmp_path: Path) -> None:
    """A part that ends in the middle of a fragment is finished up to there."""
    recorder = Recorder(tmp_path / "whole.mp4")
    for ms in range(0, 10_000, 40):
        recorder.write(frame(ms, np.random.default_rng(ms).integers(0, 255, (48, 64, 3), np.uint8)))
    data = (tmp_path / "whole.part.mp4").read_bytes()
    recorder.close()
    (tmp_path / "stylecam torn.part.mp4").write_bytes(data[:-300])
    assert finish_leftovers(tmp_path) == [tmp_path / "stylecam torn.mp4"]
    clip = read_clip(tmp_path / "stylecam torn.mp4")
    assert clip.times[-1] > 10 - 2
    assert starts_with_its_index(tmp_path / "stylecam torn.mp4")


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from stylecam.errors import OutputError
from stylecam.outputs.recorder import Recorder
from tests.unit.outputs.clips import frame
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
recorder = Recorder(Path(sys.argv[1]))
noise = np.random.default_rng(0)
try:
    for ms in range(0, 100_000, 40):
        recorder.write(frame(ms, noise.integers(0, 255, (48, 64, 3), np.uint8)))
except OutputError as error:
    print(error)
try:
    recorder.close()
except OutputError as error:
    print(error)
else:
    print(recorder.finished)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes")
def test_a_file_that_may_not_grow_is_reported_and_plays(tmp_path: Path, repository: Path) -> None:
    """When the system refuses to write (here: a true limit on the file's size), a sentence says so and what was written plays."""
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "a.mp4")], cwd=repository, capture_output=True, text=True, check=False, timeout=200
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    refused, _, finished = run.stdout.strip().partition("\n")
    assert refused.startswith(f"'{tmp_path / 'a.mp4'}' cannot be written: file too large. What was written before plays as it is: '")
    (left,) = tmp_path.iterdir()
    assert str(left) in finished
    assert len(read_clip(left).times) > 20


def test_a_disk_too_full_to_finish_keeps_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says where the part lies; it plays, and no half file has the final name."""
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in range(0, 400, 40):
        recorder.write(frame(ms))

    def full(part: Path, path: Path, chapters: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts, "_remux", full)
    with pytest.raises(OutputError, match=r"could not be finished: the disk is full\. .* plays as it is: '.*a\.part\.mp4'"):
        recorder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.part.mp4"]
    assert len(read_clip(tmp_path / "a.part.mp4").times) == 10


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    """There is no place for the file."""
    with pytest.raises(OutputError, match="cannot be written: no such file or directory"):
        Recorder(tmp_path / "none" / "a.mp4").write(frame(0))


def test_a_part_is_new_and_whole(tmp_path: Path) -> None:
    """A part never opens over another file, and writes all it is given."""
    file = PartFile(tmp_path / "a")
    assert file.write(b"x" * 100_000) == 100_000
    file.release()
    assert (tmp_path / "a").stat().st_size == 100_000
    with pytest.raises(FileExistsError):
        PartFile(tmp_path / "a")
