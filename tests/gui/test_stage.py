"""What stands over the preview and beside it: comparison, zoom, countdown, marks, level meter, recording menu, photobooth."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from stylecam.app.live.interfaces import SinkStatus, Status
from stylecam.core.mix import StyleMix
from stylecam.core.recording_params import COUNTDOWN_S, FORMAT, LIMIT_S, NAME_PATTERN, RECORD_FOLDER, SNAPSHOT_FOLDER, SOUND, SOUND_DEVICE
from stylecam.gui.actions import menu_of
from stylecam.gui.live import photobooth
from stylecam.gui.live.looking import HOLD_KEY
from stylecam.gui.window import MainWindow
from stylecam.outputs.clip_formats import available_formats
from stylecam.render.stats import Numbers
from tests.live_fakes import World
from tests.sound_fakes import FakeSounddevice
from tests.unit.capture.test_microphone import TONE


def show_frame(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Wait for a frame of white, stylized to something else."""
    window.controls.set_mix(StyleMix({window.session.pack.style_ids[0]: 1.0}))
    world.feed.put(np.full((48, 64, 3), 255, np.uint8))
    qtbot.waitUntil(lambda: window.shown is not None and not window.shown.params.is_plain and not window.shown.starting)


def colour_at(window: MainWindow, x: float, y: float = 0.25) -> QColor:
    """Return what is drawn at a share of the frame."""
    frame = window.preview.target()
    image = window.preview.grab().toImage()
    ratio = image.devicePixelRatio()
    at = QPointF(frame.left() + x * frame.width(), frame.top() + y * frame.height()) * ratio
    return image.pixelColor(at.toPoint())


def is_photo(colour: QColor) -> bool:
    """White is."""
    return min(colour.red(), colour.green(), colour.blue()) > 250


def key(window: MainWindow, kind: QEvent.Type) -> None:
    """Press or release the key that holds the photo."""
    QApplication.sendEvent(window, QKeyEvent(kind, HOLD_KEY, Qt.KeyboardModifier.NoModifier))


