"""The menu Packs and the manager, with real clicks on real packs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from stylecam.app.live.additions import join_styles, load_with_additions
from stylecam.app.live.session import Session
from stylecam.core import paths
from stylecam.gui.actions import menu_of
from stylecam.gui.packs.manager import PackManager
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from stylecam.packs.store import load_manifest, save_pack
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.train_fakes import write_style


@pytest.fixture
def window(qtbot: QtBot, world: World) -> Iterator[MainWindow]:
    """Return a window on true packs: "tiny" is shown, "alien" is installed too, and a style of the user's."""
    save_pack(tiny_pack(), paths.user_packs() / "tiny")
    save_pack(tiny_pack(["guest"], seed=5, name="alien"), paths.user_packs() / "alien")
    write_style(paths.user_packs() / "my_garden.stylepack", "my_garden")
    library = pack_library()
    load = partial(load_with_additions, library)
    services = replace(world.services(), join_styles=partial(join_styles, library), load_pack=load)
    window = MainWindow(Session(load("tiny"), services, "tiny"), lambda _: "")
    window.show()
    window.open_source("demo")
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture
def manager(window: MainWindow) -> PackManager:
    """Return the manager, opened by its action."""
    window.actions_by_id["manage_packs"].trigger()
    assert window.extras.manager is not None
    return window.extras.manager


def entries(window: MainWindow) -> dict[str, QAction]:
    """Open the menu Packs and return its entries of packs by name or path."""
    menu = menu_of(window, "&Packs")
    menu.aboutToShow.emit()
    return {action.data(): action for action in menu.actions() if action.isCheckable()}


def choose(manager: PackManager, *titles: str) -> None:
    """Choose packs or styles of the list by their titles."""
    manager.tree.clearSelection()
    tree = manager.tree
    tops = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    items = [item for top in tops if top is not None for item in (top, *(top.child(at) for at in range(top.childCount())))]
    for item in items:
        if item is not None and item.text(0).split("  (")[0] in titles:
            item.setSelected(True)


def press(qtbot: QtBot, manager: PackManager, name: str) -> None:
    """Press a button that can be pressed."""
    assert manager.buttons[name].isEnabled()
    qtbot.mouseClick(manager.buttons[name], Qt.MouseButton.LeftButton)


def act_of(window: MainWindow, words: str) -> Callable[[], object]:
    """Return what presses a button of the newest notice."""
    return next(button for button in window.notice.buttons if button.text() == words).click


