"""The photo beside what became of it: left of a line that can be drawn, or alone while a key is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from stylecam.gui.live.marks import _font
from stylecam.render.live import Rendered

#: So near to the line the mouse takes hold of it.
GRAB_PX = 12.0
_LEAST, _MOST = 0.02, 0.98


class Compare:
    """An overlay of the preview; see `Preview.overlays`. The recording and other programs never see it.

    Args:
        photo_of: returns the photo behind a frame as the screen takes it, uint8 BGRX (h, w, 4).
    """

    def __init__(self, photo_of: Callable[[Rendered], NDArray[np.uint8]]) -> None:
        self._photo_of = photo_of
        self._rendered: Rendered | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self.split = False
        self.held = False
        #: Where the line is, as a share of the frame's width.
        self.at = 0.5

    @property
    def is_on(self) -> bool:
        """Whether anything of the photo is shown."""
        return self.split or self.held

    def note(self, rendered: Rendered | None) -> None:
        """Take over the frame that is shown; its photo is made only where it is seen."""
        self._rendered = rendered
        self._pixels = None

    def near(self, point: QPointF, frame: QRectF) -> bool:
        """Return whether a point of the widget is on the line."""
        return self.split and not self.held and abs(point.x() - self._line(frame)) <= GRAB_PX

    def move(self, point: QPointF, frame: QRectF) -> None:
        """Draw the line to a point."""
        if frame.width() > 0:
            self.at = min(_MOST, max(_LEAST, (point.x() - frame.left()) / frame.width()))

    def draw(self, drawing: QPainter, frame: QRectF) -> None:
        """Draw the photo over the frame, as far as it is wanted."""
        if not self.is_on or self._rendered is None:
            return
        self._make()
        line = self._line(frame)
        drawing.save()
        if not self.held:
            drawing.setClipRect(QRectF(frame.left(), frame.top(), line - frame.left(), frame.height()))
        drawing.drawImage(frame, self._image)
        drawing.restore()
        drawing.save()
        drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = frame.intersected(QRectF(drawing.viewport()))
        if self.held:
            self._label(drawing, "Photo", seen.left() + 12, seen.bottom() - 40, left=True)
        else:
            for colour, width in ((QColor(0, 0, 0, 120), 4.0), (QColor(255, 255, 255), 2.0)):
                drawing.setPen(QPen(colour, width))
                drawing.drawLine(QPointF(line, seen.top()), QPointF(line, seen.bottom()))
            self._handle(drawing, QPointF(line, seen.center().y()))
            self._label(drawing, "Photo", line - 12, seen.bottom() - 40, left=False)
            self._label(drawing, "Stylized", line + 12, seen.bottom() - 40, left=True)
        drawing.restore()

    def _make(self) -> None:
        if self._pixels is None and self._rendered is not None:
            self._pixels = pixels = np.ascontiguousarray(self._photo_of(self._rendered))  # QImage does not copy: keep what it points at
            height, width = pixels.shape[:2]
            data: Any = pixels.data
            self._image = QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32)

    def _line(self, frame: QRectF) -> float:
        return frame.left() + self.at * frame.width()

    def _handle(self, drawing: QPainter, at: QPointF) -> None:
        drawing.setPen(QPen(QColor(0, 0, 0, 120), 1.5))
        drawing.setBrush(QColor(255, 255, 255))
        drawing.drawEllipse(at, 11.0, 11.0)
        drawing.setPen(QPen(QColor(40, 40, 46), 2.0))
        for side in (-1, 1):
            tip = QPointF(at.x() + 7 * side, at.y())
            drawing.drawLine(tip, QPointF(at.x() + 3 * side, at.y() - 4))
            drawing.drawLine(tip, QPointF(at.x() + 3 * side, at.y() + 4))

    def _label(self, drawing: QPainter, text: str, x: float, y: float, *, left: bool) -> None:
        drawing.setFont(_font(13))
        width = drawing.fontMetrics().horizontalAdvance(text) + 20
        pill = QRectF(x if left else x - width, y, width, 26)
        drawing.setPen(Qt.PenStyle.NoPen)
        drawing.setBrush(QColor(0, 0, 0, 150))
        drawing.drawRoundedRect(pill, 13, 13)
        drawing.setPen(QColor(255, 255, 255))
        drawing.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
