"""Which part of the style image is used: four numbers in percent, for those who do not drag a frame with the mouse."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QSpinBox, QWidget

from stylecam.app.training.runs import WHOLE, Crop

SMALLEST_PERCENT = 5
_FIELDS = (
    ("Left", "How much of the style image's width is cut off at its left"),
    ("Top", "How much of the style image's height is cut off at its top"),
    ("Width", "How wide the part is"),
    ("Height", "How high the part is"),
)


class CropField(QWidget):
    """Left, top, width and height. `changed` fires when they did; they always lie inside the style image."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._crop = WHOLE
        self.boxes = [QSpinBox() for _ in _FIELDS]
        self.whole_button = QPushButton("Whole")
        self.whole_button.setAutoDefault(False)
        self.whole_button.setToolTip("Use the whole style image")
        self.whole_button.clicked.connect(lambda: self.set_crop(WHOLE))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        for column, (box, (name, tip)) in enumerate(zip(self.boxes, _FIELDS, strict=True)):
            caption = QLabel(name)
            caption.setObjectName("faint")
            grid.addWidget(caption, 0, column)
            box.setSuffix(" %")
            box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)  # the arrow keys and the wheel do
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # its own hint changes with what fits beside it
            box.setMinimumWidth(box.fontMetrics().horizontalAdvance("100 %") + 22)
            box.setAccessibleName(f"{name} of the part, in percent")
            box.setToolTip(f"{tip}, in percent; or drag a frame over the style image")
            box.setKeyboardTracking(False)  # "50" is not first 5 %
            box.valueChanged.connect(self._typed)
            grid.addWidget(box, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.whole_button, 1, len(_FIELDS))
        self.setFocusProxy(self.boxes[0])
        self._show()

    @property
    def crop(self) -> Crop:
        """The part as fractions."""
        return self._crop

    def set_crop(self, crop: Crop) -> None:
        """Choose a part, to a hundredth; one that is too small or reaches beyond the image is made to fit."""
        (left, width), (top, height) = _fitted(crop[0], crop[2]), _fitted(crop[1], crop[3])
        before, self._crop = self._crop, (left, top, width, height)
        self._show()
        if self._crop != before:
            self.changed.emit()

    def mark(self, frame: QRectF) -> None:
        """Choose what was framed in the part that is shown, in fractions of it."""
        left, top, width, height = self.crop
        self.set_crop((left + frame.x() * width, top + frame.y() * height, frame.width() * width, frame.height() * height))

    def _typed(self) -> None:
        left, top, width, height = (box.value() / 100 for box in self.boxes)
        self.set_crop((left, top, width, height))

    def _show(self) -> None:
        left, top, width, height = (round(100 * value) for value in self._crop)
        last = 100 - SMALLEST_PERCENT
        rooms = ((left, 0, last), (top, 0, last), (width, SMALLEST_PERCENT, 100 - left), (height, SMALLEST_PERCENT, 100 - top))
        for box, (value, lowest, highest) in zip(self.boxes, rooms, strict=True):
            box.blockSignals(True)
            box.setRange(lowest, highest)
            box.setValue(value)
            box.blockSignals(False)
        self.whole_button.setEnabled(self._crop != WHOLE)


def _fitted(start: float, size: float) -> tuple[float, float]:
    first = min(max(round(100 * start), 0), 100 - SMALLEST_PERCENT)
    return first / 100, min(max(round(100 * size), SMALLEST_PERCENT), 100 - first) / 100
