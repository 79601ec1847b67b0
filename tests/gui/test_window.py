"""Every control of the window reaches the frame, and nothing that goes wrong takes the window down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QWheelEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from stylecam.app.settings import Settings
from stylecam.capture.base import CameraFormat
from stylecam.control.commands import HELD_FPS
from stylecam.core.mix import StyleMix
from stylecam.core.params import HOLD_FPS, QUALITY, RAW, SIZE, STRENGTH, Param, RenderParams
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.mirror import MIRROR
from stylecam.effects.temporal import CALM
from stylecam.engines.base import Image
from stylecam.errors import EngineError
from stylecam.gui.actions import action_specs, switches
from stylecam.gui.live.camera_menu import CameraMenu
from stylecam.gui.window import MainWindow
from tests.fakes import FakeEngine
from tests.live_fakes import PHOTO, World


def picture(qtbot: QtBot, world: World, window: MainWindow) -> Image:
    """Deliver frames until one is shown that was stylized with the controls as they stand."""
    wanted = window.controls.params()

    def good() -> bool:
        if window.shown is not None and not window.shown.starting and window.shown.params == wanted:
            return True
        world.feed.put()
        return False

    qtbot.waitUntil(good, timeout=20000)
    assert window.shown is not None
    return window.shown.image


def sent(qtbot: QtBot, window: MainWindow) -> RenderParams:
    """Wait until the controls have gone through the throttle, and return what the session stylizes with."""
    qtbot.waitUntil(lambda: window.session.params == window.controls.params(), timeout=5000)
    return window.session.params


def trigger(window: MainWindow, name: str) -> None:
    """Choose an action, as its menu entry or shortcut does."""
    window.actions_by_id[name].trigger()


def test_sliders_at_zero_show_the_photo(window: MainWindow, qtbot: QtBot, world: World) -> None:
    """An untouched rack is the plain photo, bit for bit."""
    np.testing.assert_array_equal(picture(qtbot, world, window), PHOTO)


def test_every_slider_reaches_the_mix(window: MainWindow, qtbot: QtBot, world: World) -> None:
    """Moving any one slider, by its keys too, gives exactly that style in the parameters and another frame."""
    for style, row in window.rack.rows.items():
        trigger(window, "reset")
        row.slider.setValue(40)
        assert sent(qtbot, window).mix == StyleMix({style: 0.4})
        qtbot.keyClick(row.slider, Qt.Key.Key_End)
        assert sent(qtbot, window).mix == StyleMix({style: 1.0})
        assert row.value.text() == "100"
        assert (picture(qtbot, world, window) != PHOTO).any()


def test_strength_and_colour_reach_the_parameters(window: MainWindow, qtbot: QtBot) -> None:
    """Both sliders write their percentage, and so do their keys."""
    window.side.sliders["strength"].setValue(50)
    window.side.sliders["keep_color"].setValue(30)
    params = sent(qtbot, window)
    assert (params[STRENGTH], params[KEEP_COLOR]) == (0.5, 0.3)
    for name in ("strength_up", "strength_up", "strength_down", "color_up", "color_down", "color_down"):
        trigger(window, name)
    params = sent(qtbot, window)
    assert (params[STRENGTH], params[KEEP_COLOR]) == (pytest.approx(0.55), pytest.approx(0.25))
    assert (window.side.sliders["strength"].value(), window.side.sliders["keep_color"].value()) == (55, 25)


@pytest.mark.parametrize("param", switches(), ids=lambda param: param.id)
def test_every_switch_reaches_its_parameter(window: MainWindow, qtbot: QtBot, param: Param[bool]) -> None:
    """Once is on, twice is off again; the button shows it."""
    for wanted in (True, False):
        trigger(window, param.id)
        assert sent(qtbot, window)[param] is wanted
        assert window.actions_by_id[param.id].isChecked() is wanted
        if param.persist and param is not MIRROR:
            assert window.settings().values()[param] is wanted


def test_only_cameras_are_mirrors(window: MainWindow, qtbot: QtBot, saved: list[Settings]) -> None:
    """A mirrored camera stays so when it is chosen again, while clips are shown as they are; the choice is remembered."""
    window.open_source("camera:0")
    trigger(window, "mirror")
    assert sent(qtbot, window)[MIRROR]
    window.open_source("demo")
    assert not sent(qtbot, window)[MIRROR]
    window.open_source("camera:0")
    assert sent(qtbot, window)[MIRROR]
    window.close()
    assert saved[0].values()[MIRROR]


def test_a_frame_rate_can_be_held(window: MainWindow, qtbot: QtBot) -> None:
    """The switch reaches the parameters, is remembered, and goes off again."""
    trigger(window, "hold")
    qtbot.waitUntil(lambda: window.session.params[HOLD_FPS] == HELD_FPS)
    assert window.settings().values()[HOLD_FPS] == HELD_FPS
    trigger(window, "hold")
    qtbot.waitUntil(lambda: window.session.params[HOLD_FPS] == 0)


def test_the_quality_can_be_chosen_and_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    """Somebody who starts for the first time has auto; a choice in the list reaches the parameters and stays for the next start."""
    assert Settings().values()[QUALITY] == "auto"
    box = window.bar.choices["quality"]
    for choice in ("fast", "auto", "fine"):
        box.setCurrentIndex(box.findData(choice))
        box.activated.emit(box.currentIndex())
        assert sent(qtbot, window)[QUALITY] == choice
        assert window.settings().values()[QUALITY] == choice
    assert window.settings().params["quality"] == "fine"


def test_somebody_who_starts_for_the_first_time_has_calm_on() -> None:
    """A room that shimmers is what they would see otherwise."""
    assert Settings().values()[CALM]


def test_normalise_is_on_and_can_be_switched_off(window: MainWindow, qtbot: QtBot) -> None:
    """Off means raw weights."""
    assert window.actions_by_id["normalise"].isChecked()
    trigger(window, "normalise")
    assert sent(qtbot, window)[RAW] is True


def test_size_reaches_the_parameters(window: MainWindow, qtbot: QtBot) -> None:
    """By the list and by the keys; the ends of the list hold."""
    window.bar.frame_size.setCurrentIndex(window.bar.frame_size.findData(384))
    window.bar.frame_size.activated.emit(window.bar.frame_size.currentIndex())
    assert sent(qtbot, window)[SIZE] == 384
    trigger(window, "smaller")
    trigger(window, "smaller")
    assert sent(qtbot, window)[SIZE] == 256
    trigger(window, "larger")
    assert sent(qtbot, window)[SIZE] == 384
    assert window.bar.frame_size.currentData() == 384


def test_bypass_shows_the_plain_photo(window: MainWindow, qtbot: QtBot, world: World) -> None:
    """The bypass key wins over any mix, and pressing it again brings the stylized frame back."""
    window.rack.rows["senecio"].slider.setValue(100)
    stylized = picture(qtbot, world, window)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    np.testing.assert_array_equal(picture(qtbot, world, window), PHOTO)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    np.testing.assert_array_equal(picture(qtbot, world, window), stylized)


def test_solo_and_lock_of_a_row(window: MainWindow, qtbot: QtBot) -> None:
    """The menu of a card shows its style alone and dims the others, or locks its slider; both also by action for the style touched last."""
    rows = window.rack.rows
    rows["senecio"].slider.setValue(40)
    rows["great_wave"].slider.setValue(60)
    choose(window, "senecio", "Show alone")
    assert sent(qtbot, window).mix == StyleMix({"senecio": 0.4})
    assert rows["senecio"].property("state") == "alone"
    assert rows["great_wave"].property("state") == "muted"
    choose(window, "senecio", "Show the whole mix")
    trigger(window, "solo")
    trigger(window, "solo")
    assert len(sent(qtbot, window).mix.weights) == 2
    choose(window, "senecio", "Lock")
    assert not rows["senecio"].slider.isEnabled()
    trigger(window, "reset")
    assert sent(qtbot, window).mix == StyleMix({"senecio": 0.4})
    qtbot.mouseClick(rows["senecio"].lock, Qt.MouseButton.LeftButton)
    assert rows["senecio"].slider.isEnabled()
    trigger(window, "lock")
    assert not rows["senecio"].slider.isEnabled()


def choose(window: MainWindow, style: str, words: str) -> None:
    """Choose an entry of a card's menu by how it begins."""
    next(action for action in window.rack.menu_for(style).actions() if action.text().startswith(words)).trigger()


