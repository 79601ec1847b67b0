"""What a window asks of a clip that plays: to pause, to go elsewhere, to begin again at its end or not. Any thread may ask."""

from __future__ import annotations

import threading


class Playback:
    """Shared by who shows a clip and the thread that reads it. Times in seconds from the clip's first frame.

    >>> playback = Playback()
    >>> playback.seek(4.0)
    >>> playback.take_target(), playback.take_target()
    (4.0, None)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._target_s: float | None = None
        #: Set by whoever shows it; the reader pauses too, at the end of a clip that does not repeat.
        self.is_paused = False
        self.repeats = True
        #: Set by the reader. A length of 0 is unknown: the file does not say.
        self.position_s = self.length_s = 0.0

    def seek(self, to_s: float) -> None:
        """Go elsewhere with the next frame, also while it is paused."""
        with self._lock:
            self._target_s = max(0.0, to_s)
            self.position_s = self._target_s

    def take_target(self) -> float | None:
        """Return where to go and forget it, or None."""
        with self._lock:
            target, self._target_s = self._target_s, None
            return target

    @property
    def waits(self) -> bool:
        """True while nothing is to be read: it is paused, and nobody asked for another place."""
        with self._lock:
            return self.is_paused and self._target_s is None
