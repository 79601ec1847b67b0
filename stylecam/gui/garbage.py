"""Python's cyclic garbage is collected in the window's thread alone.

Python collects wherever it happens to allocate, so often in a capture or render thread. A dialog that went away together with what it was
connected to would then be destroyed in that thread, and Qt, whose widgets belong to the window's, would crash.
"""

from __future__ import annotations

import gc

from PyQt6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class CyclicGarbage(QObject):
    """Collects now and then from a timer, as much as Python itself would have; `end` gives the task back to Python.

    Make it in the window's thread, after the QApplication.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_EVERY_MS)

    def collect(self) -> None:
        """Collect the oldest generation whose threshold was passed, and the younger ones with it."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return

    def end(self) -> None:
        """Collect everything for the last time here, then let Python do it."""
        self._timer.stop()
        gc.collect()
        gc.enable()
