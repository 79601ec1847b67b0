"""A slider that is easy to hit, and a number that can be typed."""

from __future__ import annotations

import time

from PyQt6.QtCore import QEvent, QPointF, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QSlider, QStyle, QStyleOptionSlider


class RackSlider(QSlider):
    """A slider that leaves the mouse wheel to the rack: scrolling past it must not change the mix. A double click on the knob is zero.

    A click anywhere on it, not only on the thin groove, brings the knob there, and the pointer then holds it.
    """

    #: When a click last brought the knob to the pointer, `time.monotonic()`.
    _jumped_s = 0.0

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Pass the wheel on."""
        if event is not None:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Bring the knob under the pointer, and let Qt drag it from there."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        if not self._knob().contains(QPointF(event.position().x(), self._knob().center().y()).toPoint()):
            self._jumped_s = time.monotonic()
            knob = self._knob().width()
            along = round(event.position().x()) - knob // 2
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), along, self.width() - knob))
        middle = QPointF(self._knob().center())
        at = QPointF(event.position().x(), middle.y())  # beside the groove is on it
        moved = QMouseEvent(event.type(), at, event.globalPosition(), event.button(), event.buttons(), event.modifiers())
        super().mousePressEvent(moved)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Back to zero, unless the first click brought the knob there: two quick clicks on the groove are two clicks."""
        if time.monotonic() - self._jumped_s < QApplication.doubleClickInterval() / 1000:
            self.mousePressEvent(event)
        else:
            self.setValue(self.minimum())

    def _knob(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, part = self.style(), QStyle.SubControl.SC_SliderHandle
        return style.subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self) if style is not None else QRect()


class NumberField(QLineEdit):
    """A number that reads as a label until it is double-clicked; `typed` carries what was typed then."""

    typed = pyqtSignal(float)

    def __init__(self, widest: str) -> None:
        super().__init__()
        self._widest = widest
        self.setObjectName("number")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setToolTip("Double-click to type a number")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setReadOnly(True)
        self._before = ""
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take the width of the widest number in letters of another size."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(self._widest) + 10)

    def show_number(self, text: str) -> None:
        """Show a number, unless one is being typed."""
        if self.isReadOnly():
            self.setText(text)
            self.setCursorPosition(0)

    def begin(self) -> None:
        """Let a number be typed."""
        self._before = self.text()
        self.setReadOnly(False)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Let a number be typed."""
        if self.isReadOnly():
            self.begin()
        else:
            self.selectAll()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Keep a single click from choosing text."""
        if self.isReadOnly() and event is not None:
            event.accept()
        else:
            super().mousePressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Keep Escape from the window's shortcut while a number is typed."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self.isReadOnly():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take the number with Enter, leave it with Escape."""
        if event is not None and not self.isReadOnly():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._end(take=True)
                return
            if event.key() == Qt.Key.Key_Escape:
                self._end(take=False)
                return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take the number when the pointer goes on."""
        super().focusOutEvent(event)
        if not self.isReadOnly():
            self._end(take=True)

    def _end(self, *, take: bool) -> None:
        text = self.text()
        self.setReadOnly(True)
        self.setText(self._before)
        self.deselect()
        self.clearFocus()
        if take:
            try:
                number = float("".join(letter for letter in text.replace(",", ".") if letter.isdigit() or letter in ".-"))
            except ValueError:
                return
            self.typed.emit(number)
