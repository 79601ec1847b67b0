"""The stylized frame, as large as its place allows, with its proportions kept."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget


class Preview(QWidget):
    """Shows frames that were made to fit. `resized` carries the place in pixels of the screen, `drawn` what drawing took in ms."""

    resized = pyqtSignal(int, int)
    drawn = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self._is_new = False
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
        """Return width and height in pixels of the screen."""
        ratio = self.devicePixelRatioF()
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
            drawing.fillRect(QRectF(0, 0, whole.width(), target.top()), around)
            drawing.fillRect(QRectF(0, target.bottom(), whole.width(), whole.height() - target.bottom()), around)
            drawing.fillRect(QRectF(0, 0, target.left(), whole.height()), around)
            drawing.fillRect(QRectF(target.right(), 0, whole.width() - target.right(), whole.height()), around)
            drawing.drawImage(target, self._image)
            for overlay in self.overlays:
                overlay(drawing, target)
        drawing.end()
        if self._is_new:
            self._is_new = False
            self.drawn.emit((time.perf_counter_ns() - begin) / 1e6)

    def target(self) -> QRectF:
        """Return where the frame lies in the widget."""
        if self._image.isNull():
            return QRectF()
        ratio = self.devicePixelRatioF()
        scale = min(self.width() * ratio / self._image.width(), self.height() * ratio / self._image.height())
        if abs(scale * max(self._image.width(), self._image.height()) - max(self._image.width(), self._image.height())) <= 1:
            scale = 1.0  # made to fit: rounding must not turn the copy into a stretch
        width, height = round(self._image.width() * scale), round(self._image.height() * scale)
        left, top = (round(self.width() * ratio) - width) // 2, (round(self.height() * ratio) - height) // 2
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)
