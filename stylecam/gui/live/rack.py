"""The rack: search and order above, what is in the mix, then a card for every style of the pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from PyQt6.QtCore import QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from stylecam.control.state import Controls
from stylecam.core.folding import folded
from stylecam.core.mix import StyleMix
from stylecam.gui.live.card import StyleCard
from stylecam.gui.live.mix_strip import MixStrip
from stylecam.gui.live.rack_menus import ORDERS, SearchField, SortButton, card_menu
from stylecam.gui.widgets.plain_text import plain_label
from stylecam.gui.widgets.theme import TEXT_SIZES, theme
from stylecam.packs.pack import StylePack

#: From this width on, cards stand in two columns; below the other, or this height, they are compact.
_TWO_PX, _COMPACT_PX, _COMPACT_HEIGHT_PX = 490, 220, 450
_SPACING_PX = 4
#: Below this height, the mix takes one line.
_LOW_PX = 350


class StyleRack(QWidget):
    """All styles of a pack, searchable. Cards turn the controls; whoever listens to those calls `refresh`.

    Args:
        controls: what is shown and turned.
        actions: of the window, by id.
    """

    #: The style about which more is to be shown.
    about_asked = pyqtSignal(str)
    #: A style, and whether the pointer came to its thumbnail or went.
    pointed = pyqtSignal(str, bool)

    def __init__(self, controls: Controls, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._controls, self._actions = controls, actions
        self._to_reveal = ""
        self._columns = 1
        self._compact = False
        self.rows: dict[str, StyleCard] = {}
        self.favourites: set[str] = set()
        #: Styles that were in the mix, the newest first.
        self.used: tuple[str, ...] = ()
        self.order = "pack"
        self.search = SearchField()
        self.search.textChanged.connect(self._filter)
        self.search.left.connect(self._leave_search)
        self.sort_button = SortButton(self.set_order, actions["my_frame"])
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.strip = MixStrip(actions)
        self.strip.removed.connect(lambda style: self._controls.set_weight(style, 0.0))
        self.strip.chosen.connect(self.reveal)
        self.strip.asked.connect(self._show_menu)
        self.no_match = plain_label()
        self.no_match.setObjectName("faint")
        self.no_match.setWordWrap(True)
        self.no_match.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.no_match.setContentsMargins(8, 24, 8, 24)
        self.no_match.hide()
        #: Says which style is shown alone, and ends that; else a card that is scrolled away would decide what is shown without a word.
        self.solo_chip = QToolButton()
        self.solo_chip.setObjectName("solo_chip")
        self.solo_chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.solo_chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.solo_chip.setToolTip("Show the whole mix again")
        self.solo_chip.clicked.connect(self._end_solo)
        self.solo_chip.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.search, 1)
        line.addWidget(self.sort_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(line)
        layout.addWidget(self.strip)
        layout.addWidget(self.solo_chip)
        layout.addWidget(self.no_match)
        layout.addWidget(self._scroll, 1)
        theme.changed.connect(self._fit)
        self._grid = QGridLayout()
        #: Where the Tab key goes after the cards, before the strip's buttons.
        self.after: Sequence[QWidget] = ()

    def set_pack(self, pack: StylePack) -> None:
        """Make a card for every style; the controls must know them already."""
        self.strip.refresh(Controls(()), {})  # its chips are the old cards'
        self.rows = {style.id: StyleCard(style) for style in pack.styles}
        inner = QWidget()
        inner.setObjectName("rack")
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 4, 0)
        self._grid = QGridLayout()
        self._grid.setSpacing(_SPACING_PX)
        whole.addLayout(self._grid)
        whole.addStretch(1)
        for card in self.rows.values():
            card.setParent(inner)
            card.moved.connect(self._controls.set_weight)
            card.only_pressed.connect(self.show_only)
            card.add_pressed.connect(self.add_or_remove)
            card.star_pressed.connect(self.toggle_favourite)
            card.lock_pressed.connect(self._controls.toggle_lock)
            card.menu_asked.connect(self._show_menu)
            card.came.connect(self._come_to)
            card.stepped.connect(self._step)
            card.pointed.connect(self.pointed)
            card.set_compact(self._compact)
        self._scroll.setWidget(inner)
        stops = (self.search, *self.rows.values(), *self.after, self.strip.total, *self.strip.buttons.values(), self.sort_button)
        for before, stop in pairwise(stops):
            QWidget.setTabOrder(before, stop)
        count = len(self.rows)
        self.search.setPlaceholderText(f"Search {count} style{'' if count == 1 else 's'}")
        self.arrange()
        self.refresh()

    def refresh(self) -> None:
        """Show the controls as they stand."""
        controls = self._controls
        weights, solo = controls.moves.weights, controls.solo
        alone = self.rows.get(solo or "")
        self.solo_chip.setVisible(alone is not None)
        if alone is not None:
            self.solo_chip.setText(f"Only “{alone.title}” is shown  ✕".replace("&", "&&"))
        for style, card in self.rows.items():
            card.show_state(
                weights.get(style, 0.0),
                locked=style in controls.locked,
                alone=solo == style,
                muted=solo is not None and solo != style,
                starred=style in self.favourites,
            )
        self.strip.refresh(controls, self.rows)
        fresh = [style for style, weight in weights.items() if weight and style not in self.used[: sum(map(bool, weights.values()))]]
        if fresh:
            self.used = (*fresh, *(style for style in self.used if style not in fresh))[:200]

    # What cards do

    def show_only(self, style: str) -> None:
        """Put one style at 100 % and the others at zero, in one move; locked ones stay as they are, so one locked at zero cannot be it."""
        controls = self._controls
        if style in controls.locked and not controls.moves.weights.get(style):
            return
        with controls.changing():
            if controls.solo is not None:
                controls.set_solo(controls.solo, on=False)
            weights = {each: weight for each, weight in controls.moves.weights.items() if each in controls.locked}
            controls.set_mix(StyleMix({style: 1.0} | weights))
            controls.touched = style

    def add_or_remove(self, style: str) -> None:
        """Add a style with the mean weight of the mix, or take it out."""
        weights = self._controls.moves.weights
        others = [weight for weight in weights.values() if weight]
        self._controls.set_weight(style, 0.0 if weights.get(style) else round(sum(others) / len(others), 2) if others else 1.0)

    def toggle_favourite(self, style: str = "") -> None:
        """Put a star on a style, or take it off; without one, the style that was touched last."""
        self.favourites ^= {style or self._controls.touched}
        self.refresh()

    def show_own(self, images: Mapping[str, QPixmap]) -> None:
        """Show the user's frame on these cards; no images: the style images on all."""
        for style, card in self.rows.items():
            if style in images:
                card.show_own(images[style])
            elif not images:
                card.show_own(None)

    # Order and search

    def set_order(self, order: str) -> None:
        """Put the cards in another order of `ORDERS`."""
        self.order = order if order in dict(ORDERS) else "pack"
        self.sort_button.show_order(self.order)
        self.arrange()

    def visible_styles(self) -> list[str]:
        """Return the styles that the search leaves, as they are ordered."""
        words = folded(self.search.text()).split()
        return [style for style in self._ordered() if all(word in self.rows[style].words for word in words)]

    def arrange(self) -> None:
        """Give every card its place."""
        shown = self.visible_styles()
        for card in self.rows.values():
            self._grid.removeWidget(card)
            card.setVisible(card.style_id in shown)
        for at, style in enumerate(shown):
            self._grid.addWidget(self.rows[style], at // self._columns, at % self._columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        self.no_match.setVisible(not shown and bool(self.rows))
        if not shown:
            self.no_match.setText(f"No style matches “{self.search.text().strip()}”. Esc shows all again.")
        self._choose_stop(next(iter(shown), ""))

    def _ordered(self) -> Sequence[str]:
        place = {style: at for at, style in enumerate(self.rows)}
        used = {style: at for at, style in enumerate(self.used)}
        keys: dict[str, Callable[[str], tuple[object, ...]]] = {
            "used": lambda style: (not self._controls.moves.weights.get(style), used.get(style, len(used)), place[style]),
            "artist": lambda style: (folded(self.rows[style].artist).rsplit(" ", 1)[-1], folded(self.rows[style].artist), place[style]),
            "favourites": lambda style: (style not in self.favourites, place[style]),
        }
        return sorted(self.rows, key=keys[self.order]) if self.order in keys else list(self.rows)

    def _filter(self, text: str) -> None:  # noqa: ARG002 (the signal's)
        self.arrange()

    def _leave_search(self) -> None:
        shown = self.visible_styles()
        if shown:
            self.rows[shown[0]].setFocus(Qt.FocusReason.TabFocusReason)

    # Keyboard

    def _come_to(self, style: str) -> None:
        self._controls.touched = style
        self._choose_stop(style)
        self._scroll.ensureWidgetVisible(self.rows[style], 0, 8)

    def _choose_stop(self, style: str) -> None:
        """Make one card the stop of the Tab key; arrows reach the others."""
        for each, card in self.rows.items():
            card.setFocusPolicy(Qt.FocusPolicy.StrongFocus if each == style else Qt.FocusPolicy.ClickFocus)

    def _step(self, style: str, key: int) -> None:
        shown = self.visible_styles()
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -4, Qt.Key.Key_PageDown: 4}[Qt.Key(key)]
        at = shown.index(style) + by
        if at < 0 and by == -1:
            self.search.setFocus(Qt.FocusReason.BacktabFocusReason)
        else:
            self.rows[shown[min(len(shown) - 1, max(0, at))]].setFocus(Qt.FocusReason.TabFocusReason)

    # Showing

    def reveal(self, style: str) -> None:
        """Scroll to a style, once its card has its place; a search that hides it ends."""
        if style in self.rows and style not in self.visible_styles():
            self.search.clear()
        self._to_reveal = style
        QTimer.singleShot(0, self._reveal_now)

    def _reveal_now(self) -> None:
        if self._to_reveal in self.rows:
            self._scroll.ensureWidgetVisible(self.rows[self._to_reveal], 0, 8)

    def reveal_change(self, before: Mapping[str, float]) -> None:
        """Scroll to the style whose weight changed most."""
        moved = {style: abs(weight - before.get(style, 0.0)) for style, weight in self._controls.moves.weights.items()}
        most = max(moved, key=lambda style: moved[style], default="")
        if moved.get(most):
            self.reveal(most)

    def reveal_mix(self) -> None:
        """Scroll to the first style that is in the mix."""
        first = next((style for style in self._ordered() if self._controls.moves.weights.get(style)), None)
        if first is not None:
            self._scroll.ensureWidgetVisible(self.rows[first], 0, 8)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take two columns where there is space, and compact cards where there is little."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        larger = TEXT_SIZES[theme.text_size]  # letters
        columns = 2 if self.width() >= _TWO_PX * larger else 1
        compact = self.width() // columns < _COMPACT_PX or self.height() < _COMPACT_HEIGHT_PX
        if compact != self._compact:
            self._compact = compact
            for card in self.rows.values():
                card.set_compact(compact)
        self.strip.set_low(self.height() < _LOW_PX)
        if columns != self._columns:
            self._columns = columns
            self.arrange()

    def _end_solo(self) -> None:
        if self._controls.solo is not None:
            self._controls.set_solo(self._controls.solo, on=False)

    def _show_menu(self, style: str, at: QPoint) -> None:
        self._controls.touched = style
        menu = self.menu_for(style)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu_for(self, style: str) -> QMenu:
        """Return the menu of a card."""
        return card_menu(self, style, self._controls)
