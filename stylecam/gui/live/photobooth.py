"""The photobooth: a countdown, one shot, six styles of it to choose from; the shot is saved plain and in the style that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QPixmap
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout

from stylecam.app.live.snapshots import BOOTH_STYLES, Shot, booth_styles
from stylecam.engines.base import Image
from stylecam.gui.widgets.plain_text import plain_label, plain_tip

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow

COUNTDOWN_S = 3
_COLUMNS = 3
#: Tiles as large as this, or as the screen has place for beside all else.
_TILE, _EDGE_PX, _BESIDE_PX = QSize(240, 180), 14, QSize(100, 220)


class Photobooth(QDialog):
    """Six tiles, filled one after the other; a click saves. Until the shot it is hidden, so that people see themselves.

    `counts` carries the seconds that are left until the shot, and 0 when it is taken or given up.
    """

    counts = pyqtSignal(int)
    _came = pyqtSignal(object, str, object)  # the shot, a style and its image; from another thread

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._rack = window.session, window.rack
        self.setWindowTitle("Photobooth")
        self.shot: Shot | None = None
        self._left = 0
        self.head = plain_label()
        self.head.setObjectName("section")
        self.tiles = [QToolButton() for _ in range(BOOTH_STYLES)]
        grid = QGridLayout()
        grid.setSpacing(8)
        self._titles = [plain_label() for _ in self.tiles]
        for number, (tile, title) in enumerate(zip(self.tiles, self._titles, strict=True)):
            tile.clicked.connect(lambda _, tile=tile: self.choose(tile))
            title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(tile, number // _COLUMNS * 2, number % _COLUMNS, Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(title, number // _COLUMNS * 2 + 1, number % _COLUMNS)
        self.again = QPushButton("Another shot")
        self.again.clicked.connect(self.begin)
        self.others = QPushButton("Other styles")
        self.others.clicked.connect(self.show_styles)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addWidget(self.others)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addLayout(grid, 1)
        column.addLayout(row)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._came.connect(self._show)

    def begin(self) -> None:
        """Count down, and take a shot."""
        self.hide()
        self.shot, self._left = None, COUNTDOWN_S
        self._clear()
        self._timer.start(1000)
        self.counts.emit(self._left)

    def give_up(self) -> bool:
        """End the countdown; False if none runs."""
        was_counting = self._timer.isActive()
        self._timer.stop()
        self.counts.emit(0)
        return was_counting

    def choose(self, tile: QToolButton) -> None:
        """Save the shot plain and in the style of a tile."""
        style = tile.property("style_id")
        if self.shot is not None and style:
            self._session.snapshots.keep(self.shot, style)
            self.head.setText(f"Saving it plain and as {tile.accessibleName()} …")
            self.close()

    def show_styles(self) -> None:
        """Show the shot in six styles, by chance others than the last time beside those that are in use."""
        if self.shot is None:
            return
        self._clear()
        styles = booth_styles(self._session.controls.mix(), self._rack.favourites, self._session.pack.style_ids)
        for tile, title, style in zip(self.tiles, self._titles, styles, strict=False):
            info = self.shot.pack.styles[style]
            tile.setProperty("style_id", style)
            tile.setAccessibleName(info.title)
            tile.setToolTip(plain_tip(f"{info.title}, {info.artist}"))
            title.setText(info.title)
        shot = self.shot
        self._session.snapshots.show_styles(shot, styles, lambda style, image: self._came.emit(shot, style, image))
        self.head.setText("Choose one: it is saved, and the plain photo with it")

    def _open(self) -> None:
        self._fit()
        self.show()
        if (layout := self.layout()) is not None:
            layout.activate()  # with the letters that its texts have now
        self.resize(self.sizeHint())  # Qt's own choice is two thirds of the screen at most, and squeezes the tiles
        self.raise_()
        self.activateWindow()

    def _fit(self) -> None:
        """Let the tiles be no larger than the screen allows."""
        screen, rows = self.screen(), BOOTH_STYLES // _COLUMNS
        room = screen.availableGeometry().size() - _BESIDE_PX if screen is not None else _TILE * BOOTH_STYLES
        most = QSize(room.width() // _COLUMNS - _EDGE_PX, room.height() // rows - _EDGE_PX)
        side = _TILE.scaled(most, Qt.AspectRatioMode.KeepAspectRatio).boundedTo(_TILE)
        for tile in self.tiles:
            tile.setIconSize(side)
            tile.setFixedSize(side + QSize(_EDGE_PX, _EDGE_PX))

    def _tick(self) -> None:
        self._left -= 1
        self.counts.emit(self._left)
        if self._left > 0:
            return
        self._timer.stop()
        self.shot = self._session.snapshots.shoot()
        self._open()
        if self.shot is None:
            self.head.setText("There is no frame yet: choose a source first")
        else:
            self.show_styles()

    def _clear(self) -> None:
        for tile, title in zip(self.tiles, self._titles, strict=True):
            tile.setIcon(QIcon())
            tile.setToolTip("")
            title.setText("")
            tile.setProperty("style_id", "")
            tile.setEnabled(False)

    def _show(self, shot: Shot, style: str, image: Image) -> None:
        """Fill a tile, unless another shot was taken meanwhile."""
        tile = next((tile for tile in self.tiles if tile.property("style_id") == style), None)
        if shot is self.shot and tile is not None:
            tile.setIcon(
                QIcon(
                    _pixmap(image).scaled(
                        tile.iconSize() * self.devicePixelRatioF(),
                        Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                )
            )
            tile.setEnabled(True)


def _pixmap(image: NDArray[np.uint8]) -> QPixmap:
    height, width = image.shape[:2]
    data: Any = np.ascontiguousarray(image).data
    return QPixmap.fromImage(QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy())
