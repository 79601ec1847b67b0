"""The page of the first start, the preferences, and the menu Help."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from stylecam.app.settings import Settings
from stylecam.core.params import SIZE
from stylecam.core.window_params import START_SOURCE
from stylecam.gui.help_menu import Report, TextSheet
from stylecam.gui.main import WindowJob, build_window
from stylecam.gui.preferences import Preferences, pages
from stylecam.gui.widgets.theme import theme
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World


@pytest.fixture
def preferences(window: MainWindow) -> Preferences:
    """Return the preferences, opened by their action."""
    window.actions_by_id["preferences"].trigger()
    assert window.extras.preferences is not None
    return window.extras.preferences


def test_the_first_page_tells_what_is_seen_and_goes_with_a_click(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Source with its size, quality, gestures and folders; it fits the preview, and the menu Help brings it again."""
    window.extras.help["welcome"].trigger()
    page = window.extras.welcome
    qtbot.waitUntil(lambda: world.feed.put() is None and "demo 64x48" in page.camera.text(), timeout=20000)
    texts = " ".join(label.text() for label in page.findChildren(QLabel))
    for word in ("Click", "Shift+click", "Drag", "Snapshots: ", "Recordings: "):
        assert word in texts
    assert window.preview.rect().contains(page.geometry())
    qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
    assert not page.isVisible()


def test_the_first_page_is_whole_at_once(window: MainWindow) -> None:
    """Opened from the menu of a window that runs, its rows have their height with the first look, not a moment later."""
    window.resize(1280, 800)
    QApplication.processEvents()
    page = window.extras.welcome
    page.open_page()
    height = page.height()
    for _ in range(3):
        QApplication.processEvents()
    page.refresh()
    assert page.height() == height


def test_no_camera_is_said(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Where the demo clip plays instead of a camera, the page says so, and what to do."""
    window.open_source("")
    qtbot.waitUntil(lambda: world.feed.put() is None and window.session.source == "" and window.shown is not None, timeout=20000)
    window.extras.welcome.open_page()
    assert window.extras.welcome.camera.text().startswith("No camera found: the demo clip plays.")
    qtbot.keyClick(window.extras.welcome, Qt.Key.Key_Return)
    assert not window.extras.welcome.isVisible()


def test_every_declared_option_has_a_field_that_sets_it(preferences: Preferences, window: MainWindow) -> None:
    """Built of the declarations: each field, turned as a user does, is what the session has afterwards."""
    count = 0
    for params in pages().values():
        for param in params:
            field = preferences.fields[param.id]
            if isinstance(field, QCheckBox):
                before = window.controls[param]
                field.click()
                assert window.controls[param] is not before
            elif isinstance(field, QComboBox) and len(param.choices) > 1:
                other = next(value for value in param.choices if value != window.controls[param])
                field.setCurrentIndex(field.findData(other))
                field.activated.emit(field.currentIndex())
                assert window.controls[param] == other
            elif isinstance(field, (QSpinBox, QDoubleSpinBox)):
                field.setValue(int(param.high) if isinstance(field, QSpinBox) else param.high)
                assert window.controls[param] == param.high
            else:
                continue
            count += 1
    assert count > 15
    preferences.list.setCurrentRow(1)
    preferences.reset()
    assert window.controls[SIZE] == SIZE.first


@pytest.mark.slow
def test_a_folder_is_typed_and_what_was_turned_elsewhere_is_shown(preferences: Preferences, window: MainWindow, qtbot: QtBot) -> None:
    """A folder by its line; opened again, the page has the values of the moment."""
    line = preferences.fields["record_folder"].findChild(QLineEdit)
    assert line is not None
    line.setText("/tmp/clips")
    line.editingFinished.emit()
    assert window.session.settings().params["record_folder"] == "/tmp/clips"
    assert preferences.fields["record_folder"].findChild(QPushButton) is not None
    window.session.commands.run("size_px", 320)
    window.actions_by_id["preferences"].trigger()
    field = preferences.fields["size_px"]
    assert isinstance(field, QSpinBox)
    assert field.value() == 320
    box = preferences.fields["theme"]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("light"))
    box.activated.emit(box.currentIndex())
    assert theme.name == "light"
    theme.apply("dark")


@pytest.mark.parametrize(("start", "opened"), [("last", "clip.mp4"), ("camera", ""), ("demo", "demo"), ("pattern", "pattern")])
def test_the_window_begins_with_what_was_chosen(start: str, opened: str, world: World, qtbot: QtBot) -> None:
    """What was shown last, the first camera, the demo clip or the pattern; a source that is named wins."""
    settings = Settings(source="clip.mp4", mix={}, params={START_SOURCE.id: start})
    job = WindowJob(world.services(), tiny_pack(), "tiny", settings, lambda _: "")
    for source, text in (("", opened), ("named.mp4", "named.mp4")):
        window = build_window(replace(job, source=source))
        assert world.feed.text == text
        window.close()
        window.deleteLater()


def test_the_menu_help_has_guide_licences_and_about(window: MainWindow) -> None:
    """Each opens a sheet with its text."""
    for name, word in (("guide", "window"), ("licences", "PyQt6"), ("about", "GNU General Public License")):
        window.extras.help[name].trigger()
        sheet = next(each for each in window.findChildren(TextSheet) if each.isVisible())
        assert word in sheet.text.toPlainText()
        sheet.close()


def test_a_report_goes_to_the_clipboard(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doctor prints, with a sentence what to do; a program that cannot be started is said too."""
    said: Callable[[], list[str]] = lambda: window.notices.texts  # noqa: E731
    monkeypatch.setattr(Report, "command", (sys.executable, "-c", "print('machine: fine')"))
    window.extras.help["report"].trigger()
    qtbot.waitUntil(lambda: any("on the clipboard" in text for text in said()), timeout=30000)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "machine: fine"
    monkeypatch.setattr(Report, "command", ("/no/such/program",))
    window.extras.help["report"].trigger()
    qtbot.waitUntil(lambda: any("in a terminal" in text for text in said()), timeout=30000)


def test_the_video_alone_and_always_on_top(window: MainWindow, qtbot: QtBot) -> None:
    """Both are a tick in the menu View; the window stays where it is, and Esc brings everything back."""
    place = window.geometry()
    window.actions_by_id["alone"].trigger()
    assert not window.bar.isVisible()
    assert not window.side.isVisible()
    assert window.preview.isVisible()
    window.actions_by_id["leave_fullscreen"].trigger()
    assert window.bar.isVisible()
    assert not window.actions_by_id["alone"].isChecked()
    window.actions_by_id["on_top"].trigger()
    assert window.isVisible()
    assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert window.geometry() == place
    window.actions_by_id["on_top"].trigger()
    assert not window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
