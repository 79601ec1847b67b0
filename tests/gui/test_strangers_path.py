"""Somebody who never saw the program, with its own engine, styles and files: from the first frame to a recording with sound.

On an X screen: QT_QPA_PLATFORM=xcb xvfb-run -a python -m pytest -m slow tests/gui/test_strangers_path.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from stylecam.app.live.services import build_services
from stylecam.app.settings import Settings
from stylecam.core import paths
from stylecam.core.mix import StyleMix
from stylecam.gui.live import notices
from stylecam.gui.main import WindowJob, build_window
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from stylecam.render.budget import ThreadBudget
from tests.sound_fakes import FakeSounddevice
from tests.unit.capture.test_microphone import TONE

LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
PATIENCE_MS = 30_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Return the window as the program opens it, on a clip of 160x120 pixels."""
    source = tmp_path / "source.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        ramp = np.broadcast_to(np.linspace(0, 255, 160, dtype=np.uint8)[None, :, None], (120, 160, 3))
        for number in range(45):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.roll(ramp, 4 * number, 1).copy(), format="rgb24")))
        container.mux(stream.encode())
    library, budget = pack_library(), ThreadBudget.of()
    services = build_services(library, "auto", budget)
    window = build_window(WindowJob(services, library.load("live32"), "live32", Settings(), lambda _: "", source=str(source)))
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> FakeSounddevice:
    """Return the computer's microphones."""
    fake = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def wait(qtbot: QtBot, come_true: Callable[[], object]) -> None:
    """Wait as long as somebody in front of a busy computer would."""
    qtbot.waitUntil(lambda: bool(come_true()), timeout=PATIENCE_MS)


def frames(qtbot: QtBot, window: MainWindow, count: int = 2) -> None:
    """Wait for the next frames."""
    wanted = window.frames_shown + count
    wait(qtbot, lambda: window.frames_shown >= wanted)


def click(qtbot: QtBot, widget: QWidget, keys: Qt.KeyboardModifier = NONE, at: QPoint | None = None) -> None:
    """Click where the pointer can: on something that is seen and answers."""
    qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled())
    qtbot.mouseClick(widget, LEFT, keys, at or widget.rect().center())


def click_card(qtbot: QtBot, window: MainWindow, style: str, keys: Qt.KeyboardModifier = NONE) -> None:
    """Look for a style by its title and click on its thumbnail."""
    card = window.rack.rows[style]
    window.rack.search.setFocus()
    qtbot.keyClicks(window.rack.search, card.title)
    click(qtbot, card, keys, card.thumbnail.geometry().center())
    qtbot.keyClick(window.rack.search, Qt.Key.Key_Escape)


def recorded_clip(window: MainWindow) -> tuple[int, float, str]:
    """Decode the recording: frames, loudness of the sound, what coded it."""
    (path,) = paths.user_videos().glob("*.mp4")
    assert path.name in window.notice.text()
    with av.open(str(path)) as container:
        count = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        codec = container.streams.audio[0].codec_context.name
        loudest = max(float(np.abs(each.to_ndarray()).max()) for each in container.decode(audio=0))
    return count, loudest, codec


def record_for(qtbot: QtBot, window: MainWindow, sound: FakeSounddevice, count: int) -> None:
    """Speak until so many frames are in the clip."""

    def recorded() -> bool:
        sound.stream.push(TONE)
        return window.session.ledger.snapshot()[0].get("recorded", 0) >= count

    wait(qtbot, recorded)


def finished(window: MainWindow) -> bool:
    """Return whether the notice names the clip."""
    return "Recorded" in window.notice.text()


