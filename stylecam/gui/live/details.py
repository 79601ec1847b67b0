"""The details panel below the preview: what the status bar leaves out, to be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout

from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_label


class Details(QFrame):
    """Lines of a name and a value; hidden until they are asked for."""

    closed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("details")
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(2)
        self._lines: list[tuple[str, str]] = []
        self._labels: dict[str, QLabel] = {}
        copy, close = QToolButton(), QToolButton()
        for button, name, tip in ((copy, "copy", "Copy these lines"), (close, "x", "Close the details")):
            button.setIcon(icon(name))
            button.setObjectName("small")
            button.setFixedSize(26, 26)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        copy.clicked.connect(self.copy)
        close.clicked.connect(self.closed)
        buttons = QVBoxLayout()
        buttons.addWidget(close)
        buttons.addWidget(copy)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addLayout(self._form, 1)
        row.addLayout(buttons)
        self.hide()

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these, names and values."""
        self._lines = list(lines)
        names = [name for name, _ in lines]
        for name in [name for name in self._labels if name not in names]:
            self._form.removeRow(self._labels.pop(name))
        for name, value in lines:
            if name not in self._labels:
                label = self._labels[name] = plain_label()
                label.setWordWrap(True)
                label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                title = plain_label(name)
                title.setObjectName("faint")
                self._form.addRow(title, label)
            self._labels[name].setText(value)

    def text(self) -> str:
        """Return the lines as text."""
        return "\n".join(f"{name}: {value}" for name, value in self._lines)

    def copy(self) -> None:
        """Copy the lines."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.text())
