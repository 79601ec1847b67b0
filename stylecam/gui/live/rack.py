"""The style rack: a thumbnail, a name and a slider for every style."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QPointF, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QMouseEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stylecam.control.state import Controls
from stylecam.gui.widgets.plain_text import plain_tip
from stylecam.packs.pack import StyleInfo, StylePack

SLIDER_STEPS = 100
THUMBNAIL_PX = 46


class RackSlider(QSlider):
    """A slider that leaves the mouse wheel to the rack: scrolling past it must not change the mix. A double click is zero.

    A click anywhere on it, not only on the thin groove, brings the knob there, and the pointer then holds it. `focused` tells that the
    keyboard has come to it.
    """

    focused = pyqtSignal()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Tell it."""
        super().focusInEvent(event)
        if event is not None and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focused.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Pass the wheel on."""
        if event is not None:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Bring the knob under the pointer, and let Qt drag it from there."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        if not self._knob().contains(event.position().toPoint()):
            knob = self._knob().width()
            along = round(event.position().x()) - knob // 2
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), along, self.width() - knob))
        middle = QPointF(self._knob().center())
        at = QPointF(event.position().x(), middle.y())  # beside the groove is on it
        moved = QMouseEvent(event.type(), at, event.globalPosition(), event.button(), event.buttons(), event.modifiers())
        super().mousePressEvent(moved)
        event.accept()

    def _knob(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, part = self.style(), QStyle.SubControl.SC_SliderHandle
        return style.subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self) if style is not None else QRect()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Back to zero."""
        self.setValue(0)


class ShortLabel(QLabel):
    """A line that ends in "…" where it does not fit, instead of pushing the slider out of sight; the row's tooltip has it whole."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)  # titles come from packs, and packs from anywhere
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Fit the text."""
        super().resizeEvent(event)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class StyleRow(QFrame):
    """One style. The signals carry its id; the row shows a state only when it is set."""

    moved = pyqtSignal(str, float)
    solo_pressed = pyqtSignal(str)
    lock_pressed = pyqtSignal(str)

    def __init__(self, style: StyleInfo) -> None:
        super().__init__()
        self.style_id, self.title = style.id, style.title
        self.words = f"{style.id} {style.title} {style.artist} {style.year}".lower()
        title, artist = ShortLabel(style.title), ShortLabel(f"{style.artist}, {style.year}")
        title.setObjectName("title")
        artist.setObjectName("faint")
        self.slider = RackSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.setAccessibleName(f"Weight of {style.title}")
        self.slider.valueChanged.connect(lambda value: self.moved.emit(self.style_id, value / SLIDER_STEPS))
        self.value = QLabel("0")
        self.value.setObjectName("faint")
        self.value.setFixedWidth(26)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.solo = _small_button("S", f"Show {style.title} alone")
        self.lock = _small_button("L", f"Lock {style.title} against every move")
        self.solo.clicked.connect(lambda: self.solo_pressed.emit(self.style_id))
        self.lock.clicked.connect(lambda: self.lock_pressed.emit(self.style_id))
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(1)
        layout.addWidget(_thumbnail(style), 0, 0, 3, 1)
        layout.addWidget(title, 0, 1)
        layout.addWidget(self.solo, 0, 2, 2, 1)
        layout.addWidget(self.lock, 0, 3, 2, 1)
        layout.addWidget(artist, 1, 1)
        layout.addWidget(self.slider, 2, 1)
        layout.addWidget(self.value, 2, 2, 1, 2, Qt.AlignmentFlag.AlignRight)
        layout.setColumnStretch(1, 1)
        self.setToolTip(plain_tip(f"{style.title}\n{style.artist}, {style.year}\n{style.licence}"))

    def show_state(self, weight: float, *, locked: bool, solo: bool, muted: bool) -> None:
        """Show where the slider stands; nothing is emitted. `muted` tells that another style is soloed."""
        steps = round(weight * SLIDER_STEPS)
        if steps != self.slider.value():
            self.slider.blockSignals(True)
            self.slider.setValue(steps)
            self.slider.blockSignals(False)
        self.value.setText(str(steps))
        self.slider.setEnabled(not locked)
        self.solo.setChecked(solo)
        self.lock.setChecked(locked)
        self.lock.setFocusPolicy(Qt.FocusPolicy.TabFocus if locked else Qt.FocusPolicy.NoFocus)  # the slider takes no focus then
        state = "muted" if muted else "on" if steps or solo else ""
        if self.property("state") != state:
            self.setProperty("state", state)
            style = self.style()
            if style is not None:
                style.unpolish(self)
                style.polish(self)