@pytest.mark.slow
def test_from_the_first_frame_to_a_recording_with_sound(
    window: MainWindow, qtbot: QtBot, sound: FakeSounddevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By mouse, with whatever lies on the way: started, three styles, a scene kept and faded to, recorded, shown; in under a minute."""
    shown: list[Path] = []
    monkeypatch.setattr(notices, "show_in_folder", shown.append)
    begun = time.monotonic()
    window.extras.welcome.open_page()
    frames(qtbot, window)
    assert window.controls.mix().weights, "a first start is stylized without a touch"
    click(qtbot, window.extras.welcome.start)
    assert not window.extras.welcome.isVisible()

    click_card(qtbot, window, "senecio")
    assert window.controls.mix() == StyleMix({"senecio": 1.0})
    click_card(qtbot, window, "great_wave", SHIFT)
    card = window.rack.rows["the_scream"]
    window.rack.reveal("the_scream")
    qtbot.waitUntil(lambda: not card.visibleRegion().isEmpty())
    click(qtbot, card.slider, at=QPoint(round(card.slider.width() * 0.8), card.slider.height() // 2))
    assert set(window.controls.mix().weights) == {"senecio", "great_wave", "the_scream"}
    frames(qtbot, window)

    mix = window.controls.mix()
    click(qtbot, window.scenes.strip.add)
    window.scenes.strip.fade.setFocus()
    window.scenes.strip.fade.selectAll()
    qtbot.keyClicks(window.scenes.strip.fade, "0.5")
    qtbot.keyClick(window.scenes.strip.fade, Qt.Key.Key_Return)
    click_card(qtbot, window, "starry_night")
    (tile,) = window.scenes.strip.tiles
    click(qtbot, tile)
    faded: list[StyleMix] = []
    wait(qtbot, lambda: faded.append(window.session.params.mix) or faded[-1] == mix)
    assert any(each not in (mix, StyleMix({"starry_night": 1.0})) for each in faded), "it jumped instead of fading"

    window.actions_by_id["record_sound"].trigger()  # menu Record
    click(qtbot, window.bar.buttons["record"])
    record_for(qtbot, window, sound, 8)
    click(qtbot, window.bar.buttons["record"])
    wait(qtbot, lambda: finished(window))
    count, loudest, codec = recorded_clip(window)
    assert count >= 8
    assert loudest > 0.1
    assert codec == "aac"
    (button,) = [each for each in window.notice.findChildren((QPushButton, QToolButton)) if each.text() == "Show in folder"]
    click(qtbot, button)
    assert [path.parent for path in shown] == [paths.user_videos()]
    assert time.monotonic() - begun < 60


@pytest.mark.slow
def test_the_same_with_keys_alone(window: MainWindow, qtbot: QtBot, sound: FakeSounddevice) -> None:
    """Three styles, a weight, strength, a scene, snapshot, clip, fullscreen, help and the end, without a mouse."""

    def press(key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        qtbot.keyClick(QApplication.focusWidget() or window, key, keys)

    def add(words: str) -> None:
        press(Qt.Key.Key_F, CONTROL)
        assert window.rack.search.hasFocus()
        qtbot.keyClicks(window.rack.search, words)
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Space)

    window.extras.welcome.open_page()
    frames(qtbot, window)
    press(Qt.Key.Key_Return)
    assert not window.extras.welcome.isVisible()
    press(Qt.Key.Key_0, CONTROL)
    assert not window.controls.mix().weights
    for words in ("senecio", "great wave", "scream"):
        add(words)
        press(Qt.Key.Key_F, CONTROL)
        press(Qt.Key.Key_Escape)
    assert set(window.controls.mix().weights) == {"senecio", "great_wave", "the_scream"}
    window.rack.search.setFocus()
    add("scream")
    assert "the_scream" not in window.controls.mix().weights
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Left)
    weight = window.controls.mix().weights["the_scream"]
    assert weight < 1
    press(Qt.Key.Key_Down, CONTROL)
    strength = window.side.sliders["strength"].value()
    assert strength < 100
    mix = window.controls.mix()
    press(Qt.Key.Key_1, CONTROL)
    press(Qt.Key.Key_D, CONTROL)
    assert window.controls.mix() != mix
    press(Qt.Key.Key_1)
    wait(qtbot, lambda: window.session.params.mix == mix)
    press(Qt.Key.Key_S, CONTROL)
    wait(qtbot, lambda: list(paths.user_pictures().glob("*.png")))
    press(Qt.Key.Key_M, CONTROL | SHIFT)
    press(Qt.Key.Key_R, CONTROL)
    record_for(qtbot, window, sound, 5)
    press(Qt.Key.Key_R, CONTROL)
    wait(qtbot, lambda: finished(window))
    assert recorded_clip(window)[0] >= 5
    while window.notices.texts:
        press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_F11)
    wait(qtbot, window.isFullScreen)
    assert not window.rack.isVisible()
    press(Qt.Key.Key_Escape)
    wait(qtbot, lambda: not window.isFullScreen())
    press(Qt.Key.Key_F1)
    assert window.help_sheet.isVisible()
    qtbot.keyClick(window.help_sheet, Qt.Key.Key_Escape)
    assert not window.help_sheet.isVisible()
    press(Qt.Key.Key_Q, CONTROL)
    wait(qtbot, lambda: not window.isVisible())
