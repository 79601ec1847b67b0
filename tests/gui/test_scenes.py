"""Scenes in the window: the keys 1 to 9, the strip, its menu, files that are dropped, and what a notice takes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.control.scene_file import read_scenes, scenes_json
from stylecam.control.scenes import Scene
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.core.window_params import FADE_S, FADE_SHAPE, SCENE_HOLD_S, SCENE_SCOPE
from stylecam.gui.live.scene_tile import MIME, SceneTile
from stylecam.gui.widgets.theme import theme
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def window(qtbot: QtBot, world: World) -> Iterator[MainWindow]:
    """Return a window that shows Senecio, with fades at 0."""
    settings = Settings(mix={"senecio": 1.0}, params={"size_px": 0, "fade_s": 0.0})
    window = MainWindow(Session(tiny_pack(), world.services(), settings=settings), lambda _: "")
    window.show()
    window.open_source("demo")
    window.activateWindow()
    yield window
    window.close()


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def set_mix(window: MainWindow, **weights: float) -> None:
    """Put the sliders somewhere."""
    window.controls.set_mix(StyleMix(weights))


def shown_tiles(window: MainWindow) -> list[tuple[int, str, bool]]:
    """Return number, name and mark of each tile."""
    window.scenes.refresh()
    return [(tile.number, tile.scene.name, tile.is_current) for tile in window.scenes.strip.tiles]


def test_keys_keep_and_go_to_scenes(window: MainWindow, qtbot: QtBot) -> None:
    """Ctrl+1 to Ctrl+9 keep, 1 to 9 go there; the strip shows number, name and which one is shown; undo goes back."""
    assert window.scenes.strip.empty.isVisible()
    mixes = {1: {"senecio": 1.0}, 5: {"great_wave": 0.5}, 9: {"starry_night": 0.3}}
    for number, mix in mixes.items():
        set_mix(window, **mix)
        press(qtbot, window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
    assert shown_tiles(window) == [(1, "Senecio", False), (5, "Great Wave", False), (9, "Starry Night", True)]
    strip = window.scenes.strip
    assert not strip.empty.isVisible()
    stops = (*strip.tiles, strip.add, strip.fade, strip.loop)
    QApplication.processEvents()
    stops[0].setFocus()
    for here, following in pairwise(stops):
        qtbot.keyClick(here, Qt.Key.Key_Tab)
        assert window.focusWidget() is following, "Tab goes as they stand"
    for number, mix in mixes.items():
        press(qtbot, window, Qt.Key(Qt.Key.Key_0 + number))
        assert window.controls.mix() == StyleMix(mix)
        assert window.session.params.mix == StyleMix(mix)
    window.actions_by_id["undo"].trigger()
    assert window.controls.mix() == StyleMix(mixes[5])
    assert not any(current for _, _, current in shown_tiles(window))


def test_digits_stay_text_where_text_is_typed(window: MainWindow, qtbot: QtBot) -> None:
    """In the search field, in a number that is typed, and in the fade's field nothing but the text changes."""
    press(qtbot, window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    set_mix(window, great_wave=0.5)
    window.actions_by_id["search"].trigger()
    qtbot.keyClick(window.rack.search, Qt.Key.Key_1)
    assert window.rack.search.text() == "1"
    window.rack.search.clear()
    fade = window.scenes.strip.fade
    fade.setFocus()
    fade.selectAll()
    qtbot.keyClicks(fade, "1")
    assert window.controls.mix() == StyleMix({"great_wave": 0.5})
    qtbot.keyClick(fade, Qt.Key.Key_Return)
    assert window.controls[FADE_S] == 1.0
    assert not fade.hasFocus(), "the keys are keys again"


def test_a_key_without_a_scene_says_how_to_get_one(window: MainWindow, qtbot: QtBot) -> None:
    """In a notice; nothing moves."""
    press(qtbot, window, Qt.Key.Key_4)
    window.show_status()
    assert window.notice.text() == "There is no scene 4 yet; Ctrl+4 keeps this mix as scene 4."
    assert window.controls.mix() == StyleMix({"senecio": 1.0})


def test_a_click_goes_there_and_a_fade_shows_how_far_it_is(window: MainWindow, qtbot: QtBot) -> None:
    """The tile is marked at once; the mix moves by itself and arrives."""
    window.scenes.strip.add.click()
    set_mix(window, great_wave=1.0)
    window.controls.set(FADE_S, 0.4)
    tile = window.scenes.strip.tiles[0]
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert tile.is_current
    assert tile.progress < 1
    qtbot.waitUntil(lambda: window.controls.mix() == StyleMix({"senecio": 1.0}), timeout=10000)
    qtbot.waitUntil(lambda: tile.progress == 1, timeout=5000)
    qtbot.waitUntil(lambda: window.rack.rows["senecio"].slider.value() == 100, timeout=5000)


def test_a_replaced_or_deleted_scene_comes_back_by_its_notice(window: MainWindow, qtbot: QtBot) -> None:
    """A key that was hit by mistake costs nothing."""
    press(qtbot, window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    set_mix(window, great_wave=1.0)
    press(qtbot, window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.show_status()
    assert window.notice.text() == "Scene 1 is now Great Wave."
    window.notice.buttons[0].click()
    assert shown_tiles(window)[0][:2] == (1, "Senecio")
    choose(window, 1, "&Delete")
    assert shown_tiles(window) == []
    window.show_status()
    assert window.notice.text() == "Deleted scene 1: Senecio."
    window.notice.buttons[0].click()
    assert shown_tiles(window)[0][:2] == (1, "Senecio")


def choose(window: MainWindow, number: int, text: str) -> None:
    """Choose an entry of a scene's menu."""
    menu = window.scenes.menu_of(number)
    action = next(action for action in menu.actions() if action.text() == text)
    assert action.isEnabled()
    action.trigger()


def test_the_menu_of_a_scene(window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> None:
    """Update, rename, move, go at once, export: each does what it says."""
    for number in (1, 2, 3):
        set_mix(window, senecio=number / 10)
        window.session.commands.run(f"keep_scene.{number}")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Opening night", True))
    choose(window, 1, "&Rename…")
    choose(window, 1, "Move ri&ght")
    assert [name for _, name, _ in shown_tiles(window)] == ["Senecio", "Opening night", "Senecio"]
    assert shown_tiles(window)[2][2], "what is shown stays marked"
    window.controls.set(FADE_S, 20.0)
    choose(window, 2, "Go there &at once")
    assert window.controls.mix() == StyleMix({"senecio": 0.1})
    set_mix(window, great_wave=1.0)
    choose(window, 2, "&Update with what is shown")
    assert window.session.scenes.scenes[2].mix == StyleMix({"great_wave": 1.0})
    assert window.session.scenes.scenes[2].name == "Opening night"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "one"), ""))
    choose(window, 2, "&Export…")
    qtbot.waitUntil((tmp_path / "one.json").exists, timeout=5000)
    assert read_scenes(tmp_path / "one.json")[0][2].name == "Opening night"
    assert not next(action for action in window.scenes.menu_of(1).actions() if action.text() == "Move &left").isEnabled()


def test_the_menu_scenes_sets_options_and_moves_files(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    """Scope, shape and time to stay are lists; what was exported can be imported, and then is there twice."""
    menu = window.scenes.strip.more.menu()
    assert menu is not None
    for param, value in ((SCENE_SCOPE, "everything"), (FADE_SHAPE, "linear"), (SCENE_HOLD_S, 20.0)):
        inner = next(action.menu() for action in menu.actions() if action.text() == param.label)
        assert inner is not None
        next(action for action in inner.actions() if action.data() == value).trigger()
        assert window.controls[param] == value
    window.session.commands.run("keep_scene.1")
    assert window.session.scenes.scenes[1].scope == "everything"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "all.json"), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "all.json"), ""))
    window.actions_by_id["export_scenes"].trigger()
    qtbot.waitUntil((tmp_path / "all.json").exists, timeout=5000)
    window.actions_by_id["import_scenes"].trigger()
    qtbot.waitUntil(lambda: window.session.scenes.scenes.numbers == (1, 2), timeout=5000)
    menu.aboutToShow.emit()
    assert [action.text() for action in window.scenes.go.actions()] == ["Scene 1: Senecio\t1", "Scene 2: Senecio\t2"]
    window.scenes.go.actions()[1].trigger()
    assert window.session.scenes.player.current == 2


