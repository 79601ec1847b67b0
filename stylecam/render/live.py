"""The render thread: the newest frame and the controls of the moment go in, a stylized frame comes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame
from stylecam.core.params import FREEZE
from stylecam.core.queues import Ledger, Mailbox
from stylecam.engines.base import Engine, Image
from stylecam.packs.pack import StylePack
from stylecam.render.frame import prepared
from stylecam.render.guard import Guard
from stylecam.render.live_stylizer import LiveStylizer
from stylecam.render.samples import Sampler
from stylecam.render.screen import plain_copy, screen_copy
from stylecam.render.state import Rendered, RenderState
from stylecam.render.stats import Stats

__all__ = ["Pipeline", "RenderState", "Rendered"]

_POLL_S = 0.02
#: A frame that is older than this when a control moves is rendered again rather than waiting for the next: a photo, a slow camera.
_OLD_NS = 150_000_000
_CLOSE_TIMEOUT_S = 2.0
#: A frame that stands still goes to the sinks again so often, so that a video of it is as long as it stood.
_RESEND_STILL_NS = 200_000_000


class Taker(Protocol):
    """Where finished frames go beside the screen: mostly a `SinkThread`."""

    name: str

    def put(self, frame: Frame) -> bool:
        """Take a frame without waiting; False if it was dropped."""


class Pipeline:
    """Renders in a thread of its own; nothing here waits for it except `close`.

    Args:
        state: what to render with initially.
        open_engine: called in the render thread, so that a window shows before a slow engine has started.
        ledger: where rendered and dropped frames are counted.
    """

    def __init__(self, state: RenderState, open_engine: Callable[[StylePack, str], Engine], ledger: Ledger | None = None) -> None:
        self.previews: Mailbox[Rendered] = Mailbox()
        self.stats = Stats()
        self.ledger = ledger or Ledger()
        self.sampler = Sampler()
        self._state = state
        self._guard = Guard(self.stats)
        self._inbox: Mailbox[Frame] | None = None
        self._sinks: tuple[Taker, ...] = ()
        self._preview_px = (0, 0)
        self._restart = threading.Event()
        self._closing = threading.Event()
        # The rest belongs to the render thread.
        self._stylizer = LiveStylizer(open_engine, self._guard, self._show_photo)
        self._frame: Frame | None = None
        self._last: Rendered | None = None
        self._last_state = state
        self._last_preview_px = (0, 0)
        self._sent_ns = 0
        self._thread = threading.Thread(target=self._run, name="stylecam-render", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def latest(self) -> Rendered | None:
        """The newest finished frame, or None; any thread may look."""
        return self._last

    def set_state(self, state: RenderState) -> None:
        """Render with other controls or another pack from the next frame on."""
        self._state = state

    def feed(self, inbox: Mailbox[Frame] | None) -> None:
        """Take frames from another place from now on; the last frame stays until one comes."""
        self._inbox = inbox

    def set_preview_size(self, width_px: int, height_px: int) -> None:
        """Make previews to fit this place, in pixels of the screen."""
        self._preview_px = (width_px, height_px)

    def photo_of(self, rendered: Rendered) -> NDArray[np.uint8]:
        """Return the photo behind a rendered frame, as a preview, uint8 BGRX (h, w, 4). Called by another thread while this one renders."""
        return screen_copy(prepared(rendered.frame.image, rendered.params), *self._preview_px)

    def set_sinks(self, sinks: tuple[Taker, ...]) -> None:
        """Hand every finished frame to these too, from the next one on. One that raises is left out; the others go on."""
        for sink in sinks:
            if sink not in self._sinks:
                self._guard.restart(sink.name)
        self._sinks = sinks

    def restart_stages(self) -> None:
        """Give what was switched off another chance."""
        self._restart.set()

    def close(self, timeout_s: float = _CLOSE_TIMEOUT_S) -> bool:
        """End the thread after the present frame; False if it did not end in time, and then it ends with the program."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        fed: Mailbox[Frame] | None = None
        try:
            while not self._closing.is_set():
                inbox = self._inbox
                fresh = inbox.take(_POLL_S) if inbox is not None else None
                if fresh is None and (inbox is None or inbox.closed):
                    self._closing.wait(_POLL_S)
                state = self._state  # after the waiting: the controls of this moment
                restarted = self._restart.is_set()
                if restarted:
                    self._restart.clear()
                    self._guard.restart()
                    self._stylizer.forget()
                if fresh is not None and state.params[FREEZE] and self._frame is not None and inbox is fed:
                    self.ledger.drop("frozen")
                    fresh = None
                if fresh is not None:
                    if inbox is not fed:
                        fed = inbox
                        self._stylizer.forget()
                        self.stats.clear()
                    self._frame = fresh
                    self._render(fresh, state, repeated=False)
                elif self._frame is not None:
                    self._idle(self._frame, state, turned=restarted or state is not self._last_state)
                if not self._closing.is_set():
                    self.sampler.work(self._stylizer.engine_for, state.pack.network, idle=inbox is None or not inbox.is_full)
        finally:
            self._stylizer.close()

    def _idle(self, frame: Frame, state: RenderState, *, turned: bool) -> None:
        """No new frame: render the last one again if a control moved, or only fit its preview to a window that was resized."""
        old = state.params[FREEZE] or time.monotonic_ns() - frame.captured_ns > _OLD_NS
        if turned and old:
            self._render(frame, state, repeated=True)
        elif self._last is not None and self._preview_px != self._last_preview_px:
            self._publish(self._last.image, frame, state, repeated=True)
        elif self._sinks and self._last is not None and time.monotonic_ns() - self._sent_ns > _RESEND_STILL_NS:
            self._hand_to_sinks(self._last.image, frame, time.monotonic_ns())

    def _render(self, frame: Frame, state: RenderState, *, repeated: bool) -> None:
        begun = time.perf_counter()
        self._guard.begin_frame()
        self._last_state = state
        image = self._stylizer.stylize(frame.image, state)
        if self._closing.is_set():
            return
        self._publish(image, frame, state, repeated=repeated)
        self.ledger.count("rendered")
        # The time of showing is when the frame was taken; one rendered again has none but now. A clip's own time restarts in loops.
        self._hand_to_sinks(image, frame, time.monotonic_ns() if repeated else frame.captured_ns)
        if not repeated:
            self._stylizer.account(state, image, (time.perf_counter() - begun) * 1000)

    def _hand_to_sinks(self, image: Image, frame: Frame, time_ns: int) -> None:
        self._sent_ns = time_ns
        for sink in self._sinks:
            self._guard.run(sink.name, partial(sink.put, Frame(image, frame.index, time_ns, time_ns)), instead=False)

    def _show_photo(self, photo: Image) -> None:
        if self._frame is not None:
            self._publish(photo, self._frame, self._last_state, repeated=True, starting=True)

    def _publish(self, image: Image, frame: Frame, state: RenderState, *, repeated: bool, starting: bool = False) -> None:
        self._last_preview_px = self._preview_px
        preview = self._guard.run("preview", lambda: screen_copy(image, *self._preview_px), None)
        engine = self._stylizer.engine
        self._last = Rendered(
            image=image,
            preview=plain_copy(image) if preview is None else preview,
            params=state.params,
            frame=frame,
            done_ns=time.monotonic_ns(),
            repeated=repeated,
            starting=starting,
            engine=f"{engine.name} {engine.precision} on {engine.device}" if engine is not None else "",
            note=engine.note if engine is not None else "",
            problem=self._guard.problem,
            scale=self._stylizer.scale_for(state),
            quality=self._stylizer.quality_for(state),
        )
        if not starting:
            self.stats.frame(self._last.done_ns, None if repeated else frame.captured_ns)
        self.previews.put(self._last)
