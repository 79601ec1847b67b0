"""The rack by mouse and keys: cards, what is in the mix, search, order, favourites, and what is shown before anything is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from stylecam.app.settings import Settings
from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH
from stylecam.gui.live import mix_strip
from stylecam.gui.live.about_style import AboutStyle
from stylecam.gui.live.audition import REST_MS
from stylecam.gui.live.mix_strip import Share, shares
from stylecam.gui.live.rack_menus import ORDERS
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from tests.live_fakes import World

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
STYLES = ("starry_night", "great_wave", "senecio")


def on_thumbnail(window: MainWindow, style: str) -> tuple[QWidget, QPoint]:
    """Return a card, and a point on its thumbnail."""
    card = window.rack.rows[style]
    return card, card.thumbnail.geometry().center()


def test_a_click_on_a_card_is_only_this_style_and_shift_adds(window: MainWindow, qtbot: QtBot) -> None:
    """The commonest first gesture has an effect, on thumbnail and name; one undo takes it back; a locked style stays."""
    window.controls.set_weight("great_wave", 0.3)
    card, at = on_thumbnail(window, "senecio")
    qtbot.mouseClick(card, LEFT, pos=at)
    assert window.controls.mix() == StyleMix({"senecio": 1.0})
    window.actions_by_id["undo"].trigger()
    assert window.controls.mix() == StyleMix({"great_wave": 0.3})
    qtbot.mouseClick(card, LEFT, SHIFT, pos=at)
    assert window.controls.mix() == StyleMix({"great_wave": 0.3, "senecio": 0.3})
    qtbot.mouseClick(card, LEFT, SHIFT, pos=at)
    assert window.controls.mix() == StyleMix({"great_wave": 0.3})
    window.controls.toggle_lock("great_wave")
    card, _ = on_thumbnail(window, "starry_night")
    qtbot.mouseClick(card, LEFT, pos=window.rack.rows["starry_night"].title_label.geometry().center())
    both = StyleMix({"starry_night": 1.0, "great_wave": 0.3})
    assert window.controls.mix() == both
    window.controls.toggle_lock("senecio")
    card, at = on_thumbnail(window, "senecio")
    qtbot.mouseClick(card, LEFT, pos=at)
    assert window.controls.mix() == both, "what is locked at zero cannot be the only style"


def test_a_click_beside_the_slider_is_no_click_on_the_card(window: MainWindow, qtbot: QtBot) -> None:
    """Where the slider was meant and missed, the mix stays."""
    window.controls.set_weight("great_wave", 0.3)
    card = window.rack.rows["senecio"]
    qtbot.mouseClick(card, LEFT, pos=QPoint(card.slider.geometry().right() + 1, card.slider.geometry().center().y()))
    assert window.controls.mix() == StyleMix({"great_wave": 0.3})


def test_a_number_is_typed_after_a_double_click(window: MainWindow, qtbot: QtBot) -> None:
    """Enter takes it, Escape leaves it, nonsense changes nothing; so it is with the sliders of options, in their unit."""
    value = window.rack.rows["senecio"].value
    qtbot.mouseDClick(value, LEFT)
    qtbot.keyClicks(value, "37")
    qtbot.keyClick(value, Qt.Key.Key_Return)
    assert window.controls.mix() == StyleMix({"senecio": 0.37})
    for keys, end in (("90", Qt.Key.Key_Escape), ("-", Qt.Key.Key_Return)):
        qtbot.mouseDClick(value, LEFT)
        qtbot.keyClicks(value, keys)
        qtbot.keyClick(value, end)
        assert (window.controls.mix(), value.text()) == (StyleMix({"senecio": 0.37}), "37")
    qtbot.mouseDClick(value, LEFT)
    qtbot.keyClicks(value, "400")
    qtbot.keyClick(value, Qt.Key.Key_Enter)
    assert value.text() == "100", "more than all is all"
    strength = window.side.sliders["strength"]
    qtbot.mouseDClick(strength.text, LEFT)
    qtbot.keyClicks(strength.text, "55 %")
    qtbot.keyClick(strength.text, Qt.Key.Key_Return)
    assert window.controls[STRENGTH] == pytest.approx(0.55)
    assert strength.value() == 55


def test_the_mix_is_seen_in_one_place(window: MainWindow, qtbot: QtBot) -> None:
    """A chip for every style that is in the mix, the most first, with the share that the network gets, and a cross."""
    strip = window.rack.strip
    assert not strip.chips
    assert strip.empty.isVisible()
    window.controls.set_mix(StyleMix({"starry_night": 0.6, "great_wave": 0.2, "senecio": 0.4}))
    assert {style: chip.share.text() for style, chip in strip.chips.items()} == {
        "starry_night": "50 %",
        "senecio": "33 %",
        "great_wave": "17 %",
    }
    assert list(strip.chips) == ["starry_night", "senecio", "great_wave"]
    window.controls.set(STRENGTH, 0.5)
    assert strip.chips["starry_night"].share.text() == "25 %"
    assert strip.photo.text() == "+ photo 50 %"
    qtbot.mouseClick(strip.total, LEFT)
    assert window.controls[RAW]
    assert (strip.total.text(), strip.chips["starry_night"].share.text()) == ("total 120 %", "30 %")
    qtbot.mouseClick(strip.chips["senecio"].cross, LEFT)
    assert window.controls.mix() == StyleMix({"starry_night": 0.6, "great_wave": 0.2})
    window.controls.toggle_solo("great_wave")
    assert strip.chips["great_wave"].property("state") == "alone"
    assert strip.chips["starry_night"].share.text() == "off"


def test_a_long_mix_is_seen_to_its_end(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Styles that have no chip are counted, and a menu lists them with their shares and takes them out; a chip has the menu of its card."""
    monkeypatch.setattr(mix_strip, "_MOST", 1)
    strip, styles = window.rack.strip, list(window.rack.rows)
    window.controls.set_mix(StyleMix(dict.fromkeys(styles[:3], 0.5)))
    assert (len(strip.chips), strip.more.text()) == (1, "and 2 more")
    menu = strip.more.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    first = menu.actions()[0]
    assert first.text() == f"{window.rack.rows[styles[1]].title}, 33 %"
    first.trigger()
    assert styles[1] not in window.controls.mix().weights
    chip = strip.chips[styles[0]]
    at = chip.rect().center()
    QApplication.sendEvent(chip, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, chip.mapToGlobal(at)))
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    assert popup.actions()[0].text() == "Only this style"
    popup.close()