def test_the_menu_lists_packs_with_the_shown_one_ticked_and_goes_back(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Built-in, installed and recent ones; styles alone are no entries; a notice goes back too (D1)."""
    save_pack(tiny_pack(["away"], seed=7, name="away"), tmp_path / "away.stylepack")
    found = entries(window)
    assert {"live32", "tiny", "alien"} == set(found)
    assert [name for name, action in found.items() if action.isChecked()] == ["tiny"]
    window.open_pack(str(tmp_path / "away.stylepack"))
    qtbot.waitUntil(lambda: "away" in window.rack.rows, timeout=20000)
    found = entries(window)
    assert found[str(tmp_path / "away.stylepack")].isChecked()
    assert window.settings().recent_packs == (str(tmp_path / "away.stylepack"),)
    found["tiny"].trigger()
    qtbot.waitUntil(lambda: "senecio" in window.rack.rows, timeout=20000)
    assert "my_garden" in window.rack.rows
    act_of(window, "Go back")()
    qtbot.waitUntil(lambda: "away" in window.rack.rows, timeout=20000)


def test_a_dropped_style_gets_a_card_beside_the_others(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Show it turns to it alone; Undo takes card and copy away."""
    write_style(tmp_path / "friend.stylepack", "friend", step=20)
    window.open_pack(str(tmp_path / "friend.stylepack"))
    qtbot.waitUntil(lambda: "friend" in window.rack.rows, timeout=20000)
    assert {"senecio", "my_garden"} < set(window.rack.rows)
    assert window.settings().pack == "tiny"
    act_of(window, "Undo")()
    qtbot.waitUntil(lambda: "friend" not in window.rack.rows, timeout=20000)
    qtbot.waitUntil(lambda: not (paths.user_packs() / "friend.stylepack").exists(), timeout=20000)


def test_a_trained_style_is_renamed_and_deleted_with_a_way_back(
    window: MainWindow, manager: PackManager, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Card and file follow; the id stays, so mixes do. What was deleted is gone for good only when the window closes."""
    file = paths.user_packs() / "my_garden.stylepack"
    choose(manager, "My_Garden")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("  Our   Yard ", True))
    press(qtbot, manager, "rename")
    assert (load_manifest(file).title, load_manifest(file).styles[0].title) == ("Our Yard", "Our Yard")
    qtbot.waitUntil(lambda: window.session.pack.styles["my_garden"].title == "Our Yard", timeout=20000)
    press(qtbot, manager, "delete")
    qtbot.waitUntil(lambda: "my_garden" not in window.rack.rows, timeout=20000)
    assert not file.exists()
    act_of(window, "Undo")()
    qtbot.waitUntil(lambda: "my_garden" in window.rack.rows, timeout=20000)
    assert file.is_file()
    choose(manager, "Our Yard")
    press(qtbot, manager, "delete")
    window.close()
    assert sorted(entry.name for entry in paths.user_packs().iterdir()) == ["alien", "tiny"]


def test_what_ships_and_what_is_shown_cannot_be_deleted(manager: PackManager) -> None:
    """Nor can several packs be opened at once, nor one be merged."""
    choose(manager, "32 painters, live")
    assert [name for name, button in manager.buttons.items() if not button.isEnabled()] == ["rename", "merge", "delete"]
    choose(manager, "Tiny")
    assert not manager.buttons["delete"].isEnabled()
    assert not manager.buttons["open"].isEnabled()


def test_one_style_is_exported_and_packs_are_merged(
    manager: PackManager, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A style alone becomes a style-only pack; merged packs are a new one among the user's; different networks are refused in words."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "wave"), ""))
    choose(manager, "Great Wave")
    press(qtbot, manager, "export")
    manifest = load_manifest(tmp_path / "wave.stylepack")
    assert (manifest.kind, [style.id for style in manifest.styles], manifest.title) == ("styles", ["great_wave"], "Great Wave")
    choose(manager, "Tiny", "My_Garden")
    press(qtbot, manager, "merge")
    merged = next(entry for entry in window.extras.shelf.entries() if entry.name == "tiny-my_garden")
    assert merged.is_whole
    assert merged.manifest is not None
    assert len(merged.manifest.styles) == 4
    choose(manager, "Tiny", "Alien")
    press(qtbot, manager, "merge")
    assert "different networks" in manager.message.text()


def test_an_empty_shelf_says_what_comes_there(window: MainWindow) -> None:
    """Whoever has no pack of their own reads how one gets here."""
    shutil.rmtree(paths.user_packs())
    window.actions_by_id["manage_packs"].trigger()
    assert window.extras.manager is not None
    assert "Nothing of yours yet" in window.extras.manager.message.text()
    assert window.extras.manager.message.isVisible()


def test_details_tell_what_is_known(manager: PackManager) -> None:
    """Licence, training and its curve for a pack; artist, licence and style image for a style."""
    choose(manager, "32 painters, live")
    text = manager.details.text.text()
    assert "Licence: " in text
    assert "Training: " in text
    assert len(manager.details.plot.points) > 3
    choose(manager, "The Starry Night")
    assert "Artist: Vincent van Gogh" in manager.details.text.text()
    assert not manager.details.image.isHidden()
    QApplication.processEvents()
    assert manager.details.image.geometry().bottom() < manager.details.text.geometry().top(), "the text lies on the image"
