"""The parts around preview and rack: notices, status and details, the bar, recent files, the help sheet, drops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from stylecam.app.live.interfaces import Status
from stylecam.app.settings import Settings
from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.gui.actions import MENUS, action_specs, menu_of
from stylecam.gui.live.help import balanced
from stylecam.gui.live.status_text import SourceRate, details, numbers_line
from stylecam.gui.live.transport import ASKING
from stylecam.gui.window import MainWindow
from stylecam.render.live import Rendered
from stylecam.render.stats import Numbers
from tests.live_fakes import PHOTO, World

LEFT = Qt.MouseButton.LeftButton


def shown(
    *, engine: str = "openvino int8 on CPU: AMD EPYC", quality: str = "fast (auto: fine takes 61 ms)", scale: float = 1.0
) -> Rendered:
    """Return a finished frame."""
    return Rendered(
        image=PHOTO,
        preview=np.zeros((48, 64, 4), np.uint8),
        params=RenderParams(StyleMix({"senecio": 1.0})),
        frame=Frame(PHOTO, 0, 0),
        done_ns=0,
        engine=engine,
        quality=quality,
        scale=scale,
    )


def test_the_status_is_for_people_and_details_for_experts() -> None:
    """Frames per second of the source's and the quality; engine, processor, times and drops only in the details."""
    numbers = Numbers(fps=22.4, latency_ms=61.2, stages_ms={"engine": 40.0, "calm": 2.0})
    status = Status(numbers=numbers, source="demo.mp4 640×480", source_problem="", drops={"render busy": 9800})
    assert numbers_line(status, shown(), 30.0) == "22 of 30 frames per second · fast"
    assert numbers_line(status, shown(scale=0.75), 22.0) == "22 frames per second · fast · smaller, 75 %"
    assert numbers_line(status, None) == "demo.mp4 640×480"
    photo = Status(numbers=Numbers(), source="cat.jpg", source_problem="")
    assert numbers_line(photo, shown(engine="")) == "cat.jpg · plain photo", "a photo has no rate"
    lines = dict(details(status, shown(), 30.0))
    assert lines["Engine"] == "openvino int8"
    assert lines["Processor"] == "CPU: AMD EPYC"
    assert lines["Stages"] == "network 40.0 ms, temporal smoothing 2.0 ms"
    assert lines["Left out"] == "busy stylizing 9800"
    assert lines["Latency"].startswith("61 ms")
    assert "Latency" not in dict(details(replace(photo, numbers=numbers), shown())), "nor a latency"


def test_the_rate_of_the_source_is_counted() -> None:
    """From a count that grows; unknown until a second has passed."""
    now = [0.0]
    rate = SourceRate(clock=lambda: now[0])
    counted = []
    for second in range(9):
        now[0] = second / 4
        counted.append(rate.note(second * 6))
    assert counted[1] == 0
    assert counted[-1] == pytest.approx(24)


def test_details_are_shown_and_copied(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """F9 opens the panel below the preview; its button puts the lines on the clipboard."""
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not None)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert window.details.isVisible()
    assert "Frame: 64×48" in window.details.text()
    window.details.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == window.details.text()
    window.details.closed.emit()
    assert not window.actions_by_id["details"].isChecked()


def test_a_notice_gives_its_commands_to_the_clipboard(window: MainWindow) -> None:
    """What is to be typed in a terminal need not be typed again; and complaints stay when many notices come."""
    window.warn("There is no driver: `sudo apt install it`, then `sudo modprobe it`.")
    for number in range(6):
        window.tell(f"Notice {number}.")
    assert window.notices.texts[-1].startswith("There is no driver")
    for _ in range(3):
        window.notices.close_newest()
    (copy,) = window.notice.buttons
    assert copy.text() == "Copy commands"
    copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "sudo apt install it\nsudo modprobe it"


def test_notices_stack_close_and_can_be_acted_on(window: MainWindow, qtbot: QtBot) -> None:
    """The newest is on top; a cross or Escape closes one; an offer closes its notice and acts; no more than four stand at a time."""
    acted = []
    window.notices.say("one")
    window.notices.say("two", [("Retry", lambda: acted.append("retry"))], is_problem=True)
    assert window.notices.texts == ["two", "one"]
    assert window.notices.isVisible()
    qtbot.mouseClick(window.notice.buttons[0], LEFT)
    assert acted == ["retry"]
    assert window.notices.texts == ["one"]
    window.notices.say("one")
    assert window.notices.texts == ["one"], "what stands there already is not said twice"
    for number in range(6):
        window.notices.say(f"more {number}")
    assert window.notices.texts == [f"more {number}" for number in (5, 4, 3, 2)]
    qtbot.mouseClick(window.notice.cross, LEFT)
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.notices.texts == []
    window.notices.say("short", stays_s=0.05)
    qtbot.waitUntil(lambda: window.notices.texts == [])
    qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_notices_call_files_by_their_names(window: MainWindow) -> None:
    """Where they lie is in the tooltip; addresses and words in quotation marks stay as they are."""
    window.notices.say(
        "'/home/me/my clips/fake.mp4' cannot be read, nor 'C:\\clips\\b.mp4', nor 'rtsp://cam/none' as 'clip'.", is_problem=True
    )
    assert window.notices.texts == ["'fake.mp4' cannot be read, nor 'b.mp4', nor 'rtsp://cam/none' as 'clip'."]
    assert "/home/me/my clips/fake.mp4" in window.notice.toolTip()
    window.notices.say("Done.")
    assert window.notice.toolTip() == ""


