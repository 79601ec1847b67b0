"""Who may use how many cores: declared once, for everything that computes while frames are rendered."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from stylecam.engines.machine import usable_cores


@dataclass(frozen=True)
class ThreadBudget:
    """Threads per part. Engine and OpenCV take turns in the render thread; encoder, capture and window run beside them."""

    engine: int
    opencv: int
    encoder: int
    qt: int

    @classmethod
    def of(cls, cores: int | None = None) -> ThreadBudget:
        """Share out `cores` (default: those this process may use).

        Up to two cores the engine gets all: it is the frame rate, and what runs beside it needs a tenth of a core and is served
        first by its short turns. From three on, one core stays free for capture, encoder and window.
        """
        cores = usable_cores() if cores is None else cores
        return cls(engine=max(1, cores if cores <= 2 else cores - 1), opencv=1, encoder=1 if cores <= 4 else 2, qt=1)

    def apply(self) -> None:
        """Tell OpenCV, which keeps one pool per process; the other parts get their number where they are opened."""
        cv2.setNumThreads(self.opencv)
