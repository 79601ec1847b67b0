"""The Train dialog: choose a painting, watch it being learnt, and have it in the rack. The live picture goes on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from stylecam.app.training.job import FAILED, PAUSED, STOPPING, TrainJob, TrainStatus
from stylecam.app.training.runs import DONE, STOPPED, TrainRun, new_run
from stylecam.errors import StylecamError
from stylecam.gui.train.camera_grab import FRAMES, CameraGrab, save_jpeg
from stylecam.gui.train.form import TrainForm
from stylecam.gui.train.host import Training
from stylecam.gui.train.parts import FittedPicture, LossPlot, time_left
from stylecam.gui.widgets.plain_text import plain_label

POLL_MS = 200
_SLOW = (
    "The live picture goes on meanwhile, and this window may be closed. The trainer has low priority, but on two cores the picture is "
    "slower until it is done."
)


class TrainDialog(QDialog):
    """Drives one `TrainJob` at a time and shows how it stands; closing the dialog only hides it."""

    def __init__(self, desk: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.run: TrainRun | None = None
        self.job: TrainJob | None = None
        self.grab_job: CameraGrab | None = None
        self._left: TrainRun | None = None
        self._seen = self._seen_packs = 0
        self._joined = False
        self._shown_preview = ""
        self.setWindowTitle("stylecam: learn a painting")
        self.form = TrainForm()
        self.plot = LossPlot()
        self.picture = FittedPicture("How it paints is shown here, soon after it has begun", QSize(320, 170))
        self.message, self.offer_text = plain_label(), plain_label()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.live = QCheckBox("Show the growing style on the live picture")
        self.live.setChecked(True)
        self.live.setToolTip("Alone, as its S button does; no slider moves")
        self.start_button = _button("Learn it", "primary")
        self.pause_button = _button("Pause")
        self.stop_button = _button("Stop and keep")
        self.resume_button = _button("Resume")
        self.offer_yes, self.offer_no = _button("Go on"), _button("Discard")
        self._offer = self._offer_bar()
        self._lay_out()
        self.form.changed.connect(self.refresh)
        self.form.complained.connect(self._say)
        self.start_button.clicked.connect(self.start)
        self.pause_button.clicked.connect(self.toggle_pause)
        self.stop_button.clicked.connect(self.stop)
        self.resume_button.clicked.connect(lambda: self._go_on(self.run))
        self.offer_yes.clicked.connect(lambda: self._go_on(self._left))
        self.offer_no.clicked.connect(self._discard_left)
        self.live.toggled.connect(self._show_live)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    @property
    def is_busy(self) -> bool:
        """True while pictures are taken or a trainer runs."""
        return self.grab_job is not None or (self.job is not None and not self.job.status().is_over)

    def open_for_use(self) -> None:
        """Show it, and offer what was left unfinished."""
        self._look_for_left()
        self.refresh()
        self.show()
        self.raise_()
        self.activateWindow()

    def start(self) -> None:
        """Begin with the painting that was chosen."""
        if self.form.painting is None or self.is_busy:
            return
        self.message.clear()
        try:
            request = self.form.request(self._desk.pack_name(), self._desk.taken_ids())
            run = new_run(request, self.form.painting)
            self._forget()
            self.run = run
            if self.form.wants_camera:
                self._grab(run)
            else:
                self._launch(run)
        except StylecamError as error:
            self._say(str(error))
        self.refresh()

    def toggle_pause(self) -> None:
        """Pause the trainer, or let it go on."""
        if self.job is not None:
            (self.job.resume if self.job.status().state == PAUSED else self.job.pause)()
        self.refresh()

    def stop(self) -> None:
        """End the training and keep what it has learnt; while pictures are taken, give up."""
        if self.grab_job is not None:
            self._end_grab()
            self._drop_run()
            self._say("Nothing was learnt.")
        elif self.job is not None:
            self.job.stop()
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        status = self.job.status() if self.job is not None else None
        if status is not None and status.count != self._seen:
            self._seen = status.count
            self._show_status(status)
        busy = self.is_busy
        over = status is not None and status.is_over
        paused = status is not None and status.state == PAUSED
        self.form.set_locked(busy)
        self.start_button.setVisible(not busy)
        self.start_button.setEnabled(self.form.is_ready)
        self.pause_button.setVisible(busy and self.grab_job is None)
        self.pause_button.setText("Go on" if paused else "Pause")
        self.pause_button.setEnabled(status is not None and status.state != STOPPING)
        self.stop_button.setVisible(busy)
        self.stop_button.setText("Cancel" if self.grab_job is not None else "Stop and keep")
        self.stop_button.setEnabled(status is None or status.state != STOPPING)
        self.resume_button.setVisible(status is not None and over and status.state in (STOPPED, FAILED))
        self._offer.setVisible(self._left is not None and not busy)
        if status is not None and not over:
            self.message.setText(_progress_text(status))
        if over and self._timer.isActive():
            self._timer.stop()
            self._finish(status)

    def styles_joined(self, styles: Sequence[str]) -> None:
        """Show the new style on the live picture, if that is wished, the first time that the rack has it."""
        if self.run is not None and self.run.request.style in styles and not self._joined:
            self._joined = True
            self._show_live(self.live.isChecked())

    def shut_down(self) -> None:
        """End the trainer, which keeps its work; the run is offered at the next start."""
        self._timer.stop()
        if self.grab_job is not None:
            self._end_grab()
            self._drop_run()
        if self.job is not None:
            self.job.close()
        self.hide()

    def _grab(self, run: TrainRun) -> None:
        self.grab_job = CameraGrab(self._desk.newest_frame, run.own_photos, self)
        self.grab_job.counted.connect(self._show_grab)
        self.grab_job.finished.connect(self._grabbed)
        self.bar.setRange(0, FRAMES)
        self._show_grab(0)

    def _show_grab(self, count: int) -> None:
        self.bar.setValue(count)
        self.message.setText(f"Taking pictures: {count} of {FRAMES}. Move a little, so that they differ.")

    def _grabbed(self, enough: bool) -> None:
        self._end_grab()
        run = self.run
        if run is None:
            return
        if enough:
            try:
                self._launch(run)
            except StylecamError as error:
                self._say(str(error))
        else:
            self._drop_run()
            self._say("Too few pictures came from the camera; check that the window shows it, or choose other photos.")
        self.refresh()

    def _end_grab(self) -> None:
        if self.grab_job is not None:
            self.grab_job.cancel()
            self.grab_job.deleteLater()
            self.grab_job = None

    def _launch(self, run: TrainRun) -> None:
        frame = self._desk.newest_frame()
        if frame is not None and not run.live_photo.exists():
            save_jpeg(frame, run.live_photo)
        self.run, self.job = run, TrainJob(run)
        self._seen = -1
        self._seen_packs = 0
        self.message.setText(_progress_text(self.job.status()))
        self._timer.start(POLL_MS)

    def _go_on(self, run: TrainRun | None) -> None:
        if run is None or self.is_busy:
            return
        try:
            if run is not self.run:
                self._forget()
            if run is self._left:
                self._left = None
            self._launch(run)
        except StylecamError as error:
            self._say(str(error))
        self.refresh()

    def _forget(self) -> None:
        """Clear what belongs to an earlier run."""
        self.job = self.run = None
        self._joined = False
        self._shown_preview = ""
        self.picture.clear_picture()
        self.plot.show_points(())
        self.bar.setRange(0, 1)
        self.bar.setValue(0)

    def _drop_run(self) -> None:
        if self.run is not None:
            self.run.discard()
        self.run = None

    def _show_status(self, status: TrainStatus) -> None:
        report = status.report
        if report is not None:
            self.bar.setRange(0, max(report.total, report.step, 1))
            self.bar.setValue(report.step)
        self.plot.show_points(status.curve)
        preview = status.files.get("preview", "")
        if preview and preview != self._shown_preview:
            self._shown_preview = preview
            self._show_preview(Path(preview))
        pack = status.files.get("pack", "")
        if pack and status.packs != self._seen_packs:
            self._seen_packs = status.packs
            self._desk.open_styles(Path(pack))

    def _show_preview(self, path: Path) -> None:
        try:
            self.picture.show_bytes(path.read_bytes())
        except OSError:
            self._shown_preview = ""  # looked for again with the next report

    def _finish(self, status: TrainStatus | None) -> None:
        if status is None or self.run is None:
            return
        title = self.run.request.title
        if status.problem:
            self._say(status.problem)
            self._desk.tell(f"Learning “{title}” ended: {status.problem}", problem=True)
            return
        if status.state == DONE:
            self.bar.setValue(self.bar.maximum())
            text = f"“{title}” is learnt: it is in the rack, and in your packs."
        elif status.files.get("pack"):
            text = f"“{title}” was stopped and is kept as it is: it is in the rack, and in your packs."
        else:
            text = f"“{title}” was stopped before there was anything to keep."
        self._say(text)
        self._desk.tell(text)

    def _show_live(self, on: bool) -> None:
        if self.run is not None:
            self._desk.set_solo(self.run.request.style, on)

    def _look_for_left(self) -> None:
        mine = self.run.folder if self.run is not None else None
        runs = [run for run in self._desk.unfinished() if run.folder != mine]
        self._left = runs[0] if runs else None
        if self._left is not None:
            self.offer_text.setText(f"Learning “{self._left.request.title}” was cut short.")

    def _discard_left(self) -> None:
        if self._left is not None:
            self._left.discard()
        self._look_for_left()
        self.refresh()

    def _say(self, text: str) -> None:
        self.message.setText(text)

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
        right.addWidget(self.picture, 3)
        right.addWidget(self.plot.widget, 2)
        right.addWidget(self.live)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addWidget(self.form, 5)
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
        whole.addWidget(self.bar)
        whole.addWidget(self.message)
        whole.addLayout(buttons)
        self.resize(900, 640)


def _button(text: str, name: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)  # Enter in a field must not begin minutes of work
    return button


def _progress_text(status: TrainStatus) -> str:
    report = status.report
    if status.state == STOPPING:
        return "Stopping after the step at hand; what it has learnt is kept …"
    if status.state == PAUSED:
        return "Paused."
    if report is None:
        return "Starting the trainer …"
    return "  ·  ".join(filter(None, (f"Learning: step {report.step} of about {report.total}", time_left(report.remaining_s))))