def test_the_line_between_before_and_after_can_be_drawn(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Left of it is the photo, right of it what became of it; a double click on it puts it in the middle again."""
    show_frame(window, world, qtbot)
    assert not is_photo(colour_at(window, 0.2))
    window.run("split", True)
    assert is_photo(colour_at(window, 0.2))
    assert not is_photo(colour_at(window, 0.8))
    frame = window.preview.target()
    middle = frame.center().toPoint()
    far = QPoint(round(frame.left() + 0.9 * frame.width()), middle.y())
    qtbot.mousePress(window.preview, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(window.preview, far)
    qtbot.mouseRelease(window.preview, Qt.MouseButton.LeftButton, pos=far)
    assert window.stage.compare.at == pytest.approx(0.9, abs=0.02)
    assert is_photo(colour_at(window, 0.8))
    assert window.preview.cursor().shape() == Qt.CursorShape.SplitHCursor
    qtbot.mouseDClick(window.preview, Qt.MouseButton.LeftButton, pos=far)
    assert window.stage.compare.at == 0.5
    assert not window.isFullScreen()
    window.run("split", False)
    assert not is_photo(colour_at(window, 0.2))


def test_a_held_key_shows_the_photo_and_nobody_else_sees_it(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Until it is released, or the window is left; what is stylized goes on."""
    show_frame(window, world, qtbot)
    key(window, QEvent.Type.KeyPress)
    assert is_photo(colour_at(window, 0.8))
    assert not window.session.params.is_plain
    key(window, QEvent.Type.KeyRelease)
    assert not is_photo(colour_at(window, 0.8))
    key(window, QEvent.Type.KeyPress)
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert not window.stage.compare.held


def test_the_wheel_with_ctrl_zooms_to_what_is_below_the_mouse(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """That stays where it is; frames are made larger for it; drawing moves it, to its edges; a double click shows all again."""
    show_frame(window, world, qtbot)
    assert window.stage.marks.zoomed == ""
    preview, at = window.preview, QPointF(window.preview.width() * 0.3, window.preview.height() * 0.5)
    whole = preview.target()
    inside = (at.x() - whole.left()) / whole.width()

    def wheel(modifiers: Qt.KeyboardModifier) -> None:
        event = QWheelEvent(
            at, QPointF(preview.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 480), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(preview, event)

    wheel(Qt.KeyboardModifier.NoModifier)
    assert preview.zoom == 1
    before = preview.place_px()
    wheel(Qt.KeyboardModifier.ControlModifier)
    zoomed = preview.target()
    assert zoomed.width() == pytest.approx(whole.width() * 1.25**4, rel=0.01)
    assert (at.x() - zoomed.left()) / zoomed.width() == pytest.approx(inside, abs=0.01)
    assert preview.place_px()[0] == pytest.approx(before[0] * 1.25**4, rel=0.01)
    assert window.stage.marks.zoomed == "2.4× · double click shows all"
    qtbot.mousePress(preview, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    qtbot.mouseMove(preview, QPoint(4000, 100))
    qtbot.mouseRelease(preview, Qt.MouseButton.LeftButton, pos=QPoint(4000, 100))
    assert preview.target().left() == pytest.approx(0, abs=1)
    qtbot.mouseDClick(preview, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert preview.target() == whole
    assert not window.isFullScreen()
    qtbot.mouseDClick(preview, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert window.isFullScreen()


def status(**values: object) -> Status:
    """Return how a session stands."""
    return Status(numbers=Numbers(), source="", source_problem="", **values)  # type: ignore[arg-type]


def test_fullscreen_says_how_it_ends_and_that_it_records(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint goes after three seconds, the mark stays and has the time; in the window the button has it already."""
    marks, recording = window.stage.marks, status(sinks={"record": SinkStatus(67.0, 0)})
    marks.refresh(recording)
    assert (marks.recording, marks.hint) == ("", "")
    window.run("fullscreen", True)
    marks.refresh(recording)
    assert (marks.recording, marks.hint) == ("REC 01:07", "Esc ends fullscreen")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3.1)
    assert marks.hint == ""
    monkeypatch.undo()
    window.run("leave_fullscreen", False)
    marks.refresh(recording)
    assert (marks.recording, marks.hint) == ("", "")


def test_a_countdown_is_seen_over_the_frame_and_on_the_button(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """And Esc gives it up, or pressing the button again."""
    show_frame(window, world, qtbot)
    window.controls.set(COUNTDOWN_S, 10)
    record = window.actions_by_id["record"]
    record.trigger()
    assert window.session.recording.countdown == 10
    window.run("leave_fullscreen", False)
    assert window.session.recording.countdown == 0
    record.trigger()
    window.show_status()
    assert record.isChecked()
    assert record.iconText() == "in 10 …"
    before = window.preview.grab().toImage()
    assert window.stage.marks.countdown == 10
    record.trigger()
    window.show_status()
    assert not record.isChecked()
    assert window.stage.marks.countdown == 0
    assert window.preview.grab().toImage() != before
    assert world.sinks == []


def test_the_meter_shows_what_the_microphone_hears(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only while it is on."""
    fake = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    meter = window.stage.meter
    window.show_status()
    assert not meter.isVisible()
    window.actions_by_id["record_sound"].trigger()
    fake.stream.push(TONE)
    window.show_status()
    assert meter.isVisible()
    assert window.actions_by_id["record_sound"].isChecked()
    silent = meter.grab().toImage()

    def heard() -> bool:
        fake.stream.push(TONE)
        return bool(meter.grab().toImage() != silent)

    qtbot.waitUntil(heard)
    assert "dB" in meter.toolTip()
    window.actions_by_id["record_sound"].trigger()
    window.show_status()
    assert not meter.isVisible()


def test_the_menu_of_recordings_follows_and_sets_the_options(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats that can be written here, inputs that there are, countdown and timer; a value that is not listed has a line too."""
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSounddevice())
    menu, controls = window.stage.menu, window.controls
    controls.set(COUNTDOWN_S, 7)
    for each, words in (
        (menu.formats, list(available_formats().values())),
        (menu.inputs, ["The system's choice", "Built-in", "USB Mic", "Monitor of Speakers"]),
        (menu.offsets, ["100 ms earlier", "None", "50 ms later", "100 ms later", "200 ms later"]),
        (menu.countdowns, ["None", "3 seconds", "5 seconds", "10 seconds", "7"]),
        (menu.limits, ["No end", "10 seconds", "30 seconds", "1 minute", "5 minutes", "1 hour"]),
        (menu.lapses, ["Off", "5 times as fast", "20 times as fast", "A minute in a second", "Ten minutes in a second"]),
        (menu.loops, ["GIF: plays everywhere", "WebP: smaller, all colours"]),
    ):
        each.aboutToShow.emit()
        assert [action.text() for action in each.actions()] == words
        assert sum(action.isChecked() for action in each.actions()) == 1
    menu.formats.actions()[-1].trigger()
    menu.inputs.actions()[2].trigger()
    menu.countdowns.actions()[1].trigger()
    menu.limits.actions()[3].trigger()
    assert (controls[FORMAT], controls[SOUND_DEVICE], controls[COUNTDOWN_S], controls[LIMIT_S]) == ("png", "USB Mic", 3, 60.0)
    assert not controls[SOUND]
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    menu.inputs.aboutToShow.emit()
    (sentence,) = menu.inputs.actions()
    assert "pip install 'stylecam[sound]'" in sentence.text()
    assert not sentence.isEnabled()


def test_the_folder_of_recordings_is_opened(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was chosen, made if it is not there yet."""
    opened: list[str] = []
    monkeypatch.setattr("stylecam.gui.live.record_menu.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()))
    window.controls.set(RECORD_FOLDER, str(tmp_path / "mine"))
    window.run("open_recordings", False)
    assert [Path(path) for path in opened] == [tmp_path / "mine"]
    assert (tmp_path / "mine").is_dir()
    (tmp_path / "file").write_text("in the way")
    window.controls.set(RECORD_FOLDER, str(tmp_path / "file" / "below"))
    window.run("open_recordings", False)
    assert "cannot be made" in window.notice.text()
    assert len(opened) == 1


def test_folders_and_names_are_asked_for(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen is kept; giving up changes nothing; no name brings the usual one back."""
    answers = {"Recordings go to": str(tmp_path), "Snapshots go to": ""}
    monkeypatch.setattr("stylecam.gui.live.record_menu.QFileDialog.getExistingDirectory", lambda parent, title, folder: answers[title])
    asked = iter([("{styles}", True), ("", False), (" ", True)])
    monkeypatch.setattr("stylecam.gui.live.record_menu.QInputDialog.getText", lambda *args, **options: next(asked))
    menu = {action.text(): action for action in menu_of(window, "&Record").actions()}
    menu["Recordings &go to…"].trigger()
    menu["Snapshots go &to…"].trigger()
    assert (window.controls[RECORD_FOLDER], window.controls[SNAPSHOT_FOLDER]) == (str(tmp_path), "")
    for expected in ("{styles}", "{styles}", NAME_PATTERN.default):
        menu["&Names of files…"].trigger()
        assert window.controls[NAME_PATTERN] == expected


def test_the_photobooth_shows_one_shot_in_styles_and_saves_two(
    window: MainWindow, world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its countdown; a click on a tile saves the photo and what was chosen."""
    monkeypatch.setattr(photobooth, "COUNTDOWN_S", 1)
    show_frame(window, world, qtbot)
    window.run("photobooth", False)
    booth = window.stage.booth
    assert booth is not None
    assert window.stage.marks.shot == 1
    assert not booth.isVisible(), "people see themselves until the shot"
    window.run("leave_fullscreen", False)
    assert window.stage.marks.shot == 0
    window.run("photobooth", False)
    qtbot.waitUntil(lambda: booth.shot is not None and sum(tile.isEnabled() for tile in booth.tiles) == len(window.session.pack.style_ids))
    chosen = booth.tiles[1]
    assert chosen.accessibleName()
    assert not chosen.icon().isNull()
    booth.choose(chosen)
    qtbot.waitUntil(lambda: len(world.saved) == 2)
    assert not booth.isVisible()
    window.show_status()
    qtbot.waitUntil(lambda: bool(window.show_status() or "Saved" in window.notice.text()))
    booth.begin()
    assert booth.give_up()
    assert not booth._timer.isActive()


def test_the_right_button_opens_what_belongs_to_frame_and_buttons(window: MainWindow) -> None:
    """In fullscreen the menu of the frame is the only one; snapshot and record have the choices of recordings."""
    bar = window.bar.buttons
    for widget, words in ((window.preview, "Fullscreen"), (bar["record"], "Countdown"), (bar["snapshot"], "Countdown")):
        at = widget.rect().center()
        QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at)))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert words in [action.text().replace("&", "") for action in menu.actions()]
        menu.close()


def test_the_photobooth_fits_its_screen(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the screen is too small for its tiles they are smaller, and none is squeezed."""
    monkeypatch.setattr(photobooth, "_TILE", QSize(1200, 900))
    monkeypatch.setattr(photobooth, "COUNTDOWN_S", 1)
    window.run("photobooth", False)
    booth = window.stage.booth
    assert booth is not None
    booth._tick()
    assert "no frame yet" in booth.head.text()
    QApplication.processEvents()
    screen = booth.screen()
    assert screen is not None
    assert booth.height() <= screen.availableGeometry().height()
    assert booth.width() <= screen.availableGeometry().width()
    for tile in booth.tiles:
        assert tile.maximumHeight() - tile.height() < 4
        assert tile.height() > 120
    booth.close()


def test_a_snapshot_that_was_stylized_smaller_offers_the_whole(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The notice has a button for it, which saves it."""
    window.session.commands.run("size_px", 32)
    show_frame(window, world, qtbot)
    qtbot.waitUntil(lambda: window.shown is not None and window.shown.image.shape[1] == 32)
    window.run("snapshot", False)
    qtbot.waitUntil(lambda: bool(window.show_status() or "32×24 pixels" in window.notice.text()))
    assert [button.text() for button in window.notice.buttons] == ["Show in folder", "Save it in full, 64×48"]
    window.notice.buttons[1].click()
    qtbot.waitUntil(lambda: len(world.saved) == 2)
    assert world.saved[1].shape == (48, 64, 3)


def test_a_and_b_are_swapped(window: MainWindow, qtbot: QtBot) -> None:
    """The first time the present state is remembered; afterwards the key goes back and forth."""
    first, second = window.session.pack.style_ids[:2]
    window.controls.set_mix(StyleMix({first: 1.0}))
    window.run("swap", False)
    window.controls.set_mix(StyleMix({second: 0.5}))
    for mix in ({first: 1.0}, {second: 0.5}, {first: 1.0}):
        window.run("swap", False)
        assert dict(window.controls.mix().weights) == mix


def test_two_scenes_are_compared(window: MainWindow, qtbot: QtBot) -> None:
    """The menu of a scene makes it B; the key goes back and forth between it and the scene that is shown; a deleted one changes nothing."""
    mixes: list[dict[str, float]] = [{style: 1.0} for style in window.session.pack.style_ids[:2]]
    for number, mix in enumerate(mixes, 1):
        window.controls.set_mix(StyleMix(mix))
        window.session.scenes.keep(number)
    window.session.scenes.recall(1, 0.0)
    qtbot.waitUntil(lambda: dict(window.controls.mix().weights) == mixes[0])
    menu = window.scenes.menu_of(2)
    next(action for action in menu.actions() if action.text().startswith("&Compare")).trigger()
    for mix in (mixes[1], mixes[0], mixes[1]):
        window.run("swap", False)
        assert dict(window.controls.mix().weights) == mix
    window.session.scenes.delete(1)
    window.session.remembered.compare_with(1)
    window.run("swap", False)
    assert dict(window.controls.mix().weights) == mixes[0]
