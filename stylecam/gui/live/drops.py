"""Files and addresses that are dropped on a window, which shows that it would take them."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from stylecam.gui.widgets.theme import theme


class Drops(QObject):
    """Watches a widget; `source_dropped` carries a file's path or an address, the other two a path.

    `hovers` tells whether something that would be taken is held over it; `offer` says so over a frame.
    """

    source_dropped = pyqtSignal(str)
    pack_dropped = pyqtSignal(str)
    scenes_dropped = pyqtSignal(str)
    hovers = pyqtSignal(bool)

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._words = ""
        watched.setAcceptDrops(True)
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Take what has an address, and tell the first of it."""
        if isinstance(event, QDragLeaveEvent):
            self._hover("")
        if isinstance(event, QDropEvent):  # also the base of what comes while dragging
            data = event.mimeData()
            urls = data.urls() if data is not None else []
            if urls and isinstance(event, QDragEnterEvent):
                event.acceptProposedAction()
                self._hover(f"Drop to {self._signal(urls[0].toString())[1]}")
                return True
            if urls and event.type() == QEvent.Type.Drop:
                self._hover("")
                text = urls[0].toLocalFile() or urls[0].toString()
                self._signal(text)[0].emit(text)
                return True
        return super().eventFilter(watched, event)

    def offer(self, drawing: QPainter, place: QRectF) -> None:
        """Draw a frame and what would happen, over an image that lies at `place`."""
        if not self._words:
            return
        drawing.save()
        drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing.fillRect(place, QColor(0, 0, 0, 150))
        drawing.setPen(QPen(QColor(theme.palette.focus), 3))
        drawing.drawRoundedRect(place.adjusted(10, 10, -10, -10), 10, 10)
        drawing.setPen(QColor("#ffffff"))
        font = drawing.font()
        font.setPixelSize(20)
        drawing.setFont(font)
        drawing.drawText(place, Qt.AlignmentFlag.AlignCenter, self._words)
        drawing.restore()

    def _signal(self, text: str) -> tuple[pyqtBoundSignal, str]:
        """Return the signal for it, and what will be done."""
        if text.endswith(".stylepack"):
            return self.pack_dropped, "load this style pack"
        return (self.scenes_dropped, "add these scenes") if text.endswith(".json") else (self.source_dropped, "stylize this")

    def _hover(self, words: str) -> None:
        self._words = words
        self.hovers.emit(bool(words))