def test_a_dropped_file_of_scenes_is_added(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """What would happen is said while it is held over the window; a file that is none is a sentence."""
    sent = {3: Scene.of(RenderParams(StyleMix({"great_wave": 1.0})), "Sent")}
    (tmp_path / "sent.json").write_text(json.dumps(scenes_json(sent)))
    (tmp_path / "other.json").write_text("{}")
    for name in ("sent.json", "other.json"):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, modifiers))
        QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, modifiers))
    qtbot.waitUntil(lambda: [tile[:2] for tile in shown_tiles(window)] == [(3, "Sent")], timeout=5000)

    def said() -> bool:
        window.show_status()
        return any("'other.json' is no file of scenes" in text for text in window.notices.texts)

    qtbot.waitUntil(said, timeout=5000)


def test_a_scene_is_dragged_to_another_place(window: MainWindow) -> None:
    """It takes the number where it is let go."""
    for number in (1, 2, 3):
        set_mix(window, senecio=number / 10)
        window.session.commands.run(f"keep_scene.{number}")
    window.scenes.refresh()
    QApplication.processEvents()
    strip = window.scenes.strip
    last = strip.tiles[2]
    data = QMimeData()
    data.setData(MIME, b"1")
    at = QPointF(last.mapTo(strip, last.rect().center()))
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(strip, QDragEnterEvent(at.toPoint(), Qt.DropAction.MoveAction, data, buttons, modifiers))
    QApplication.sendEvent(strip, QDropEvent(at, Qt.DropAction.MoveAction, data, buttons, modifiers))
    weights = [scene.mix.weights["senecio"] for scene in window.session.scenes.scenes.kept.values()]
    assert weights == [0.2, 0.3, 0.1]


