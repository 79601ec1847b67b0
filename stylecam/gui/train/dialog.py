"""The Train dialog: choose a style image, watch the training, and have the style in the rack. The live video goes on meanwhile."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from stylecam.app.child_job import DONE, FAILED, PAUSED, STOPPED, STOPPING
from stylecam.app.training.desk import TrainingDesk
from stylecam.app.training.job import TrainJob, TrainStatus
from stylecam.app.training.runs import TrainRun
from stylecam.errors import StylecamError
from stylecam.gui.train.camera_grab import FRAMES, CameraGrab
from stylecam.gui.train.form import TrainForm
from stylecam.gui.train.parts import FittedImage, LossPlot
from stylecam.gui.widgets.plain_text import plain_label

POLL_MS = 200
_SLOW = (
    "The live video goes on meanwhile, and this window may be closed. The trainer has low priority, but on two cores the video is "
    "slower until it is done."
)


class TrainDialog(QDialog):
    """Shows what a `TrainingDesk` does, and turns buttons into its methods; closing the dialog only hides it.

    `said` carries what is to be said even when it is closed, and whether it is a complaint.
    """

    said = pyqtSignal(str, bool)

    def __init__(self, desk: TrainingDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.grab_job: CameraGrab | None = None
        self._seen = -1
        self._shown_preview = ""
        self.setWindowTitle("stylecam: train a style")
        self.form = TrainForm()
        self.plot = LossPlot()
        self.image = FittedImage("A preview appears here after the first minute", QSize(220, 170))
        self.message, self.offer_text = plain_label(), plain_label()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.live = QCheckBox("Show the growing style on the live video")
        self.live.setChecked(True)
        self.live.setToolTip("Alone, as its S button does; no slider moves")
        self.start_button = _button("Train", "primary")
        self.pause_button = _button("Pause")
        self.stop_button = _button("Stop and keep")
        self.resume_button = _button("Resume")
        self.offer_yes, self.offer_no = _button("Continue"), _button("Delete")
        self._offer = self._offer_bar()
        self._lay_out()
        self.form.changed.connect(self.refresh)
        self.form.complained.connect(self.message.setText)
        self.form.chosen.connect(self._look_for_same)
        self.start_button.clicked.connect(self.start)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.stop_button.clicked.connect(self.stop)
        self.resume_button.clicked.connect(lambda: self._go_on(desk.run))
        self.offer_yes.clicked.connect(self.go_on_with_left)
        self.offer_no.clicked.connect(self._discard_left)
        self.live.toggled.connect(desk.show_live)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    @property
    def job(self) -> TrainJob | None:
        """The trainer, running or ended."""
        return self.desk.job

    @property
    def is_busy(self) -> bool:
        """True while photos are taken or a trainer runs."""
        return self.grab_job is not None or self.desk.is_busy

    def open_for_use(self) -> None:
        """Show it, and offer what was left unfinished."""
        self.desk.look_for_left()
        self.refresh()
        self.show()
        self.raise_()
        self.activateWindow()

    def start(self) -> None:
        """Begin with the style image that was chosen."""
        if self.form.style_image is None or self.is_busy:
            return
        self.message.clear()
        try:
            run = self.desk.prepare(self.form.request(self.desk.pack_name, self.desk.taken_ids), self.form.style_image)
            self._clear()
            if self.form.wants_camera:
                self._grab(run)
            else:
                self._launch(run)
        except StylecamError as error:
            self.message.setText(str(error))
        self.refresh()

    def toggle_pause(self) -> None:
        """Pause the trainer, or let it go on."""
        self.desk.toggle_pause()
        self.refresh()

    def stop(self) -> None:
        """End the training and keep what it has learnt; while photos are taken, give up."""
        if self.grab_job is not None:
            self._end_grab()
            self.desk.drop()
            self.message.setText("Nothing was trained.")
        elif self.job is not None:
            self.job.stop()
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        status = self.desk.follow()
        if status is not None and status.count != self._seen:
            self._seen = status.count
            self._show_status(status)
        busy = self.is_busy
        over = status is not None and status.is_over
        self._show_buttons(status, busy=busy, grabbing=self.grab_job is not None)
        self.form.set_locked(busy)
        self.bar.setVisible(busy or (status is not None and not over))
        left = self.desk.left
        self._offer.setVisible(left is not None and not busy)
        if left is not None:
            is_same = self.form.style_image is not None and left.state == STOPPED
            self.offer_text.setText(f"“{left.request.title}” is unfinished{', and was made of this image' if is_same else ''}.")
        if status is not None and not over:
            self.message.setText(self.desk.words(status))
        if status is not None and over and self._timer.isActive():
            self._timer.stop()
            self._finish(status)

    def shut_down(self) -> None:
        """End the trainer, which keeps its work; the run is offered at the next start."""
        self._timer.stop()
        if self.grab_job is not None:
            self._end_grab()
            self.desk.drop()
        self.desk.close()
        self.hide()

    def _show_buttons(self, status: TrainStatus | None, *, busy: bool, grabbing: bool) -> None:
        state = status.state if status is not None else ""
        self.start_button.setVisible(not busy)
        self.start_button.setEnabled(self.form.is_ready)
        self.pause_button.setVisible(busy and not grabbing)
        self.pause_button.setText("Continue" if state == PAUSED else "Pause")
        self.pause_button.setEnabled(status is not None and state != STOPPING)
        self.stop_button.setVisible(busy)
        self.stop_button.setText("Cancel" if grabbing else "Stop and keep")
        self.stop_button.setEnabled(state != STOPPING)
        self.resume_button.setVisible(state in (STOPPED, FAILED))

    def _grab(self, run: TrainRun) -> None:
        self.grab_job = CameraGrab(self.desk.newest_frame, run.own_photos, self)
        self.grab_job.counted.connect(self._show_grab)
        self.grab_job.finished.connect(self._grabbed)
        self.bar.setRange(0, FRAMES)
        self._show_grab(0)

    def _show_grab(self, count: int) -> None:
        self.bar.setValue(count)
        self.message.setText(f"Taking photos: {count} of {FRAMES}. Move a little, so that they differ.")

    def _grabbed(self, enough: bool) -> None:
        self._end_grab()
        run = self.desk.run
        if run is None:
            return
        if enough:
            try:
                self._launch(run)
            except StylecamError as error:
                self.message.setText(str(error))
        else:
            self.desk.drop()
            self.message.setText("Too few frames came from the camera; check that the window shows it, or choose other photos.")
        self.refresh()

    def _end_grab(self) -> None:
        if self.grab_job is not None:
            self.grab_job.cancel()
            self.grab_job.deleteLater()
            self.grab_job = None

    def _launch(self, run: TrainRun) -> None:
        job = self.desk.launch(run)
        self._seen = -1
        self.message.setText(self.desk.words(job.status()))
        self.bar.setRange(0, 0)  # moves until the first step is made
        self._timer.start(POLL_MS)

    def _go_on(self, run: TrainRun | None) -> None:
        if run is None or self.is_busy:
            return
        try:
            if run is not self.desk.run:
                self._clear()
            self._launch(run)
        except StylecamError as error:
            self.message.setText(str(error))
        self.refresh()

    def _clear(self) -> None:
        """Clear what belongs to an earlier run."""
        self._shown_preview = ""
        self.image.clear_image()
        self.plot.show_points(())
        self.bar.setRange(0, 1)
        self.bar.setValue(0)

    def _show_status(self, status: TrainStatus) -> None:
        report = status.report
        if report is not None:
            self.bar.setRange(0, max(report.total, report.step, 1))
            self.bar.setValue(report.step)
        self.plot.show_points(status.curve)
        preview = status.files.get("preview", "")
        if preview and preview != self._shown_preview:
            self._shown_preview = preview
            try:
                self.image.show_bytes(Path(preview).read_bytes())
            except OSError:
                self._shown_preview = ""  # looked for again with the next report

    def _finish(self, status: TrainStatus) -> None:
        run = self.desk.run
        if run is None:
            return
        text = self.desk.words(status)
        if status.state == DONE:
            self.bar.setValue(self.bar.maximum())
        self.message.setText(text)
        self.said.emit(f"Training “{run.request.title}” ended: {text}" if status.problem else text, bool(status.problem))

    def go_on_with_left(self) -> None:
        """Go on with the run that is offered."""
        self._go_on(self.desk.left)

    def _look_for_same(self, style_image: Path) -> None:
        if not self.is_busy:
            self.desk.look_for_same(style_image)
            self.refresh()

    def _discard_left(self) -> None:
        self.desk.discard_left()
        self.refresh()

    def _offer_bar(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("notice")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 8, 14, 8)
        self.offer_text.setWordWrap(True)
        self.offer_text.setObjectName("inset")
        row.addWidget(self.offer_text, 1)
        row.addWidget(self.offer_yes)
        row.addWidget(self.offer_no)
        return bar

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.image, 3)
        right.addWidget(self.plot.widget, 2)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        scroll = _Column()  # for low screens
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        columns.addWidget(scroll, 5)
        columns.addLayout(right, 5)
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(36)
        hint = QLabel(_SLOW)
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(hint, 1)
        for button in (self.resume_button, self.pause_button, self.stop_button, self.start_button):
            buttons.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 16)
        whole.setSpacing(10)
        whole.addWidget(self._offer)
        whole.addLayout(columns, 1)
        whole.addWidget(self.live)
        whole.addWidget(self.bar)
        whole.addWidget(self.message)
        whole.addLayout(buttons)
        screen = self.screen()
        space = screen.availableSize() if screen is not None else QSize(900, 640)
        self.resize(min(900, space.width()), min(640, space.height() - 40))


class _Column(QScrollArea):
    """Scrolls up and down alone: it is never narrower than what it holds, however large the letters are."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return the width of what it holds, beside its bar."""
        inner, bar = self.widget(), self.verticalScrollBar()
        width = (inner.minimumSizeHint().width() if inner is not None else 0) + (bar.sizeHint().width() if bar is not None else 0)
        return QSize(width, super().minimumSizeHint().height())


def _button(text: str, name: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)  # Enter in a field must not begin minutes of work
    return button
