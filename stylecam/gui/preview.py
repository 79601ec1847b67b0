"""The picture, as large as its place allows, with its proportions kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget


class Preview(QWidget):
    """Shows uint8 RGB pictures."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName("Painted picture")

    def show_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Show `pixels`, uint8 RGB (H, W, 3); they must not change afterwards."""
        self._pixels = np.ascontiguousarray(pixels)  # QImage does not copy: keep what it points at
        height, width = self._pixels.shape[:2]
        self._image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)  # type: ignore[call-overload]
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for a usual webcam picture."""
        return QSize(800, 600)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the picture in the middle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(12, 12, 14))
        if self._image.isNull():
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, self._image)
