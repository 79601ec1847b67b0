"""The bar of a clip that plays: pause, place, repeat. Hidden for every other source."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from stylecam.capture.playback import Playback
from stylecam.gui.live.sliders import RackSlider
from stylecam.gui.live.status_text import clock
from stylecam.gui.widgets.icons import icon

_STEPS = 1000


class ClipBar(QWidget):
    """`refresh` follows the clip.

    Args:
        playback: returns that of the clip that is shown, or None.
    """

    def __init__(self, playback: Callable[[], Playback | None]) -> None:
        super().__init__()
        self._find = playback
        self._playback: Playback | None = None
        self._is_shown_paused: bool | None = None
        self.pause = self._button("pause", "Pause the clip", self._toggle)
        self.repeat = self._button("refresh-cw", "Begin again at the end", self._set_repeats)
        self.repeat.setCheckable(True)
        self.slider = RackSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setAccessibleName("Place in the clip")
        self.slider.valueChanged.connect(self._seek)
        self.time = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(8)
        row.addWidget(self.pause)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        row.addWidget(self.repeat)
        self.hide()

    def refresh(self) -> None:
        """Show where the clip is."""
        self._playback = playback = self._find()
        self.setVisible(playback is not None)
        if playback is None:
            return
        position, length = playback.position_s, playback.length_s
        self.slider.setVisible(length > 0)
        if length > 0 and not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(_STEPS * min(1.0, position / length)))
            self.slider.blockSignals(False)
        self.time.setText(f"{clock(position)} / {clock(length)}" if length else clock(position))
        self.repeat.setChecked(playback.repeats)
        if playback.is_paused != self._is_shown_paused:
            self._is_shown_paused = playback.is_paused
            self.pause.setIcon(icon("play" if playback.is_paused else "pause"))
            self.pause.setToolTip("Play the clip" if playback.is_paused else "Pause the clip")
            self.pause.setAccessibleName(self.pause.toolTip())

    def _toggle(self) -> None:
        if self._playback is not None:
            self._playback.is_paused = not self._playback.is_paused
            self.refresh()

    def _set_repeats(self) -> None:
        if self._playback is not None:
            self._playback.repeats = self.repeat.isChecked()

    def _seek(self, value: int) -> None:
        if self._playback is not None and self._playback.length_s > 0:
            self._playback.seek(self._playback.length_s * value / _STEPS)
            self.time.setText(f"{clock(self._playback.position_s)} / {clock(self._playback.length_s)}")

    def _button(self, name: str, words: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setObjectName("small")
        button.setIcon(icon(name, on="accent"))
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(26, 24)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda _: act())
        return button
