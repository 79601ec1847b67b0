"""The one bar above the preview: where frames come from, what is made of them (snapshot, recording, devices), and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from stylecam.control.commands import SIZES_PX
from stylecam.control.state import Controls
from stylecam.core.params import BYPASS, Param, Scope
from stylecam.effects.registry import all_params
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_tip
from stylecam.gui.widgets.theme import TEXT_SIZES, theme
from stylecam.outputs.registry import SINKS

#: Longest sides to stylize at, and their names. 0 is the source's own.
SIZES = tuple((size_px, {256: "256 px · fastest", 0: "full size"}.get(size_px, f"{size_px} px")) for size_px in SIZES_PX)
FIXED_SOURCES = (("", "Camera, or demo clip"), ("demo", "Demo clip"), ("pattern", "Test pattern"))
#: What stands below the sources and asks first; the window knows these actions.
ASKING = (("open_file", "Open photo or clip…"), ("open_url", "Open stream…"))
#: Below this width of the bar, buttons show their icons alone.
_NARROW_PX = 1160
#: Below this, size and quality are left to the menu View.
_NARROWEST_PX = 730
_ICON, _ICON_BESIDE = QSize(18, 18), QSize(25, 18)


class Transport(QWidget):
    """Source, size and quality on the left, snapshot and sinks in the middle, switches on the right.

    `add_widget` puts something beside the sinks, such as a level meter.
    """

    source_chosen = pyqtSignal(str)
    asked = pyqtSignal(str)  # the id of an action
    size_chosen = pyqtSignal(int)
    param_chosen = pyqtSignal(object, object)  # a Param that is a choice, and its value

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.source = QComboBox()
        self.source.setAccessibleName("Source")
        self.source.setToolTip("Where the frames come from")
        self.source.setMinimumWidth(112)
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.source.setMaximumWidth(260)
        self.frame_size = QComboBox()
        self.frame_size.setAccessibleName("Size")
        self.frame_size.setToolTip("Longest side of the stylized frame: larger is finer and slower")
        for size_px, name in SIZES:
            self.frame_size.addItem(name, size_px)
        self.choices = {param.id: ChoiceBox(param) for param in all_params() if param.kind == "choice" and Scope.WINDOW in param.scope}
        for box in self.choices.values():
            box.activated.connect(lambda _, box=box: self.param_chosen.emit(box.param, box.currentData()))
        narrow: tuple[QComboBox, ...] = (self.frame_size, *self.choices.values())
        for each in narrow:  # the list itself is as wide as it needs to be
            each.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            each.setMinimumContentsLength(6)
        self.set_cameras([])
        self.source.activated.connect(self._choose)
        self.frame_size.activated.connect(lambda index: self.size_chosen.emit(self.frame_size.itemData(index)))
        self.buttons = {name: _button(actions[name], name) for name in ("snapshot", *(spec.id for spec in SINKS))}
        for spec in SINKS:
            recording = spec.id == "record"
            self.buttons[spec.id].setObjectName("record" if recording else "live")
            actions[spec.id].setIcon(icon("circle", "record", on="on_record", filled=True) if recording else icon("webcam", on="on_live"))
        switches = (("freeze", "freeze"), ("mirror", "mirror"), ("bypass", BYPASS.id), ("fullscreen", "fullscreen"))
        self._switches = [_button(actions[action], name) for name, action in switches]
        actions[BYPASS.id].setIcon(icon("eye-off", on="on_record"))
        theme.changed.connect(self._fit)  # larger letters need more space
        self._extras = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(6)
        row.addWidget(self.source, 3)
        row.addWidget(self.frame_size)
        for box in self.choices.values():
            row.addWidget(box)
        row.addStretch(1)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addLayout(self._extras)
        row.addStretch(1)
        for button in self._switches:
            row.addWidget(button)

    def add_widget(self, widget: QWidget) -> None:
        """Put something beside the sinks."""
        self._extras.addWidget(widget)

    def set_cameras(self, cameras: Sequence[tuple[str, str]], first: str = "") -> None:
        """List the cameras, as (source, name), between the fixed entries; what is chosen stays chosen.

        `first` is what to call the first camera, or what is shown where there is none.
        """
        chosen = self.source.currentData()
        self.source.clear()
        for text, name in ((FIXED_SOURCES[0][0], first or FIXED_SOURCES[0][1]), *cameras, *FIXED_SOURCES[1:]):
            self.source.addItem(name, text)
        self.source.insertSeparator(self.source.count())
        for name, text in ASKING:
            self.source.addItem(text, Asking(name))
        self._shown_source = ""
        self.show_source(chosen if isinstance(chosen, str) else "")

    def show_source(self, text: str) -> None:
        """Show what is being read; a file or address gets an entry of its own, above those that ask."""
        self._shown_source = text
        index = self.source.findData(text)
        if index < 0:
            index = self.source.count() - len(ASKING) - 1
            self.source.insertItem(index, text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or text, text)
        self.source.setCurrentIndex(index)
        self.source.setToolTip(plain_tip(f"Where the frames come from: {self.source.currentText()}"))

    def show_size(self, size_px: int) -> None:
        """Show the size; one that is not on the list gets an entry of its own."""
        index = self.frame_size.findData(size_px)
        if index < 0:
            self.frame_size.addItem(f"{size_px} px", size_px)
            index = self.frame_size.count() - 1
        self.frame_size.setCurrentIndex(index)

    def refresh(self, controls: Controls) -> None:
        """Show the choices as they stand; nothing is emitted."""
        for box in self.choices.values():
            box.setCurrentIndex(box.findData(controls[box.param]))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Leave the words out where there is no space for them; a recording's clock stays."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        only, beside = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        narrow = self.width() < _NARROW_PX * TEXT_SIZES[theme.text_size]
        for name, button in self.buttons.items():
            alone = narrow and name != "record"
            button.setToolButtonStyle(only if alone else beside)
            button.setIconSize(_ICON if alone else _ICON_BESIDE)
        for choice in self.choices.values():
            choice.name_choices(with_label=not narrow)
        for button in self._switches:
            button.setToolButtonStyle(only)
        for box in (self.frame_size, *self.choices.values()):
            box.setVisible(self.width() >= _NARROWEST_PX)

    def _choose(self, index: int) -> None:
        data = self.source.itemData(index)
        if isinstance(data, Asking):
            self.show_source(self._shown_source)  # until there is an answer
            self.asked.emit(data.action)
        else:
            self.source_chosen.emit(data)


class Asking:
    """The entry of an action that asks for a source; no text that a source could have."""

    def __init__(self, action: str) -> None:
        self.action = action


class ChoiceBox(QComboBox):
    """The list of an option that is one of several."""

    def __init__(self, param: Param[Any]) -> None:
        super().__init__()
        self.param = param
        self.setAccessibleName(param.label)
        self.setToolTip(f"{param.label}: {param.help}")
        for choice in param.choices:
            self.addItem(choice, choice)

    def name_choices(self, *, with_label: bool) -> None:
        """Say what they are choices of, where there is space for it."""
        for at, choice in enumerate(self.param.choices):
            self.setItemText(at, f"{self.param.label}: {choice}" if with_label else choice)
        self.setMinimumContentsLength(len(self.param.label) + 5 if with_label else 3)


def _button(action: QAction, name: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(_ICON)
    button.setObjectName(name)
    button.setAccessibleName(action.iconText())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
