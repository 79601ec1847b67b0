"""The style rack: a thumbnail, a name and a slider for every style."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPixmap, QWheelEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QScrollArea, QSizePolicy, QSlider, QVBoxLayout, QWidget

from stylecam.core.mix import StyleMix
from stylecam.packs.pack import StyleInfo, StylePack

SLIDER_STEPS = 100
THUMBNAIL_PX = 44


class RackSlider(QSlider):
    """A slider that leaves the mouse wheel to the rack: scrolling past it must not change the mix."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Pass the wheel on."""
        if event is not None:
            event.ignore()


class StyleRow(QFrame):
    """One style. `changed` fires when its slider moves."""

    changed = pyqtSignal()

    def __init__(self, style: StyleInfo) -> None:
        super().__init__()
        self.style_id = style.id
        self.words = f"{style.id} {style.title} {style.artist} {style.year}".lower()
        picture = QLabel()
        picture.setFixedSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        pixmap = QPixmap()
        if pixmap.loadFromData(style.thumbnail):
            picture.setPixmap(
                pixmap.scaled(
                    THUMBNAIL_PX, THUMBNAIL_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
                )
            )
        title = QLabel(style.title)
        title.setObjectName("title")
        artist = QLabel(f"{style.artist}, {style.year}")
        artist.setObjectName("faint")
        for label in (title, artist):
            # A long title is cut off at the row's end (the tooltip has it whole) instead of pushing the slider out of sight.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.slider = RackSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setAccessibleName(f"Weight of {style.title}")
        self.slider.valueChanged.connect(self._slider_moved)
        self.value = QLabel("0")
        self.value.setObjectName("faint")
        self.value.setFixedWidth(28)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(1)
        layout.addWidget(picture, 0, 0, 3, 1)
        layout.addWidget(title, 0, 1, 1, 2)
        layout.addWidget(artist, 1, 1, 1, 2)
        layout.addWidget(self.slider, 2, 1)
        layout.addWidget(self.value, 2, 2)
        layout.setColumnStretch(1, 1)
        self.setToolTip(f"{style.title}\n{style.artist}, {style.year}\n{style.licence}")

    def _slider_moved(self, value: int) -> None:
        self.value.setText(str(value))
        self.changed.emit()


class StyleRack(QWidget):
    """All styles of a pack, searchable. `changed` fires when the mix changes."""

    changed = pyqtSignal()

    def __init__(self, pack: StylePack) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(f"Search {len(pack.styles)} styles")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.rows = {style.id: StyleRow(style) for style in pack.styles}
        inner = QWidget()
        inner.setObjectName("rack")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for row in self.rows.values():
            row.changed.connect(self.changed)
            column.addWidget(row)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.search)
        layout.addWidget(scroll, 1)

    def mix(self) -> StyleMix:
        """Return the weights as the sliders stand, 0 to 1; styles at zero are left out."""
        return StyleMix({style: row.slider.value() / SLIDER_STEPS for style, row in self.rows.items() if row.slider.value()})

    def set_mix(self, mix: StyleMix) -> None:
        """Put the sliders where `mix` says, with one `changed` at the end. Unknown styles are passed over."""
        self.blockSignals(True)
        for style, row in self.rows.items():
            weight = mix.weights.get(style, 0.0)
            row.slider.setValue(round(min(1.0, max(0.0, weight)) * SLIDER_STEPS))
        self.blockSignals(False)
        self.changed.emit()

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for row in self.rows.values():
            row.setVisible(all(word in row.words for word in words))