def test_random_undo_and_redo(window: MainWindow, qtbot: QtBot) -> None:
    """Random changes the mix, undo brings the old one back to sliders and frame, redo the drawn one."""
    window.rack.rows["senecio"].slider.setValue(40)
    trigger(window, "random")
    drawn = sent(qtbot, window).mix
    trigger(window, "undo")
    assert sent(qtbot, window).mix == StyleMix({"senecio": 0.4})
    assert window.rack.rows["senecio"].slider.value() == 40
    trigger(window, "redo")
    assert sent(qtbot, window).mix == drawn


def test_search_hides_what_does_not_match(window: MainWindow) -> None:
    """The search looks at id, title, artist and year; clearing it shows all again."""
    window.rack.search.setText("senecio")
    assert [style for style, row in window.rack.rows.items() if row.isVisible()] == ["senecio"]
    window.rack.search.setText("no such style anywhere")
    assert not any(row.isVisible() for row in window.rack.rows.values())
    window.rack.search.clear()
    assert all(row.isVisible() for row in window.rack.rows.values())


def test_a_double_click_on_a_slider_is_zero(window: MainWindow, qtbot: QtBot) -> None:
    """The quick way out of one style."""
    slider = window.rack.rows["senecio"].slider
    slider.setValue(40)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=slider._knob().center())
    assert sent(qtbot, window).mix.is_silent
    beside = QPoint(round(slider.width() * 0.7), slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=beside)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=beside)
    assert slider.value() == pytest.approx(70, abs=4), "two quick clicks on the groove are two clicks"


