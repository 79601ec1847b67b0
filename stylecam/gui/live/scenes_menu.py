"""The menu of scenes and the keys 1 to 9: go to them, keep, order, rename, export."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMainWindow, QMenu

from stylecam.app.live.session import Session
from stylecam.control.scenes import KEYS, MAX_NAME
from stylecam.core.window_params import FADE_SHAPE, SCENE_HOLD_S, SCENE_ORDER, SCENE_SCOPE
from stylecam.gui import actions
from stylecam.gui.live.option_menu import choice_menu
from stylecam.gui.live.scenes_strip import ScenesStrip
from stylecam.gui.widgets.folders import folders_of

MENU = "S&cenes"
FILES = "Scenes (*.json)"
_HOLDS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
#: What the choices of scenes are called.
WORDS = {
    "mix": "The styles alone",
    "everything": "Strength, effects, size and quality too",
    "sequence": "In their order",
    "random": "At random",
    "smooth": "Slow start and end",
    "linear": "Steady",
    "slow-start": "Slow start",
    "slow-end": "Slow end",
}


class ScenesControl:
    """The strip, the menu and the keys of a window's scenes.

    Args:
        window: gets the menu and the keys.
        session: owns the scenes.
        made: the window's actions, by id.
    """

    def __init__(self, window: QMainWindow, session: Session, made: Mapping[str, QAction]) -> None:
        self._window, self._session, self._desk = window, session, session.scenes
        menu = actions.menu_of(window, MENU)
        first = menu.actions()[0]
        self.go, self._keep = QMenu("&Go to", menu), QMenu("Keep &as", menu)
        menu.insertMenu(first, self.go)
        menu.insertMenu(first, self._keep)
        for number in range(1, KEYS + 1):
            self._key(str(number), partial(session.commands.run, f"scene.{number}"))
            self._key(f"Ctrl+{number}", partial(session.commands.run, f"keep_scene.{number}"))
        menu.addSeparator()
        for param in (SCENE_SCOPE, FADE_SHAPE, SCENE_ORDER):
            menu.addMenu(choice_menu(menu, session.controls, param, {choice: WORDS[choice] for choice in param.choices}))
        menu.addMenu(choice_menu(menu, session.controls, SCENE_HOLD_S, {seconds: SCENE_HOLD_S.show(seconds) for seconds in _HOLDS_S}))
        menu.aboutToShow.connect(self._name_all)
        self._name_all()
        self.strip = ScenesStrip(session, made, menu, self.ask)

    def refresh(self) -> None:
        """Show the scenes as they stand."""
        self.strip.refresh()

    def ask(self, number: int, at: QPoint) -> None:
        """Show what can be done with a scene."""
        menu = self.menu_of(number)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu_of(self, number: int) -> QMenu:
        """Return the menu of a scene."""
        menu, desk = QMenu(self._window), self._desk
        numbers = desk.scenes.numbers
        place = numbers.index(number)
        entries: tuple[tuple[str, Any, bool], ...] = (
            ("Go there &at once", partial(desk.recall, number, 0.0), True),
            ("&Compare with what is shown (F6)", partial(self._session.remembered.compare_with, number), True),
            ("&Update with what is shown", partial(desk.keep, number), True),
            ("&Rename…", partial(self.rename, number), True),
            ("Move &left", lambda: desk.move(number, numbers[place - 1]), place > 0),
            ("Move ri&ght", lambda: desk.move(number, numbers[place + 1]), place + 1 < len(numbers)),
            ("&Export…", partial(self.export, (number,)), True),
            ("&Delete", partial(desk.delete, number), True),
        )
        for text, act, enabled in entries:
            action = menu.addAction(text)
            if action is not None:
                action.triggered.connect(lambda _, act=act: self._do(act))
                action.setEnabled(enabled)
        return menu

    def rename(self, number: int) -> None:
        """Ask for another name."""
        name = self._desk.scenes[number].name
        text, done = QInputDialog.getText(self._window, "Rename scene", f"Name of scene {number}", QLineEdit.EchoMode.Normal, name)
        if done and text.strip():
            self._desk.rename(number, text[:MAX_NAME])

    def import_file(self) -> None:
        """Ask for a file of scenes, and add them."""
        folders = folders_of(self._window)
        name, _ = QFileDialog.getOpenFileName(self._window, "Import scenes", folders.begin("Scenes"), FILES)
        folders.end("Scenes", name)
        if name:
            self._desk.add_file(Path(name))

    def export(self, numbers: tuple[int, ...] = ()) -> None:
        """Ask for a name, and write some scenes, or all."""
        if not self._desk.scenes.numbers:
            self._session.commands.run("scene_next")  # says how to keep one
            return
        stem = self._desk.scenes[numbers[0]].name if numbers else "scenes"
        safe = "".join(letter if letter.isalnum() or letter in " -_+" else "_" for letter in stem)
        folders = folders_of(self._window)
        name, _ = QFileDialog.getSaveFileName(self._window, "Export scenes", str(Path(folders.begin("Scenes")) / f"{safe}.json"), FILES)
        folders.end("Scenes", name)
        if name:
            path = Path(name) if Path(name).suffix else Path(name).with_suffix(".json")
            self._desk.export(path, numbers)

    def _do(self, act: Any) -> None:
        act()
        self.refresh()

    def _key(self, key: str, act: Any) -> None:
        action = QAction(self._window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _: self._do(act))
        self._window.addAction(action)

    def _name_all(self) -> None:
        """List the scenes by their names, with their keys."""
        kept = self._desk.scenes.kept
        self.go.clear()
        self._keep.clear()
        for number, scene in kept.items():
            self._entry(self.go, f"Scene {number}: {scene.name}", str(number), partial(self._desk.recall, number), number <= KEYS)
        for number in range(1, KEYS + 1):
            place = f", in the place of {kept[number].name}" if number in kept else ""
            self._entry(self._keep, f"Scene {number}{place}", f"Ctrl+{number}", partial(self._desk.keep, number))
        self.go.setEnabled(bool(kept))

    def _entry(self, menu: QMenu, text: str, key: str, act: Any, has_key: bool = True) -> None:
        # Behind a tabulator: a key that only stands there, for the window has it, also while no menu is open.
        action = menu.addAction(text.replace("&", "&&") + (f"\t{key}" if has_key else ""))
        if action is not None:
            action.triggered.connect(lambda _: self._do(act))
