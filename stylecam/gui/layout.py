"""Where everything of the main window stands, and how that changes with its size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from stylecam.gui import actions
from stylecam.gui.live.camera_menu import CameraMenu
from stylecam.gui.widgets.theme import TEXT_SIZES, THEMES, theme

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow

_SIZE_PX, _SMALLEST_PX = (1280, 800), (640, 400)
#: What the panel beside the preview takes of a wide and of a narrow window, from which width on that is wide, and its narrowest.
_WIDE_SHARE, _NARROW_SHARE, _WIDE_PX, _LEAST_PX = 0.4, 0.35, 1200, 224


def lay_out(window: MainWindow) -> tuple[QWidget, QVBoxLayout, Shares]:
    """Put the parts of a window in their places, and give it a size that its screen has.

    Returns:
        What stands below the preview, the rows there that others fill, and how the width is shared.
    """
    _add_menus(window)
    below = QWidget()
    column = _column(below)
    strip = QVBoxLayout()
    strip.setSpacing(0)
    column.addLayout(strip)
    column.addWidget(window.details)
    stage = QWidget()
    stage.setObjectName("stage")
    left = _column(stage)
    left.addWidget(window.preview, 1)
    left.addWidget(below)
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.addWidget(stage)
    splitter.addWidget(window.side)
    splitter.setStretchFactor(0, 1)
    splitter.setCollapsible(0, False)
    window.side.setMinimumWidth(_LEAST_PX)
    whole = QWidget()
    column = _column(whole)
    column.addWidget(window.bar)
    column.addWidget(splitter, 1)
    window.setCentralWidget(whole)
    status = window.statusBar()
    if status is not None:
        status.addWidget(window.numbers, 1)
        status.setSizeGripEnabled(False)
    window.setMinimumSize(*_SMALLEST_PX)
    screen = window.screen()
    space = screen.availableSize() if screen is not None else QSize(*_SIZE_PX)
    window.resize(min(_SIZE_PX[0], space.width()), min(_SIZE_PX[1], space.height()))
    return below, strip, Shares(splitter)


class Shares(QObject):
    """Gives the panel its share of the width again whenever that changes. `drawn` is the share that the user chose; 0: none yet."""

    def __init__(self, splitter: QSplitter) -> None:
        super().__init__(splitter)
        self._splitter = splitter
        self.drawn = 0.0
        splitter.splitterMoved.connect(self._note)
        splitter.installEventFilter(self)

    def restore(self, drawn: float) -> None:
        """Take the share that the user chose another time."""
        self.drawn = drawn
        self._divide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Follow the width."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._divide()
        return super().eventFilter(watched, event)

    def _divide(self) -> None:
        width = self._splitter.width()
        share = self.drawn or (_WIDE_SHARE if width >= _WIDE_PX else _NARROW_SHARE)
        side = max(_LEAST_PX, round(width * share))
        self._splitter.setSizes([width - side, side])

    def _note(self) -> None:
        side = self._splitter.sizes()[1]
        if side and self._splitter.width():
            self.drawn = side / self._splitter.width()


def _add_menus(window: MainWindow) -> None:
    actions.menu_of(window, "&File").insertMenu(window.actions_by_id["open_url"], window.recent)
    actions.menu_of(window, "&Source").addMenu(CameraMenu(window.session, window))
    words = {"system": "As the system", "contrast": "High contrast"}
    themes = [(name, words.get(name, name.capitalize())) for name in THEMES]
    sizes = [(name, name.capitalize()) for name in TEXT_SIZES]
    view = actions.menu_of(window, "&View")
    view.addMenu(_choices(window, "&Theme", themes, theme.apply, lambda: theme.name))
    view.addMenu(_choices(window, "Te&xt size", sizes, lambda size: theme.apply(theme.name, size), lambda: theme.text_size))


def _choices(
    window: MainWindow, title: str, entries: Sequence[tuple[str, str]], choose: Callable[[str], object], chosen: Callable[[], str]
) -> QMenu:
    menu = QMenu(title, window)
    group = QActionGroup(menu)
    for name, text in entries:
        action = menu.addAction(text)
        if action is not None:
            action.setCheckable(True)
            action.setData(name)
            action.triggered.connect(lambda _, name=name: choose(name))
            group.addAction(action)

    def check() -> None:
        for action in group.actions():
            action.setChecked(action.data() == chosen())

    menu.aboutToShow.connect(check)
    return menu


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
