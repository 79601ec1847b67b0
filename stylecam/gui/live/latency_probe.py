"""What the bench wants to know of a run in the window: which photo reached the screen when, and how soon a slider is followed."""

from __future__ import annotations

import time

from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtGui import QPaintEvent

from stylecam.capture import frame_number
from stylecam.core.params import RenderParams
from stylecam.core.process import process_begun_ns
from stylecam.gui.window import MainWindow

#: Between a move that was followed and the next lies this, and a part of a frame's time that differs from move to move, so that moves
#: come at every moment of a frame alike. Multiples of the golden ratio fill the time between two frames evenly.
_PAUSE_MS, _GOLDEN = 100, 0.618
#: Only then the first move: before, it would wait for the engine to warm up.
_SETTLED_FRAMES = 10


class Trace(QObject):
    """Made before the window shows. All times are `time.monotonic_ns`, which is the same clock in every process of a machine.

    A frame's time is when Qt has drawn it into the window; that the screen takes it over from there is not counted.

    Args:
        window: whose frames are noted.
        moves: how often a slider is moved, the first style's, to and fro.
    """

    def __init__(self, window: MainWindow, moves: int = 0) -> None:
        super().__init__(window)
        self._window, self._moves = window, moves
        self._window_ns: int | None = None
        self._first_ns: int | None = None
        self._drawn: list[tuple[int, int]] = []
        self._control_ms: list[float] = []
        self._moved_ns = 0
        self._wanted: RenderParams | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._move)
        window.preview.installEventFilter(self)
        window.preview.drawn.connect(self._note)

    @property
    def is_done(self) -> bool:
        """True when every move was followed."""
        return len(self._control_ms) >= self._moves

    def to_json(self) -> dict[str, object]:
        """Return what was noted: `painted` are pairs of the number in the photo's corner (see `capture.frame_number`) and the time."""
        return {
            "begun_ns": process_begun_ns(),
            "window_ns": self._window_ns,
            "first_painted_ns": self._first_ns,
            "painted": self._drawn,
            "control_ms": [round(ms, 3) for ms in self._control_ms],
        }

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Note when the window is drawn for the first time, with or without a frame in it."""
        if self._window_ns is None and isinstance(event, QPaintEvent):
            self._window_ns = time.monotonic_ns()
        return super().eventFilter(watched, event)

    def _note(self) -> None:
        now_ns, shown = time.monotonic_ns(), self._window.shown
        if shown is None or shown.starting:
            return
        self._first_ns = self._first_ns or now_ns
        if self._wanted is not None and shown.params == self._wanted:
            self._wanted = None
            self._control_ms.append((now_ns - self._moved_ns) / 1e6)
        number = None if shown.repeated else frame_number.read(shown.frame.image)
        if number is not None:
            self._drawn.append((number, now_ns))
        if self._wanted is None and not self.is_done and not self._timer.isActive() and self._window.frames_shown >= _SETTLED_FRAMES:
            frame_ms = 1000 / (self._window.session.status().numbers.fps or 30.0)
            self._timer.start(round(_PAUSE_MS + frame_ms * (_GOLDEN * len(self._control_ms) % 1)))

    def _move(self) -> None:
        window = self._window
        slider = window.rack.rows[window.controls.touched].slider
        self._moved_ns = time.monotonic_ns()
        slider.setValue(40 if slider.value() > 50 else 60)
        self._wanted = window.controls.params()
