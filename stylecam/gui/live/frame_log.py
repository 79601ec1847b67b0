"""Which frames reached the screen when: for the bench, and for runs that show a number of frames."""

from __future__ import annotations

import time

from stylecam.render.live import Rendered


class FrameLog:
    """Counts frames and keeps the times of the last hundreds. `note` is called when a frame has been drawn."""

    def __init__(self) -> None:
        self.frames = 0
        #: What drawing took, and how old frames were when they were drawn, in ms.
        self.paint_ms: list[float] = []
        self.age_ms: list[float] = []
        #: When stylized frames reached the screen, `time.monotonic()`; and the first of all, as a date in seconds.
        self.shown_s: list[float] = []
        self.first_shown_unix_s: float | None = None

    def note(self, shown: Rendered | None, paint_ms: float) -> None:
        """Note that `shown` has been drawn; None stands for the photo that was shown in its place."""
        self.paint_ms = [*self.paint_ms[-99:], paint_ms]
        if shown is None:
            return
        if not shown.starting:
            self.frames += 1
            self.shown_s = [*self.shown_s[-299:], time.monotonic()]
            self.first_shown_unix_s = self.first_shown_unix_s or time.time()
        if not shown.repeated:
            self.age_ms = [*self.age_ms[-99:], (time.monotonic_ns() - shown.frame.captured_ns) / 1e6]

    @property
    def shown_fps(self) -> float:
        """Frames per second on the screen, without the first third, in which the engine warms up."""
        times = self.shown_s[len(self.shown_s) // 3 :]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 0.0
