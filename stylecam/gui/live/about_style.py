"""What is known of a style: its style image, who made it, and on which terms it may be used."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPixmap, QShowEvent
from PyQt6.QtWidgets import QDialog, QFormLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from stylecam.gui.widgets.plain_text import plain_label
from stylecam.packs.pack import StyleInfo

_SIDE_PX, _LEAST_PX, _TEXTS_PX = 320, 120, 300
#: Above and below the button, a scroll bar, and what a window's frame takes of a low screen.
_ROW_PX, _BAR_PX, _FRAME_PX = 20, 12, 40


class AboutStyle(QDialog):
    """A sheet about one style."""

    def __init__(self, style: StyleInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("sheet")
        self.setWindowTitle(f"About {style.title}")
        self._inner = QWidget()
        self._inner.setObjectName("clear")
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(20, 18, 20, 4)
        column.setSpacing(10)
        pixmap = QPixmap()
        if pixmap.loadFromData(style.thumbnail):
            shown = QLabel()
            ratio = self.devicePixelRatioF()
            screen = self.screen()
            room = screen.availableGeometry().height() - _TEXTS_PX if screen is not None else _SIDE_PX
            side = round(max(_LEAST_PX, min(_SIDE_PX, room)) * ratio)
            scaled = pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
            scaled.setDevicePixelRatio(ratio)
            shown.setPixmap(scaled)
            column.addWidget(shown, 0, Qt.AlignmentFlag.AlignHCenter)
        title = plain_label(style.title)
        title.setObjectName("section")
        title.setWordWrap(True)
        column.addWidget(title)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        lines = (
            ("Artist", style.artist),
            ("Year", style.year),
            ("Licence", style.licence),
            ("Source", style.source),
            ("Style size", f"{style.style_size_px} px, the short side it was trained at" if style.style_size_px else ""),
            ("Id", style.id),
        )
        for name, value in lines:
            if value and value != "unknown":
                label = plain_label(value)
                label.setWordWrap(True)
                label.setMinimumWidth(240)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                what = plain_label(name)
                what.setObjectName("faint")
                form.addRow(what, label)
        column.addLayout(form)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._inner)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setContentsMargins(20, 4, 20, 16)
        row.addStretch(1)
        row.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addLayout(row)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Be as high as the texts are in the letters of the moment, but no higher than the screen: then they scroll."""
        super().showEvent(event)
        layout, screen = self._inner.layout(), self.screen()
        if layout is not None and screen is not None:
            width = layout.totalSizeHint().width()
            layout.invalidate()
            layout.activate()
            inner = layout.totalHeightForWidth(width)
            self._inner.setMinimumHeight(inner)
            height = inner + self.close_button.sizeHint().height() + _ROW_PX
            most = screen.availableGeometry().height() - _FRAME_PX
            self.resize(width + (_BAR_PX if height > most else 0), min(height, most))