def test_a_notice_looks_like_its_kind(window: MainWindow) -> None:
    """What complains has a red frame, and what comes after it in the same place has none."""

    def is_red() -> bool:
        edge = window.notice.grab().toImage().pixelColor(window.notice.width() // 2, 0)
        return edge.red() > edge.green() + 60

    window.notices.say("It failed.", is_problem=True)
    assert is_red()
    window.notices.close_newest()
    window.notices.say("It worked.")
    assert len(window.notices.texts) == 1
    assert not is_red()


def test_notices_lie_over_the_preview_and_take_no_space(window: MainWindow, qtbot: QtBot) -> None:
    """The preview keeps its size, and the notices stay within it when it shrinks."""
    window.resize(900, 600)
    QApplication.processEvents()
    before = window.preview.size()
    window.notices.say("A sentence that is long enough to take two lines where the window is narrow, and not one word is cut off.")
    QApplication.processEvents()
    assert window.preview.size() == before
    window.resize(700, 420)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: window.preview.rect().contains(window.notices.geometry()))


def test_the_banner_can_be_closed_and_offers_a_restart(window: MainWindow) -> None:
    """It comes again only with another problem."""
    offered: list[str] = []
    window.notices.show_problem("The engine failed.", [("Restart", lambda: offered.append("restart"))])
    assert window.banner.isVisible()
    assert [button.text() for button in window.banner.buttons] == ["Restart"]
    window.banner.cross.click()
    window.notices.show_problem("The engine failed.")
    assert not window.banner.isVisible()
    window.notices.show_problem("The camera was unplugged.")
    assert window.banner.isVisible()
    window.notices.show_problem("")