class StyleRack(QWidget):
    """All styles of a pack, searchable. Rows turn the controls; whoever listens to those calls `refresh`."""

    def __init__(self, controls: Controls) -> None:
        super().__init__()
        self._controls = controls
        self._to_reveal = ""
        self.rows: dict[str, StyleRow] = {}
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        #: Says which style is shown alone, and ends that; else a row that is scrolled away would decide what is shown without a word.
        self.solo_chip = QToolButton()
        self.solo_chip.setObjectName("chip")
        self.solo_chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.solo_chip.setToolTip("Show the whole mix again")
        self.solo_chip.clicked.connect(self._end_solo)
        self.solo_chip.hide()
        layout.addWidget(self.search)
        layout.addWidget(self.solo_chip)
        layout.addWidget(self._scroll, 1)

    def set_pack(self, pack: StylePack) -> None:
        """Make a row for every style; the controls must know them already."""
        self.rows = {style.id: StyleRow(style) for style in pack.styles}
        inner = QWidget()
        inner.setObjectName("rack")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(3)
        for row in self.rows.values():
            row.moved.connect(self._controls.set_weight)
            row.solo_pressed.connect(self._controls.toggle_solo)
            row.lock_pressed.connect(self._controls.toggle_lock)
            column.addWidget(row)
        column.addStretch(1)
        self._scroll.setWidget(inner)
        before: QWidget = self.search
        for row in self.rows.values():  # one stop a row: solo and lock have keys, which mean the style whose slider has the focus
            row.slider.focused.connect(partial(self._come_to, row))
            row.lock.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt orders only what takes the focus
            QWidget.setTabOrder(before, row.slider)
            QWidget.setTabOrder(row.slider, row.lock)
            before = row.lock
        self.search.setPlaceholderText(f"Search {len(self.rows)} styles")
        self._filter(self.search.text())
        self.refresh()

    def refresh(self) -> None:
        """Show the controls as they stand."""
        controls = self._controls
        alone = self.rows.get(controls.solo or "")
        self.solo_chip.setVisible(alone is not None)
        if alone is not None:
            self.solo_chip.setText(f"Only “{alone.title}” is shown  ✕".replace("&", "&&"))
        for style, row in self.rows.items():
            solo = controls.solo == style
            muted = controls.solo is not None and not solo
            row.show_state(controls.moves.weights.get(style, 0.0), locked=style in controls.locked, solo=solo, muted=muted)

    def _come_to(self, row: StyleRow) -> None:
        self._controls.touched = row.style_id
        self._scroll.ensureWidgetVisible(row)

    def _end_solo(self) -> None:
        if self._controls.solo is not None:
            self._controls.set_solo(self._controls.solo, on=False)

    def reveal(self, style: str) -> None:
        """Scroll to a style, once its row has its place."""
        self._to_reveal = style
        QTimer.singleShot(0, self._reveal_now)

    def _reveal_now(self) -> None:
        if self._to_reveal in self.rows:
            self._scroll.ensureWidgetVisible(self.rows[self._to_reveal])

    def reveal_mix(self) -> None:
        """Scroll to the first style that is in the mix."""
        first = next((row for style, row in self.rows.items() if self._controls.moves.weights.get(style)), None)
        if first is not None:
            self._scroll.ensureWidgetVisible(first)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for row in self.rows.values():
            row.setVisible(all(word in row.words for word in words))


def _thumbnail(style: StyleInfo) -> QLabel:
    label = QLabel()
    label.setFixedSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
    pixmap = QPixmap()
    if pixmap.loadFromData(style.thumbnail):
        ratio = label.devicePixelRatioF()
        side = round(THUMBNAIL_PX * ratio)
        how, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        square = pixmap.scaled(side, side, how, smooth)
        square = square.copy((square.width() - side) // 2, (square.height() - side) // 2, side, side)
        square.setDevicePixelRatio(ratio)
        label.setPixmap(square)
    return label


def _small_button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setObjectName("small")
    button.setCheckable(True)
    button.setToolTip(plain_tip(tip))
    button.setAccessibleName(tip)
    button.setFixedSize(24, 24)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
