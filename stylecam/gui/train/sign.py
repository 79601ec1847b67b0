"""A training in the status bar: how far it is, pause, stop, and the way to its dialog, which may be closed meanwhile."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from stylecam.gui.train.host import TrainHost
from stylecam.gui.widgets.icons import icon

_BAR_PX = 90
_TITLE = 24


class TrainSign(QWidget):
    """Hidden while nothing is trained.

    Args:
        host: has the dialog, once it was asked for.
    """

    def __init__(self, host: TrainHost) -> None:
        super().__init__()
        self._host = host
        self.open = QToolButton()
        self.open.setToolTip("Open the training")
        self.open.clicked.connect(host.open)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_PX)
        self.pause = self._button("pause", "Pause the training")
        self.stop = QToolButton()
        self.stop.setObjectName("chip")
        self.stop.setText("Stop")
        self.stop.setToolTip("Stop the training and keep the style as it is")
        self.stop.setAccessibleName(self.stop.toolTip())
        self.pause.clicked.connect(self._toggle_pause)
        self.stop.clicked.connect(self._stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(4)
        for widget in (self.open, self.bar, self.pause, self.stop):
            row.addWidget(widget)
        self.open.setObjectName("small")
        self.hide()

    def refresh(self) -> None:
        """Show how it stands."""
        desk = self._host.dialog.desk if self._host.dialog is not None else None
        status = desk.job.status() if desk is not None and desk.job is not None else None
        is_on = status is not None and not status.is_over
        self.setVisible(is_on)
        if status is None or desk is None or desk.run is None or not is_on:
            return
        from stylecam.app.child_job import PAUSED, STOPPING  # here: the start need not wait for what only a training needs

        title = desk.run.request.title
        title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
        report, state = status.report, status.state
        if report is None or not report.total:
            self.bar.setRange(0, 0)
            done = "starting"
        else:
            self.bar.setRange(0, max(report.total, report.step))
            self.bar.setValue(report.step)
            done = f"{min(1.0, report.step / max(report.total, report.step, 1)):.0%}".replace("%", " %")
        words = {PAUSED: "paused", STOPPING: "stopping"}.get(state, done)
        self.open.setText(f"Training “{title}”: {words}")
        self.pause.setIcon(icon("play" if state == PAUSED else "pause"))
        self.pause.setToolTip("Go on with the training" if state == PAUSED else "Pause the training")
        self.pause.setAccessibleName(self.pause.toolTip())
        for button in (self.pause, self.stop):
            button.setEnabled(state != STOPPING)

    def _toggle_pause(self) -> None:
        if self._host.dialog is not None:
            self._host.dialog.toggle_pause()
        self.refresh()

    def _stop(self) -> None:
        if self._host.dialog is not None:
            self._host.dialog.stop()
        self.refresh()

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("small")
        button.setIcon(icon(name))
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(24, 22)
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button
