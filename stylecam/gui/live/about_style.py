"""What is known of a style: its style image, who made it, and on which terms it may be used."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPixmap, QShowEvent
from PyQt6.QtWidgets import QDialog, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from stylecam.gui.widgets.plain_text import plain_label
from stylecam.packs.pack import StyleInfo

_SIDE_PX = 320


class AboutStyle(QDialog):
    """A sheet about one style."""

    def __init__(self, style: StyleInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("sheet")
        self.setWindowTitle(f"About {style.title}")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        pixmap = QPixmap()
        if pixmap.loadFromData(style.thumbnail):
            shown = QLabel()
            ratio = self.devicePixelRatioF()
            side = round(_SIDE_PX * ratio)
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
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Be as high as the texts are in the letters of the moment."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))
