"""The bar of a clip: shown for clips of the user alone, and every control of it reaches the clip."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from stylecam.capture.playback import Playback
from stylecam.gui.window import MainWindow
from tests.live_fakes import World


def test_the_bar_of_a_clip_pauses_seeks_and_repeats(window: MainWindow, world: World, qtbot: QtBot) -> None:
    """With real clicks; the demo clip and cameras have no bar."""
    bar = window.extras.clip
    window.show_status()
    assert not bar.isVisible()
    window.open_source("holiday.mp4")
    playback = world.feed.playback = Playback()
    playback.length_s, playback.position_s = 80.0, 20.0
    qtbot.waitUntil(bar.isVisible, timeout=20000)
    assert bar.time.text() == "00:20 / 01:20"
    assert bar.slider.value() == 250
    qtbot.mouseClick(bar.pause, Qt.MouseButton.LeftButton)
    assert playback.is_paused
    assert bar.pause.toolTip() == "Play the clip"
    qtbot.mouseClick(bar.slider, Qt.MouseButton.LeftButton, pos=QPoint(bar.slider.width() * 3 // 4, bar.slider.height() // 2))
    target = playback.take_target()
    assert target is not None
    assert 55 < target < 65
    qtbot.mouseClick(bar.repeat, Qt.MouseButton.LeftButton)
    assert not playback.repeats
    qtbot.mouseClick(bar.pause, Qt.MouseButton.LeftButton)
    assert not playback.is_paused
    world.feed.playback = None
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=20000)
