"""What every sink promises, and what it says of itself: how much may wait for it, and what is lost when more comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from stylecam.core.frame import Frame
from stylecam.core.queues import Overflow

#: Why a recording without a frame is refused.
NO_FRAME = "Nothing was recorded: no frame came; wait for one, and record again."


class Sink(ABC):
    """Takes finished frames in order. One thread writes and closes it (see `sink_thread.SinkThread`).

    A new sink is one file with a subclass and a function `make`, and one line in `registry.SINKS`.
    """

    #: What the user calls it, as in "Recording failed …".
    title: ClassVar[str]
    #: Frames that may wait for it. At 1280x720, ten hold 28 MB.
    capacity: ClassVar[int] = 10
    #: What happens when more come: a file keeps what it has (DROP_NEW), a live device wants the newest (DROP_OLD).
    overflow: ClassVar[Overflow] = Overflow.DROP_NEW
    #: How the ledger counts a frame that found the queue full, and one that was written.
    busy: ClassVar[str]
    done: ClassVar[str]
    #: (width, height) in pixels if it takes no other: frames are then fitted in, with bars. None takes them as they come.
    size: tuple[int, int] | None = None
    #: Frames per second that it is given in any case, the last one again where no other came, a black one before the first; it then has a
    #: `size`. 0: as they come.
    fps: float = 0.0
    _mirror: Callable[[], bool] = staticmethod(lambda: False)

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Take one frame; its `media_ns` is the time at which it is to be shown. As large as `size`, if there is one.

        Raises:
            OutputError: the disk or the device refuses; what was written before stays usable.
        """

    @abstractmethod
    def close(self) -> None:
        """Finish and release. Harmless when called twice.

        Raises:
            OutputError: it cannot be finished, or there is nothing to keep.
        """

    @property
    def fill(self) -> bool:
        """Whether frames that do not fit into `size` lose their edges instead of getting bars."""
        return False

    @property
    def mirror(self) -> bool:
        """Whether left and right are exchanged once more, at this moment; `SinkThread` asks for every frame."""
        return self._mirror()

    @property
    def detail(self) -> str:
        """Where it writes to, in a few words for a status; may be empty."""
        return ""

    @property
    def result(self) -> str:
        """What came of it, in a sentence, once it is closed; may be empty."""
        return ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files or folders that came of it, once it is closed."""
        return ()

    @property
    def unfinished(self) -> str:
        """What becomes of it, in a sentence, if closing takes longer than anybody waits."""
        return f"{self.title} takes long to end."
