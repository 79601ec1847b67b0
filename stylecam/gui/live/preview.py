"""The stylized frame, as large as its place allows, with its proportions kept; or larger, to look closely."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

_MOST_ZOOM = 8.0
#: Frames are made larger only so far; beyond that their pixels are.
_SHARP_ZOOM = 4.0


class Preview(QWidget):
    """Shows frames that were made to fit. `resized` carries the place in pixels of the screen, `drawn` what drawing took in ms."""

    resized = pyqtSignal(int, int)
    drawn = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._is_new = False
        #: How much larger than its place the frame is shown, and how far its middle is from the middle of that, in frames of that size.
        self.zoom, self._off = 1.0, QPointF()
        #: What is drawn over every frame: each is called with the QPainter and the place of the frame.
        self.overlays: list[Callable[[QPainter, QRectF], None]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Stylized frame")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_frame(self, pixels: NDArray[np.uint8]) -> None:
        """Show `pixels`, uint8 BGRX (h, w, 4); they must not change afterwards."""
        self._pixels = np.ascontiguousarray(pixels)  # QImage does not copy: keep what it points at
        height, width = self._pixels.shape[:2]
        self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)  # type: ignore[call-overload]
        self._is_new = True
        self.update()

    def place_px(self) -> tuple[int, int]:
        """Return width and height in pixels of the screen that a frame is to be made for."""
        ratio = self.devicePixelRatioF() * min(self.zoom, _SHARP_ZOOM)
        return round(self.width() * ratio), round(self.height() * ratio)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Large enough for a usual webcam frame."""
        return QSize(800, 600)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Report the new place."""
        super().resizeEvent(event)
        self.resized.emit(*self.place_px())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the frame in the middle. It fits already, so this copies; only while the window is being resized it is stretched."""
        begin = time.perf_counter_ns()
        drawing = QPainter(self)
        target = self.target()
        around = QColor(12, 12, 14)
        if self._image.isNull():
            drawing.fillRect(self.rect(), around)
            drawing.setPen(QColor(155, 155, 164))
            drawing.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Waiting for the first frame …")
        else:
            whole = QRectF(self.rect())
            if not target.contains(whole):
                drawing.fillRect(QRectF(0, 0, whole.width(), max(0.0, target.top())), around)
                drawing.fillRect(QRectF(0, target.bottom(), whole.width(), max(0.0, whole.height() - target.bottom())), around)
                drawing.fillRect(QRectF(0, 0, max(0.0, target.left()), whole.height()), around)
                drawing.fillRect(QRectF(target.right(), 0, max(0.0, whole.width() - target.right()), whole.height()), around)
            drawing.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom > 1)
            drawing.drawImage(target, self._image)
            for overlay in self.overlays:
                overlay(drawing, target)
        drawing.end()
        if self._is_new:
            self._is_new = False
            self.drawn.emit((time.perf_counter_ns() - begin) / 1e6)

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Show the frame larger or smaller, so that what is below a point of the widget stays there."""
        before = self.target()
        zoom = min(_MOST_ZOOM, max(1.0, self.zoom * factor))
        if before.isEmpty() or zoom == self.zoom:
            return
        inside = QPointF((at.x() - before.left()) / before.width(), (at.y() - before.top()) / before.height())
        self.zoom = zoom if zoom > 1.01 else 1.0
        after = self._placed(QPointF())
        left, top = at.x() - inside.x() * after.width(), at.y() - inside.y() * after.height()
        self._off = QPointF((left - after.left()) / after.width(), (top - after.top()) / after.height())
        self._zoomed()

    def pan_by(self, way: QPointF) -> None:
        """Move the frame, as far as there is more of it."""
        frame = self.target()
        if not frame.isEmpty():
            self._off += QPointF(way.x() / frame.width(), way.y() / frame.height())
            self._zoomed()

    def reset_zoom(self) -> None:
        """Show the whole frame again."""
        self.zoom = 1.0
        self._zoomed()

    def _zoomed(self) -> None:
        whole = self._placed(QPointF())
        if not whole.isEmpty():  # no further than to its edges
            most_x = max(0.0, (whole.width() - self.width()) / 2 / whole.width())
            most_y = max(0.0, (whole.height() - self.height()) / 2 / whole.height())
            self._off = QPointF(min(most_x, max(-most_x, self._off.x())), min(most_y, max(-most_y, self._off.y())))
        self.resized.emit(*self.place_px())
        self.update()

    def target(self) -> QRectF:
        """Return where the frame lies in the widget; where it is zoomed, that is larger than the widget."""
        return self._placed(self._off if self.zoom > 1 else QPointF())

    def _placed(self, off: QPointF) -> QRectF:
        fit = self._fit()
        width, height = fit.width() * self.zoom, fit.height() * self.zoom
        left, top = fit.center().x() - width / 2 + off.x() * width, fit.center().y() - height / 2 + off.y() * height
        return fit if self.zoom == 1 else QRectF(left, top, width, height)

    def _fit(self) -> QRectF:
        if self._image.isNull():
            return QRectF()
        ratio = self.devicePixelRatioF()
        scale = min(self.width() * ratio / self._image.width(), self.height() * ratio / self._image.height())
        if abs(scale * max(self._image.width(), self._image.height()) - max(self._image.width(), self._image.height())) <= 1:
            scale = 1.0  # made to fit: rounding must not turn the copy into a stretch
        width, height = round(self._image.width() * scale), round(self._image.height() * scale)
        left, top = (round(self.width() * ratio) - width) // 2, (round(self.height() * ratio) - height) // 2
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)
