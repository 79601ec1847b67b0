"""What every source promises: frames, one after the other, and a clear word when there are none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from stylecam.core.frame import Frame
from stylecam.errors import InputError


class SourceLost(InputError):  # noqa: N818 (an event of everyday life rather than an error)
    """A live source that worked has stopped: camera unplugged, server gone, nothing for seconds. It may come back: close and open again."""


@dataclass(frozen=True)
class SourceInfo:
    """What is known of an open source. `fps` is nominal for files (None if unknown) and measured, not claimed, for live sources."""

    name: str
    width: int
    height: int
    fps: float | None
    live: bool
    #: Frames in all, for files that tell.
    frames: int | None = None


class Source(ABC):
    """Opened, read by one thread until it ends, closed. `close` may be called by another thread and ends a blocked `read` soon."""

    @abstractmethod
    def open(self) -> SourceInfo:
        """Open it and return what is known.

        Raises:
            InputError: it does not exist, is busy, or cannot be read; the sentence says what to do.
        """

    @abstractmethod
    def read(self) -> Frame | None:
        """Wait for the next frame, RGB already; None at the end of a file.

        Raises:
            SourceLost: a live source stopped delivering.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the device or file back. Harmless when called twice."""
