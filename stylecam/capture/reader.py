"""The capture thread: reads a source and passes its frames on, patient with what comes and goes."""

from __future__ import annotations

import enum
import logging
import threading
import time
from dataclasses import dataclass, replace

from stylecam.capture.base import Source, SourceInfo, SourceLost
from stylecam.capture.playback import Playback
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger, Mailbox
from stylecam.errors import InputError

_log = logging.getLogger(__name__)

RETRY_S = (0.5, 5.0)  # first and longest pause before a lost source is tried again
STALL_S = 3.0
_LATE_NS = 500_000_000
#: How often a clip that is paused looks whether it still is.
_PAUSE_S = 0.03


class Phase(enum.Enum):
    """The state of a capture."""

    OPENING = "opening"
    RUNNING = "running"
    LOST = "lost"
    ENDED = "ended"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class CaptureState:
    """What a window shows of a capture. `sentence` says what is wrong when lost or failed."""

    phase: Phase
    info: SourceInfo | None = None
    sentence: str = ""


class CaptureThread:
    """Runs a source in its own thread, and leaves its frames in `inbox`.

    The newest frame wins, and the ledger counts the others under "render busy"; a file is watched at its own speed, whatever rendering
    costs.
    The inbox is closed when there will be no more frames: at the end of a file, when opening failed, and by `stop`. A live source
    that is lost is opened again until it is back; the inbox stays open meanwhile.

    Args:
        source: not opened yet; belongs to the thread from now on.
        inbox: where the frames go.
        ledger: counts "captured", and what was dropped.
        retry_s: the first and the longest pause before a lost source is tried again.
    """

    def __init__(
        self,
        source: Source,
        inbox: Mailbox[Frame],
        ledger: Ledger | None = None,
        *,
        retry_s: tuple[float, float] = RETRY_S,
    ) -> None:
        self.inbox = inbox
        self.ledger = ledger or Ledger()
        self._source, self._retry_s = source, retry_s
        self._stopping = threading.Event()
        self._state = CaptureState(Phase.OPENING)
        self._arrived_ns = 0  # the last frame; 0 for none yet
        self._thread = threading.Thread(target=self._run, name="stylecam-capture", daemon=True)

    def start(self) -> None:
        """Begin to open the source."""
        self._thread.start()

    @property
    def playback(self) -> Playback | None:
        """What can be asked of a clip while it plays; None for other sources."""
        return self._source.playback

    @property
    def state(self) -> CaptureState:
        """The state at this moment. Cheap; any thread may ask."""
        state = self._state
        if state.phase is not Phase.RUNNING or state.info is None:
            return state
        arrived_ns = self._arrived_ns
        if state.info.live and arrived_ns and (silent_s := (time.monotonic_ns() - arrived_ns) / 1e9) > STALL_S:
            sentence = f"No frame has come from {state.info.name} for {silent_s:.0f} seconds; waiting for it."
            return replace(state, phase=Phase.LOST, sentence=sentence)
        return state

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the thread and give the source back; True if that was done in time.

        A thread that is stuck in a driver is left behind: it delivers nothing more, closes the source when the driver returns, and
        does not keep the program from ending.
        """
        self._stopping.set()
        self.inbox.close()
        if self._thread.ident is None:  # never started
            return True
        deadline = time.monotonic() + timeout_s
        closer = threading.Thread(target=self._source.close, name="stylecam-capture-close", daemon=True)  # a driver may block here too
        closer.start()
        closer.join(timeout_s)
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            _log.info("The source did not stop within %.1f s and is left to itself.", timeout_s)
        self._state = replace(self._state, phase=Phase.STOPPED, sentence="")
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            last = self._session()
        except Exception as error:
            _log.exception("capture stopped")
            last = CaptureState(
                Phase.FAILED, sentence=f"Capture stopped because of a fault in the program ({error}); choose a source again."
            )
        finally:
            self._source.close()
        self._set(last)
        self.inbox.close()

    def _session(self) -> CaptureState:
        """Open and read until there is no more to come; return how it ended."""
        info: SourceInfo | None = None
        delay_s = self._retry_s[0]
        while not self._stopping.is_set():
            try:
                fresh = self._source.open()
                self._set(CaptureState(Phase.RUNNING, fresh))
                if info is not None:
                    _log.info("%s is back.", fresh.name)
                info = fresh
                self._pump(info)
                return CaptureState(Phase.ENDED, info)
            except SourceLost as lost:
                problem = lost
            except InputError as error:
                if info is None or not info.live:
                    return CaptureState(Phase.FAILED, info, sentence=str(error))
                problem = SourceLost(str(error))
            if self._stopping.is_set():
                break
            if self._arrived_ns:  # it worked for a while
                delay_s = self._retry_s[0]
            self._set(CaptureState(Phase.LOST, info, sentence=str(problem)))
            _log.info("%s", problem)
            self._source.close()
            self._stopping.wait(delay_s)
            delay_s = min(delay_s * 2, self._retry_s[1])
        return CaptureState(Phase.STOPPED, info)

    def _set(self, state: CaptureState) -> None:
        self._arrived_ns = 0
        if not self._stopping.is_set():
            self._state = state

    def _pump(self, info: SourceInfo) -> None:
        """Hand on frames until the source ends or the capture is stopped."""
        begun_ns: int | None = None
        playback = self._source.playback
        while not self._stopping.is_set():
            if playback is not None and playback.waits:
                self._stopping.wait(_PAUSE_S)
                continue
            frame = self._source.read()
            if frame is None:
                return
            if not info.live:
                now_ns = time.monotonic_ns()
                # Who is late by much (a slow taker, a laptop that slept) does not race to catch up.
                if begun_ns is None or now_ns - begun_ns - frame.media_ns > _LATE_NS:
                    begun_ns = now_ns - frame.media_ns
                if self._stopping.wait(max(0, begun_ns + frame.media_ns - now_ns) / 1e9):
                    return
                frame = replace(frame, captured_ns=time.monotonic_ns())
            self._hand_on(frame)

    def _hand_on(self, frame: Frame) -> None:
        self._arrived_ns = time.monotonic_ns()
        self.ledger.count("captured")
        before = self.inbox.dropped
        self.inbox.put(frame)
        if (dropped := self.inbox.dropped - before) and not self._stopping.is_set():
            self.ledger.drop("render busy", dropped)
