"""The help sheet: every action and its key."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from stylecam.gui.actions import ActionSpec, action_specs


class HelpSheet(QDialog):
    """Made from the table of actions, in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("stylecam: shortcuts")
        self.setObjectName("sheet")
        columns = QHBoxLayout()
        columns.setSpacing(28)
        specs = action_specs()
        menus = list(dict.fromkeys(spec.menu for spec in specs))
        for titles in ([*menus[1:3], menus[-1]], [menus[0], *menus[3:-1]]):  # columns of about the same height
            column = QVBoxLayout()
            column.setSpacing(4)
            for menu in titles:
                column.addWidget(_titled(menu.replace("&", ""), "section"))
                column.addLayout(_rows([spec for spec in specs if spec.menu == menu]))
            column.addStretch(1)
            columns.addLayout(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 24, 14)
        layout.setSpacing(8)
        layout.addLayout(columns)
        tips = "Double-click a slider for zero; S shows a style alone, L locks it. Drop a file on the window to open it. Esc closes this."
        hint = _titled(tips, "faint")
        layout.addWidget(hint, 0, Qt.AlignmentFlag.AlignLeft)


def _titled(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    return label


def _rows(specs: list[ActionSpec]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(2)
    for row, spec in enumerate(specs):
        grid.addWidget(_titled(spec.shortcut, "key"), row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(_titled(spec.label, "title"), row, 1)
        told = _titled(spec.help, "faint")
        told.setWordWrap(True)
        told.setMinimumWidth(200)
        grid.addWidget(told, row, 2)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnMinimumWidth(1, 136)
    grid.setColumnStretch(2, 1)
    return grid
