"""What a person sees of a state: where the keyboard is, what is on, which entry of a list is meant. Judged by pixels, in both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QSize, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QLabel, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from stylecam.core.mix import StyleMix
from stylecam.gui.live.about_style import AboutStyle
from stylecam.gui.live.card import ShortLabel
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.palette import DARK, LIGHT, contrast
from stylecam.gui.widgets.theme import style_sheet, theme
from stylecam.gui.window import MainWindow
from tests.live_fakes import World


@pytest.fixture(params=[DARK, LIGHT], ids=lambda palette: palette.name)
def dressed(request: pytest.FixtureRequest, window: MainWindow) -> Iterator[MainWindow]:
    """Return the window in a theme."""
    theme.palette = request.param
    window.setStyleSheet(style_sheet(request.param))
    window.activateWindow()
    QApplication.processEvents()
    yield window
    theme.palette = DARK


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    """Return what a widget shows, uint8 RGB (h, w, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    data = image.constBits()
    assert data is not None
    flat = np.frombuffer(data.asstring(image.sizeInBytes()), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def told_apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    """Return how many pixels changed with a contrast of at least 3:1."""

    def name(colour: NDArray[np.uint8]) -> str:
        return "#{:02x}{:02x}{:02x}".format(*colour)

    pairs = np.unique(np.concatenate([one.reshape(-1, 3), other.reshape(-1, 3)], axis=1), axis=0, return_counts=True)
    return sum(int(count) for pair, count in zip(*pairs, strict=True) if contrast(name(pair[:3]), name(pair[3:])) >= 3)


FOCUSED: dict[str, Callable[[MainWindow], QWidget]] = {
    "card": lambda window: window.rack.rows["senecio"],
    "search": lambda window: window.rack.search,
    "slider": lambda window: window.side.sliders["strength"],
    "button": lambda window: window.bar.buttons["snapshot"],
    "switched button": lambda window: window.rack.strip.total,
    "small button": lambda window: window.rack.strip.buttons["random"],
    "list": lambda window: window.bar.frame_size,
}


def test_the_keyboards_place_is_seen(dressed: MainWindow, qtbot: QtBot) -> None:
    """On every kind of control, also one that is on, a ring of at least 3:1 appears with the focus."""
    for name, find in FOCUSED.items():
        widget = find(dressed)
        dressed.preview.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        dressed.preview.setFocus()
        without = pixels(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus(), name
        around = 2 * (widget.width() + widget.height()) if name != "slider" else 30
        assert told_apart(without, pixels(widget)) > 0.4 * around, name


def test_what_is_in_the_mix_is_seen_on_its_card(dressed: MainWindow) -> None:
    """A style in the mix, and one that is shown alone, differ by a frame from the others and from each other."""
    card = dressed.rack.rows["senecio"]
    off = pixels(card)
    dressed.controls.set_weight("senecio", 0.01)
    on = pixels(card)
    dressed.controls.toggle_solo("senecio")
    alone = pixels(card)
    frame = card.width() + card.height()
    assert told_apart(off, on) > frame
    assert told_apart(off, alone) > frame
    assert (on != alone).any(axis=2).sum() > frame


def test_what_is_not_shown_is_grey_on_its_card(dressed: MainWindow) -> None:
    """While one style is shown alone, the sliders of the others have no colour of the mix, and get it back afterwards."""
    card = dressed.rack.rows["great_wave"]
    dressed.controls.set_weight("great_wave", 0.8)
    dressed.controls.set_weight("senecio", 0.5)
    before = pixels(card.slider)
    dressed.controls.toggle_solo("senecio")
    bar = pixels(card.slider)[card.slider.height() // 2, 10].astype(int)
    assert bar.max() - bar.min() < 16, "it is grey"
    dressed.controls.toggle_solo("senecio")
    assert (pixels(card.slider) == before).all()


def test_entries_of_a_menu_stand_in_one_line(dressed: MainWindow) -> None:
    """With an icon, a check box, an arrow or nothing before them, their texts begin at the same place."""
    menu = QMenu(dressed)
    entries = [menu.addAction(icon("camera"), "HHHH"), menu.addAction("HHHH"), menu.addAction("HHHH"), menu.addMenu("HHHH").menuAction()]
    entries[2].setCheckable(True)
    menu.ensurePolished()
    menu.resize(menu.sizeHint())
    shown = pixels(menu).astype(int).mean(axis=2)
    begins = []
    for entry in entries:
        place = menu.actionGeometry(entry).adjusted(2, 3, -30, -3)
        inner = shown[place.top() : place.bottom(), place.left() : place.right()]
        columns = np.flatnonzero(np.abs(inner - np.median(inner)).max(axis=0) > 80)
        begins.append(next(at for at in columns if at > 24))
    assert len(set(begins)) == 1, begins
    menu.deleteLater()


def test_the_meant_entry_of_a_list_is_seen(dressed: MainWindow, qtbot: QtBot) -> None:
    """The chosen, the hovered and the keyboard's entry stand out of the others by 3:1."""
    box = dressed.bar.frame_size
    box.showPopup()
    view = box.view()
    assert view is not None
    viewport = view.viewport()
    assert viewport is not None
    model = view.model()
    assert model is not None
    grounds = []
    for row in (1, 3):
        view.setCurrentIndex(model.index(row, 0))
        QApplication.processEvents()
        shown = pixels(viewport)
        grounds.append([tuple(shown[view.visualRect(model.index(at, 0)).top() + 3, 3]) for at in (1, 3)])
    box.hidePopup()
    (one, none), (other_none, other) = grounds
    assert one == other
    assert none == other_none
    assert contrast("#{:02x}{:02x}{:02x}".format(*one), "#{:02x}{:02x}{:02x}".format(*none)) >= 3


def test_the_chosen_page_of_the_preferences_can_be_read(dressed: MainWindow) -> None:
    """What stands on the mark stands out of it by 4.5:1, and nothing is drawn between."""
    dressed.actions_by_id["preferences"].trigger()
    preferences = dressed.extras.preferences
    assert preferences is not None
    pages = preferences.list
    place = pages.visualRect(pages.currentIndex()).adjusted(3, 3, -3, -3)
    shown = pixels(pages.viewport() or pages)[place.top() : place.bottom(), place.left() : place.right()].reshape(-1, 3).astype(int)
    colours, counts = np.unique(shown, axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    assert counts.max() > 0.7 * counts.sum(), "one ground"
    text = colours[np.abs(colours - ground).sum(axis=1).argmax()]
    assert contrast(*(QColor(*(int(part) for part in each)).name() for each in (ground, text))) >= 4.5
    preferences.close()


def test_signs_in_the_search_field_stand_in_its_middle(window: MainWindow) -> None:
    """Neither the glass nor the cross sits lower than the text."""
    search = window.rack.search
    search.setText("a")
    QApplication.processEvents()
    signs = search.findChildren(QToolButton)
    assert len(signs) == 2
    for sign in signs:
        assert abs(sign.geometry().center().y() - search.rect().center().y()) <= 1


def test_undo_shows_what_it_changed(window: MainWindow, qtbot: QtBot) -> None:
    """The rack scrolls to the card whose weight changed most, also where a search had hidden it."""
    window.controls.set_mix(StyleMix({"senecio": 0.6, "great_wave": 0.1}))
    window.controls.set_mix(StyleMix({"great_wave": 0.2}))
    window.rack.search.setText("starry")
    window.actions_by_id["undo"].trigger()
    card = window.rack.rows["senecio"]
    qtbot.waitUntil(lambda: card.isVisible() and not card.visibleRegion().isEmpty())
    assert window.rack.search.text() == ""


def test_texts_that_do_not_fit_end_in_dots(qtbot: QtBot) -> None:
    """In one line or two; a shorter wording is taken before anything is cut."""
    label = ShortLabel("Vincent van Gogh, 1889", "Vincent van Gogh")
    qtbot.addWidget(label)
    label.ensurePolished()  # with the theme and the size of letters that a test before may have left
    wide = label.fontMetrics().horizontalAdvance
    for width, text in (
        (wide("Vincent van Gogh, 1889") + 4, "Vincent van Gogh, 1889"),
        (wide("Vincent van Gogh") + 4, "Vincent van Gogh"),
    ):
        label.resize(QSize(width, 20))
        label.show()
        assert label.text() == text
    label.resize(QSize(wide("Vincent") + 12, 20))
    assert label.text().endswith("…")
    two = ShortLabel("Vincent van Gogh, 1889", lines=2)
    qtbot.addWidget(two)
    two.resize(QSize(wide("Vincent van Gogh") + 4, 40))
    two.show()
    assert two.text() == "Vincent van Gogh,\n1889" or two.text() == "Vincent van\nGogh, 1889"


def test_a_trial_says_how_it_is_kept(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """Whoever parks the pointer on a card is told why the frame changed, in words over it."""
    world.feed.put()
    qtbot.waitUntil(lambda: window.shown is not None)
    plain = pixels(window.preview)
    assert window.audition.words == ""
    window.session.audition("senecio")
    assert "Senecio" in window.audition.words
    assert (pixels(window.preview) != plain).any()
    window.session.audition("")
    assert window.audition.words == ""


def test_the_window_has_an_icon_of_its_own(window: MainWindow) -> None:
    """Sharp at every size that a desktop asks for."""
    for side in (16, 48, 256):
        assert window.windowIcon().pixmap(side, side).width() == side


def test_a_drag_on_the_slider_goes_on_from_the_click(window: MainWindow, qtbot: QtBot) -> None:
    """Press on the groove, move, let go: one move to undo, with the weight where the pointer ended."""
    slider = window.rack.rows["great_wave"].slider
    y = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.width() * 0.3), y))
    for share in (0.4, 0.5, 0.6):
        qtbot.mouseMove(slider, QPoint(round(slider.width() * share), y))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.width() * 0.6), y))
    assert window.controls.moves.weights["great_wave"] == pytest.approx(0.6, abs=0.08)
    window.actions_by_id["undo"].trigger()
    assert window.controls.mix().is_silent


