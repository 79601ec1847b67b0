"""Cold and warm start of the real app in a child process."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylecam.bench.app import startup as starts
from stylecam.bench.app.startup import forget_files, measure_starts


@pytest.mark.slow
def test_both_starts_show_the_window_before_the_first_stylized_frame(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program's files are forgotten once, before the first start; both starts share the user folders."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    forgotten: list[object] = []
    homes: list[object] = []
    run_app = starts.run_app

    def run(*arguments: object, **options: object) -> object:
        homes.append(options["home"])
        return run_app(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(starts, "forget_files", lambda folders: forgotten.append((len(homes), list(folders))))
    monkeypatch.setattr(starts, "run_app", run)
    found = measure_starts("live32")
    assert list(found) == ["cold", "warm"]
    assert all(0 < start.window_s < start.first_frame_s for start in found.values())
    ((before, folders),) = forgotten  # type: ignore[misc]
    assert before == 0
    assert Path(starts.__file__).resolve().parents[2] in folders
    assert homes[0] == homes[1]
    assert not Path(str(homes[0])).exists()


def test_forgotten_files_are_still_there(tmp_path: Path) -> None:
    """Every file below the folder is asked for once, also those deep down; links and folders are not, and nothing changes."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"a" * 10_000)
    (tmp_path / "b").write_text("b")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    assert forget_files([tmp_path, tmp_path / "missing"]) in (0, 2)  # 0: a system that cannot be asked
    assert (tmp_path / "deep" / "a").read_bytes() == b"a" * 10_000
