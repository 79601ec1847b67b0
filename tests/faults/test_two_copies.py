"""Two copies of the program at once: files of both are whole, and neither takes a name from the other."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from stylecam.app import settings as settings_file
from stylecam.packs.library import PackLibrary
from tests.fakes import tiny_pack
from tests.unit.outputs.clips import read_clip

pytestmark = pytest.mark.faults

SAVES = """
import sys
from pathlib import Path
from stylecam.app.settings import Settings, save
for number in range(150):
    assert save(Settings(source=sys.argv[2] * 5000, mix={"senecio": number % 2}), Path(sys.argv[1])) == ""
"""

RECORDS = """
import datetime, sys
from pathlib import Path
from stylecam.outputs.names import new_path
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.snapshot import save_snapshot
from tests.unit.outputs.clips import frame, grey
folder, now = Path(sys.argv[1]), datetime.datetime(2026, 11, 26, 12, 0, 0)
level = int(sys.argv[2])
for _ in range(3):
    recorder = Recorder(new_path(folder, ["senecio"], ".mp4", now=now))
    for ms in range(0, 400, 40):
        recorder.write(frame(ms, grey(level)))
    recorder.close()
    save_snapshot(grey(level), folder, ["senecio"], now=now)
"""

INSTALLS = """
import sys
from pathlib import Path
from stylecam.errors import OutputError
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack
done = 0
for _ in range(40):
    try:
        save_pack(tiny_pack(seed=int(sys.argv[2])), Path(sys.argv[1]) / "mine", force=True)
        done += 1
    except OutputError:
        pass  # the other one was at it
assert done
"""


def both(script: str, folder: Path, words: tuple[str, str], repository: Path) -> list[subprocess.Popen[str]]:
    """Start a script twice at the same time."""
    return [
        subprocess.Popen([sys.executable, "-c", script, str(folder), word], cwd=repository, stderr=subprocess.PIPE, text=True)
        for word in words
    ]


def finish(copies: list[subprocess.Popen[str]]) -> None:
    """Wait for both, and look that they did not fail."""
    for copy in copies:
        _, err = copy.communicate(timeout=120)
        assert copy.returncode == 0, err


@pytest.mark.slow
def test_settings_saved_by_both(tmp_path: Path, repository: Path) -> None:
    """Whoever reads meanwhile sees one of them whole; the last one to save wins, with all of its settings."""
    copies, reads = both(SAVES, tmp_path, ("a", "b"), repository), 0
    while any(copy.poll() is None for copy in copies):
        settings, notice = settings_file.load(tmp_path)
        assert notice == ""
        assert settings.source in ("", "a" * 5000, "b" * 5000)
        reads += 1
    finish(copies)
    assert reads > 20
    assert settings_file.load(tmp_path)[0].source in ("a" * 5000, "b" * 5000)
    assert [entry.name for entry in tmp_path.iterdir()] == [settings_file.FILE_NAME]


def test_recordings_and_snapshots_of_the_same_second(tmp_path: Path, repository: Path) -> None:
    """Six clips and six images, each whole and of one copy alone, numbered."""
    finish(both(RECORDS, tmp_path, ("40", "200"), repository))
    clips = sorted(tmp_path.glob("*.mp4"))
    assert len(clips) == len(list(tmp_path.glob("*.png"))) == 6
    levels = []
    for path in clips:
        clip = read_clip(path)
        assert len(clip.times) == 10
        means = {round(float(image.mean()), -1) for image in clip.images}
        assert len(means) == 1
        levels.append(means.pop())
    assert sorted(levels) == [40.0] * 3 + [200.0] * 3
    assert len(list(tmp_path.iterdir())) == 12


@pytest.mark.slow
def test_packs_replaced_by_both(tmp_path: Path, repository: Path) -> None:
    """Where both replace the same one, it is there and sound in the end; who comes too late gets a sentence."""
    finish(both(INSTALLS, tmp_path, ("1", "2"), repository))
    assert PackLibrary([tmp_path]).load("mine").trunk in {tiny_pack(seed=1).trunk, tiny_pack(seed=2).trunk}


def test_a_clock_that_is_set_back_gives_no_name_twice(tmp_path: Path) -> None:
    """The same second comes again: the second recording gets a number."""
    from stylecam.outputs.names import new_path

    now = datetime.datetime(2026, 11, 26, 12, 0, 0)
    first = new_path(tmp_path, ["senecio"], ".mp4", now=now)
    first.write_bytes(b"mine")
    assert new_path(tmp_path, ["senecio"], ".mp4", now=now).name == f"{first.stem} (2).mp4"
