"""See what layers hold of a frozen frame, pick layers by eye, and stylize that frame with them by optimisation."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from stylecam.app.child_job import STOPPING, ChildStatus
from stylecam.app.tools.layers_desk import DEFAULT_CONTENT, DEFAULT_STYLE, LayersDesk, OptimizeRequest, ending_of
from stylecam.errors import StylecamError
from stylecam.gui.train.parts import FittedImage, StyleImageBox
from stylecam.gui.widgets.plain_text import plain_label

POLL_MS = 250
_SHEET_HEIGHT_PX = 130
_SIZE = QSize(1080, 720)
_INTRO = (
    "Each row is a layer, from fine to coarse: the spots of the frame that excite eight of its channels most, and below what it holds of "
    "them. Content layers keep what is depicted: deep ones let go of detail. Style layers give colours and strokes: deep ones larger forms."
)


class LayerRow(QWidget):
    """One layer: its sheet, and whether it is used for content or for style."""

    def __init__(self, layer: str, sheet: Path, contents: QButtonGroup) -> None:
        super().__init__()
        self.layer = layer
        self.content = QRadioButton("Content")
        self.strokes = QCheckBox("Style")
        self.content.setAccessibleName(f"Content from {layer}")
        self.strokes.setAccessibleName(f"Style from {layer}")
        self.content.setChecked(layer == DEFAULT_CONTENT)
        self.strokes.setChecked(layer in DEFAULT_STYLE)
        contents.addButton(self.content)
        name = QLabel(layer)
        name.setObjectName("strong")
        choice = QVBoxLayout()
        for widget in (name, self.content, self.strokes):
            choice.addWidget(widget)
        choice.addStretch(1)
        self.image = QLabel()
        self.image.setPixmap(QPixmap(str(sheet)).scaledToHeight(_SHEET_HEIGHT_PX, Qt.TransformationMode.SmoothTransformation))
        self.image.setAccessibleName(f"What {layer} holds of the frame")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.addLayout(choice)
        row.addWidget(self.image, 1, Qt.AlignmentFlag.AlignLeft)


class LayersDialog(QDialog):
    """Shows what a `LayersDesk` does, and turns buttons into its methods; closing the dialog only hides it.

    `said` carries what is to be said even when it is closed, and whether it is a complaint.
    """

    said = pyqtSignal(str, bool)

    def __init__(self, desk: LayersDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle("stylecam: what layers hold")
        self.rows: dict[str, LayerRow] = {}
        self._contents = QButtonGroup(self)
        self._style_image: Path | None = None
        self._seen = -1
        self._was_optimizing = False
        self.look_message, self.message = plain_label(), plain_label()
        self.style_box = StyleImageBox()
        self.image = FittedImage("The stylized frame grows here", QSize(240, 120))
        self.iterations, self.size_px = _number(10, 2000, 200, 50), _number(128, 2048, 512, 64)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.look_button, self.start_button, self.stop_button = (
            _button("Look at the current frame"),
            _button("Stylize by optimisation", "primary"),
            _button("Stop and keep"),
        )
        self._lay_out()
        self.look_button.clicked.connect(self.look)
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.style_box.chosen.connect(self.choose_style_image)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    def open_for_use(self) -> None:
        """Show it, and look at the current frame if nothing was looked at yet."""
        self.show()
        self.raise_()
        self.activateWindow()
        if not self.rows and self.desk.looking is None:
            self.look()

    def look(self) -> None:
        """Freeze the current frame and show what each layer holds of it."""
        if not self.desk.freeze():
            self.look_message.setText("There is no frame yet.")
            return
        try:
            self.desk.look()
        except StylecamError as error:
            self.look_message.setText(str(error))
            return
        self._clear_rows()
        self._timer.start(POLL_MS)
        self.refresh()

    def choose_style_image(self, path: Path) -> None:
        """Take a style image, if it can be shown."""
        try:
            shown = self.style_box.show_bytes(path.read_bytes())
        except OSError:
            shown = False
        self._style_image = path if shown else None
        self.message.setText("" if shown else f"'{path.name}' cannot be shown; choose a PNG or JPEG.")
        self.refresh()

    def start(self) -> None:
        """Stylize the frozen frame with the chosen layers."""
        content = next((row.layer for row in self.rows.values() if row.content.isChecked()), DEFAULT_CONTENT)
        style = tuple(row.layer for row in self.rows.values() if row.strokes.isChecked())
        if self._style_image is None or self.desk.is_optimizing:
            return
        if not style:
            self.message.setText("Tick at least one layer for the style.")
            return
        self.image.clear_image()
        try:
            self.desk.optimize(OptimizeRequest(self._style_image, content, style, self.iterations.value(), self.size_px.value()))
        except StylecamError as error:
            self.message.setText(str(error))
            return
        self._seen, self._was_optimizing = -1, True
        self._timer.start(POLL_MS)
        self.refresh()

    def stop(self) -> None:
        """End the stylization and keep the best so far."""
        if self.desk.optimizing is not None:
            self.desk.optimizing.stop()
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        looking = self.desk.follow_look()
        if looking is not None:
            self._show_look(looking)
        optimizing = self.desk.optimizing.status() if self.desk.optimizing is not None else None
        if optimizing is not None:
            self._show_optimization(optimizing)
        busy = optimizing is not None and not optimizing.is_over
        self.bar.setVisible(busy)
        self.start_button.setVisible(not busy)
        self.start_button.setEnabled(self._style_image is not None and self.desk.frame.is_file())
        self.stop_button.setVisible(busy)
        self.stop_button.setEnabled(optimizing is not None and optimizing.state != STOPPING)
        self.look_button.setEnabled(not busy)
        self.style_box.set_locked(busy)
        if not busy and (looking is None or looking.is_over):
            self._timer.stop()

    def shut_down(self) -> None:
        """End what runs; a stylization keeps its best so far."""
        self._timer.stop()
        self.desk.close()
        self.hide()

    def _show_look(self, status: ChildStatus) -> None:
        for layer, sheet in sorted(self.desk.sheets.items()):
            if layer not in self.rows:
                row = self.rows[layer] = LayerRow(layer, sheet, self._contents)
                self._list.insertWidget(sorted(self.rows).index(layer), row)
        if status.problem:
            self.look_message.setText(status.problem)
        elif status.is_over:
            self.look_message.setText(_INTRO)
        else:
            self.look_message.setText(f"Looking at the frame, layer by layer: {len(self.rows)} so far …")

    def _show_optimization(self, status: ChildStatus) -> None:
        report = status.report
        if status.count != self._seen and report is not None:
            self._seen = status.count
            self.bar.setRange(0, max(report.total, 1))
            self.bar.setValue(report.step)
            if "preview" in status.files and self.desk.preview.is_file():
                self.image.show_bytes(self.desk.preview.read_bytes())
        if status.state == STOPPING:
            self.message.setText("Stopping after the iteration at hand …")
        elif not status.is_over:
            self.message.setText(f"Iteration {report.step} of {report.total}" if report is not None else "Starting …")
        elif self._was_optimizing and self.desk.output is not None:
            self._was_optimizing = False
            text = ending_of(status, self.desk.output)
            if self.desk.output.is_file():
                self.image.show_bytes(self.desk.output.read_bytes())
            self.message.setText(text)
            self.said.emit(text, bool(status.problem))

    def _clear_rows(self) -> None:
        for row in self.rows.values():
            self._contents.removeButton(row.content)
            row.deleteLater()
        self.rows = {}

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        self._list = QVBoxLayout()
        column.addLayout(self._list)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setMinimumWidth(360)
        self.look_message.setWordWrap(True)
        self.message.setWordWrap(True)
        left = QVBoxLayout()
        left.addWidget(self.look_message)
        left.addWidget(scroll, 1)
        left.addWidget(self.look_button)
        form = QFormLayout()
        form.addRow("Iterations", self.iterations)
        form.addRow("Longer side, pixels", self.size_px)
        right = QVBoxLayout()
        right.addWidget(self.style_box, 2)
        right.addLayout(form)
        right.addWidget(self.image, 3)
        right.addWidget(self.bar)
        right.addWidget(self.message)
        right.addWidget(self.stop_button)
        right.addWidget(self.start_button)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 16)
        whole.setSpacing(18)
        whole.addLayout(left, 3)
        whole.addLayout(right, 2)
        screen = self.screen()
        room = screen.availableSize() - QSize(0, 40) if screen is not None else _SIZE  # a window's frame
        self.resize(_SIZE.boundedTo(room))


def _number(low: int, high: int, value: int, step: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)  # the arrow keys and the wheel do
    box.setValue(value)
    return box


def _button(text: str, name: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)  # Enter in a field must not begin minutes of work
    return button
