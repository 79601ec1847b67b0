"""How loud the microphone is: a bar for the power, a tick for the peak."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, QSize, QTimer
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from stylecam.capture.microphone import FLOOR_DB, Level
from stylecam.gui.widgets.theme import theme

_EVERY_MS = 60
#: From here on what is loud may be cut off, and from here on it is.
_HIGH_DB, _CLIPPED_DB = -6.0, -0.5


class LevelMeter(QWidget):
    """Hidden while nothing listens.

    Args:
        level: asked some times a second while it is shown; None: the microphone is off.
    """

    def __init__(self, level: Callable[[], Level | None]) -> None:
        super().__init__()
        self._ask, self._level = level, Level()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName("Level of the microphone")
        self.hide()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Small enough for the bar."""
        return QSize(72, 14)

    def refresh(self) -> None:
        """Show or hide it, as the microphone is on or off."""
        on = self._ask() is not None
        if on != self._timer.isActive():
            self.setVisible(on)
            if on:
                self._timer.start(_EVERY_MS)
            else:
                self._timer.stop()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw both on a scale of decibels."""
        palette, drawing = theme.palette, QPainter(self)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        drawing.setPen(QColor(palette.line))
        drawing.setBrush(QColor(palette.window))
        drawing.drawRoundedRect(whole, 3, 3)
        inner = whole.adjusted(2, 2, -2, -2)
        peak = self._level.peak_db
        loud = palette.record if peak >= _CLIPPED_DB else palette.warning if peak >= _HIGH_DB else palette.live
        drawing.fillRect(QRectF(inner.left(), inner.top(), inner.width() * share(self._level.rms_db), inner.height()), QColor(loud))
        at = inner.left() + inner.width() * share(peak)
        drawing.fillRect(QRectF(max(inner.left(), at - 2), inner.top(), 2, inner.height()), QColor(palette.text))
        drawing.end()

    def _look(self) -> None:
        level = self._ask()
        if level is not None and level != self._level:
            self._level = level
            self.setToolTip(f"Microphone: {level.peak_db:.0f} dB" if level.peak_db > FLOOR_DB else "Microphone: nothing is heard")
            self.update()


def share(db: float) -> float:
    """Return where a level lies between silence (0) and the loudest (1).

    >>> share(-60), share(-15), share(3)
    (0.0, 0.75, 1.0)
    """
    return min(1.0, max(0.0, 1 - db / FLOOR_DB))
