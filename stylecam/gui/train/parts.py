"""Parts of the Train dialog: a place to drop a style image on, an image that fits, and the curve of the loss."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QLabel, QRubberBand, QSizePolicy, QWidget

from stylecam.gui.widgets.folders import folders_of
from stylecam.gui.widgets.theme import theme
from stylecam.media.formats import IMAGES, dialog_filter

IMAGE_FILTER = dialog_filter("Images", IMAGES)


class FittedImage(QLabel):
    """Shows an image as large as its place allows, or a hint."""

    def __init__(self, hint: str, smallest: QSize) -> None:
        super().__init__(hint)
        self._hint = hint
        self._pixmap = QPixmap()
        self.setObjectName("well")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(smallest)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    @property
    def is_empty(self) -> bool:
        """True while the hint is shown."""
        return self._pixmap.isNull()

    def show_bytes(self, data: bytes) -> bool:
        """Show an image file's content; False, and the hint, if it is none."""
        self._pixmap = QPixmap()
        loaded = self._pixmap.loadFromData(data)
        self._fit()
        return loaded

    def clear_image(self) -> None:
        """Show the hint."""
        self._pixmap = QPixmap()
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Fit the image."""
        super().resizeEvent(event)
        self._fit()

    def image_rect(self) -> QRect:
        """Return where the image is in this widget; empty while the hint is shown."""
        size = self.pixmap().deviceIndependentSize().toSize()
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(self.contentsRect().center())
        return place

    def _fit(self) -> None:
        if self._pixmap.isNull():
            self.setText(self._hint)
            return
        ratio = self.devicePixelRatioF()
        place = self.contentsRect().size() * ratio
        fitted = self._pixmap.scaled(place, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        self.setPixmap(fitted)


class StyleImageBox(FittedImage):
    """Where the style image is chosen: click, press Enter, or drop a file. `chosen` carries its path.

    Dragging frames a part of what is shown: `framed` carries it as fractions.
    """

    chosen = pyqtSignal(Path)
    framed = pyqtSignal(QRectF)

    def __init__(self) -> None:
        super().__init__("Drop a style image here,\nor click to choose one", QSize(200, 170))
        self.setAccessibleName("Style image")
        self.setToolTip("Click to choose another; drag a frame to use only a part")
        self._pressed_at: QPoint | None = None
        self._frame = QRubberBand(QRubberBand.Shape.Rectangle, self)
        self.set_locked(False)

    def ask(self) -> None:
        """Let the user choose a file."""
        folders = folders_of(self)
        name, _ = QFileDialog.getOpenFileName(self, "Choose a style image", folders.begin("Style image"), IMAGE_FILTER)
        folders.end("Style image", name)
        if name:
            self.chosen.emit(Path(name))

    def set_locked(self, locked: bool) -> None:
        """Take nothing for a while. Not `setEnabled`: that would grey the image."""
        self._locked = locked
        self.setAcceptDrops(not locked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if locked else Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor if locked else Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Begin a click or a frame."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton and not self._locked:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Draw the frame."""
        if event is None or self._pressed_at is None or self.is_empty:
            return
        at = event.position().toPoint()
        if self._frame.isVisible() or (at - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
            self._frame.setGeometry(QRect(self._pressed_at, at).normalized() & self.image_rect())
            self._frame.show()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Choose a style image by a click, or take the frame."""
        pressed, self._pressed_at = self._pressed_at, None
        if self._frame.isVisible():
            self._frame.hide()
            frame, shown = self._frame.geometry(), self.image_rect()
            if not frame.isEmpty() and not self._locked:
                width, height = shown.width(), shown.height()
                left, top = frame.x() - shown.x(), frame.y() - shown.y()
                self.framed.emit(QRectF(left / width, top / height, frame.width() / width, frame.height() / height))
        elif pressed is not None and not self._locked:
            self.ask()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Choose by Enter or the space bar."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not self._locked:
            self.ask()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take files."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take the first file."""
        data = event.mimeData() if event is not None else None
        for url in data.urls() if data is not None else ():
            if url.isLocalFile():
                self.chosen.emit(Path(url.toLocalFile()))
                return


class LossPlot:
    """The loss over the steps. `widget` is to be laid out; `points` is what it shows."""

    def __init__(self) -> None:
        os.environ["PYQTGRAPH_QT_LIB"] = "PyQt6"  # a user's setting for other programs must not bring a second Qt into this one
        import pyqtgraph  # here, not above: it costs time that only this dialog needs

        colours = theme.palette
        self.points: tuple[tuple[int, float], ...] = ()
        self._plot = pyqtgraph.PlotWidget(background=colours.window)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        for side, text in (("left", "loss"), ("bottom", "steps")):
            axis = self._plot.getAxis(side)
            axis.setPen(colours.line)
            axis.setTextPen(colours.faint)
            axis.setLabel(text, color=colours.faint)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(showValues=False)
        self._curve = self._plot.plot([], [], pen=pyqtgraph.mkPen(colours.accent, width=2))
        self.widget: QWidget = self._plot
        self.widget.setAccessibleName("Loss over the steps")
        self.widget.setMinimumHeight(130)
        self.widget.hide()  # until there is something to show

    def show_points(self, points: Sequence[tuple[int, float]]) -> None:
        """Draw the curve again."""
        if tuple(points) != self.points:
            self.points = tuple(points)
            self.widget.setVisible(bool(points))
            for side in ("left", "bottom"):
                self._plot.getAxis(side).setStyle(showValues=bool(points))
            self._curve.setData([step for step, _ in points], [value for _, value in points])
