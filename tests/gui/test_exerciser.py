"""The exerciser in a real window: it reports as it goes, counts what is raised, and ends."""

from __future__ import annotations

import logging
import threading

import pytest
from pytestqt.qtbot import QtBot

from stylecam.app.live import exercise
from stylecam.app.live.exercise import ExercisePlan
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core.progress import Progress
from stylecam.gui.live import exerciser
from stylecam.gui.live.exerciser import Exerciser
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World


@pytest.mark.slow
def test_a_run_is_reported_and_ends(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory, threads, files and the oldest frame at each rest; exceptions that were logged or ended a thread are counted."""
    monkeypatch.setattr(exercise, "_PATIENCE_S", 0.02)
    monkeypatch.setattr(exercise, "_REST_S", 0.01)
    monkeypatch.setattr(exercise, "_POLL_S", 0.01)
    monkeypatch.setattr(exerciser, "_LINGER_S", 0.0)
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    world = World()
    window = MainWindow(Session(tiny_pack(), world.services(), "tiny", Settings()), lambda _: "")
    qtbot.addWidget(window)
    window.show()
    plan = ExercisePlan(seed=1, seconds=0.2, sources=("pattern",), packs=("tiny",), change_s=0.2, changes_per_rest=1)
    ended = []
    Exerciser(window, plan, lambda: ended.append(True))
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    logging.getLogger("stylecam.test").info("a job failed", exc_info=OSError("the disk is gone"))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
    window.close()
    reports = [Progress.from_json(line) for line in capsys.readouterr().out.splitlines()]
    assert reports[-1].stage == "end"
    rest = next(report for report in reports if report.stage == "rest")
    assert rest.values["threads"] > 0
    assert rest.values["handles"] > 0
    assert rest.values["rss_mb"] > 10
    assert reports[-1].values["exceptions"] == 2
    assert "the disk is gone" in reports[-1].message


def test_a_window_whose_soak_was_killed_ends(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads any longer: the window does not go on for ever at full speed."""

    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError

    window = MainWindow(Session(tiny_pack(), World().services(), "tiny", Settings()), lambda _: "")
    qtbot.addWidget(window)
    ended: list[bool] = []
    monkeypatch.setattr(exerciser.sys, "stdout", Closed())
    Exerciser(window, ExercisePlan(seed=1, seconds=60.0, sources=("pattern",), packs=("tiny",)), lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
    window.close()
    assert ended == [True]