def test_a_click_beside_the_groove_brings_the_knob_there(window: MainWindow, qtbot: QtBot) -> None:
    """The whole height of the slider answers, the knob comes at once to where the pointer is, and can be dragged on from there."""
    slider = window.rack.rows["senecio"].slider
    left = Qt.MouseButton.LeftButton
    for y in (1, slider.height() // 2, slider.height() - 2):
        slider.setValue(0)
        at = QPoint(round(slider.width() * 0.6), y)
        qtbot.mousePress(slider, left, pos=at)
        assert slider.value() == pytest.approx(60, abs=4)
        qtbot.mouseMove(slider, at + QPoint(round(slider.width() * 0.2), 0))
        assert slider.value() == pytest.approx(80, abs=7)
        qtbot.mouseRelease(slider, left, pos=at)
        slider.repaint()
    before = slider.value()
    qtbot.mouseClick(slider, left, pos=slider._knob().center())
    assert slider.value() == before, "a click on the knob moves nothing"


def test_the_keyboard_goes_as_a_person_does(window: MainWindow, qtbot: QtBot) -> None:
    """Tab: search, order, the mix, one card, strength. Arrows go from card to card and turn the weight; Enter is only this, Space adds."""
    key = Qt.Key
    cards = window.rack.rows
    window.activateWindow()
    window.rack.search.setFocus()
    qtbot.keyClick(window.rack.search, key.Key_Down)
    assert QApplication.focusWidget() is cards["starry_night"], "down goes from the search to the first card"
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Right)
    assert sent(qtbot, window).mix == StyleMix({"starry_night": 0.05})
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Down)
    assert QApplication.focusWidget() is cards["great_wave"]
    qtbot.keyClick(QApplication.focusWidget(), key.Key_End)
    assert window.controls.mix() == StyleMix({"starry_night": 0.05, "great_wave": 1.0})
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Return)
    assert window.controls.mix() == StyleMix({"great_wave": 1.0}), "Enter is only this style"
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Up)
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Space)
    assert window.controls.mix() == StyleMix({"starry_night": 1.0, "great_wave": 1.0}), "Space adds with the mean weight"
    trigger(window, "lock")
    assert window.controls.locked == {"starry_night"}, "the style whose card has the focus is meant"
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Tab)
    assert QApplication.focusWidget() is window.side.sliders["strength"], "all cards are one stop"
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is cards["starry_night"]
    qtbot.keyClick(QApplication.focusWidget(), key.Key_Up)
    assert QApplication.focusWidget() is window.rack.search