def test_shares_are_what_the_network_gets() -> None:
    """The same numbers as the vector that it is given: scaled to 1 unless raw, times the strength."""
    mix = StyleMix({"a": 0.9, "b": 0.3})
    vector = mix.vector(("a", "b"))
    assert [each.share for each in shares(mix, raw=False, strength=1.0)] == pytest.approx(list(vector))
    assert shares(mix, raw=True, strength=0.5) == [Share("a", 0.45), Share("b", 0.15)]
    assert shares(StyleMix(), raw=False, strength=1.0) == []


def test_search_says_when_nothing_matches_and_escape_ends_it(window: MainWindow, qtbot: QtBot) -> None:
    """Accents do not matter; an empty result is a sentence; Escape shows all again and closes no notice on its way."""
    search = window.rack.search
    window.activateWindow()
    search.setFocus()
    window.tell("A notice.")
    qtbot.keyClicks(search, "SENÉCIO")
    assert [style for style, card in window.rack.rows.items() if card.isVisible()] == ["senecio"]
    qtbot.keyClicks(search, " 1492")
    assert window.rack.no_match.isVisible()
    assert "1492" in window.rack.no_match.text()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    assert not window.rack.no_match.isVisible()
    assert all(card.isVisible() for card in window.rack.rows.values())
    assert window.notices.texts == ["A notice."]


def test_cards_are_ordered_and_favourites_remembered(open_window: Callable[[], MainWindow], saved: list[Settings], qtbot: QtBot) -> None:
    """By favourites, by what was used last, by artist, and as the pack has them; stars and order come back at the next start."""
    window = open_window()
    assert window.rack.visible_styles() == list(STYLES)
    card = window.rack.rows["senecio"]
    card.setFocus()
    qtbot.mouseClick(card.star, LEFT)
    assert window.rack.favourites == {"senecio"}
    window.rack.set_order("favourites")
    assert window.rack.visible_styles()[0] == "senecio"
    window.controls.set_weight("great_wave", 0.5)
    window.controls.set_weight("great_wave", 0.0)
    window.controls.set_weight("senecio", 0.5)
    window.rack.set_order("used")
    assert window.rack.visible_styles() == ["senecio", "great_wave", "starry_night"]
    assert {order for order, _ in ORDERS} == {"pack", "used", "artist", "favourites"}
    window.close()
    again = open_window()
    again.restore_geometry(saved[0])
    assert again.rack.favourites == {"senecio"}
    assert again.rack.visible_styles() == ["senecio", "great_wave", "starry_night"]
    again.actions_by_id["favourite"].trigger()
    assert again.rack.favourites == {"senecio", again.controls.touched} or again.rack.favourites == set()


