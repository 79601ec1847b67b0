"""Files and addresses that are dropped on a window."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QWidget


class Drops(QObject):
    """Watches a widget; `source_dropped` carries a file's path or an address, `pack_dropped` the path of a style pack."""

    source_dropped = pyqtSignal(str)
    pack_dropped = pyqtSignal(str)

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        watched.setAcceptDrops(True)
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Take what has an address, and tell the first of it."""
        if isinstance(event, QDropEvent):  # also the base of what comes while dragging
            data = event.mimeData()
            urls = data.urls() if data is not None else []
            if urls and isinstance(event, QDragEnterEvent):
                event.acceptProposedAction()
                return True
            if urls and event.type() == QEvent.Type.Drop:
                text = urls[0].toLocalFile() or urls[0].toString()
                (self.pack_dropped if text.endswith(".stylepack") else self.source_dropped).emit(text)
                return True
        return super().eventFilter(watched, event)
