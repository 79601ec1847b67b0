"""What the mouse and a held key do over the preview: zoom, pan, draw the line of the comparison, fullscreen."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QMainWindow

from stylecam.gui.live.compare import Compare
from stylecam.gui.live.preview import Preview

#: While it is held, the photo is shown.
HOLD_KEY = Qt.Key.Key_F8
_PER_NOTCH = 1.25
_NOTCH = 120


class Looking(QObject):
    """Listens to the preview and its window.

    Args:
        window: whose key is held.
        preview: is zoomed.
        compare: whose line is drawn.
        toggle_fullscreen: what a double click does where nothing is zoomed.
    """

    def __init__(self, window: QMainWindow, preview: Preview, compare: Compare, toggle_fullscreen: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._preview, self._compare = window, preview, compare
        self._toggle_fullscreen = toggle_fullscreen
        self._drags_line = False
        self._pan_from: QPointF | None = None
        preview.setMouseTracking(True)
        preview.installEventFilter(self)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Answer what is ours; a wheel without Ctrl goes on to whoever scrolls."""
        if isinstance(event, QKeyEvent) and watched is self._window:
            return self._key(event)
        if watched is self._preview and event is not None:
            if event.type() == QEvent.Type.Leave:
                self._preview.unsetCursor()
            if isinstance(event, QWheelEvent):
                return self._wheel(event)
            if isinstance(event, QMouseEvent):
                return self._mouse(event)
        if watched is self._window and event is not None and event.type() == QEvent.Type.WindowDeactivate:
            self._hold(False)  # the key's release goes to another window
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() != HOLD_KEY or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not event.isAutoRepeat():
            self._hold(event.type() == QEvent.Type.KeyPress)
        return True

    def _hold(self, held: bool) -> None:
        if held != self._compare.held:
            self._compare.held = held
            self._preview.update()

    def _wheel(self, event: QWheelEvent) -> bool:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        self._preview.zoom_by(_PER_NOTCH ** (event.angleDelta().y() / _NOTCH), event.position())
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        preview, compare, kind = self._preview, self._compare, event.type()
        frame, at = preview.target(), event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonDblClick and left:
            if compare.near(at, frame):
                compare.at = 0.5
                preview.update()
            elif preview.zoom > 1:
                preview.reset_zoom()
            else:
                self._toggle_fullscreen()
            return True
        if kind == QEvent.Type.MouseButtonPress and left:
            self._drags_line = compare.near(at, frame)
            self._pan_from = at if not self._drags_line and preview.zoom > 1 else None
            return self._drags_line or self._pan_from is not None
        if kind == QEvent.Type.MouseMove:
            if self._drags_line:
                compare.move(at, frame)
                preview.update()
            elif self._pan_from is not None:
                preview.pan_by(at - self._pan_from)
                self._pan_from = at
            self._show_cursor(at)
            return self._drags_line or self._pan_from is not None
        if kind == QEvent.Type.MouseButtonRelease and left and (self._drags_line or self._pan_from is not None):
            self._drags_line, self._pan_from = False, None
            self._show_cursor(at)
            return True
        return False

    def _show_cursor(self, at: QPointF) -> None:
        preview = self._preview
        if self._drags_line or self._compare.near(at, preview.target()):
            preview.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._pan_from is not None:
            preview.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif preview.zoom > 1:
            preview.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            preview.unsetCursor()