@pytest.mark.slow
def test_larger_letters_find_their_place(window: MainWindow) -> None:
    """With the largest, fields, pages and the rows of the first page are as high and wide as their texts, and cards take one column."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.styleSheet()
    window.setStyleSheet("")
    try:
        for size in ("normal", "larger"):
            theme.apply("dark", size)
            window.resize(1024, 600)
            window.rack.setFixedWidth(520)
            QApplication.processEvents()
            cards = [window.rack.rows[style] for style in ("starry_night", "great_wave")]
            assert (cards[0].y() == cards[1].y()) == (size == "normal")
            fade = window.scenes.strip.fade
            assert fade.width() >= fade.fontMetrics().horizontalAdvance("Fade 20.0 s") + 8
            window.actions_by_id["preferences"].trigger()
            pages = window.extras.preferences.list if window.extras.preferences is not None else pytest.fail("no preferences")
            QApplication.processEvents()
            assert pages.sizeHintForColumn(0) <= pages.width()
            window.extras.welcome.open_page()
            QApplication.processEvents()
            for label in window.extras.welcome.findChildren(QLabel, "key"):
                assert label.height() >= label.fontMetrics().height(), label.text()
            window.extras.welcome.close_page()
            about = AboutStyle(
                replace(window.session.pack.styles["senecio"], source="https://museum.example/" + "a/long-address-" * 9), window
            )
            about.show()
            window.actions_by_id["train"].trigger()
            QApplication.processEvents()
            for label in about.findChildren(QLabel):
                assert label.height() >= label.heightForWidth(label.width()), label.text()
            about.close()
            dialog = window.training.dialog
            assert dialog is not None
            fields = dialog.form.parentWidget()
            assert fields is not None
            assert dialog.form.width() <= fields.width(), "nothing is cut on its right"
            assert dialog.minimumSizeHint().width() <= 800, "it fits the smallest screens"
            dialog.close()
    finally:
        theme.apply("dark", "normal")
        app.setStyleSheet(before)
