"""What stands over the preview for a while: a countdown, the mark of a recording, how fullscreen and zoom end."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QPainter
from PyQt6.QtWidgets import QWidget

from stylecam.app.live.interfaces import Status
from stylecam.gui.live.status_text import clock
from stylecam.gui.widgets.theme import theme

#: How long fullscreen says how it ends.
HINT_S = 3.0
HINT = "Esc ends fullscreen"
SMILE = "Smile! Esc gives it up"
_SHADE, _WHITE = QColor(0, 0, 0, 150), QColor(255, 255, 255)


class Marks:
    """An overlay of the preview; see `Preview.overlays`."""

    def __init__(self, window: QWidget, zoom: Callable[[], float] = lambda: 1.0, trial: Callable[[], str] = str) -> None:
        self._window, self._zoom, self._trial = window, zoom, trial
        self._since_s = 0.0
        self.countdown = 0
        #: Seconds until the photobooth takes its shot.
        self.shot = 0
        self.recording = ""

    def refresh(self, status: Status) -> bool:
        """Take over how things stand; return whether the preview has to be drawn again, though no frame came."""
        before = (self.countdown, self.recording, self.hint)
        self.countdown = status.countdown
        record = status.sinks.get("record")
        full = self._window.isFullScreen()
        self.recording = f"REC {clock(record.seconds)}" if record is not None and full else ""
        if not full:
            self._since_s = 0.0
        elif not self._since_s:
            self._since_s = time.monotonic()
        return before != (self.countdown, self.recording, self.hint)

    @property
    def hint(self) -> str:
        """How fullscreen ends, in its first seconds."""
        return HINT if self._since_s and time.monotonic() - self._since_s < HINT_S else ""

    @property
    def zoomed(self) -> str:
        """How much larger the frame is shown, and how that ends."""
        return f"{self._zoom():.1f}× · double click shows all" if self._zoom() > 1 else ""

    def draw(self, drawing: QPainter, frame: QRectF) -> None:
        """Draw what there is; `frame` may be larger than the window, so marks keep to what can be seen."""
        seen = frame.intersected(QRectF(drawing.viewport()))
        drawing.save()
        drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
        if left := self.shot or self.countdown:
            side = max(96.0, 0.3 * min(seen.width(), seen.height()))
            disc = QRectF(seen.center().x() - side / 2, seen.center().y() - side / 2, side, side)
            drawing.setPen(Qt.PenStyle.NoPen)
            drawing.setBrush(_SHADE)
            drawing.drawEllipse(disc)
            drawing.setPen(_WHITE)
            drawing.setFont(_font(side * 0.55, bold=True))
            drawing.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(left))
        if self.recording:
            self._pill(drawing, self.recording, seen.right() - 16, seen.top() + 16, dot=True)
        if hint := (SMILE if self.shot else "") or self._trial() or self.hint or self.zoomed:
            self._pill(drawing, hint, seen.center().x(), seen.bottom() - 52)
        drawing.restore()

    def _pill(self, drawing: QPainter, text: str, x: float, y: float, *, dot: bool = False) -> None:
        drawing.setFont(_font(16))
        words = QRectF(drawing.fontMetrics().boundingRect(text))
        width, height = words.width() + (48 if dot else 28), 34.0
        pill = QRectF(x - (width if dot else width / 2), y, width, height)
        drawing.setPen(Qt.PenStyle.NoPen)
        drawing.setBrush(_SHADE)
        drawing.drawRoundedRect(pill, height / 2, height / 2)
        if dot:
            drawing.setBrush(QColor(theme.palette.record))
            drawing.drawEllipse(QRectF(pill.left() + 13, pill.center().y() - 6, 12, 12))
        drawing.setPen(_WHITE)
        drawing.drawText(pill.adjusted(30 if dot else 0, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, text)


def _font(height_px: float, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(max(8, round(height_px)))
    font.setBold(bold)
    return font
