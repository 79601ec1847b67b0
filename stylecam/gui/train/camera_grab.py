"""Photos to train on from what the window shows: some frames, over some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from stylecam.app.training.photos import save_jpeg
from stylecam.core.frame import Frame

FRAMES = 60
EVERY_MS = 250
#: A slow or frozen source ends the wait; with fewer frames than this there is too little to learn on.
TIMEOUT_S = 30.0
ENOUGH = 8


class CameraGrab(QObject):
    """Writes new frames as JPEGs into a folder. `counted` tells how many there are; `finished` whether they are enough."""

    counted = pyqtSignal(int)
    finished = pyqtSignal(bool)

    def __init__(self, newest: Callable[[], Frame | None], folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest, self._folder = newest, folder
        self._last: Frame | None = None
        self._count = 0
        self._begun = time.monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take)
        folder.mkdir(parents=True, exist_ok=True)
        self._timer.start(EVERY_MS)

    def cancel(self) -> None:
        """Take no more; nothing is emitted."""
        self._timer.stop()

    def _take(self) -> None:
        frame = self._newest()
        if frame is not None and frame is not self._last:
            self._last = frame
            if save_jpeg(frame, self._folder / f"frame-{self._count:03d}.jpg"):
                self._count += 1
                self.counted.emit(self._count)
        if self._count >= FRAMES or time.monotonic() - self._begun > TIMEOUT_S:
            self._timer.stop()
            self.finished.emit(self._count >= ENOUGH)
