"""Starting the window from the shell's wishes: first mix, settings, and runs of so many frames."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from stylecam.app.settings import Settings
from stylecam.control.scenes import Scene
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.effects.registry import every_param
from stylecam.effects.temporal import CALM
from stylecam.errors import EngineError, InputError, OutputError
from stylecam.gui import main
from stylecam.gui.main import WindowJob, build_window, guarded, run_frames
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def job(world: World) -> WindowJob:
    """Return a job of a first start."""
    return WindowJob(world.services(), tiny_pack(), "tiny", Settings(params={"size_px": 0}), lambda _: "", source="demo")


@pytest.fixture
def build(qapp: QApplication, world: World) -> Iterator[Callable[[WindowJob], MainWindow]]:
    """Build windows, with a source that delivers, and close them at the end."""
    windows: list[MainWindow] = []
    timer = QTimer()
    timer.timeout.connect(lambda: world.feed.put())

    def build(job: WindowJob) -> MainWindow:
        windows.append(build_window(job))
        windows[-1].show()
        timer.start(10)
        return windows[-1]

    yield build
    timer.stop()
    for window in windows:
        window.close()


def test_a_first_start_opens_on_a_mix(job: WindowJob, build: Callable[[WindowJob], MainWindow]) -> None:
    """Not 32 sliders at zero: styles that look good together, and nothing to undo."""
    window = build(job)
    assert window.controls.mix() == StyleMix({"starry_night": 0.6, "great_wave": 0.4})
    assert not window.controls.undo()
    assert window.controls.params()[CALM]
    assert window.rack.rows["starry_night"].slider.value() == 60


def test_a_scene_comes_instead_of_the_mix(job: WindowJob, build: Callable[[WindowJob], MainWindow]) -> None:
    """At once and in place of what was left; undo leads back to that."""
    scene = Scene.of(RenderParams(StyleMix({"senecio": 0.7, "gone": 0.3})), "Waves")
    window = build(replace(job, scene=scene, settings=Settings(mix={"great_wave": 1.0})))
    assert window.controls.mix() == StyleMix({"senecio": 0.7})
    assert any("Scene 'Waves' is shown without gone" in event.text for event in window.session.take_events())
    window.actions_by_id["undo"].trigger()
    assert window.controls.mix() == StyleMix({"great_wave": 1.0})


def test_a_later_start_opens_as_it_was_left(job: WindowJob, world: World, build: Callable[[WindowJob], MainWindow]) -> None:
    """Mix, strength, colours, switches, size, locks and source come back; a style that the pack lost is passed over."""
    options = {"strength": 0.7, "keep_color": 0.2, "raw": True, "size_px": 320, "hold_fps": 15.0, "steady": True, "calm": False}
    settings = Settings(
        source="pattern", pack="tiny", mix={"senecio": 0.4, "gone": 1.0}, locked=("senecio", "gone"), params={**options, "posterize": 0.4}
    )
    window = build(replace(job, settings=settings, source=""))
    params = window.controls.params()
    assert params.mix == StyleMix({"senecio": 0.4})
    by_id = {param.id: param for param in every_param()}
    assert {name: params[by_id[name]] for name in settings.params} == settings.params
    assert window.controls.locked == {"senecio"}
    assert world.feed.text == "pattern"
    remembered = replace(window.settings(), geometry="")
    assert remembered == replace(settings, mix={"senecio": 0.4}, locked=("senecio",), used=("senecio",))


def test_silence_is_remembered_too(job: WindowJob, build: Callable[[WindowJob], MainWindow]) -> None:
    """Who left with all sliders at zero finds them at zero: only a first start is given a mix."""
    assert build(replace(job, settings=Settings(mix={}))).controls.mix().is_silent


def test_the_mix_of_the_shell_wins(job: WindowJob, build: Callable[[WindowJob], MainWindow]) -> None:
    """--mix replaces the settings' mix; the notice of damaged settings is shown."""
    window = build(
        replace(job, settings=Settings(mix={"senecio": 0.4}), mix=StyleMix({"great_wave": 1.0}), notice="The settings are damaged.")
    )
    assert window.controls.mix() == StyleMix({"great_wave": 1.0})
    assert window.notice.isVisible()


def test_a_run_of_frames_writes_screenshot_and_numbers(
    job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow], tmp_path: Path
) -> None:
    """So many stylized frames are shown, then the screenshot and the numbers are there, with everything a bench needs."""
    job = replace(job, frames=3, screenshot=tmp_path / "window.png", stats=tmp_path / "stats.json")
    window = build(job)
    assert run_frames(qapp, window, job) == 0
    picture = QImage(str(tmp_path / "window.png"))
    assert picture.width() == round(window.width() * window.devicePixelRatioF())
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames_shown"] >= 3
    assert stats["events"]["shown"] >= 3
    assert stats["engine"] == "fake u8 on CPU"
    assert stats["size"] == [64, 48]
    assert stats["problem"] == ""
    assert {"engine", "preview"} <= stats["stages_ms"].keys()
    assert stats["latency_ms"] > 0