def test_the_loop_button_ends_when_a_slider_moves(window: MainWindow, qtbot: QtBot) -> None:
    """With fewer than two scenes it says what it needs, and stays off."""
    loop = window.scenes.strip.loop
    loop.click()
    assert not loop.isChecked()
    window.show_status()
    assert "needs two scenes" in window.notice.text()
    for number in (1, 2):
        set_mix(window, senecio=number / 10)
        window.session.commands.run(f"keep_scene.{number}")
    loop.click()
    assert loop.isChecked()
    assert not loop.icon().isNull(), "it keeps its sign"
    window.rack.rows["great_wave"].slider.setValue(40)
    qtbot.waitUntil(lambda: not loop.isChecked(), timeout=5000)


def test_the_strip_fits_small_windows_and_can_be_hidden(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is low, tiles have no thumbnails; all have a name for screen readers, and grow with the letters."""
    window.session.commands.run("keep_scene.1")
    window.resize(1280, 800)
    window.scenes.refresh()
    tall = window.scenes.strip.tiles[0].height()
    window.resize(800, 480)
    window.scenes.refresh()
    (tile,) = window.scenes.strip.findChildren(SceneTile)[-1:]
    assert tile.height() < tall / 2
    assert tile.accessibleName() == "Scene 1: Senecio"
    assert "Senecio 100 %" in tile.toolTip()
    low = tile.height()
    monkeypatch.setattr(theme, "text_size", "larger")
    window.scenes.refresh()
    assert window.scenes.strip.tiles[0].height() > low
    window.actions_by_id["show_scenes"].trigger()
    assert not window.scenes.strip.isVisible()
    window.actions_by_id["show_scenes"].trigger()
    assert window.scenes.strip.isVisible()
