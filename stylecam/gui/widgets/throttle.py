"""At most one call per interval: the first at once, the last never lost."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Call `push` as often as you like; `send` runs at once, then at most every `interval_ms`, and once more after the last push."""

    def __init__(self, send: Callable[[], object], interval_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._due)

    def push(self) -> None:
        """Ask for a call."""
        if self._timer.isActive():
            self._waiting = True
        else:
            self._send()
            self._timer.start()

    def _due(self) -> None:
        if self._waiting:
            self._waiting = False
            self._send()
            self._timer.start()
