"""The help sheet: every action and its key, and what mouse and keys do to the cards."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from stylecam.gui.actions import ActionSpec, action_specs

_TEXT_PX, _KEY_PX = 290, 112
#: Words longer than this take a second line.
_LINE = 46
#: What no action stands for.
GESTURES = (
    ("Click", "Only this style", "On a card: it alone is in the mix."),
    ("Shift+click", "Add or remove", "On a card: the others stay."),
    ("Drag", "How much of a style", "A slider jumps to the click; a double click on its knob is zero."),
    ("Double-click", "Type a number", "On the number beside a slider; Enter takes it, Esc leaves it."),
    ("Right-click", "More about a style", "Show alone, lock, favourite, licence."),
    ("Arrows", "Go and turn", "On a card: up and down go on, left and right turn its weight."),
    ("Enter, Space", "Only this, or add", "On a card, as a click and Shift+click."),
    ("Ctrl+wheel", "Look closely", "On the preview; draw to move it, a double click shows all."),
    ("Double-click", "Fullscreen", "On the preview, and back."),
    ("Hold F8", "The photo alone", "On the screen only: what is recorded goes on."),
    ("1 … 9", "Go to a scene", "In the time that the fade says; while text is typed they are digits."),
    ("Ctrl+1 … 9", "Keep as a scene", "The mix that is shown; a scene that is there is replaced."),
    ("Drop", "Open a file", "Let go of a photo, clip, address, style pack or file of scenes on the window."),
)


class HelpSheet(QDialog):
    """Made from the table of actions, in two columns of about the same height, one on a narrow screen; it scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("stylecam: shortcuts")
        self.setObjectName("sheet")
        self._is_filled = False

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Fill it, the first time: nobody needs to wait for that at the start."""
        if not self._is_filled:
            self._is_filled = True
            self._fill()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Close with the key that opened it, too."""
        if event is not None and event.key() == Qt.Key.Key_F1:
            self.close()
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        screen = self.screen()
        space = screen.availableSize() if screen is not None else QSize(1280, 720)
        groups = _groups(action_specs())
        inner = _columns(balanced(groups))
        if inner.sizeHint().width() > space.width() - 40:
            inner = _columns([groups])
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        wanted = inner.sizeHint()
        self.resize(min(wanted.width() + 18, space.width() - 20), min(wanted.height() + 4, space.height() - 60))


Row = tuple[str, str, str]
Group = tuple[str, list[Row]]


def _groups(specs: Sequence[ActionSpec]) -> list[Group]:
    menus = list(dict.fromkeys(spec.menu for spec in specs))
    found = [(menu.replace("&", ""), [(spec.shortcut, spec.label, spec.help) for spec in specs if spec.menu == menu]) for menu in menus]
    return [("Cards and sliders", list(GESTURES)), *found]


def balanced(groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """Return the groups in two columns, in their order, whose heights differ least."""
    heights = [3 + sum(5 if len(words) > _LINE else 4 for _, _, words in rows) for _, rows in groups]
    cut = min(range(1, len(groups)), key=lambda at: abs(sum(heights[:at]) - sum(heights[at:])))
    return list(groups[:cut]), list(groups[cut:])


def _columns(sides: Sequence[Sequence[Group]]) -> QWidget:
    inner = QWidget()
    inner.setObjectName("inner")
    columns = QHBoxLayout(inner)
    columns.setContentsMargins(22, 8, 22, 16)
    columns.setSpacing(28)
    for side in sides:
        column = QVBoxLayout()
        column.setSpacing(2)
        for title, rows in side:
            column.addWidget(_titled(title, "section"))
            column.addLayout(_rows(rows))
        column.addStretch(1)
        columns.addLayout(column)
    return inner


def _titled(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    return label


def _rows(rows: Sequence[Row]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(0)
    for at, (key, title, words) in enumerate(rows):
        described = _titled(words, "faint")
        described.setWordWrap(True)
        described.setFixedWidth(_TEXT_PX)
        described.ensurePolished()
        described.setFixedHeight(described.heightForWidth(_TEXT_PX) + 7)  # else the layout cuts the second line
        described.setContentsMargins(0, 0, 0, 5)
        if key:
            grid.addWidget(_titled(key, "key"), 2 * at, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(_titled(title, "title"), 2 * at, 1)
        grid.addWidget(described, 2 * at + 1, 1)
    grid.setColumnMinimumWidth(0, _KEY_PX)
    grid.setColumnStretch(1, 1)
    return grid
