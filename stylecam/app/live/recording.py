"""A session's recordings beyond on and off: countdown, timer, microphone, and the last seconds that can be saved afterwards."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event, Services
from stylecam.app.live.sinks import Sinks
from stylecam.capture.microphone import Level
from stylecam.control.commands import Commands
from stylecam.control.state import Controls
from stylecam.core.queues import Ledger
from stylecam.core.recording_params import COUNTDOWN_S, LIMIT_S, NOTHING_KEPT, RECORD_FOLDER, RECORD_MIRROR, REPLAY, SOUND, SOUND_DEVICE

if TYPE_CHECKING:
    from stylecam.outputs.replay import Replay

RECORD = "record"
#: So often it is looked whether the first frame has come.
_READY_S = 0.1


class RecordingDesk:
    """What a client does with recordings. No method waits for a disk or a device; what came of it is reported as an event.

    Args:
        controls: hold the options.
        services: the microphone, and requests for sinks.
        background: where files are written and events kept.
        ledger: counts frames that the replay could not take.
        sinks: of the session.
        switch: switches one of them on or off.
        words: the styles, for names of files.
        has_frames: whether sinks get frames yet.
    """

    def __init__(
        self,
        controls: Controls,
        services: Services,
        background: Background,
        ledger: Ledger,
        *,
        sinks: Sinks,
        switch: Callable[[str, bool], object],
        words: Callable[[], tuple[str, ...]],
        has_frames: Callable[[], bool] = lambda: True,
    ) -> None:
        self._controls, self._services, self._background, self._ledger = controls, services, background, ledger
        self._sinks, self._switch, self._words = sinks, switch, words
        self._has_frames = has_frames
        self._timer: threading.Timer | None = None
        self._begins_s = 0.0
        self._replay: Replay | None = None
        self._sound_problem = ""

    def add_commands(self, commands: Commands) -> None:
        """Give everything an id."""
        commands.add_switch(RECORD, self.record, lambda: RECORD in self._sinks or self.countdown > 0)
        commands.add("save_replay", lambda: self._save(loop=False))
        commands.add("save_loop", lambda: self._save(loop=True))

    @property
    def countdown(self) -> int:
        """Seconds until the recording begins, from the whole countdown down to 1; 0 while none runs."""
        return max(0, math.ceil(self._begins_s - time.monotonic())) if self._begins_s else 0

    @property
    def level(self) -> Level | None:
        """How loud the microphone is, or None while it is off."""
        return self._services.microphone.level if self._services.microphone.is_on else None

    def record(self, on: bool) -> None:
        """Start, after the countdown if there is one; stop, or give a countdown up."""
        with self._controls.lock:
            if on and RECORD not in self._sinks and not self._begins_s:
                if seconds := self._controls[COUNTDOWN_S]:
                    self._begins_s = time.monotonic() + seconds
                    self._after(seconds, self._begin)
                else:
                    self._begin()
            elif not on:
                self._stop_waiting()
                self._switch(RECORD, False)

    def follow(self) -> None:
        """Do as the options say: microphone and replay on or off."""
        controls = self._controls
        self._services.microphone.switch(controls[SOUND_DEVICE] if controls[SOUND] else None)
        if controls[REPLAY] != (self._replay is not None):
            if controls[REPLAY]:
                from stylecam.outputs.replay import Replay
                from stylecam.outputs.sink_thread import SinkThread

                self._replay = Replay(self._services.microphone.listen, mirror=lambda: controls[RECORD_MIRROR])
                self._sinks.attach(REPLAY.id, SinkThread(self._replay, name=REPLAY.id, ledger=self._ledger))
            else:
                self._replay = None
                self._sinks.attach(REPLAY.id, None)

    def finish_leftovers(self) -> None:
        """Give recordings that a crash cut short their ends and names; waits for that."""
        for path in self._services.finish_leftovers(self._controls[RECORD_FOLDER]):
            self._background.tell(Event(f"Finished {path}, which was cut short.", path=path))

    def look_around(self) -> None:
        """Report a microphone's problem, once."""
        problem = self._services.microphone.problem
        if problem and problem != self._sound_problem:
            self._background.tell(Event(problem, is_problem=True))
        self._sound_problem = problem

    def close(self) -> None:
        """End the timers and give the microphone back."""
        self._stop_waiting()
        self._services.microphone.close()

    def _begin(self) -> None:
        with self._controls.lock:
            self._stop_waiting()
            self._switch(RECORD, True)
            if RECORD in self._sinks and self._controls[LIMIT_S]:
                self._limit()

    def _limit(self) -> None:
        """Count from the first frame: an engine may take long to start."""
        if self._has_frames():
            self._after(self._controls[LIMIT_S], self._end)
        else:
            self._after(_READY_S, self._limit)

    def _end(self) -> None:
        with self._controls.lock:
            self._stop_waiting()
            self._switch(RECORD, False)

    def _after(self, seconds: float, act: Callable[[], object]) -> None:
        timer: threading.Timer

        def due() -> None:
            with self._controls.lock:
                if self._timer is timer:  # else it was given up at this very moment
                    act()

        self._timer = timer = threading.Timer(seconds, due)
        timer.daemon = True
        timer.start()

    def _stop_waiting(self) -> None:
        timer, self._timer, self._begins_s = self._timer, None, 0.0
        if timer is not None:
            timer.cancel()

    def _save(self, *, loop: bool) -> None:
        if self._replay is None:
            self._background.tell(Event(NOTHING_KEPT, acts=(("Switch it on", partial(self._controls.set, REPLAY, True)),)))
            return
        moment, request = self._replay.moment(), self._services.sink_request(self._words(), self._controls.__getitem__)

        def save() -> None:
            from stylecam.outputs.save_moment import save_clip, save_loop

            files = (save_loop(moment, request),) if loop else save_clip(moment, request)
            names = " and ".join(path.name for path in files)
            self._background.tell(Event(f"Saved the last seconds as {names}.", path=files[-1]))

        self._background.start(save)
