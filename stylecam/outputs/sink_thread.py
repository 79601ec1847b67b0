"""Records in a thread of its own: the picture never waits for the encoder."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from stylecam.core.frame import Frame
from stylecam.core.queues import FrameQueue, Ledger, Overflow
from stylecam.errors import StylecamError
from stylecam.outputs.recorder import Recorder

#: A third of a second at 30 pictures per second; at 1280x720 they hold 28 MB.
_CAPACITY = 10

_log = logging.getLogger(__name__)


class RecordingThread:
    """Takes frames until it is closed or the disk refuses. Frames of another size begin another file; see `paths`.

    Args:
        path: name of the first file; if it is taken, the next free one is used.
        threads: for the encoder.
        capacity: frames that may wait; more are dropped and counted as "encoder busy", and a player holds the one before.
        ledger: counts "recorded" frames and the drops.
    """

    def __init__(self, path: Path, *, threads: int = 1, capacity: int = _CAPACITY, ledger: Ledger | None = None) -> None:
        self.path = path
        self.paths: list[Path] = []
        self.problem = ""
        self._threads = threads
        self._ledger = ledger or Ledger()
        self._queue: FrameQueue[Frame] = FrameQueue(capacity, Overflow.DROP_NEW)
        self._dropped = 0
        self._finished_s = 0.0
        self._recorder = self._begin()
        self._thread = threading.Thread(target=self._run, name="stylecam-recorder", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that found no room."""
        return self._dropped

    @property
    def seconds(self) -> float:
        """How long the recording plays so far."""
        return self._finished_s + self._recorder.seconds

    def put(self, frame: Frame) -> bool:
        """Take a frame without waiting; False if it was dropped. One thread puts."""
        if self._queue.put(frame):
            return True
        if not self._queue.closed:
            self._dropped += 1
            self._ledger.drop("encoder busy")
        return False

    def close(self, timeout_s: float = 30.0) -> bool:
        """Write what waits and finish the file; False if that takes longer. What is unfinished then plays all the same."""
        self._queue.close()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.problem = self.problem or (
                f"'{self.path}' takes long to finish; if stylecam ends before, it is finished at its next start, and plays until then."
            )
            return False
        return True

    def _begin(self) -> Recorder:
        return Recorder(self.path, threads=self._threads)

    def _run(self) -> None:
        try:
            while (frame := self._queue.take()) is not None:
                self._write(frame)
            self._end()
            if not self.paths:
                self.problem = "Nothing was recorded: no picture came; wait for one, and record again."
        except StylecamError as error:
            self._fail(str(error))
        except Exception as error:  # the picture goes on, whatever the encoder throws
            _log.info("recording failed", exc_info=error)
            self._fail(f"Recording failed ({type(error).__name__}: {error}); record again.")
        finally:
            self._queue.close()

    def _write(self, frame: Frame) -> None:
        try:
            self._recorder.write(frame)
        except ValueError:  # another size
            self._end()
            self._recorder = self._begin()
            self._recorder.write(frame)
        self.path = self._recorder.path
        self._ledger.count("recorded")

    def _fail(self, sentence: str) -> None:
        try:
            self._end()
        except Exception as error:  # already told; the part stays
            _log.info("not finished: %s", error)
        # Last, because whoever sees the problem may look at the files.
        self.problem = " ".join([sentence, *(f"'{path}' is complete." for path in self.paths)])

    def _end(self) -> None:
        recorder = self._recorder
        recorder.close()
        if recorder.finished is not None:
            self.paths.append(recorder.finished)
            self.path = recorder.finished
            self._finished_s += recorder.seconds
            self._recorder = self._begin()