def test_a_saved_file_can_be_shown(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The notice of a snapshot has a button for its folder."""
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not None)
    window.actions_by_id["snapshot"].trigger()
    qtbot.waitUntil(lambda: "shot.png" in window.notice.text())
    assert "Show in folder" in [button.text() for button in window.notice.buttons]


def test_the_list_of_sources_asks_too(window: MainWindow, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Open photo or clip stands below the sources; who thinks better of it still sees what is shown."""
    box = window.bar.source
    texts = [box.itemText(at) for at in range(box.count())]
    assert texts[-len(ASKING) :] == [text for _, text in ASKING]
    monkeypatch.setattr(window._ask, "file", lambda: "")
    box.setCurrentIndex(box.count() - len(ASKING))
    box.activated.emit(box.currentIndex())
    assert box.currentText() == "Demo clip"
    monkeypatch.setattr(window._ask, "file", lambda: "/clips/holiday.mp4")
    box.activated.emit(box.count() - len(ASKING))
    assert world.feed.text == "/clips/holiday.mp4"
    assert box.currentText() == "holiday.mp4"


def test_file_dialogs_begin_where_they_ended(
    open_window: Callable[[], MainWindow], saved: list[Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each for itself, also after a restart: clips in the folder of the last clip, packs at home as long as none was chosen."""
    (tmp_path / "clips").mkdir()
    window = open_window()
    began: list[str] = []

    def choose(_: object, title: str, folder: str, files: str) -> tuple[str, str]:
        began.append(folder)
        return (str(tmp_path / "clips" / "a.mp4"), files) if "clip" in title else ("", "")

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    for name in ("open_file", "open_file", "open_pack"):
        window.actions_by_id[name].trigger()
    assert began == [str(Path.home()), str(tmp_path / "clips"), str(Path.home())]
    window.close()
    again = open_window()
    again.restore_geometry(saved[0])
    again.actions_by_id["open_file"].trigger()
    assert began[-1] == str(tmp_path / "clips")
    (tmp_path / "clips").rmdir()
    again.actions_by_id["open_file"].trigger()
    assert began[-1] == str(Path.home()), "a folder that is gone"


def test_an_address_has_a_long_field(window: MainWindow, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """So that the whole of it can be read before it is opened."""
    widths: list[int] = []

    def answer(dialog: QInputDialog) -> int:
        dialog.setTextValue(" rtsp://camera/1 ")
        widths.append(dialog.width())
        return 1

    monkeypatch.setattr(QInputDialog, "exec", answer)
    window.actions_by_id["open_url"].trigger()
    assert widths[0] >= 500
    assert world.feed.text == "rtsp://camera/1"


def test_recent_files_are_remembered(open_window: Callable[[], MainWindow], saved: list[Settings], world: World, qtbot: QtBot) -> None:
    """The newest first, without cameras, what has an entry anyway and what never came; one can be opened, and the list cleared."""
    window = open_window()
    world.broken["/clips/broken.mp4"] = "It is damaged."
    for source in ("/clips/a.mp4", "camera:0", "/clips/b.mp4", "nothing", "pattern", "/clips/broken.mp4", "/clips/a.mp4"):
        window.open_source(source)
        qtbot.waitUntil(lambda: window.session.source == window.session.settled_source)
        window.show_status()
    window.close()
    assert saved[0].recent == ("/clips/a.mp4", "/clips/b.mp4")
    again = open_window()
    again.restore_geometry(saved[0])
    actions = again.recent.actions()
    assert [action.text() for action in actions if action.text()] == ["a.mp4", "b.mp4", "Clear this list"]
    actions[1].trigger()
    assert world.feed.text == "/clips/b.mp4"
    qtbot.waitUntil(lambda: again.session.settled_source == "/clips/b.mp4")
    again.show_status()
    again.recent.actions()[-1].trigger()
    again.show_status()
    assert not again.recent.isEnabled()
    again.recent.remember("rtsp://hall/1")
    assert again.recent.actions()[0].text() == "rtsp://hall/1", "the last part of an address is no name"


def test_what_is_held_over_the_window_shows_itself(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """A file over the window says what would happen, until it is let go or taken away."""
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not None)
    plain = window.preview.grab().toImage()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/clips/a.mp4")])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, enter)
    assert window.preview.grab().toImage() != plain
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert window.preview.grab().toImage() == plain


def test_the_help_sheet_has_two_columns_of_one_height_and_scrolls(window: MainWindow, qtbot: QtBot) -> None:
    """Nothing of it is cut on a small screen, and no line within a label."""
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = window.help_sheet
    (scroll,) = sheet.findChildren(QScrollArea)
    screen = sheet.screen()
    assert screen is not None
    assert sheet.height() <= screen.availableSize().height()
    inner = scroll.widget()
    assert inner is not None
    assert inner.height() >= inner.minimumSizeHint().height(), "what does not fit is scrolled to"
    for label in inner.findChildren(QLabel):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())
    left, right = balanced([("a", [("", "", "")] * 5), ("b", [("", "", "")] * 3), ("c", [("", "", "")] * 2)])
    assert ([name for name, _ in left], [name for name, _ in right]) == (["a"], ["b", "c"])
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_menus_have_groups_and_every_menu_has_entries(window: MainWindow) -> None:
    """File, Record, Mix, View, Source, Tools, Help, in this order, with lines between what belongs together."""
    bar = window.menuBar()
    assert bar is not None
    assert [action.text() for action in bar.actions()] == list(MENUS)
    for title in MENUS:
        assert menu_of(window, title).actions()
    for title in ("&Record", "&Mix", "&View"):
        assert sum(action.isSeparator() for action in menu_of(window, title).actions()) >= 2
    assert {spec.menu for spec in action_specs()} == set(MENUS)


def test_the_window_is_never_larger_than_its_screen(window: MainWindow) -> None:
    """Neither when it opens nor at its smallest; the panel keeps its share of the width until the user draws the line."""
    screen = window.screen()
    assert screen is not None
    assert window.width() <= screen.availableSize().width()
    assert window.height() <= screen.availableSize().height()
    assert (window.minimumWidth(), window.minimumHeight()) <= (800, 480)
    for width, share in ((700, 0.35), (790, 0.35)):
        window.resize(width, 480)
        QApplication.processEvents()
        assert window.side.width() / window.width() == pytest.approx(share, abs=0.03)
        assert window.bar.minimumSizeHint().width() <= width


def test_the_line_between_frame_and_cards_stays_where_it_was_drawn(
    open_window: Callable[[], MainWindow], saved: list[Settings], qtbot: QtBot
) -> None:
    """When the window is resized, and at the next start."""
    window = open_window()
    window.resize(760, 480)
    QApplication.processEvents()
    handle = window.side.parentWidget().handle(1)  # type: ignore[union-attr]
    middle = handle.rect().center()
    qtbot.mousePress(handle, LEFT, pos=middle)
    qtbot.mouseMove(handle, QPoint(middle.x() - 90, middle.y()))
    qtbot.mouseRelease(handle, LEFT, pos=QPoint(middle.x() - 90, middle.y()))
    share = window.side.width() / window.width()
    assert share > 0.42
    window.resize(790, 480)
    QApplication.processEvents()
    assert window.side.width() / window.width() == pytest.approx(share, abs=0.02)
    window.close()
    assert saved[0].panel == pytest.approx(share, abs=0.02)
    again = open_window()
    again.resize(760, 480)
    again.restore_geometry(saved[0])
    QApplication.processEvents()
    assert again.side.width() / again.width() == pytest.approx(share, abs=0.03)
