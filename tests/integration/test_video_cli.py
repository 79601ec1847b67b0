"""The whole program paints a clip in a process of its own."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stylecam.core.progress import Progress
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import read_clip, starts_with_its_index


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "stylecam", "video", *map(str, arguments)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signal")
def test_ctrl_c_in_a_real_process(tmp_path: Path, repository: Path) -> None:
    """The first Ctrl-C finishes the clip with what was painted; it plays, and the exit code says that it was stopped."""
    source = make_clip(tmp_path / "in.mp4", range(0, 40_000, 40), sound_ms=40_000)
    command = _command(source, "-o", tmp_path / "out.mp4", "--style", "starry_night", "--strength", "0", "--json")
    # Nobody reads on behind the first line, so the pipe fills up and the clip cannot be done before the signal comes.
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert Progress.from_json(process.stdout.readline()).step == 1
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=200)
    assert process.returncode == 130, err
    said = re.fullmatch(r"stylecam: stopped; '(.+)' plays, but holds only (\d+) of 1000 frames\.\n", err)
    assert said is not None, err
    step = int(said[2])
    assert (said[1], step < 1000) == (str(tmp_path / "out.mp4"), True)
    clip = read_clip(tmp_path / "out.mp4")
    assert len(clip.times) == step
    assert starts_with_its_index(tmp_path / "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_a_clip_with_the_shipped_pack(tmp_path: Path, repository: Path) -> None:
    """The default pack and engine paint a clip without torch being needed; nothing but the result's line is said."""
    source = make_clip(tmp_path / "in.mp4", [0, 40, 80], sound_ms=120)
    command = _command(source, "-o", tmp_path / "out.mp4", "--style", "starry_night=0.5,great_wave=0.5")
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{tmp_path / 'out.mp4'}: 3 frames, ")
    assert done.stderr.count("\n") == 1
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert len(after.times) == 3
    assert abs(after.images[1].astype(int) - before.images[1].astype(int)).mean() > 5
