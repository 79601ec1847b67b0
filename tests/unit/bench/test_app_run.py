"""The whole app as a child: its numbers come back, its end is reported, and nothing of it stays."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stylecam.bench.app import run as app_run
from stylecam.bench.app.run import follow_app, run_app
from stylecam.errors import EngineError

CHILD = """
import json, os, sys, time
arguments = sys.argv[1:]
value = lambda name: arguments[arguments.index(name) + 1]
if value("--source") == "broken":
    sys.exit("stylecam: The engine is dead.")
if value("--source") == "endless":
    print(os.getpid(), file=open(os.environ["SEEN"], "w"), flush=True)
    time.sleep(600)
print(os.environ["STYLECAM_HOME"], file=open(os.environ["SEEN"], "w"))
if "--stats" in arguments:
    numbers = {"first_shown_unix_s": time.time() + 1, "frames_shown": int(value("--frames")), "recorded": "--record" in arguments}
    numbers["moves"] = value("--moves") if "--trace" in arguments else None
    json.dump(numbers, open(value("--stats"), "w"))
else:
    for i in range(int(value("--source"))):
        print(json.dumps({"stage": "app", "step": i, "seconds": 5.0 * i}), flush=True)
    if "--silent" in arguments:
        time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put a small script in the place of the app."""
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = app_run._command

    def fake(home: str, arguments: list[str]) -> tuple[list[str], dict[str, str], str]:
        _, environment, screen = command(home, arguments)
        return [sys.executable, str(script), *arguments], environment, screen

    monkeypatch.setattr(app_run, "_command", fake)


def test_the_apps_numbers_come_back_with_its_start_up(tmp_path: Path) -> None:
    """Start-up counts from before the child; the child has its own user folders, and they are gone afterwards."""
    numbers = run_app("demo", 30, pack="live32", record=True)
    assert numbers["frames_shown"] == 30
    assert numbers["recorded"] is True
    assert numbers["screen"] == "offscreen"
    assert 1 <= numbers["startup_s"] < 60
    home = (tmp_path / "seen").read_text().strip()
    assert home != os.environ["STYLECAM_HOME"]
    assert not Path(home).exists()


def test_a_failing_app_is_reported_in_its_own_words(tmp_path: Path) -> None:
    """The child's sentence arrives, whichever way it was run."""
    with pytest.raises(EngineError, match="The engine is dead"):
        run_app("broken", 1, pack="live32")
    with pytest.raises(EngineError, match="The engine is dead"):
        list(follow_app(("--source", "broken"), str(tmp_path), 60))


def test_an_app_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is reported in a sentence, and neither the app nor the virtual screen around it is left behind."""
    monkeypatch.setattr(app_run, "_TIMEOUT_S", 3.0)
    with pytest.raises(EngineError, match="did not show 7 frames in 3 s"):
        run_app("endless", 7, pack="live32")
    if (tmp_path / "seen").exists():  # it had the time to write its number
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "seen").read_text()), 0)


def test_a_run_in_a_home_that_is_named(tmp_path: Path) -> None:
    """Runs that follow each other may share their folders, which stay; a traced run asks for its moves."""
    numbers = run_app("demo", 1, pack="live32", moves=3, home=tmp_path)
    assert (tmp_path / "seen").read_text().strip() == str(tmp_path)
    assert numbers["moves"] == "3"
    assert numbers["begun_ns"] > 0
    assert tmp_path.exists()


def test_reports_are_passed_on_until_the_app_ends(tmp_path: Path) -> None:
    """They come as the app prints them, and end with it."""
    assert [report.step for report in follow_app(("--source", "3"), str(tmp_path), 60)] == [0, 1, 2]


def test_an_app_that_falls_silent_is_ended(tmp_path: Path) -> None:
    """One that hangs is not waited for, and that is an error after its reports."""
    run = follow_app(("--source", "2", "--silent"), str(tmp_path), 1)
    assert [next(run).step for _ in range(2)] == [0, 1]
    with pytest.raises(EngineError, match="before its time"):
        next(run)
