"""What stands above the preview: a banner while something is wrong, and a notice that stays until it is closed or another comes."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from stylecam.gui.widgets.plain_text import plain_label


class Notice(QFrame):
    """A sentence with a cross that closes it; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._label = plain_label()
        self._label.setObjectName("inset")
        self._label.setWordWrap(True)
        self.cross = QToolButton()
        self.cross.setText("✕")
        self.cross.setObjectName("small")
        self.cross.setFixedSize(24, 24)
        self.cross.setAccessibleName("Close this notice")
        self.cross.setToolTip("Close this notice")
        self.cross.clicked.connect(lambda: self.show_text(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)  # the style sheet pads it
        row.addWidget(self._label, 1)
        row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def text(self) -> str:
        """Return the sentence, or an empty string."""
        return self._label.text()

    def show_text(self, text: str) -> None:
        """Show a sentence; an empty one takes it away."""
        self._label.setText(text)
        self.setVisible(bool(text))


class Notices(QWidget):
    """The banner above the notice."""

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.notice = plain_label(), Notice()
        self.banner.setObjectName("banner")
        self.banner.setWordWrap(True)
        self.banner.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.notice)

    def show_problem(self, text: str) -> None:
        """Show what is wrong for as long as it is; an empty text takes the banner away."""
        if text != self.banner.text():
            self.banner.setText(text)
            self.banner.setVisible(bool(text))
