"""The card of one style: its style image (or the user's frame in it), its name, how much of it is in the mix."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout

from stylecam.core.folding import folded
from stylecam.gui.live.sliders import NumberField, RackSlider
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_tip
from stylecam.packs.pack import StyleInfo

SLIDER_STEPS = 100
#: The side of a thumbnail: on a card as usual, and on a compact one.
THUMBNAIL_PX, COMPACT_PX = 76, 44
#: How far an arrow key turns a weight.
_KEY_STEP = 5


class ShortLabel(QLabel):
    """A text of few lines that ends in "…" where it does not fit; the card's tooltip has it whole.

    Args:
        texts: what to show, and what instead where that does not fit, the last cut if it must be.
        lines: how many it may take.
    """

    def __init__(self, *texts: str, lines: int = 1) -> None:
        super().__init__()
        self._texts, self._lines = texts, lines
        self.setTextFormat(Qt.TextFormat.PlainText)  # titles come from packs, and packs from anywhere
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(texts[0])

    def show_whole(self, *texts: str) -> None:
        """Show another text, as much of it as fits."""
        if texts != self._texts:
            self._texts = texts
            self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Fit the text."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, width = self.fontMetrics(), self.width()
        for text in self._texts:
            broken = [""]
            for word in text.split(" "):
                longer = f"{broken[-1]} {word}".strip()
                if broken[-1] and len(broken) < self._lines and metrics.horizontalAdvance(longer) >= width:  # it is rounded
                    broken.append(word)
                else:
                    broken[-1] = longer
            if all(metrics.horizontalAdvance(line) < width for line in broken):
                break
        self.setText("\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in broken))


class StyleCard(QFrame):
    """One style. The signals carry its id; a card shows a state only when it is set.

    A click means only this style, with Shift it adds the style or takes it out; Enter and Space do the same, and arrows turn the weight.
    """

    moved = pyqtSignal(str, float)
    only_pressed = pyqtSignal(str)
    add_pressed = pyqtSignal(str)
    star_pressed = pyqtSignal(str)
    lock_pressed = pyqtSignal(str)
    menu_asked = pyqtSignal(str, QPoint)
    came = pyqtSignal(str)  # the keyboard came
    stepped = pyqtSignal(str, int)  # Qt.Key of an arrow that leaves the card
    pointed = pyqtSignal(str, bool)  # the pointer came to the thumbnail, or went

    def __init__(self, style: StyleInfo) -> None:
        super().__init__()
        self.style_id, self.title, self.artist = style.id, style.title, style.artist
        self.words = folded(f"{style.id} {style.title} {style.artist} {style.year}")
        #: "Piet Mondrian, 1911"; what is not known is left out.
        self.credit = ", ".join(each for each in (style.artist, style.year) if each and each != "unknown")
        self._style_image = QPixmap()
        self._style_image.loadFromData(style.thumbnail)
        self._own: QPixmap | None = None
        self._compact: bool | None = None
        self._shown: tuple[int, bool, bool, bool, bool] | None = None
        self.title_label, self.artist_label = ShortLabel(style.title, lines=2), ShortLabel(self.credit, style.artist)
        self.title_label.setObjectName("title")
        self.artist_label.setObjectName("faint")
        self.thumbnail = Thumbnail()
        self.thumbnail.pointed.connect(lambda on: self.pointed.emit(self.style_id, on))
        self.slider = RackSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the card has it, and its keys
        self.slider.setAccessibleName(f"Weight of {style.title}")
        self.slider.valueChanged.connect(lambda value: self.moved.emit(self.style_id, value / SLIDER_STEPS))
        self.value = NumberField("100")
        self.value.setText("0")
        self.value.typed.connect(lambda number: self.moved.emit(self.style_id, min(1.0, max(0.0, number / SLIDER_STEPS))))
        self.star = _small_button("star", f"Favourite: {style.title}", on="accent", filled=True)
        self.star.setObjectName("star")
        self.star.setParent(self.thumbnail)
        self.star.move(2, 2)
        self.lock = _small_button("lock", "Locked: Random and Reset leave it alone. Click to unlock", on="text")
        self.star.clicked.connect(lambda: self.star_pressed.emit(self.style_id))
        self.lock.clicked.connect(lambda: self.lock_pressed.emit(self.style_id))
        for button in (self.star, self.lock):
            button.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.title_label)
        words.addWidget(self.artist_label)
        words.addStretch(1)
        knob = QHBoxLayout()
        knob.setSpacing(4)
        knob.addWidget(self.slider, 1)
        knob.addWidget(self.lock)
        knob.addWidget(self.value)
        words.addLayout(knob)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(5, 5, 6, 5)
        whole.setSpacing(8)
        whole.addWidget(self.thumbnail)
        whole.addLayout(words, 1)
        self.setToolTip(plain_tip("\n".join(each for each in (style.title, self.credit, style.licence) if each)))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_compact(False)

    def set_compact(self, on: bool) -> None:
        """Take half the height, without the artist's name."""
        if on == self._compact:
            return
        self._compact = on
        self.artist_label.setVisible(not on)
        self.thumbnail.show_side(COMPACT_PX if on else THUMBNAIL_PX, self._own or self._style_image)

    def show_own(self, image: QPixmap | None) -> None:
        """Show the user's frame in this style instead of the style image, or that again."""
        self._own = image
        self.thumbnail.show_side(self.thumbnail.width(), image or self._style_image)

    def show_state(self, weight: float, *, locked: bool, alone: bool, muted: bool, starred: bool) -> None:
        """Show where the slider stands; nothing is emitted. `muted` tells that another style is shown alone."""
        steps = round(weight * SLIDER_STEPS)
        shown = (steps, locked, alone, muted, starred)
        if shown == self._shown and steps == self.slider.value():
            return  # most of the cards, at every move of a slider
        self._shown = shown
        if steps != self.slider.value():
            self.slider.blockSignals(True)
            self.slider.setValue(steps)
            self.slider.blockSignals(False)
        self.value.show_number(str(steps))
        self.slider.setEnabled(not locked)
        self.value.setEnabled(not locked)
        self.lock.setChecked(locked)
        self.lock.setVisible(locked)
        self.star.setChecked(starred)
        self._show_star()
        state = "alone" if alone else "muted" if muted else "on" if steps else ""
        if (before := self.property("state")) != state:
            self.setProperty("state", state)
            style = self.style()
            # Qt looks at a widget again, not at what lies on it. Labels too would take 50 ms for 32 cards.
            inner = (self.slider,) if "muted" in (before, state) else ()
            if style is not None:
                for widget in (self, *inner):
                    style.unpolish(widget)
                    style.polish(widget)
        told = [self.title, self.credit, f"{steps} %"]
        told += [word for word, on in (("locked", locked), ("shown alone", alone), ("favourite", starred)) if on]
        self.setAccessibleName(", ".join(filter(None, told)))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take the click, so that it is not the rack's."""
        if event is not None:
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Only this style; with Shift, add it or take it out. Beside the slider nothing happens: there the slider was meant."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        beside = at.y() >= self.slider.y() and at.x() >= self.slider.x()
        if self.rect().contains(at) and not beside:
            shift = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
            (self.add_pressed if shift else self.only_pressed).emit(self.style_id)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Ask for the menu."""
        if event is not None:
            self.menu_asked.emit(self.style_id, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Turn the weight, or go to another card."""
        if event is None or event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
            return
        act = self._keys().get(Qt.Key(event.key()))
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Tell that the keyboard came."""
        super().focusInEvent(event)
        self._show_star()
        self.came.emit(self.style_id)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Hide the star again."""
        super().focusOutEvent(event)
        self._show_star()

    def enterEvent(self, event: QEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Offer the star."""
        super().enterEvent(event)
        self._show_star()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Hide the star again."""
        super().leaveEvent(event)
        self._show_star()

    def _show_star(self) -> None:
        self.star.setVisible(self.star.isChecked() or self.underMouse() or self.hasFocus())

    def _keys(self) -> dict[Qt.Key, Callable[[], object]]:
        key = Qt.Key
        turns = {key.Key_Left: -_KEY_STEP, key.Key_Right: _KEY_STEP, key.Key_Home: -SLIDER_STEPS, key.Key_End: SLIDER_STEPS}
        steps = (key.Key_Up, key.Key_Down, key.Key_PageUp, key.Key_PageDown)
        only, add = partial(self.only_pressed.emit, self.style_id), partial(self.add_pressed.emit, self.style_id)
        return {
            **{each: partial(self._turn, by) for each, by in turns.items()},
            **{each: partial(self.stepped.emit, self.style_id, each.value) for each in steps},
            key.Key_Return: only,
            key.Key_Enter: only,
            key.Key_Space: add,
        }

    def _turn(self, by: int) -> None:
        if self.slider.isEnabled():
            self.slider.setValue(self.slider.value() + by)


class Thumbnail(QLabel):
    """A square image; `pointed` tells whether the pointer is on it."""

    pointed = pyqtSignal(bool)

    def show_side(self, side: int, image: QPixmap) -> None:
        """Show an image cut to a square of this side; a sign instead of an empty one."""
        self.setFixedSize(QSize(side, side))
        if image.isNull():
            self.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.setPixmap(icon("image", "faint").pixmap(side // 2, side // 2))
        else:
            self.setPixmap(square(image, side, self.devicePixelRatioF()))

    def enterEvent(self, event: QEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Tell it."""
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Tell it."""
        super().leaveEvent(event)
        self.pointed.emit(False)


def square(pixmap: QPixmap, side_px: int, ratio: float) -> QPixmap:
    """Return the middle of an image as a square, sharp at the screen's scale."""
    side = round(side_px * ratio)
    scaled = pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation)
    cut = scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // 2, side, side)
    cut.setDevicePixelRatio(ratio)
    return cut


def _small_button(name: str, tip: str, *, on: str, filled: bool = False) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name, "faint", on=on, filled=filled))
    button.setIconSize(QSize(15, 15))
    button.setObjectName("small")
    button.setCheckable(True)
    button.setToolTip(plain_tip(tip))
    button.setAccessibleName(tip)
    button.setFixedSize(22, 22)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
