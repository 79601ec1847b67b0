"""What every source promises: frames, one after the other, and a clear word when there are none."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from stylecam.capture.playback import Playback
from stylecam.core.frame import Frame
from stylecam.errors import InputError, UsageError

_SIZE_AND_RATE = re.compile(r"(\d{1,5})x(\d{1,5})(?:@(\d{1,3}(?:\.\d+)?))?", re.IGNORECASE)


def size_and_rate(text: str) -> tuple[int, int, float] | None:
    """Return width and height in pixels, and frames per second (30 if it names none), of a text such as "1280x720@30"; None for others.

    >>> size_and_rate("640x480@25")
    (640, 480, 25.0)
    """
    match = _SIZE_AND_RATE.fullmatch(text.strip())
    return (int(match[1]), int(match[2]), float(match[3] or 30)) if match else None


@dataclass(frozen=True)
class CameraFormat:
    """The size in pixels and the frames per second to ask of a camera; the camera decides, and `SourceInfo` says what it chose.

    >>> CameraFormat.parse("1920x1080@60")
    CameraFormat(width=1920, height=1080, fps=60.0)
    >>> str(CameraFormat.parse("640x480"))
    '640x480@30'

    Raises:
        UsageError: no camera has such a format.
    """

    width: int = 1280
    height: int = 720
    fps: float = 30.0

    def __post_init__(self) -> None:
        if not (16 <= self.width <= 16_384 and 16 <= self.height <= 16_384 and 1 <= self.fps <= 960):
            raise UsageError(f"No camera delivers {self}; write a size and a rate such as 1280x720@30.")

    def __str__(self) -> str:
        return f"{self.width}x{self.height}@{self.fps:g}"

    @classmethod
    def parse(cls, text: str) -> CameraFormat:
        """Return the format that a text such as "1280x720@30" or "640x480" names (30 frames per second if it names none).

        Raises:
            UsageError: it is not written like that, or out of range.
        """
        found = size_and_rate(text)
        if found is None:
            raise UsageError(f"'{text}' is not a camera's size; write it like 1280x720@30.")
        return cls(*found)


#: What is asked for unless the user says otherwise.
DEFAULT_FORMAT = CameraFormat()
#: What cameras commonly offer, for a menu.
COMMON_FORMATS = (
    CameraFormat(320, 240),
    CameraFormat(640, 480),
    CameraFormat(800, 600),
    DEFAULT_FORMAT,
    CameraFormat(1280, 720, 60.0),
    CameraFormat(1920, 1080),
    CameraFormat(1920, 1080, 60.0),
)


class SourceLost(InputError):  # noqa: N818 (an event of everyday life rather than an error)
    """A live source that worked has stopped: camera unplugged, server gone, nothing for seconds. It may come back: close and open again."""


@dataclass(frozen=True)
class SourceInfo:
    """What is known of an open source. A `live` one cannot be waited for: what is late is lost. `note` is what a user may miss in it."""

    name: str
    width: int
    height: int
    live: bool
    note: str = ""


class Source(ABC):
    """Opened, read by one thread until it ends, closed. `close` may be called by another thread and ends a blocked `read` soon."""

    #: Whether it is a camera on this computer, which a user expects to be a mirror.
    is_camera: ClassVar[bool] = False
    #: What can be asked of a clip while it plays; other sources have none.
    playback: Playback | None = None

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
