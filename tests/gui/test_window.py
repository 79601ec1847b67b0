"""Every control of the window reaches the picture, and nothing that goes wrong takes the window down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stylecam.app.painter import Painter
from stylecam.core.mix import StyleMix
from stylecam.errors import EngineError, InputError, OutputError
from stylecam.gui.theme import STYLE_SHEET
from stylecam.gui.window import MainWindow
from tests.fakes import FakeEngine, tiny_pack

PHOTO = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)


def read(path: Path) -> NDArray[np.uint8]:
    """Stand in for the picture reader: any file is a dark photo, except a bad one."""
    if path.name == "bad.jpg":
        raise InputError("'bad.jpg' is not a picture; choose another file.")
    return np.full((20, 30, 3), 40, np.uint8)


@pytest.fixture
def saved() -> dict[Path, NDArray[np.uint8]]:
    """What the window has written."""
    return {}


@pytest.fixture
def open_window(qtbot: QtBot, saved: dict[Path, NDArray[np.uint8]]) -> Iterator[Callable[..., MainWindow]]:
    """Open windows whose engine is a fake, and close them at the end."""
    windows = []

    def write(image: NDArray[np.uint8], path: Path) -> None:
        if path.name == "full.png":
            raise OutputError("'full.png' cannot be written: the disk is full.")
        saved[path] = image

    def build(open_engine: Callable[[], FakeEngine] | None = None) -> MainWindow:
        pack = tiny_pack()
        window = MainWindow(pack, Painter(PHOTO, pack, open_engine or (lambda: FakeEngine(pack.config))), read, write)
        window.setStyleSheet(STYLE_SHEET)
        windows.append(window)
        window.show()
        return window

    yield build
    for window in windows:
        window.close()


def wait_for_picture(qtbot: QtBot, window: MainWindow) -> NDArray[np.uint8]:
    """Wait until the shown picture was painted with the controls as they stand, and return it."""
    qtbot.waitUntil(lambda: window.shown is not None and window.shown.params == window.params(), timeout=5000)
    assert window.shown is not None
    return window.shown.image


def first_id(window: MainWindow) -> str:
    """Return the first style's id."""
    return next(iter(window.rack.rows))


def test_sliders_at_zero_show_the_photo(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """An untouched rack is the plain photo, bit for bit."""
    window = open_window()
    window.rack.set_mix(StyleMix())
    np.testing.assert_array_equal(wait_for_picture(qtbot, window), PHOTO)


def test_every_slider_reaches_the_mix(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """Moving any one slider, by its keys too, gives exactly that style in the parameters and another picture."""
    window = open_window()
    for style, row in window.rack.rows.items():
        window.rack.set_mix(StyleMix())
        row.slider.setValue(40)
        assert window.params().mix == StyleMix({style: 0.4})
        qtbot.keyClick(row.slider, Qt.Key.Key_End)
        assert window.params().mix == StyleMix({style: 1.0})
        assert row.value.text() == "100"
        assert np.abs(wait_for_picture(qtbot, window).astype(int) - PHOTO).max() > 0


def test_strength_and_colour_reach_the_parameters(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """Both sliders write their percentage; strength zero is the photo again."""
    window = open_window()
    window.rack.set_mix(StyleMix({first_id(window): 1.0}))
    window.keep_color.setValue(30)
    assert window.params().keep_color == 0.3
    window.strength.setValue(50)
    half = wait_for_picture(qtbot, window)
    window.strength.setValue(0)
    np.testing.assert_array_equal(wait_for_picture(qtbot, window), PHOTO)
    assert np.abs(half.astype(int) - PHOTO).max() > 0


def test_reset_brings_back_the_photo(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """One click puts all sliders to zero."""
    window = open_window()
    window.rack.set_mix(StyleMix({first_id(window): 1.0}))
    qtbot.mouseClick(window.reset, Qt.MouseButton.LeftButton)
    assert window.params().mix.is_silent
    np.testing.assert_array_equal(wait_for_picture(qtbot, window), PHOTO)


def test_search_hides_what_does_not_match(open_window: Callable[..., MainWindow]) -> None:
    """The search looks at id, title, artist and year; clearing it shows all again."""
    window = open_window()
    wanted = first_id(window)
    window.rack.search.setText(wanted)
    assert [style for style, row in window.rack.rows.items() if row.isVisible()] == [wanted]
    window.rack.search.setText("no such style anywhere")
    assert not any(row.isVisible() for row in window.rack.rows.values())
    window.rack.search.clear()
    assert all(row.isVisible() for row in window.rack.rows.values())


def test_opening_another_photo(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """The new photo is painted with the same controls; an unreadable file leaves the old one and says why."""
    window = open_window()
    window.open_photo(Path("dark.jpg"))
    qtbot.waitUntil(lambda: window.shown is not None and window.shown.image.shape == (20, 30, 3))
    window.open_photo(Path("bad.jpg"))
    assert window.banner.isVisible()
    assert "choose another file" in window.banner.text()


def test_saving_writes_what_is_shown(open_window: Callable[..., MainWindow], qtbot: QtBot, saved: dict[Path, NDArray[np.uint8]]) -> None:
    """The picture on screen goes to the file; a full disk is said."""
    window = open_window()
    window.rack.set_mix(StyleMix({first_id(window): 1.0}))
    picture = wait_for_picture(qtbot, window)
    window.save_photo(Path("out.png"))
    np.testing.assert_array_equal(saved[Path("out.png")], picture)
    window.save_photo(Path("full.png"))
    assert "disk is full" in window.banner.text()


def test_a_dead_engine_shows_the_photo_and_a_sentence(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """When no engine starts, the plain photo stays on screen, a banner says why, and the window lives."""

    def fail() -> FakeEngine:
        raise EngineError("No engine works here; run stylecam doctor.")

    window = open_window(fail)
    window.rack.set_mix(StyleMix({first_id(window): 1.0}))
    qtbot.waitUntil(lambda: window.banner.isVisible())
    assert "stylecam doctor" in window.banner.text()
    assert window.shown is not None
    np.testing.assert_array_equal(window.shown.image, PHOTO)


def test_fast_slider_moves_do_not_queue_up(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """A hundred moves while a slow engine paints end with the last one painted, long before a hundred pictures could be."""
    painted = []

    class Slow(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            painted.append(1)
            time.sleep(0.05)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    window = open_window(lambda: Slow(tiny_pack().config))
    slider = window.rack.rows[first_id(window)].slider
    for value in range(1, 101):
        slider.setValue(value)
    wait_for_picture(qtbot, window)
    assert window.params().mix == StyleMix({first_id(window): 1.0})
    assert len(painted) < 20


def test_scrolling_the_rack_does_not_change_the_mix(open_window: Callable[..., MainWindow]) -> None:
    """The wheel over a slider belongs to the rack."""
    window = open_window()
    slider = window.rack.rows[first_id(window)].slider
    slider.setValue(40)
    middle = QPointF(slider.rect().center())
    event = QWheelEvent(
        middle,
        slider.mapToGlobal(middle),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)
    assert slider.value() == 40


def test_every_row_fits_the_rack(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    """Slider and number of every row lie inside the visible width, at the smallest window too."""
    window = open_window()
    window.resize(window.minimumSize())
    qtbot.wait(20)
    for row in window.rack.rows.values():
        right = row.value.mapTo(window.rack, row.value.rect().topRight()).x()
        assert right <= window.rack.width()
