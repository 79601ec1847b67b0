"""What nobody uses any more: Python's cyclic garbage, collected in the window's thread alone, and freed memory.

Python collects wherever it happens to allocate, so often in a capture or render thread. A dialog that went away together with what it was
connected to would then be destroyed in that thread, and Qt, whose widgets belong to the window's, would crash.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

from stylecam.core.memory import give_memory_back, return_large_blocks

_EVERY_MS = 1000
_GIVE_BACK_EVERY_MS = 10_000


class Garbage(QObject):
    """Collects now and then from a timer, as much as Python itself would have, and sees to it that freed memory goes back to the system.

    Make it in the window's thread, after the QApplication. `end` gives the collecting back to Python.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        return_large_blocks()
        self._timer = self._timer_for(self.collect, _EVERY_MS)
        self._memory_timer = self._timer_for(give_memory_back, _GIVE_BACK_EVERY_MS)

    def collect(self) -> None:
        """Collect the oldest generation whose threshold was passed, and the younger ones with it."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return

    def end(self) -> None:
        """Collect everything for the last time here, then let Python do it."""
        self._timer.stop()
        self._memory_timer.stop()
        gc.collect()
        gc.enable()

    def _timer_for(self, act: Callable[[], object], every_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(every_ms)
        return timer
