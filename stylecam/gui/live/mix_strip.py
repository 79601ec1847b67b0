"""What is in the mix, with the shares that the network gets, above the rack: the mix is seen in one place however far a card is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QContextMenuEvent, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH
from stylecam.gui.live.card import ShortLabel, StyleCard
from stylecam.gui.widgets.flow import FlowLayout
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_label, plain_tip

#: More chips than these are counted, not shown.
_MOST = 6
_TITLE_PX, _NAMES_PX = 112, (400, 120, 88, 64)
_CHIP_PX = 24
_TITLED_PX, _PHOTO_PX = 400, 290


@dataclass(frozen=True)
class Share:
    """How much of a style the network gets; 1 is 100 %."""

    style: str
    share: float


def shares(mix: StyleMix, *, raw: bool, strength: float) -> list[Share]:
    """Return what the network gets of every style in a mix, the most first: scaled to a total of 1 unless `raw`, times the strength.

    >>> shares(StyleMix({"senecio": 0.6, "great_wave": 0.4, "water_lilies": 1.0}), raw=False, strength=0.5)[0]
    Share(style='water_lilies', share=0.25)
    """
    total = 1.0 if raw else sum(weight for _, weight in mix) or 1.0
    found = [Share(style, weight / total * strength) for style, weight in mix if weight]
    return sorted(found, key=lambda each: -each.share)


class MixStrip(QWidget):
    """A line of buttons above a chip for every style that is in the mix."""

    removed = pyqtSignal(str)
    chosen = pyqtSignal(str)
    asked = pyqtSignal(str, QPoint)  # a style, and where its menu is to be

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._total = actions["normalise"]
        self.head = plain_label("In the mix")
        self.head.setObjectName("head")
        #: The switch "keep the total at 100 %"; shows what the total is.
        self.total = QToolButton()
        self.total.setObjectName("chip")
        self.total.setCheckable(True)
        self.total.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.total.setAccessibleName("Keep the total at 100 %")
        self.total.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.total.clicked.connect(self._total.trigger)
        self.photo = plain_label()
        self.photo.setFixedHeight(_CHIP_PX)
        self.photo.setObjectName("faint")
        self.photo.setToolTip("Strength below 100 % leaves this share to the photo")
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.head)
        line.addWidget(self.total)
        line.addWidget(self.photo)
        line.addStretch(1)
        self.buttons = {name: _icon_button(actions[name]) for name in ("random", "reset", "undo", "redo")}
        for button in self.buttons.values():
            line.addWidget(button)
        self.chips: dict[str, MixChip] = {}
        self._low = False
        #: The mix in a line, where there is no space for chips.
        self.line = ShortLabel("")
        self.line.hide()
        self._place = QWidget()
        self._flow = FlowLayout(self._place)
        self.empty = plain_label("Nothing yet: click a card, or move a slider.")
        self.empty.setObjectName("faint")
        self.empty.setWordWrap(True)
        #: Counts the styles that have no chip; its menu takes them out.
        self.more = QToolButton()
        self.more.setObjectName("chip")
        self.more.setFixedHeight(_CHIP_PX)
        self.more.setToolTip("Which these are, and how much of each; a click on one takes it out of the mix")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rest: list[tuple[str, str]] = []
        menu = QMenu(self.more)
        menu.aboutToShow.connect(self._list_rest)
        self.more.setMenu(menu)
        self._flow.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.empty)
        column.addWidget(self.line)
        column.addWidget(self._place)

    def refresh(self, controls: Controls, cards: Mapping[str, StyleCard]) -> None:
        """Show the mix as it stands."""
        raw, strength, solo = controls[RAW], controls[STRENGTH], controls.solo
        found = [each for each in shares(controls.mix(), raw=raw, strength=strength) if each.style in cards]  # a new one has no card yet
        weights = controls.moves.weights
        muted = [] if solo is None else [style for style in cards if weights.get(style) and style != solo]
        inside = [*(each.style for each in found), *muted]
        shown, rest = inside[:_MOST], inside[_MOST:]
        by_style = {each.style: each.share for each in found}
        if list(self.chips) != shown:
            self._rebuild(shown, cards)
        for style, chip in self.chips.items():
            state = "alone" if style == solo else "muted" if style in muted else ""
            chip.show_share(by_style.get(style, 0.0), state, locked=style in controls.locked)
        self._rest = [
            (style, f"{cards[style].title}, " + ("off" if style in muted else f"{by_style[style]:.0%}".replace("%", " %")))
            for style in rest
            if style not in controls.locked
        ]
        self.more.setText(f"and {len(rest)} more")
        self.more.setVisible(bool(rest))
        left = 0.0 if raw or not found else 1 - strength
        self.photo.setText(f"+ photo {left:.0%}".replace("%", " %"))
        self.photo.setVisible(left >= 0.005)
        metrics = self.line.fontMetrics()

        def line(width: int) -> str:
            names = [metrics.elidedText(cards[each.style].title, Qt.TextElideMode.ElideRight, width) for each in found]
            return " · ".join(f"{name} {each.share:.0%}".replace("%", " %") for name, each in zip(names, found, strict=True))

        self.line.show_whole(*(line(width) for width in _NAMES_PX))
        self._show_chips()
        total = sum(weights.values()) if raw else 1.0
        self.total.setChecked(not raw)
        self.total.setText(f"total {total:.0%}".replace("%", " %"))
        kept = "The total is kept at 100 %" if not raw else "Weights add up as they are"
        self.total.setToolTip(f"{kept}; click to change that ({self._total.shortcut().toString()})")

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Leave the title out where the total needs its place."""
        super().resizeEvent(event)
        self.head.setVisible(self.width() >= _TITLED_PX)
        self.photo.setMaximumWidth(16777215 if self.width() >= _PHOTO_PX else 0)

    def set_low(self, on: bool) -> None:
        """Take one line for the whole mix instead of chips."""
        if on != self._low:
            self._low = on
            self._show_chips()

    def _show_chips(self) -> None:
        self.empty.setVisible(not self.chips)
        self._place.setVisible(bool(self.chips) and not self._low)
        self.line.setVisible(bool(self.chips) and self._low)

    def _rebuild(self, shown: list[str], cards: Mapping[str, StyleCard]) -> None:
        for style in [style for style in self.chips if style not in shown]:
            chip = self.chips.pop(style)
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        kept = self.chips
        self.chips = {}
        for widget in (*kept.values(), self.more):
            self._flow.removeWidget(widget)
        for style in shown:
            chip = kept.get(style) or self._chip(style, cards[style])
            self.chips[style] = chip
            self._flow.addWidget(chip)
            chip.show()
        self._flow.addWidget(self.more)

    def _chip(self, style: str, card: StyleCard) -> MixChip:
        chip = MixChip(card.title)
        chip.cross.clicked.connect(lambda: self.removed.emit(style))
        chip.chosen.connect(lambda: self.chosen.emit(style))
        chip.asked.connect(lambda at: self.asked.emit(style, at))
        return chip

    def _list_rest(self) -> None:
        menu = self.more.menu()
        if menu is not None:
            menu.clear()
            for style, words in self._rest:
                action = menu.addAction(icon("x"), words.replace("&", "&&"))
                if action is not None:
                    action.triggered.connect(partial(self.removed.emit, style))


