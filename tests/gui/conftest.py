"""Windows without a screen: real Qt widgets on Qt's offscreen platform, on a fake source and engine."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.sockets import watched_sockets

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow


def pytest_configure() -> None:
    """Choose the platform before any test makes a QApplication; a screen that is named on purpose stays."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def _settled() -> None:
    """Leave what is loaded by now out of later collections: they are quick then."""
    import stylecam.gui.window  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    """Fail a test of the window in which any network socket is made or a name looked up: nothing here asks for one."""
    with watched_sockets() as seen:
        yield
    assert seen == []


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def saved() -> list[Settings]:
    """Return what the window asked to remember."""
    return []


@pytest.fixture
def open_window(qtbot: QtBot, world: World, saved: list[Settings]) -> Iterator[Callable[[], MainWindow]]:
    """Open windows on a fake source and engine, and close them at the end."""
    windows: list[MainWindow] = []

    def save(settings: Settings) -> str:
        saved.append(settings)
        return ""

    from stylecam.gui.widgets.theme import STYLE_SHEET
    from stylecam.gui.window import MainWindow

    def build() -> MainWindow:
        pack = tiny_pack()
        window = MainWindow(Session(pack, world.services()), save)
        window.setStyleSheet(STYLE_SHEET)
        windows.append(window)
        window.show()
        window.open_source("demo")
        return window

    yield build
    for window in windows:
        window.close()
        window.deleteLater()  # else every later theme dresses it again
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    """Return a window without a frame yet."""
    return open_window()
