"""The row of scenes below the preview: a click goes to one, "+" keeps what is shown, and a fade can be set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from PyQt6.QtCore import QPoint, QSize, Qt, QTimer
from PyQt6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PyQt6.QtWidgets import QDoubleSpinBox, QFrame, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QToolButton, QWidget

from stylecam.app.live.session import Session
from stylecam.core.window_params import FADE_S
from stylecam.gui.live.card import ShortLabel
from stylecam.gui.live.scene_tile import MIME, SceneTile
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.theme import theme

#: In a window that is lower, tiles have no thumbnails.
_LOW_PX = 620
_LOOK_MS = 100
_MARGIN_PX = 6
EMPTY = ("Ctrl+1 keeps this mix as scene 1; then 1 brings it back.", "Ctrl+1 keeps this mix as scene 1")


class ScenesStrip(QWidget):
    """Looks ten times a second whether the scenes or what is under way have changed; `refresh` looks at once.

    Args:
        session: owns the scenes.
        actions: those of the window, by id.
        options: the menu behind the last button.
        ask: shows the menu of a scene at a place on the screen.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], options: QMenu, ask: Callable[[int, QPoint], object]) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Scenes")
        self._session, self._desk, self._ask = session, session.scenes, ask
        self._shown: object = None
        self._is_low = False
        self.tiles: list[SceneTile] = []
        self.empty = ShortLabel(*EMPTY)
        self.empty.setObjectName("faint")
        self.add = _button(actions["keep_new"])
        self.fade = QDoubleSpinBox()
        self.fade.setRange(FADE_S.low, FADE_S.high)
        self.fade.setSingleStep(0.5)
        self.fade.setDecimals(1)
        self.fade.setPrefix("Fade ")
        self.fade.setSuffix(" s")
        self.fade.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.fade.setAccessibleName("Fade")
        self.fade.setToolTip(f"Fade: {FADE_S.help}")
        self.fade.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)  # as wide as its longest text
        self.fade.setKeyboardTracking(False)
        self.fade.valueChanged.connect(lambda seconds: session.controls.set(FADE_S, seconds))
        self.fade.editingFinished.connect(self.fade.clearFocus)  # so that 1 to 9 are keys again
        self.loop = _button(actions["scene_loop"])
        self.more = QToolButton()
        self.more.setIcon(icon("settings"))
        self.more.setIconSize(QSize(16, 16))
        self.more.setAccessibleName("Options of scenes")
        self.more.setToolTip("Shape of the fade, order, import and export")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(options)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.setAcceptDrops(True)
        theme.changed.connect(self._draw_again)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_LOOK_MS)
        self.refresh()

    def refresh(self) -> None:
        """Show the scenes as they stand."""
        window = self.window()
        is_low = window is not None and window.height() < _LOW_PX
        kept = self._desk.scenes.kept
        state = (tuple(kept.items()), self._session.pack, is_low, theme.text_size)
        if state != self._shown:
            self._shown, self._is_low = state, is_low
            self._fill()
        player = self._desk.player
        for tile in self.tiles:
            current = tile.number == player.current
            if current and not tile.is_current:
                self._scroll.ensureWidgetVisible(tile)
            tile.show_state(current=current, progress=player.progress if current and player.is_fading else 1.0)
        if not self.fade.hasFocus() and self.fade.value() != self._session.controls[FADE_S]:
            self.fade.blockSignals(True)
            self.fade.setValue(self._session.controls[FADE_S])
            self.fade.blockSignals(False)
        action = self.loop.defaultAction()
        if action is not None:
            action.setChecked(player.is_looping)  # it may have ended by itself

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take a scene of this strip; anything else is the window's."""
        _accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Likewise."""
        _accept(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Put a scene into the place where it was let go."""
        data = event.mimeData() if event is not None else None
        if event is None or data is None or not data.hasFormat(MIME):
            return
        number = int(bytes(data.data(MIME).data()))
        at = event.position().toPoint()
        below = [tile for tile in self.tiles if tile.mapTo(self, tile.rect().topRight()).x() >= at.x()]
        target = below[0] if below else self.tiles[-1] if self.tiles else None
        if target is not None and target.number != number and number in self._desk.scenes.kept:
            self._desk.move(number, target.number)
            event.acceptProposedAction()
        self.refresh()

    def _fill(self) -> None:
        focused = next((tile.number for tile in self.tiles if tile.hasFocus()), 0)
        for tile in self.tiles:
            self._row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        styles = {style.id: style for style in self._session.pack.styles}
        self.tiles = []
        for at, (number, scene) in enumerate(self._desk.scenes.kept.items()):
            tile = SceneTile(number, scene, styles)
            tile.set_small(small=self._is_low)
            tile.clicked.connect(lambda _, number=number: self._recall(number))
            tile.asked.connect(self._ask)
            self._row.insertWidget(at, tile)
            self.tiles.append(tile)
            if number == focused:
                tile.setFocus()
        for before, after in pairwise((*self.tiles, self.add, self.fade, self.loop, self.more)):
            self.setTabOrder(before, after)  # as they stand
        self.empty.setVisible(not self.tiles)
        height = (self.tiles[0].sizeHint().height() if self.tiles else 28) + 2
        self._scroll.setFixedHeight(height + (self._scroll_bar_px() if len(self.tiles) > 1 else 0))

    def _scroll_bar_px(self) -> int:
        """Return what the bar below the tiles needs, if they are wider than their place."""
        bar = self._scroll.horizontalScrollBar()
        tiles = sum(tile.sizeHint().width() + self._row.spacing() for tile in self.tiles)
        return bar.sizeHint().height() if bar is not None and tiles > self._scroll.width() > 0 else 0

    def _recall(self, number: int) -> None:
        self._desk.recall(number)
        self.refresh()

    def _draw_again(self) -> None:
        for tile in self.tiles:
            tile.update()

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setObjectName("clear")
        self._row = QHBoxLayout(inner)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_MARGIN_PX)
        self._row.addWidget(self.empty, 1)
        self._row.addStretch(0)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setMinimumWidth(80)
        self._scroll.setWidget(inner)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, _MARGIN_PX, 10, _MARGIN_PX)
        row.setSpacing(_MARGIN_PX)
        row.addWidget(self._scroll, 1)
        for widget in (self.add, self.fade, self.loop, self.more):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


def _accept(event: QDragEnterEvent | QDragMoveEvent | None) -> None:
    data = event.mimeData() if event is not None else None
    if event is not None and data is not None and data.hasFormat(MIME):
        event.acceptProposedAction()
    elif event is not None:
        event.ignore()


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(16, 16))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.iconText())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