class MixChip(QFrame):
    """A style's name and share, and a cross that takes it out of the mix; a click elsewhere shows its card, the right button its menu."""

    chosen = pyqtSignal()
    asked = pyqtSignal(QPoint)

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.name = plain_label()
        self.name.setText(self.name.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, _TITLE_PX))
        self.share = QLabel()
        self.share.setObjectName("title")
        self.cross = QToolButton()
        self.cross.setIcon(icon("x"))
        self.cross.setIconSize(QSize(13, 13))
        self.cross.setObjectName("small")
        self.cross.setFixedSize(20, 20)
        self.cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cross.setAccessibleName(f"Take {title} out of the mix")
        self.cross.setToolTip(plain_tip(f"Take {title} out of the mix"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 3, 0)
        row.setSpacing(5)
        row.addWidget(self.name)
        row.addWidget(self.share)
        row.addWidget(self.cross)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_CHIP_PX)
        self.setToolTip(plain_tip(title))

    def show_share(self, share: float, state: str, *, locked: bool) -> None:
        """Show how much of it the network gets; `state` is "alone", "muted" or nothing."""
        self.share.setText("off" if state == "muted" else f"{share:.0%}".replace("%", " %"))
        self.cross.setEnabled(not locked)
        self.cross.setIcon(icon("lock" if locked else "x"))
        self.setAccessibleName(f"{self._title}, {self.share.text()}")
        if self.property("state") != state:
            self.setProperty("state", state)
            style = self.style()
            if style is not None:
                style.unpolish(self)
                style.polish(self)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Show the card."""
        if event is not None:
            event.accept()
            if event.button() == Qt.MouseButton.LeftButton:
                self.chosen.emit()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Ask for the menu of the card."""
        if event is not None:
            event.accept()
            self.asked.emit(event.globalPos())


def _icon_button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(17, 17))
    button.setObjectName("small")
    button.setFixedSize(28, 28)
    button.setAccessibleName(action.iconText())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
