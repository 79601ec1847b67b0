"""The page of the first start: what is seen, what the machine can do, three gestures, and where files go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from stylecam.core import paths
from stylecam.core.recording_params import RECORD_FOLDER, SNAPSHOT_FOLDER
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_label

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow

_WIDTH_PX, _HEIGHT_PX, _MARGIN_PX = 520, 470, 12
#: Edges, and a scroll bar beside the texts.
_BAR_PX = 24
_LOOK_MS = 300
GESTURES = (
    ("Click", "a style: only this one"),
    ("Shift+click", "another: mix it in"),
    ("Drag", "its slider: how much of it"),
)


class Welcome(QFrame):
    """Lies over the preview until it is closed; the video goes on below.

    Args:
        window: what it lies over and tells of.
    """

    closed = pyqtSignal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.preview)
        self._window = window
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.camera, self.quality, self.files = plain_label(), plain_label(), plain_label()
        self.start = QPushButton("Start")
        self.start.setObjectName("primary")
        self.start.clicked.connect(self.close_page)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        window.preview.installEventFilter(self)
        self.hide()

    def open_page(self) -> None:
        """Show it; with the keyboard Enter and Esc close it."""
        self.refresh()
        self.show()
        self.place()  # after its labels got their letters
        self.raise_()
        self.start.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.start(_LOOK_MS)

    def close_page(self) -> None:
        """Go to work."""
        self._timer.stop()
        self.hide()
        self.closed.emit()

    def refresh(self) -> None:
        """Say what is known by now."""
        self.camera.setText(camera_words(self._window))
        self.quality.setText(quality_words(self._window))
        controls = self._window.controls
        folders = [
            _short(controls[param], usual) for param, usual in ((SNAPSHOT_FOLDER, paths.user_pictures), (RECORD_FOLDER, paths.user_videos))
        ]
        self.files.setText(f"Snapshots: {folders[0]}\nRecordings: {folders[1]}")
        if self.isVisible():
            self.place()  # longer words take another line

    def place(self) -> None:
        """Lie in the middle of the preview, no larger than that."""
        under = self._window.preview
        width = min(_WIDTH_PX, under.width() - 2 * _MARGIN_PX)
        layout, height = self._inner.layout(), _HEIGHT_PX
        if layout is not None:
            layout.invalidate()
            layout.activate()  # the rows within it, too, remember heights from before their labels had their letters
            inner = layout.totalHeightForWidth(width - _BAR_PX)
            self._inner.setMinimumHeight(inner)  # else its rows are squeezed before anything is scrolled
            height = inner + self.start.sizeHint().height() + 28
        height = min(height, under.height() - 2 * _MARGIN_PX)
        self.setGeometry((under.width() - width) // 2, (under.height() - height) // 2, width, height)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Close with Enter."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_page()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Follow the size of the preview."""
        if event is not None and event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        inner = self._inner = QWidget()
        inner.setObjectName("inner")
        column = QVBoxLayout(inner)
        column.setContentsMargins(22, 16, 22, 8)
        column.setSpacing(12)
        title = QLabel("Welcome to stylecam")
        title.setStyleSheet("font-size: 20px; font-weight: 600;")
        column.addWidget(title)
        for name, label in (("webcam", self.camera), ("info", self.quality)):
            column.addLayout(_row(name, label))
        gestures = QGridLayout()
        gestures.setHorizontalSpacing(14)
        gestures.setVerticalSpacing(6)
        for at, (key, words) in enumerate(GESTURES):
            shown = QLabel(key)
            shown.setObjectName("key")
            gestures.addWidget(shown, at, 0, Qt.AlignmentFlag.AlignLeft)
            gestures.addWidget(QLabel(words), at, 1)
        gestures.setColumnStretch(1, 1)
        column.addLayout(gestures)
        column.addLayout(_row("folder-open", self.files))
        again = QLabel("Ctrl+S saves a snapshot, Ctrl+R records, F1 shows all keys. This page is in the menu Help.")
        again.setObjectName("faint")
        again.setWordWrap(True)
        column.addWidget(again)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        scroll.setStyleSheet("QScrollArea, #inner { background: transparent; }")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2, 2, 2, 14)
        whole.addWidget(scroll, 1)
        whole.addWidget(self.start, 0, Qt.AlignmentFlag.AlignHCenter)


def camera_words(window: MainWindow) -> str:
    """Return what is shown, by name and size."""
    source = window.session.status().source
    if not source:
        return "Looking for a camera …"
    if window.session.source == "" and not window.session.shows_camera:
        return "No camera found: the demo clip plays. Plug one in and press F2, or drop a photo or a clip on the window."
    return f"You see {source}." if not window.session.shows_camera else f"Your camera: {source}."


def quality_words(window: MainWindow) -> str:
    """Return what the test of the first seconds found."""
    shown = window.shown
    if shown is None or shown.starting or not shown.engine:
        return "Getting ready: how fast this computer is shows in two seconds …"
    quality, _, why = shown.quality.partition(" ")
    if why == "(auto)":
        return "Measuring how fast this computer is …"
    words = {"fine": "fine: all details", "fast": "fast: half the size, enlarged"}
    fps = window.session.status().numbers.fps
    now = f", {fps:.0f} frames per second now" if fps >= 1 else ""
    return f"Quality for this computer: {words[quality]}{now}. The bar above changes it." if quality in words else "Plain photo."


def _row(name: str, label: QLabel) -> QHBoxLayout:
    label.setWordWrap(True)
    label.setIndent(0)
    drawn = QLabel()
    drawn.setPixmap(icon(name).pixmap(QSize(20, 20)))
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(drawn, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label, 1)
    return row


def _short(chosen: str, usual: Callable[[], Path]) -> str:
    return str(Path(chosen).expanduser() if chosen else usual()).replace(str(Path.home()), "~")