def test_a_style_tells_about_itself(window: MainWindow, qtbot: QtBot) -> None:
    """The right button opens a menu with all that can be done, whose last entry shows artist, licence and source."""
    texts = [action.text() for action in window.rack.menu_for("senecio").actions() if action.text()]
    assert texts == ["Only this style", "Add to the mix", "Show alone, keep the mix", *texts[3:]]
    window.rack.menu_for("senecio").actions()[-1].trigger()
    (sheet,) = window.findChildren(AboutStyle)
    style = window.session.pack.styles["senecio"]
    shown = " ".join(label.text() for label in sheet.findChildren(type(window.rack.no_match)))
    assert style.licence in shown
    assert style.title in shown
    sheet.close()


def test_a_long_sheet_of_a_style_fits_the_screen(window: MainWindow) -> None:
    """Then it scrolls, and its button to close it is in sight."""
    sheet = AboutStyle(replace(window.session.pack.styles["senecio"], source="words of a museum " * 90), window)
    sheet.show()
    QApplication.processEvents()
    screen = sheet.screen()
    assert screen is not None
    assert sheet.height() <= screen.availableGeometry().height()
    assert sheet.rect().contains(sheet.close_button.geometry())
    sheet.close()


def test_the_right_button_opens_the_menu_of_a_card(window: MainWindow, qtbot: QtBot) -> None:
    """Where it was pressed; the keyboard chooses from it."""
    card, at = on_thumbnail(window, "senecio")
    window.controls.set_weight("great_wave", 0.3)
    QApplication.sendEvent(card, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, card.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in range(3):
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert window.controls.solo == "senecio"
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_a_pointer_that_rests_shows_a_style_and_undo_knows_nothing(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """After a moment on a thumbnail its style is shown; it goes when the pointer leaves, and not while somebody records."""
    window.controls.set_weight("great_wave", 0.4)
    thumbnail = window.rack.rows["senecio"].thumbnail
    qtbot.mouseMove(window.preview)
    qtbot.mouseMove(thumbnail)
    qtbot.waitUntil(lambda: window.session.params.mix == StyleMix({"senecio": 1.0}), timeout=REST_MS + 5000)
    assert window.controls.mix() == StyleMix({"great_wave": 0.4})
    qtbot.mouseMove(window.preview)
    qtbot.waitUntil(lambda: window.session.auditioned == "")
    assert window.session.params.mix == StyleMix({"great_wave": 0.4})
    window.session.audition("senecio")
    window.controls.set_weight("great_wave", 0.5)
    qtbot.waitUntil(lambda: window.session.params.mix == StyleMix({"great_wave": 0.5}))
    window.session.switch_sink("record", on=True)
    window.session.audition("senecio")
    assert window.session.params.mix == StyleMix({"great_wave": 0.5}), "an audience sees no trial"


def test_cards_can_show_the_users_own_frame(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """One frozen frame in each style, rendered beside the live frames; the switch brings the style images back."""
    action = window.actions_by_id["my_frame"]
    action.trigger()
    assert not action.isChecked(), "there is no frame yet"
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not None)
    before = {style: card.thumbnail.pixmap().toImage() for style, card in window.rack.rows.items()}
    action.trigger()
    qtbot.waitUntil(lambda: all(card.thumbnail.pixmap().toImage() != before[style] for style, card in window.rack.rows.items()))
    assert not window.controls.can_undo
    action.trigger()
    assert all(card.thumbnail.pixmap().toImage() == before[style] for style, card in window.rack.rows.items())


def test_wide_racks_have_two_columns_and_low_ones_compact_cards(window: MainWindow) -> None:
    """The same cards, placed by the space there is; each slider answers on at least 16 pixels of height."""
    rack = window.rack
    rack.setFixedSize(520, 600)
    QApplication.processEvents()
    first, second = rack.rows["starry_night"], rack.rows["great_wave"]
    assert first.y() == second.y()
    assert first.thumbnail.width() >= 72
    rack.setFixedSize(300, 300)
    QApplication.processEvents()
    assert first.x() == second.x()
    assert first.thumbnail.width() < 72
    assert all(card.slider.height() >= 16 for card in rack.rows.values())


def test_titles_of_the_shipped_styles_can_be_read(window: MainWindow) -> None:
    """In two columns and in low windows too: in two lines at most, and no more than one title of the 32 is cut."""
    rack = window.rack
    rack.set_pack(pack_library().load("live32"))
    for size in ((492, 600), (492, 440), (350, 600), (350, 420)):
        rack.setFixedSize(*size)
        QApplication.processEvents()
        titles = [card.title_label.text() for card in rack.rows.values()]
        assert max(title.count("\n") for title in titles) <= 1
        assert sum("…" in title for title in titles) <= 1, size
        for card in rack.rows.values():
            assert card.title_label.height() >= card.title_label.sizeHint().height()