def test_a_run_with_a_dead_engine_fails_but_leaves_its_evidence(
    job: WindowJob, world: World, qapp: QApplication, build: Callable[[WindowJob], MainWindow], tmp_path: Path
) -> None:
    """The exit is an engine's error with its sentence; screenshot and numbers are written all the same."""

    def fail(pack: object) -> None:
        raise EngineError("No engine works here; run stylecam doctor.")

    world.make_engine = fail  # type: ignore[assignment]
    job = replace(job, frames=2, screenshot=tmp_path / "window.png", stats=tmp_path / "stats.json")
    with pytest.raises(EngineError, match="stylecam doctor"):
        run_frames(qapp, build(job), job)
    assert "stylecam doctor" in json.loads((tmp_path / "stats.json").read_text())["problem"]
    assert (tmp_path / "window.png").exists()


def test_a_run_without_frames_gives_up(
    job: WindowJob, world: World, qapp: QApplication, build: Callable[[WindowJob], MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that delivers nothing ends the run after a while, with the source's own sentence."""
    monkeypatch.setattr(main, "PATIENCE_S", 0.5)
    job = replace(job, frames=2)
    window = build(job)
    monkeypatch.setattr(world.feed, "put", lambda: None)
    world.feed.problem = "The camera is used by another program; close that."
    with pytest.raises(EngineError, match=r"used by another program.* So only 0 of 2 frames"):
        run_frames(qapp, window, job)


def test_a_run_of_an_image_says_that_it_gives_one_frame(
    job: WindowJob, world: World, qapp: QApplication, build: Callable[[WindowJob], MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine works, so nobody is sent to look for a fault in it."""
    monkeypatch.setattr(main, "PATIENCE_S", 0.5)
    job = replace(job, frames=9)
    window = build(job)
    put, given = world.feed.put, iter([True])
    monkeypatch.setattr(world.feed, "put", lambda: put() if next(given, False) else None)
    with pytest.raises(InputError, match=r"Only 1 of 9 frames .* an image gives one"):
        run_frames(qapp, window, job)


def test_a_screenshot_that_cannot_be_written_is_said(
    job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow], tmp_path: Path
) -> None:
    """A missing folder is a sentence, not a success."""
    job = replace(job, frames=1, screenshot=tmp_path / "none" / "window.png")
    with pytest.raises(OutputError, match="cannot be written"):
        run_frames(qapp, build(job), job)


def test_ctrl_c_ends_the_window_in_good_order(job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow]) -> None:
    """The loop is left at once, the shell gets its KeyboardInterrupt, and Ctrl-C means afterwards what it meant before."""
    before = signal.getsignal(signal.SIGINT)
    window = build(job)
    QTimer.singleShot(50, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), guarded(qapp, window):
        qapp.exec()
    assert signal.getsignal(signal.SIGINT) is before


def test_the_system_may_end_it(job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow]) -> None:
    """A wish to terminate, as at logging out, leaves the loop without an error."""
    window = build(job)
    QTimer.singleShot(50, lambda: signal.raise_signal(signal.SIGTERM))
    with guarded(qapp, window):
        assert qapp.exec() == 0


def test_a_fault_in_a_slot_is_reported(
    job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow], caplog: pytest.LogCaptureFixture
) -> None:
    """The window lives on with a sentence, instead of PyQt ending the program."""
    window = build(job)
    with guarded(qapp, window):
        sys.excepthook(ValueError, ValueError("a slip"), None)
    assert "a slip" in window.notice.text()
    assert "fault" in caplog.text


def test_a_run_tells_how_fast_it_was_on_the_screen(
    job: WindowJob, qapp: QApplication, build: Callable[[WindowJob], MainWindow], tmp_path: Path
) -> None:
    """The bench's numbers: frames per second on the screen, the slowest latencies, when the first frame came, memory."""
    job = replace(job, frames=8, stats=tmp_path / "stats.json")
    begun = time.time()
    assert run_frames(qapp, build(job), job) == 0
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["shown_fps"] > 0
    assert stats["shown_latency_p95_ms"] >= stats["shown_latency_ms"] > 0
    assert begun <= stats["first_shown_unix_s"] <= time.time()
    assert stats["peak_rss_mb"] is None or stats["peak_rss_mb"] > 10
