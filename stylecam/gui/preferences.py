"""The preferences: a page for every group of options, made of their declarations. What is turned holds at once, and is remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from stylecam.app.live.session import Session
from stylecam.capture.microphone import list_inputs
from stylecam.core.params import RAW, SIZE, Param, Scope
from stylecam.core.recording_params import RECORD_FOLDER, SNAPSHOT_FOLDER, SOUND_DEVICE
from stylecam.effects.registry import every_param
from stylecam.errors import StylecamError
from stylecam.gui.live.scenes_menu import WORDS
from stylecam.gui.live.virtual_camera_menu import FITS
from stylecam.gui.widgets.plain_text import plain_label, plain_tip
from stylecam.gui.widgets.theme import TEXT_SIZES, THEMES, theme

_FOLDERS = (RECORD_FOLDER, SNAPSHOT_FOLDER)
_FIELD_PX, _LIST_PX = 210, 150
#: Values of choices that are short for something.
_WORDS = {
    "last": "what was shown last",
    "camera": "the first camera",
    "demo": "the demo clip",
    "pattern": "the test pattern",
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp9": "WebM (VP9)",
    "ffv1": "FFV1, lossless",
    "png": "PNG images",
    "gif": "GIF",
    "webp": "WebP",
    **FITS,
    **WORDS,
}
#: The pages by the group of their options; a group that is not named here has its own name.
_PAGES = {"window": "Start and looks", "": "Video", "recording": "Recording", "virtual camera": "Virtual camera", "scenes": "Scenes"}


def pages() -> dict[str, list[Param[Any]]]:
    """Return the options of every page: all that the window remembers and that neither has a slider nor a chip in the window."""
    found: dict[str, list[Param[Any]]] = {group: [] for group in _PAGES}
    for param in every_param():
        if param.persist and Scope.WINDOW in param.scope and not param.slider and param is not RAW:
            found.setdefault(param.group, []).append(param)
    return found


class Preferences(QDialog):
    """Shows the options as they stand whenever it opens."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("sheet")
        self.setWindowTitle("stylecam: preferences")
        self.fields: dict[str, QWidget] = {}
        self._shows: dict[Param[Any], Callable[[Any], object]] = {}
        self.list, self.stack = QListWidget(), QStackedWidget()
        self.list.setAccessibleName("Pages")
        for group, params in pages().items():
            self.list.addItem(_PAGES.get(group, group.capitalize()))
            self.stack.addWidget(self._page(group, params))
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.list.setCurrentRow(0)
        self.message = plain_label()
        self.message.setObjectName("faint")
        self.message.setWordWrap(True)
        reset, close = QPushButton("Defaults of this page"), QPushButton("Close")
        reset.clicked.connect(self.reset)
        close.clicked.connect(self.close)
        columns = QHBoxLayout()
        columns.addWidget(self.list)
        columns.addWidget(self.stack, 1)
        buttons = QHBoxLayout()
        for button in (reset, close):
            button.setAutoDefault(False)
        buttons.addWidget(reset)
        buttons.addWidget(self.message, 1)
        buttons.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 16)
        whole.setSpacing(12)
        whole.addLayout(columns, 1)
        whole.addLayout(buttons)
        screen = self.screen()
        space = screen.availableSize() if screen is not None else QSize(760, 540)
        theme.changed.connect(self._fit)
        self._fit()
        self.resize(min(760, space.width() - 20), min(540, space.height() - 60))

    def _fit(self) -> None:
        """Let lists and fields grow with the letters."""
        larger = TEXT_SIZES[theme.text_size]
        self.list.setFixedWidth(round(_LIST_PX * larger))
        for field in (*self.findChildren(QComboBox), *self.findChildren(QAbstractSpinBox)):
            field.setFixedWidth(round(_FIELD_PX * larger))

    def open_for_use(self) -> None:
        """Show the options as they are now."""
        self.refresh()
        self.show()
        self.raise_()
        self.activateWindow()

    def refresh(self) -> None:
        """Take over what was turned elsewhere."""
        self.message.clear()
        for param, show in self._shows.items():
            show(self._session.controls[param])
        self._show_looks()

    def reset(self) -> None:
        """Put the options of the page that is shown back to where they were at the first start."""
        params = list(pages().values())[self.stack.currentIndex()]
        for param in params:
            self._set(param, param.first)
        if params and params[0].group == "window":
            theme.apply("dark", "normal")
        self.refresh()

    def _page(self, group: str, params: list[Param[Any]]) -> QScrollArea:
        inner = QWidget()
        form = QFormLayout(inner)
        form.setContentsMargins(16, 4, 12, 8)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for param in params:
            self._add(form, param.id, param.label, self._field(param), param.help)
        if group == "window":
            self._add_looks(form)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        return area

    def _add(self, form: QFormLayout, name: str, label: str, field: QWidget, words: str) -> None:
        field.setAccessibleName(label)
        field.setToolTip(plain_tip(f"{words[:1].upper()}{words[1:]}."))
        self.fields[name] = field
        shown = plain_label(label)
        shown.setBuddy(field)
        form.addRow(shown, field)
        described = plain_label(f"{words[:1].upper()}{words[1:]}.")
        described.setObjectName("faint")
        described.setWordWrap(True)
        described.setContentsMargins(0, 0, 0, 8)
        form.addRow(described)

    def _field(self, param: Param[Any]) -> QWidget:
        """Return what an option is set with, by its kind."""
        if param.kind == "switch":
            switch = QCheckBox()
            switch.clicked.connect(lambda on: self._set(param, on))
            self._shows[param] = switch.setChecked
            return switch
        if param.kind == "choice":
            return self._box(param, {value: _WORDS.get(value, value.replace("-", " ")) for value in param.choices})
        if param is SOUND_DEVICE:
            return self._box(param, _inputs())
        if param.kind == "text":
            return self._text(param)
        return self._number(param)

    def _box(self, param: Param[Any], words: dict[Any, str]) -> QComboBox:
        box = QComboBox()
        for value, text in words.items():
            box.addItem(text, value)
        box.activated.connect(lambda at: self._set(param, box.itemData(at)))

        def show(value: Any) -> None:
            if box.findData(value) < 0:
                box.addItem(str(value), value)
            box.setCurrentIndex(box.findData(value))

        self._shows[param] = show
        return box

    def _number(self, param: Param[Any]) -> QSpinBox | QDoubleSpinBox:
        box: QSpinBox | QDoubleSpinBox
        low = 0.0 if param.zero else param.low
        if param.kind == "whole":
            box = QSpinBox()
            box.setRange(int(low), int(param.high))
            box.setSingleStep(max(1, int(param.step)))
            box.valueChanged.connect(lambda value: self._set_number(param, value))
        else:
            box = QDoubleSpinBox()
            box.setRange(low, param.high)
            box.setSingleStep(param.step)
            box.setDecimals(0 if param.step >= 1 else 1)
            box.valueChanged.connect(lambda value: self._set_number(param, value))
        box.setKeyboardTracking(False)
        box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        box.setSuffix(f" {param.unit}" if param.unit else "")
        box.setSpecialValueText(param.zero if low == 0 else "")
        self._shows[param] = box.setValue
        return box

    def _text(self, param: Param[Any]) -> QWidget:
        line = QLineEdit()
        line.setPlaceholderText(param.zero)
        line.editingFinished.connect(lambda: self._set(param, line.text().strip() or param.default))
        self._shows[param] = line.setText
        if param not in _FOLDERS:
            return line
        whole, button = QWidget(), QPushButton("Choose…")
        button.setAutoDefault(False)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(line, 1)
        row.addWidget(button)

        def choose() -> None:
            if chosen := QFileDialog.getExistingDirectory(self, param.label, line.text() or str(Path.home())):
                line.setText(chosen)
                self._set(param, chosen)

        button.clicked.connect(choose)
        whole.setFocusProxy(line)
        return whole

    def _set_number(self, param: Param[Any], value: float) -> None:
        if value != self._session.controls[param]:
            self._set(param, max(value, param.low) if value or not param.zero else value)

    def _set(self, param: Param[Any], value: Any) -> None:
        try:
            if param is SIZE:
                self._session.commands.run(SIZE.id, value)  # which refuses while a video has a size
            else:
                self._session.controls.set(param, value)
        except StylecamError as error:
            self.message.setText(str(error))
        self._shows[param](self._session.controls[param])

    def _add_looks(self, form: QFormLayout) -> None:
        words = {"system": "As the system", "contrast": "High contrast"}
        self._theme, self._size = QComboBox(), QComboBox()
        for name in THEMES:
            self._theme.addItem(words.get(name, name.capitalize()), name)
        for name in TEXT_SIZES:
            self._size.addItem(name.capitalize(), name)
        for box in (self._theme, self._size):
            box.activated.connect(lambda: theme.apply(self._theme.currentData(), self._size.currentData()))
        self._add(form, "theme", "Theme", self._theme, "dark, light, high contrast, or what the system has")
        self._add(form, "text_size", "Text size", self._size, "how large letters are")

    def _show_looks(self) -> None:
        self._theme.setCurrentIndex(self._theme.findData(theme.name))
        self._size.setCurrentIndex(self._size.findData(theme.text_size))


def _inputs() -> dict[Any, str]:
    try:
        return {"": "The system's choice", **{name: name for name in list_inputs()}}
    except StylecamError:
        return {"": "The system's choice"}
