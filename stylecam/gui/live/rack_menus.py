"""What stands above the cards, the search and their order, and the menu of a card."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QMenu, QToolButton

from stylecam.control.state import Controls
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_tip

if TYPE_CHECKING:
    from stylecam.gui.live.rack import StyleRack

#: Orders of the cards: id and words.
ORDERS = (("pack", "Pack order"), ("used", "Used last first"), ("artist", "By artist"), ("favourites", "Favourites first"))


class SortButton(QToolButton):
    """A button with the menu of the orders, and of what the cards show."""

    def __init__(self, choose: Callable[[str], object], own_frames: QAction) -> None:
        super().__init__()
        self.setIcon(icon("arrow-down-wide-narrow"))
        self.setToolTip("Order of the cards")
        self.setAccessibleName("Order of the cards")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self)
        self._orders = QActionGroup(menu)
        for order, words in ORDERS:
            action = menu.addAction(words)
            if action is not None:
                action.setCheckable(True)
                action.setData(order)
                action.triggered.connect(partial(choose, order))
                self._orders.addAction(action)
        menu.addSeparator()
        menu.addAction(own_frames)
        self.setMenu(menu)
        self.show_order("pack")

    def show_order(self, order: str) -> None:
        """Show which order is in use."""
        for action in self._orders.actions():
            action.setChecked(action.data() == order)


def card_menu(rack: StyleRack, style: str, controls: Controls) -> QMenu:
    """Return the menu of a card: everything that can be done with a style."""
    menu = QMenu(rack)
    inside, locked, alone = bool(controls.moves.weights.get(style)), style in controls.locked, controls.solo == style
    entries: tuple[tuple[str, str, Callable[[], object]] | None, ...] = (
        ("Only this style", "", lambda: rack.show_only(style)),
        ("Take out of the mix" if inside else "Add to the mix", "minus" if inside else "plus", lambda: rack.add_or_remove(style)),
        ("Show the whole mix again" if alone else "Show alone, keep the mix", "eye", lambda: controls.toggle_solo(style)),
        None,
        ("Unlock" if locked else "Lock: Random and Reset leave it alone", "lock", lambda: controls.toggle_lock(style)),
        ("No favourite" if style in rack.favourites else "Favourite", "star", lambda: rack.toggle_favourite(style)),
        None,
        ("About this style…", "info", lambda: rack.about_asked.emit(style)),
    )
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        words, name, act = entry
        action = menu.addAction(icon(name), words) if name else menu.addAction(words)
        if action is not None:
            action.triggered.connect(lambda _, act=act: act())
    return menu


class SearchField(QLineEdit):
    """Escape clears it; Down and Enter go on to the cards."""

    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Search styles")
        self.setToolTip(plain_tip("Titles, artists and years (Ctrl+F); Esc clears"))
        self.addAction(icon("search", "faint"), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = self.addAction(icon("x"), QLineEdit.ActionPosition.TrailingPosition)
        if self._clear is not None:
            self._clear.setToolTip("Clear (Esc)")
            self._clear.triggered.connect(self.clear)
            self._clear.setVisible(False)
            self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))  # type: ignore[union-attr]

    def event(self, event: QEvent | None) -> bool:
        """Keep Escape from the window's shortcut while there is something to clear."""
        is_asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.text():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Clear, or go on."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)
