"""The menu Packs: those that ship, those of the user and those that were opened last, with the shown one ticked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu

from stylecam.app.live.pack_shelf import PackShelf, ShelfEntry
from stylecam.errors import StylecamError
from stylecam.gui.widgets.plain_text import plain_tip

_MOST = 6


class PacksMenu:
    """Fills a menu when it is looked at; `recent` are paths of whole packs from elsewhere, the newest first.

    Args:
        menu: has the actions that come below the packs.
        shelf: lists packs.
        choose: opens one by name or path.
        shown: returns the name or path of the one that is shown.
    """

    def __init__(self, menu: QMenu, shelf: PackShelf, choose: Callable[[str], object], shown: Callable[[], str]) -> None:
        self._menu, self._shelf, self._choose, self._shown = menu, shelf, choose, shown
        self._below = menu.actions()[0] if menu.actions() else None
        self._mine: list[QAction] = []
        self.recent: tuple[str, ...] = ()
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)

    def remember(self, name: str) -> None:
        """Put a pack in front of the recent ones, if it lies elsewhere than where packs are installed."""
        if Path(name).is_absolute() or Path(name).exists():
            path = str(Path(name).absolute())
            self.recent = (path, *(each for each in self.recent if each != path))[:_MOST]

    def fill(self) -> None:
        """List the packs as they are now."""
        for old in self._mine:
            self._menu.removeAction(old)
            old.deleteLater()
        self._mine = []
        try:
            entries = self._shelf.entries()
        except StylecamError as error:
            self._add(QAction(str(error).replace("&", "&&"), self._menu)).setEnabled(False)
            entries = []
        whole = [entry for entry in entries if entry.is_whole]
        group = QActionGroup(self._menu)
        self._section("Comes with stylecam", [entry for entry in whole if not entry.is_own], group)
        self._section("Yours", [entry for entry in whole if entry.is_own], group)
        listed = {str(entry.path) for entry in whole}
        others = [path for path in self.recent if path not in listed and Path(path).exists()]
        if others:
            self._heading("Opened last")
            for path in others:
                self._entry(Path(path).stem, path, path, group)
        separator = QAction(self._menu)
        separator.setSeparator(True)
        self._add(separator)

    def _section(self, words: str, entries: list[ShelfEntry], group: QActionGroup) -> None:
        if entries:
            self._heading(words)
        for entry in entries:
            assert entry.manifest is not None  # noqa: S101 (whole ones have one)
            count = len(entry.manifest.styles)
            self._entry(f"{entry.title}  ({count} style{'s' if count != 1 else ''})", entry.name, str(entry.path), group)

    def _heading(self, words: str) -> None:
        heading = QAction(words, self._menu)
        heading.setEnabled(False)
        self._add(heading)

    def _entry(self, words: str, name: str, path: str, group: QActionGroup) -> None:
        action = self._add(QAction(words.replace("&", "&&"), self._menu))
        action.setCheckable(True)
        action.setChecked(self._shown() in (name, path))
        action.setToolTip(plain_tip(path))
        action.setData(name)
        action.triggered.connect(partial(self._chosen, name))
        group.addAction(action)

    def _chosen(self, name: str) -> None:
        if name != self._shown():
            self._choose(name)

    def _add(self, action: QAction) -> QAction:
        self._menu.insertAction(self._below, action)
        self._mine.append(action)
        return action
