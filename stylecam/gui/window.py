"""The main window: the picture on the left, 32 sliders on the right, how strongly below them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QAction, QCloseEvent, QKeySequence
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSlider,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from stylecam.app.painter import Painted, Painter
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.errors import StylecamError
from stylecam.gui.preview import Preview
from stylecam.gui.rack import StyleRack
from stylecam.packs.pack import StylePack

POLL_MS = 15
READ_FILTER = "Pictures (*.jpg *.jpeg *.png *.webp *.tif *.tiff)"


class MainWindow(QMainWindow):
    """Controls for one photo. Widgets only write `RenderParams`; painting happens in the painter's thread.

    Args:
        pack: the styles of the rack.
        painter: paints the photo; the window closes it.
        read_photo: reads a picture file to uint8 RGB (H, W, 3); raises StylecamError.
        write_photo: writes uint8 RGB to a new file; raises StylecamError.
    """

    def __init__(
        self,
        pack: StylePack,
        painter: Painter,
        read_photo: Callable[[Path], NDArray[np.uint8]],
        write_photo: Callable[[NDArray[np.uint8], Path], None],
    ) -> None:
        super().__init__()
        self._painter, self._read_photo, self._write_photo = painter, read_photo, write_photo
        self.shown: Painted | None = None
        self.preview = Preview()
        self.rack = StyleRack(pack)
        self.strength = _percent_slider("Strength", 100)
        self.keep_color = _percent_slider("Keep colours", 0)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("All sliders to zero: the plain photo")
        self.banner = QLabel()
        self.banner.setObjectName("banner")
        self.banner.setWordWrap(True)
        self.banner.hide()
        self.timing = QLabel("starting …")
        self._lay_out()
        self._add_actions()
        self.setWindowTitle(f"stylecam: {pack.title}")
        self.rack.changed.connect(self.repaint_photo)
        self.strength.valueChanged.connect(self.repaint_photo)
        self.keep_color.valueChanged.connect(self.repaint_photo)
        self.reset.clicked.connect(lambda: self.rack.set_mix(StyleMix()))
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._show_newest)
        self._poll.start(POLL_MS)

    def params(self) -> RenderParams:
        """Return the controls as they stand."""
        return RenderParams(self.rack.mix(), strength=self.strength.value() / 100, keep_color=self.keep_color.value() / 100)

    def repaint_photo(self) -> None:
        """Ask the painter for a picture with the controls as they stand."""
        self._painter.paint(self.params())

    def open_photo(self, path: Path) -> None:
        """Show another photo; a file that cannot be read leaves the present one and says why."""
        try:
            photo = self._read_photo(path)
        except StylecamError as error:
            self._say(str(error))
            return
        self._painter.show(photo, self.params())

    def save_photo(self, path: Path) -> None:
        """Write the picture that is shown; a failure is said, and nothing is half-written."""
        if self.shown is None:
            return
        try:
            self._write_photo(self.shown.image, path)
        except StylecamError as error:
            self._say(str(error))
            return
        self._say("")
        self.statusBar().showMessage(f"saved {path}", 6000)  # type: ignore[union-attr]

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Stop the painter with the window."""
        self._poll.stop()
        self._painter.close()
        super().closeEvent(event)

    def _show_newest(self) -> None:
        painted = self._painter.results.take(timeout_s=0)
        if painted is None:
            return
        self.shown = painted
        self.preview.show_picture(painted.image)
        self._say(painted.problem)
        if not painted.problem:
            how = "plain photo" if painted.params.is_plain else f"{painted.render_ms:.0f} ms"
            height, width = painted.image.shape[:2]
            self.timing.setText(f"{width}×{height}   {how}   {painted.engine}")

    def _say(self, problem: str) -> None:
        self.banner.setText(problem)
        self.banner.setVisible(bool(problem))

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(10)
        column.addWidget(self.rack, 1)
        for name, slider in (("Strength", self.strength), ("Keep colours", self.keep_color)):
            column.addLayout(_labelled(name, slider))
        column.addWidget(self.reset)
        stage = QWidget()
        left = QVBoxLayout(stage)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.banner)
        left.addWidget(self.preview, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(stage)
        splitter.addWidget(side)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([800, 330])
        splitter.setChildrenCollapsible(False)
        side.setMinimumWidth(280)
        self.setCentralWidget(splitter)
        self.statusBar().addPermanentWidget(self.timing)  # type: ignore[union-attr]
        self.resize(1180, 720)
        self.setMinimumSize(720, 480)

    def _add_actions(self) -> None:
        menu = self.menuBar().addMenu("&File")  # type: ignore[union-attr]
        for text, key, slot in (
            ("&Open photo…", QKeySequence.StandardKey.Open, self._ask_open),
            ("&Save painting…", QKeySequence.StandardKey.Save, self._ask_save),
            ("&Quit", QKeySequence.StandardKey.Quit, self.close),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(slot)
            menu.addAction(action)  # type: ignore[union-attr]

    def _ask_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open photo", "", READ_FILTER)
        if name:
            self.open_photo(Path(name))

    def _ask_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save painting", "painting.png", READ_FILTER)
        if name:
            self.save_photo(Path(name))


def _percent_slider(name: str, value: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setValue(value)
    slider.setAccessibleName(name)
    return slider


def _labelled(name: str, slider: QSlider) -> QHBoxLayout:
    row = QHBoxLayout()
    label = QLabel(name)
    label.setFixedWidth(92)
    value = QLabel(f"{slider.value()} %")
    value.setObjectName("faint")
    value.setFixedWidth(44)
    value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    slider.valueChanged.connect(lambda v: value.setText(f"{v} %"))
    for widget in (label, slider, value):
        row.addWidget(widget)
    return row
