"""The bar above the preview and the panel beside it: built here, wired in the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from stylecam.control.commands import SIZES_PX
from stylecam.control.state import Controls
from stylecam.core.params import BYPASS, Param, Scope
from stylecam.effects.registry import all_params
from stylecam.gui.live.rack import RackSlider, StyleRack

#: Longest sides to stylize at, and their names. 0 is the source's own.
SIZES = tuple((size_px, {256: "256 px · fastest", 0: "full size"}.get(size_px, f"{size_px} px")) for size_px in SIZES_PX)
FIXED_SOURCES = (("", "Camera, or demo clip"), ("demo", "Demo clip"), ("pattern", "Test pattern"))


class TopBar(QWidget):
    """Source and size on the left, buttons on the right."""

    source_chosen = pyqtSignal(str)
    size_chosen = pyqtSignal(int)
    param_chosen = pyqtSignal(object, object)  # a Param that is a choice, and its value

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.source = QComboBox()
        self.source.setAccessibleName("Source")
        self.source.setToolTip("Where the frames come from")
        self.source.setMinimumWidth(120)
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.source.setMaximumWidth(240)
        self.frame_size = QComboBox()
        self.frame_size.setAccessibleName("Size")
        self.frame_size.setToolTip("Longest side of the stylized frame: larger is finer and slower")
        for size_px, name in SIZES:
            self.frame_size.addItem(name, size_px)
        self.choices = {param.id: ChoiceBox(param) for param in all_params() if param.kind == "choice" and Scope.WINDOW in param.scope}
        for box in self.choices.values():
            box.activated.connect(lambda _, box=box: self.param_chosen.emit(box.param, box.currentData()))
        self.set_cameras([])
        self.source.activated.connect(lambda index: self.source_chosen.emit(self.source.itemData(index)))
        self.frame_size.activated.connect(lambda index: self.size_chosen.emit(self.frame_size.itemData(index)))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.source, 2)
        row.addWidget(self.frame_size)
        for box in self.choices.values():
            row.addWidget(box)
        row.addStretch(1)
        for name, action in (("mirror", "mirror"), ("freeze", "freeze"), ("bypass", BYPASS.id)):
            row.addWidget(_button(actions[action], name))
        row.addSpacing(10)
        for name in ("snapshot", "record"):
            row.addWidget(_button(actions[name], name))

    def set_cameras(self, cameras: Sequence[tuple[str, str]]) -> None:
        """List the cameras, as (source, name), between the fixed entries; what is chosen stays chosen."""
        chosen = self.source.currentData()
        self.source.clear()
        for text, name in (*FIXED_SOURCES[:1], *cameras, *FIXED_SOURCES[1:]):
            self.source.addItem(name, text)
        self.show_source(chosen or "")

    def show_source(self, text: str) -> None:
        """Show what is being read; a file or address gets an entry of its own."""
        index = self.source.findData(text)
        if index < 0:
            self.source.addItem(text.replace("\\", "/").rsplit("/", 1)[-1] or text, text)
            index = self.source.count() - 1
        self.source.setCurrentIndex(index)

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


class ChoiceBox(QComboBox):
    """The list of an option that is one of several."""

    def __init__(self, param: Param[Any]) -> None:
        super().__init__()
        self.param = param
        self.setAccessibleName(param.label)
        self.setToolTip(f"{param.label}: {param.help}")
        for choice in param.choices:
            self.addItem(choice, choice)


class SidePanel(QWidget):
    """The rack with its buttons, and the sliders that apply to the whole frame."""

    def __init__(self, controls: Controls, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._controls = controls
        self.rack = StyleRack(controls)
        self.sliders = {param.id: ParamSlider(param) for param in all_params() if param.slider and Scope.WINDOW in param.scope}
        head = QHBoxLayout()
        head.setSpacing(6)
        for name in ("random", "reset", "undo", "redo"):
            head.addWidget(_button(actions[name], name, stretch=True))
        knobs = QGridLayout()
        knobs.setHorizontalSpacing(10)
        knobs.setVerticalSpacing(8)
        for row, slider in enumerate(self.sliders.values()):
            slider.valueChanged.connect(lambda _, slider=slider: self._turn(slider))
            knobs.addWidget(QLabel(slider.param.label), row, 0)
            knobs.addWidget(slider, row, 1)
            knobs.addWidget(slider.text, row, 2)
        knobs.addWidget(_button(actions["normalise"], "normalise", stretch=True), len(self.sliders), 0, 1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.rack, 1)
        column.addLayout(knobs)

    def refresh(self) -> None:
        """Show the controls as they stand; nothing is emitted."""
        self.rack.refresh()
        for slider in self.sliders.values():
            slider.show_number(self._controls[slider.param])

    def _turn(self, slider: ParamSlider) -> None:
        self._controls.set(slider.param, slider.number)


class ParamSlider(RackSlider):
    """The slider of an option, and the text beside it."""

    def __init__(self, param: Param[Any]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.param = param
        self.setRange(0, round((param.high - param.low) / param.step))
        self.setAccessibleName(param.label)
        self.setToolTip(f"{param.help[:1].upper()}{param.help[1:]}")
        self.text = QLabel()
        self.text.setObjectName("faint")
        self.text.setFixedWidth(40)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    @property
    def number(self) -> float:
        """The option's value where the slider stands."""
        return round(float(self.param.low + self.value() * self.param.step), 6)  # 0.35, not 0.35000000000000003

    def show_number(self, value: float) -> None:
        """Show a value; nothing is emitted."""
        self.blockSignals(True)
        self.setValue(self._position(value))
        self.blockSignals(False)
        self.text.setText(self.param.show(value))

    def _position(self, value: float) -> int:
        return round((value - self.param.low) / self.param.step)


def _button(action: QAction, name: str, *, stretch: bool = False) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(name)
    button.setAccessibleName(action.iconText())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if stretch:
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
