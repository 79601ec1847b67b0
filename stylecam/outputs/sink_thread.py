"""A sink in its own thread: neither the preview nor another sink ever waits for an encoder or a device."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from stylecam.core.frame import Frame
from stylecam.core.queues import FrameQueue, Ledger, Overflow
from stylecam.errors import StylecamError
from stylecam.outputs.base import Sink
from stylecam.outputs.letterbox import fill, letterbox

_log = logging.getLogger(__name__)


class SinkThread:
    """Takes frames until it is closed or the sink refuses. What finds the queue full is dropped as the sink's `overflow` says, and counted.

    Args:
        sink: belongs to the thread from now on.
        name: for threads, stages and counters; by default the sink's title.
        capacity: frames that may wait; by default what the sink says.
        ledger: counts `sink.done` frames, and drops under `sink.busy`.
    """

    def __init__(self, sink: Sink, *, name: str = "", capacity: int = 0, ledger: Ledger | None = None) -> None:
        if sink.overflow is Overflow.WAIT:
            raise ValueError("a sink of the live frames may not make them wait")
        self.sink = sink
        self.name = name or sink.title.lower()
        self.problem = ""
        self._ledger = ledger or Ledger()
        self._queue: FrameQueue[Frame] = FrameQueue(capacity or sink.capacity, sink.overflow)
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name=f"stylecam-{self.name}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that were lost because the sink was busy."""
        return self._dropped

    @property
    def detail(self) -> str:
        """Where it writes to, in a few words; may be empty."""
        return self.sink.detail

    @property
    def result(self) -> str:
        """What came of it, in a sentence, after `close`; may be empty."""
        return self.sink.result

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that came of it, after `close`."""
        return self.sink.files

    def put(self, frame: Frame) -> bool:
        """Take a frame without waiting; False if it was dropped. One thread puts."""
        before = self._queue.dropped
        taken = self._queue.put(frame)
        if self._queue.dropped > before and not self._queue.closed:
            self._dropped += 1
            self._ledger.drop(self.sink.busy)
        return taken

    def close(self, timeout_s: float = 30.0) -> bool:
        """Write what waits and close the sink; False, and a `problem`, if that takes longer."""
        self._queue.close()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.problem = self.problem or self.sink.unfinished
            return False
        return True

    def _run(self) -> None:
        try:
            if self.sink.fps:
                self._write_at_rate(1 / self.sink.fps)
            else:
                while (frame := self._queue.take()) is not None:
                    self._write(frame)
            self.sink.close()
        except StylecamError as error:
            self._fail(str(error))
        except Exception as error:  # the frames continue, whatever an encoder or a driver throws
            _log.info("%s failed", self.name, exc_info=error)
            self._fail(f"{self.sink.title} failed ({type(error).__name__}: {error}); start it again.")
        finally:
            self._queue.close()

    def _write_at_rate(self, period_s: float) -> None:
        """Write the newest frame so often, whether it is new or not, until the queue is closed."""
        assert self.sink.size is not None  # noqa: S101 (a sink with a rate has one)
        width, height = self.sink.size
        frame, due = Frame(np.zeros((height, width, 3), np.uint8), 0, time.monotonic_ns()), time.monotonic()
        while True:
            newest = self._queue.take(max(0.0, due - time.monotonic()))
            if newest is not None:
                frame = newest
            elif self._queue.closed:
                return
            now = time.monotonic()
            if now >= due:
                frame = self._write(frame)  # as it was fitted, for the next time
                due = max(due + period_s, now)  # one that comes late brings no burst

    def _write(self, frame: Frame) -> Frame:
        if self.sink.size is not None:
            fit = fill if self.sink.fill else letterbox
            frame = replace(frame, image=fit(frame.image, *self.sink.size))
        turned = replace(frame, image=np.ascontiguousarray(frame.image[:, ::-1])) if self.sink.mirror else frame
        self.sink.write(turned)
        self._ledger.count(self.sink.done)
        return frame  # not the turned one, which would be turned back when it is written again

    def _fail(self, sentence: str) -> None:
        try:
            self.sink.close()
        except Exception as error:  # already reported; what was written stays
            _log.info("not finished: %s", error)
        # Last, because whoever sees the problem may look at the files.
        self.problem = " ".join(filter(None, (sentence, self.sink.result)))
