"""The virtual camera in the window: its switch, its options, what the tooltip says, and how a missing driver is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core.window_params import CAMERA_FIT, CAMERA_FPS, CAMERA_MIRROR, CAMERA_SIZE
from stylecam.gui.window import MainWindow
from stylecam.outputs.registry import SinkRequest, start_sink
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.unit.outputs.fake_camera import Driver, fake_driver

pytest.importorskip("pyvirtualcam", reason="the optional package of the virtual camera is not installed")


@pytest.fixture
def driver() -> Iterator[Driver]:
    """Return a driver that works."""
    with fake_driver() as driver:
        yield driver


@pytest.fixture
def window(qtbot: QtBot, driver: Driver) -> Iterator[MainWindow]:
    """Return a window whose sinks are real."""
    world = World()
    services = replace(
        world.services(),
        start_sink=lambda name, ledger, words, option: start_sink(name, SinkRequest(Path(), words, option=option), ledger),
    )
    window = MainWindow(Session(tiny_pack(), services, settings=Settings(mix={"senecio": 1.0})), lambda _: "")
    window.show()
    window.open_source("demo")
    world.feed.put()
    yield window
    window.close()


def choose(window: MainWindow, title: str, value: object) -> None:
    """Choose a value from a list of the camera's menu."""
    inner = next(action.menu() for action in window.virtual_camera.actions() if action.text() == title)
    assert isinstance(inner, QMenu)
    next(action for action in inner.actions() if action.data() == value).trigger()


def test_options_are_chosen_and_the_switch_sends(window: MainWindow, driver: Driver, qtbot: QtBot) -> None:
    """Size, rate, fit and mirror reach the driver; while it is on the tooltip says which camera others choose, and size stays."""
    for param, value in ((CAMERA_SIZE, "640x360"), (CAMERA_FPS, 60), (CAMERA_FIT, "fill")):
        choose(window, param.label, value)
        assert window.controls[param] == value
    next(action for action in window.virtual_camera.actions() if action.text() == CAMERA_MIRROR.label).trigger()
    assert window.controls[CAMERA_MIRROR]
    window.actions_by_id["virtual_camera"].trigger()
    qtbot.waitUntil(lambda: bool(driver.frames) and driver.frames[-1][180, 10].any(), timeout=10000)  # no bar
    assert driver.frames[-1].shape == (360, 640, 3)
    window.show_status()
    assert "Choose the camera Fake Camera, 640×360 at 60 frames per second" in window.bar.buttons["virtual_camera"].toolTip()
    window.virtual_camera.aboutToShow.emit()
    assert [action.isEnabled() for action in window.virtual_camera.actions()] == [False, False, True, True]
    window.actions_by_id["virtual_camera"].trigger()
    qtbot.waitUntil(lambda: driver.closed == 1, timeout=10000)
    window.virtual_camera.aboutToShow.emit()
    assert window.virtual_camera.actions()[0].isEnabled()


def test_a_missing_driver_is_a_notice_and_the_switch_goes_off(window: MainWindow, driver: Driver, qtbot: QtBot) -> None:
    """The video goes on, and the sentence can be closed."""
    driver.refuses = "busy"
    window.actions_by_id["virtual_camera"].trigger()

    def said() -> bool:
        window.show_status()
        return any("in use by another program" in text for text in window.notices.texts)

    qtbot.waitUntil(said, timeout=10000)
    assert not window.actions_by_id["virtual_camera"].isChecked()
    assert window.notices.close_newest()
