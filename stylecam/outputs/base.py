"""What every sink promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

from stylecam.core.frame import Frame


class Sink(ABC):
    """Takes finished frames in order. One thread writes and closes it."""

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Take one frame; its `media_ns` is the time at which it is to be shown.

        Raises:
            OutputError: the disk or the device refuses; what was written before stays usable.
        """

    @abstractmethod
    def close(self) -> None:
        """Finish and release. Harmless when called twice."""
