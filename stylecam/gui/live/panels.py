"""The panel beside the preview: the rack, and the sliders that apply to the whole frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from stylecam.control.state import Controls
from stylecam.core.params import Param, Scope
from stylecam.effects.registry import all_params
from stylecam.gui.live.rack import StyleRack
from stylecam.gui.live.sliders import NumberField, RackSlider


class SidePanel(QWidget):
    """The rack above the sliders of options. `column` takes what others put below."""

    def __init__(self, controls: Controls, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._controls = controls
        self.rack = StyleRack(controls, actions)
        self.sliders = {param.id: ParamSlider(param) for param in all_params() if param.slider and Scope.WINDOW in param.scope}
        self.rack.after = tuple(self.sliders.values())
        knobs = QGridLayout()
        knobs.setHorizontalSpacing(10)
        knobs.setVerticalSpacing(2)
        for row, slider in enumerate(self.sliders.values()):
            slider.valueChanged.connect(lambda _, slider=slider: self._turn(slider))
            slider.text.typed.connect(lambda value, slider=slider: self._controls.set(slider.param, value / slider.scale))
            knobs.addWidget(QLabel(slider.param.label), row, 0)
            knobs.addWidget(slider, row, 1)
            knobs.addWidget(slider.text, row, 2)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 8, 10, 8)
        self.column.setSpacing(8)
        self.column.addWidget(self.rack, 1)
        self.column.addLayout(knobs)

    def refresh(self) -> None:
        """Show the controls as they stand; nothing is emitted."""
        self.rack.refresh()
        for slider in self.sliders.values():
            slider.show_number(self._controls[slider.param])

    def _turn(self, slider: ParamSlider) -> None:
        self._controls.set(slider.param, slider.number)


class ParamSlider(RackSlider):
    """The slider of an option, and the text beside it, which can be typed too."""

    def __init__(self, param: Param[Any]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.param = param
        self.setRange(0, round((param.high - param.low) / param.step))
        self.setAccessibleName(param.label)
        self.setToolTip(f"{param.help[:1].upper()}{param.help[1:]}")
        self.text = NumberField("100 %")
        #: What is typed, over the value: per cent, for a share.
        self.scale = 100.0 if param.unit == "%" else 1.0

    @property
    def number(self) -> float:
        """The option's value where the slider stands."""
        return round(float(self.param.low + self.value() * self.param.step), 6)  # 0.35, not 0.35000000000000003

    def show_number(self, value: float) -> None:
        """Show a value; nothing is emitted."""
        self.blockSignals(True)
        self.setValue(self._position(value))
        self.blockSignals(False)
        self.text.show_number(self.param.show(value))

    def _position(self, value: float) -> int:
        return round((value - self.param.low) / self.param.step)
