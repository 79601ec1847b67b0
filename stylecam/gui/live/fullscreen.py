"""The preview alone on the whole screen."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMainWindow, QWidget


class Fullscreen:
    """Switches a window to the whole screen and back.

    Args:
        window: whose preview is to be alone.
        action: is checked meanwhile.
        others: all that is hidden then, beside menu and status bar.
    """

    def __init__(self, window: QMainWindow, action: QAction, others: Sequence[QWidget]) -> None:
        self._window, self._action = window, action
        self._others = [each for each in (*others, window.menuBar(), window.statusBar()) if each is not None]
        self._was_maximized = False
        self._focus: QWidget | None = None

    def enter(self) -> None:
        """Show the preview alone."""
        if not self._window.isFullScreen():
            self._was_maximized, self._focus = self._window.isMaximized(), self._window.focusWidget()
        for widget in self._others:
            widget.hide()
        self._window.showFullScreen()
        self._action.setChecked(True)

    def alone(self, on: bool) -> None:
        """Show the preview alone in a window of its size, or all again."""
        for widget in self._others:
            widget.setVisible(not on)

    def leave(self) -> None:
        """Bring the window back. Harmless where it is there already."""
        was_full = self._window.isFullScreen()
        if was_full and self._was_maximized:
            self._window.showMaximized()
        elif was_full:
            self._window.showNormal()
        for widget in self._others:
            widget.show()
        if was_full and self._focus is not None and self._focus.window() is self._window:
            self._focus.setFocus()  # hiding it gave the keyboard to whatever was next
        self._action.setChecked(False)