def test_what_is_shown_alone_is_said_and_ended_above_the_rack(window: MainWindow, qtbot: QtBot) -> None:
    """Also where its row is out of sight: a chip names it, and a click shows the mix again."""
    chip = window.rack.solo_chip
    window.rack.rows["great_wave"].slider.setValue(50)
    assert not chip.isVisible()
    window.controls.toggle_solo("senecio")
    assert chip.isVisible()
    assert "Senecio" in chip.text()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert not chip.isVisible()
    assert sent(qtbot, window).mix == StyleMix({"great_wave": 0.5})


def test_size_and_rate_of_a_camera_can_be_chosen(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The menu checks what is asked for; another format opens the camera again with it, and is remembered."""
    window.open_source("camera:0")
    qtbot.waitUntil(lambda: window.session.status().source.startswith("camera"))
    (menu,) = window.findChildren(CameraMenu)
    menu.refresh()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["1280×720, 30 fps"]
    next(action for action in menu.actions() if action.text() == "1920×1080, 60 fps").trigger()
    assert (world.feed.text, world.feed.camera) == ("camera:0", CameraFormat(1920, 1080, 60))
    menu.refresh()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["1920×1080, 60 fps"]
    assert window.settings().camera == "1920x1080@60"


def test_scrolling_the_rack_does_not_change_the_mix(window: MainWindow) -> None:
    """The wheel over a slider belongs to the rack."""
    slider = window.rack.rows["senecio"].slider
    slider.setValue(40)
    middle = QPointF(slider.rect().center())
    no_button, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turned, phase = QPoint(0, 120), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, slider.mapToGlobal(middle), QPoint(0, 0), turned, no_button, no_key, phase, False)
    QApplication.sendEvent(slider, event)
    assert slider.value() == 40


def test_sources_are_chosen_by_list_key_dialog_and_address(
    window: MainWindow, world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way opens its source and the list shows it; cameras that were found stand on the list."""
    qtbot.waitUntil(lambda: window.bar.source.findData("camera:0") >= 0)
    trigger(window, "pattern")
    assert world.feed.text == "pattern"
    window.bar.source.activated.emit(window.bar.source.findData("camera:0"))
    assert world.feed.text == "camera:0"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/somewhere/holiday.mp4", ""))
    trigger(window, "open_file")
    assert world.feed.text == "/somewhere/holiday.mp4"
    assert window.bar.source.currentText() == "holiday.mp4"
    monkeypatch.setattr(QInputDialog, "exec", lambda dialog: dialog.setTextValue(" http://127.0.0.1/x ") or 1)
    trigger(window, "open_url")
    assert world.feed.text == "http://127.0.0.1/x"
    for name, text in (("camera", ""), ("demo", "demo")):
        trigger(window, name)
        assert world.feed.text == text


def test_a_source_that_cannot_be_opened_is_said(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The sentence stays on screen, and the old source goes on."""
    window.open_source("nothing")
    qtbot.waitUntil(lambda: "choose another" in window.notice.text())
    assert len(world.feeds) == 1
    qtbot.mouseClick(window.notice.cross, Qt.MouseButton.LeftButton)
    assert window.notices.texts == []
    window.open_source("nothing")
    qtbot.waitUntil(lambda: window.notices.texts != [])
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.notices.texts == []


def test_a_wrong_file_leaves_the_frame(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """What cannot be shown is said in a notice; the list names again what is shown, which goes on without a banner."""
    world.broken["/clips/fake.mp4"] = "fake.mp4 is no clip; choose another."
    world.slow.add("/clips/fake.mp4")
    picture(qtbot, world, window)
    old = world.feed
    window.open_source("/clips/fake.mp4")
    assert window.bar.source.currentText() == "fake.mp4"
    world.feed.may_open.set()
    qtbot.waitUntil(lambda: window.notices.texts != [])
    assert window.notice.text() == "fake.mp4 is no clip; choose another."
    qtbot.waitUntil(lambda: window.bar.source.currentData() == "demo")
    before = window.frames_shown

    def goes_on() -> bool:
        old.put()
        return window.frames_shown > before

    qtbot.waitUntil(goes_on, timeout=20000)
    assert window.banner.text() == ""
    assert window.settings().source == "demo"
    world.broken.clear()
    world.slow.clear()
    (retry,) = window.notice.buttons
    assert retry.text() == "Retry"
    qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.settings().source == "/clips/fake.mp4")
    assert world.feed is not old


def test_a_lost_source_is_said_and_comes_back(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The last frame stays under a banner, which goes when frames come again."""
    kept = picture(qtbot, world, window)
    world.feed.problem = "The camera was unplugged; plug it in again."
    qtbot.waitUntil(window.banner.isVisible)
    assert "unplugged" in window.banner.text()
    assert window.shown is not None
    np.testing.assert_array_equal(window.shown.image, kept)
    world.feed.problem = ""
    qtbot.waitUntil(lambda: not window.banner.isVisible())


def test_a_dead_engine_shows_the_photo_and_a_sentence(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The photo passes through under a banner; restarting with a good engine stylizes again and the banner goes."""
    good = world.make_engine

    def fail(pack: object) -> FakeEngine:
        raise EngineError("No engine works here; run stylecam doctor.")

    world.make_engine = fail
    window.rack.rows["senecio"].slider.setValue(100)
    np.testing.assert_array_equal(picture(qtbot, world, window), PHOTO)
    assert window.banner.isVisible()
    assert "stylecam doctor" in window.banner.text()
    world.make_engine = good
    trigger(window, "restart")

    def stylized() -> bool:
        world.feed.put()
        return window.shown is not None and bool((window.shown.image != PHOTO).any())

    qtbot.waitUntil(stylized, timeout=20000)
    assert not window.banner.isVisible()


def test_a_snapshot_is_what_is_shown(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The shown frame is written in full size; without one, and with a full disk, that is said."""
    trigger(window, "snapshot")
    assert "no frame yet" in window.notice.text()
    window.rack.rows["senecio"].slider.setValue(100)
    shown = picture(qtbot, world, window)
    trigger(window, "snapshot")
    qtbot.waitUntil(lambda: bool(world.saved))
    np.testing.assert_array_equal(world.saved[0], shown)
    world.disk_full = True
    trigger(window, "snapshot")
    qtbot.waitUntil(lambda: any("disk is full" in text for text in window.notices.texts))


def test_recording_shows_its_time_and_drops(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The button shows timer and drops; the size is held meanwhile; stopping finishes the file and says its name."""
    trigger(window, "record")
    picture(qtbot, world, window)
    world.sinks[0].dropped = 3
    record = window.actions_by_id["record"]
    qtbot.waitUntil(lambda: "00:0" in record.iconText() and "3" in record.iconText())
    size_px = window.controls[SIZE]
    trigger(window, "smaller")
    assert window.controls[SIZE] == size_px
    trigger(window, "record")
    qtbot.waitUntil(lambda: "video.mp4" in window.notice.text())
    assert world.sinks[0].closed
    assert world.sinks[0].frames
    qtbot.waitUntil(lambda: record.iconText() == "Record" and not record.isChecked())


def test_another_pack_changes_the_rack(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Rows, mix and title are those of the new pack, and it stylizes; shared styles keep their weight."""
    window.rack.rows["senecio"].slider.setValue(40)
    window.open_pack("other")
    qtbot.waitUntil(lambda: list(window.rack.rows) == ["senecio", "new_one"])
    assert window.controls.mix() == StyleMix({"senecio": 0.4})
    assert not any("lacks" in text for text in window.notices.texts)
    assert "Other" in window.windowTitle()
    assert (picture(qtbot, world, window) != PHOTO).any()
    assert not window.banner.isVisible()
    window.open_pack("missing")
    qtbot.waitUntil(lambda: "no style pack" in window.notice.text())


def test_a_pack_that_lacks_styles_of_the_mix_says_so(window: MainWindow, qtbot: QtBot) -> None:
    """What leaves the mix with another pack is named."""
    window.controls.set_mix(StyleMix({"great_wave": 0.4, "senecio": 0.2}))
    window.open_pack("other")
    qtbot.waitUntil(lambda: any("It lacks Great Wave, which left the mix." in text for text in window.notices.texts))


def test_fullscreen_and_back(window: MainWindow) -> None:
    """Only the frame stays; F11 or Esc bring the rest back."""
    window.side.sliders["strength"].setFocus()
    trigger(window, "fullscreen")
    assert window.isFullScreen()
    assert not window.side.isVisible()
    assert not window.bar.isVisible()
    trigger(window, "leave_fullscreen")
    assert not window.isFullScreen()
    assert window.side.isVisible()
    assert not window.actions_by_id["fullscreen"].isChecked()
    assert window.focusWidget() is window.side.sliders["strength"], "the keyboard is where it was"
    window.showMaximized()
    trigger(window, "fullscreen")
    trigger(window, "leave_fullscreen")
    assert window.isMaximized(), "and the window as large"


def test_a_slow_engine_does_not_hold_up_the_controls(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """While the engine hangs, sliders move and their parameters are sent; a hundred moves cost one rendering, not a hundred."""
    entered, release = threading.Event(), threading.Event()
    calls = []

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            calls.append(1)
            entered.set()
            release.wait(30)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    world.make_engine = lambda pack: Hanging(pack.config)
    slider = window.rack.rows["senecio"].slider
    slider.setValue(1)
    sent(qtbot, window)
    world.feed.put()
    qtbot.waitUntil(entered.is_set, timeout=20000)
    for value in range(2, 101):
        slider.setValue(value)
    assert sent(qtbot, window).mix == StyleMix({"senecio": 1.0})
    assert len(calls) == 1
    release.set()
    picture(qtbot, world, window)
    assert len(calls) < 50


def test_bypass_shows_the_photo_while_the_engine_hangs(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """The audience sees the photo at once, and not the frame that was under way when the key was pressed."""
    stylizing, entered, release = threading.Event(), threading.Event(), threading.Event()

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            if stylizing.is_set():
                entered.set()
                release.wait(30)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    world.make_engine = lambda pack: Hanging(pack.config)
    shown: list[Image] = []
    show = window.preview.show_frame
    window.preview.show_frame = lambda pixels: (shown.append(pixels), show(pixels))  # type: ignore[assignment, func-returns-value, misc]
    window.rack.rows["senecio"].slider.setValue(100)
    picture(qtbot, world, window)
    stylizing.set()
    world.feed.put()
    qtbot.waitUntil(entered.is_set, timeout=20000)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    assert window.shown is not None
    photo = window.session.photo_of(window.shown)
    np.testing.assert_array_equal(shown[-1], photo)
    before = len(shown)
    release.set()
    np.testing.assert_array_equal(picture(qtbot, world, window), PHOTO)
    for pixels in shown[before:]:
        np.testing.assert_array_equal(pixels, photo)


def test_what_is_dropped_on_the_window_is_opened(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """A file or an address becomes the source, a style pack the rack."""
    for url, expected in ((QUrl.fromLocalFile("/clips/a.mp4"), "/clips/a.mp4"), (QUrl("http://127.0.0.1/x"), "http://127.0.0.1/x")):
        drop(window, url)
        assert world.feed.text == expected
    drop(window, QUrl.fromLocalFile("/packs/mine.stylepack"))
    qtbot.waitUntil(lambda: "new_one" in window.rack.rows)


def drop(window: MainWindow, url: QUrl) -> None:
    """Drag an address onto the window and let go."""
    data = QMimeData()
    data.setUrls([url])
    button, no_key, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, button, no_key)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), copy, data, button, no_key))


def test_closing_with_a_blocked_source_and_engine_returns(window: MainWindow, world: World, qtbot: QtBot, saved: list[Settings]) -> None:
    """Both hang: the window closes within seconds all the same, and the settings are remembered, once."""
    entered, release = threading.Event(), threading.Event()

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            entered.set()
            release.wait(60)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    world.make_engine = lambda pack: Hanging(pack.config)
    window.rack.rows["senecio"].slider.setValue(40)
    sent(qtbot, window)
    world.feed.may_close.clear()
    world.feed.put()
    qtbot.waitUntil(entered.is_set, timeout=20000)
    begin = time.monotonic()
    trigger(window, "quit")
    assert time.monotonic() - begin < 20
    release.set()
    world.feed.may_close.set()
    window.close()
    assert [settings.mix for settings in saved] == [{"senecio": 0.4}]
    assert saved[0].pack == "tiny"
    assert saved[0].source == "demo"


def test_shortcuts_are_unique_and_on_the_help_sheet(window: MainWindow) -> None:
    """Every action has a key of its own, and F1 lists every action with it."""
    keys = [QKeySequence(spec.shortcut).toString() for spec in action_specs()]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert len({spec.id for spec in action_specs()}) == len(action_specs())
    trigger(window, "help")
    assert window.help_sheet.isVisible()
    texts = [label.text() for label in window.help_sheet.findChildren(QLabel)]
    for spec in action_specs():
        assert spec.shortcut in texts
        assert spec.label in texts
        assert spec.help in texts
        assert window.actions_by_id[spec.id].shortcut().toString() == QKeySequence(spec.shortcut).toString()
    window.help_sheet.close()


def test_menu_keys_are_unique_in_the_menu_view() -> None:
    """Each entry with a letter behind & has it alone, those of the switches too, which get theirs by themselves."""
    texts = [spec.text for spec in action_specs() if spec.menu == "&View" and "&" in spec.text]
    letters = [text[text.index("&") + 1].lower() for text in texts]
    assert len(set(letters)) == len(letters) > len(switches())


def test_every_row_fits_the_smallest_window(window: MainWindow, qtbot: QtBot) -> None:
    """Slider, number and buttons of every row, and the bar's last button, lie inside the visible width."""
    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: window.width() == window.minimumWidth())
    assert window.minimumWidth() <= 800
    assert window.minimumHeight() <= 480
    for row in window.rack.rows.values():
        for widget in (row.slider, row.value, row.star, row.lock):
            assert widget.mapTo(window.rack, widget.rect().topRight()).x() < window.rack.width()
    assert window.bar.minimumSizeHint().width() <= window.bar.width()


def test_the_preview_keeps_proportions_and_copies(window: MainWindow, qtbot: QtBot, world: World) -> None:
    """The frame comes in the size of its place, so that drawing it is a copy, in the middle."""
    picture(qtbot, world, window)
    width, height = window.preview.place_px()

    def fits() -> bool:
        world.feed.put()
        return window.shown is not None and window.shown.preview.shape[:2] in (
            (height, round(height * 4 / 3)),
            (round(width * 3 / 4), width),
        )

    qtbot.waitUntil(fits, timeout=20000)
    target = window.preview.target()
    assert window.shown is not None
    assert (round(target.height()), round(target.width())) == window.shown.preview.shape[:2]
    assert abs(target.center().x() - window.preview.width() / 2) <= 1


def test_a_minimised_window_fetches_nothing(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """No frame is fetched while nobody can see it; the newest one comes back with the window."""
    picture(qtbot, world, window)
    window.showMinimized()
    before = window.shown
    world.feed.put()
    qtbot.waitUntil(lambda: window.session.ledger.snapshot()[0].get("rendered", 0) >= 2)
    window.show_newest()
    assert window.shown is before
    window.showNormal()
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not before)


def test_the_window_remembers_its_place(open_window: Callable[[], MainWindow], saved: list[Settings]) -> None:
    """The size comes back; nonsense in the settings is passed over."""
    first = open_window()
    first.resize(1000, 620)
    first.close()
    second = open_window()
    second.restore_geometry(saved[0])
    assert second.height() == 620  # the width is cut to the test's small screen
    second.restore_geometry(Settings(geometry="zz not hex"))
    assert second.height() == 620


def test_paths_of_packs_may_name_the_manifest(window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    """Choosing a pack's manifest opens the folder that it lies in."""
    asked: list[str] = []
    monkeypatch.setattr(window.session, "open_pack", asked.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/packs/mine/manifest.json", ""))
    trigger(window, "open_pack")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/packs/mine.stylepack", ""))
    trigger(window, "open_pack")
    assert asked == [str(Path("/packs/mine")), str(Path("/packs/mine.stylepack"))]
