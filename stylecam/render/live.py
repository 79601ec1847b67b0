"""The render thread: the newest frame and the controls of the moment go in, a painted picture comes out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame
from stylecam.core.params import RenderParams
from stylecam.core.queues import Ledger, Mailbox
from stylecam.effects.color import keep_color
from stylecam.effects.temporal import Calm
from stylecam.effects.upscale import enlarge
from stylecam.engines.base import Engine, Image, Vector
from stylecam.errors import UsageError
from stylecam.packs.pack import StylePack
from stylecam.render.cached_stats import Steady, stylize_steadily
from stylecam.render.dynamic_resolution import Governor, govern
from stylecam.render.geometry import fit, mirror, plain_copy, screen_copy, shrink
from stylecam.render.stages import Stages
from stylecam.render.stats import Stats
from stylecam.render.style_vector import fade, style_vector

_POLL_S = 0.02
#: A picture that is older than this when a control moves is painted again rather than waiting for the next: a photo, a slow camera.
_OLD_NS = 150_000_000
_CLOSE_TIMEOUT_S = 2.0
#: A picture that stands still goes to the sinks again so often, so that a video of it is as long as it stood.
_RESEND_STILL_NS = 200_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Scene:
    """What is painted with: swapped whole, so that a mix never meets the wrong pack."""

    pack: StylePack
    params: RenderParams


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished picture.

    `image` is uint8 RGB (H, W, 3); `preview` the copy for the screen, uint8 BGRX (h, w, 4); `frame` what was painted; `repeated`
    tells that `frame` was painted before, `starting` that this is the photo until the engine has started. `problem` is what the
    user must know, or empty; `engine` who painted, or empty; `note` a fallback of the engine.
    """

    image: Image
    preview: NDArray[np.uint8]
    params: RenderParams
    frame: Frame
    done_ns: int
    repeated: bool = False
    starting: bool = False
    engine: str = ""
    note: str = ""
    problem: str = ""
    #: Side at which the network painted as a share of the picture's; below 1 the governor holds the frame rate.
    scale: float = 1.0


class Taker(Protocol):
    """Where finished pictures go beside the screen: a `SinkThread`, mostly."""

    name: str

    def put(self, frame: Frame) -> bool:
        """Take a picture without waiting; False if it was dropped."""


class Pipeline:
    """Paints in a thread of its own; nothing here waits for it except `close`.

    Args:
        scene: what to paint with at first.
        open_engine: called in the render thread, so that a window shows before a slow engine has started.
        ledger: where rendered and dropped frames are counted.
    """

    def __init__(self, scene: Scene, open_engine: Callable[[StylePack], Engine], ledger: Ledger | None = None) -> None:
        self.previews: Mailbox[Rendered] = Mailbox()
        self.stats = Stats()
        self.ledger = ledger or Ledger()
        self._scene = scene
        self._open_engine = open_engine
        self._stages = Stages(self.stats)
        self._inbox: Mailbox[Frame] | None = None
        self._sinks: tuple[Taker, ...] = ()
        self._preview_px = (0, 0)
        self._restart = threading.Event()
        self._closing = threading.Event()
        # The rest belongs to the render thread.
        self._engine: Engine | None = None
        self._engine_trunk = ""
        self._frame: Frame | None = None
        self._last: Rendered | None = None
        self._last_scene: Scene | None = None
        self._last_preview_px = (0, 0)
        self._complaint = ""
        self._sent_ns = 0
        self._governor = Governor()
        self._steady: Steady | None = None
        self._calm = Calm()
        self._engine_ms = 0.0
        self._thread = threading.Thread(target=self._run, name="stylecam-render", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def set_scene(self, scene: Scene) -> None:
        """Paint with other controls or another pack from the next picture on."""
        self._scene = scene

    def feed(self, inbox: Mailbox[Frame] | None) -> None:
        """Take frames from another place from now on; the last picture stays until one comes."""
        self._inbox = inbox

    def set_preview_size(self, width_px: int, height_px: int) -> None:
        """Make previews to fit this place, in pixels of the screen."""
        self._preview_px = (width_px, height_px)

    def photo_of(self, rendered: Rendered) -> NDArray[np.uint8]:
        """Return the photo behind a picture, as a preview, uint8 BGRX (h, w, 4). Called by another thread, while this one paints."""
        photo = fit(rendered.frame.image, rendered.params.size_px)
        return screen_copy(mirror(photo) if rendered.params.mirror else photo, *self._preview_px)

    def set_sinks(self, sinks: tuple[Taker, ...]) -> None:
        """Hand every finished picture to these too, from the next one on. One that raises is left out; the others are not disturbed."""
        for sink in sinks:
            if sink not in self._sinks:
                self._stages.restart(sink.name)
        self._sinks = sinks

    def restart_stages(self) -> None:
        """Give what was switched off another chance."""
        self._restart.set()

    def close(self, timeout_s: float = _CLOSE_TIMEOUT_S) -> bool:
        """End the thread after the picture at hand; False if it did not end in time, and then it ends with the program."""
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
                scene = self._scene  # after the waiting: the controls of this moment
                if self._restart.is_set():
                    self._restart.clear()
                    self._stages.restart()
                    self._last_scene = self._steady = None
                if fresh is not None and scene.params.freeze and self._frame is not None and inbox is fed:
                    self.ledger.drop("frozen")
                    fresh = None
                if fresh is not None:
                    if inbox is not fed:
                        fed = inbox
                        self._steady, self._calm = None, Calm()
                        self.stats.clear()
                    self._frame = fresh
                    self._render(fresh, scene, repeated=False)
                elif self._frame is not None:
                    self._idle(self._frame, scene)
        finally:
            self._close_engine()

    def _idle(self, frame: Frame, scene: Scene) -> None:
        """No new frame: paint the one at hand again if a control moved, or only fit its preview to a window that was resized."""
        old = scene.params.freeze or time.monotonic_ns() - frame.captured_ns > _OLD_NS
        if scene is not self._last_scene and old:
            self._render(frame, scene, repeated=True)
        elif self._last is not None and self._preview_px != self._last_preview_px:
            self._publish(self._last.image, frame, scene.params, repeated=True)
        elif self._sinks and self._last is not None and time.monotonic_ns() - self._sent_ns > _RESEND_STILL_NS:
            self._hand_to_sinks(self._last.image, frame, time.monotonic_ns())

    def _render(self, frame: Frame, scene: Scene, *, repeated: bool) -> None:
        params, stages = scene.params, self._stages
        begun = time.perf_counter()
        self._complaint = ""
        self._engine_ms = 0.0
        photo = stages.run("size", lambda: fit(frame.image, params.size_px), frame.image)
        if params.mirror:
            sized = photo
            photo = stages.run("mirror", lambda: mirror(sized), sized)
        if scene is not self._last_scene:
            self._calm = Calm()  # what was turned shows at once
        self._last_scene = scene
        image = self._paint(photo, frame, scene)
        if self._closing.is_set():
            return
        self._publish(image, frame, params, repeated=repeated)
        self.ledger.count("rendered")
        # The time of showing is when the picture was taken; one painted again has none but now. A clip's own time restarts in loops.
        self._hand_to_sinks(image, frame, time.monotonic_ns() if repeated else frame.captured_ns)
        if self._engine_ms and not repeated:
            frame_ms = (time.perf_counter() - begun) * 1000
            self._governor = govern(self._governor, frame_ms, self._engine_ms, params.hold_fps)

    def _hand_to_sinks(self, image: Image, frame: Frame, time_ns: int) -> None:
        self._sent_ns = time_ns
        for sink in self._sinks:
            self._stages.run(sink.name, partial(sink.put, Frame(image, frame.index, time_ns, time_ns)), instead=False)

    def _paint(self, photo: Image, frame: Frame, scene: Scene) -> Image:
        params, stages = scene.params, self._stages
        if params.is_plain or stages.is_off("engine"):
            return photo
        try:
            vector = style_vector(photo, scene.pack, params)
        except UsageError as error:
            self._complaint = str(error)
            return photo
        engine = self._engine_for(scene.pack, photo, frame, params)
        if engine is None:
            return photo
        small = shrink(photo, self._governor.scale) if params.hold_fps else photo
        begun = time.perf_counter()
        painted = stages.run("engine", lambda: self._stylize(engine, small, vector, params), photo)
        self._engine_ms = (time.perf_counter() - begun) * 1000
        if stages.is_off("engine"):
            self._close_engine()
            return photo
        if painted.shape != photo.shape:
            strokes = painted
            painted = stages.run("enlarge", lambda: enlarge(strokes, photo), photo)
        if params.keep_color > 0:
            before = painted
            painted = stages.run("colour", lambda: keep_color(photo, before, params.keep_color), before)
        if params.strength < 1:
            full = painted
            painted = stages.run("strength", lambda: fade(photo, full, scene.pack, params.strength), full)
        if params.calm:
            nervous = painted
            painted = stages.run("calm", lambda: self._calm.keep(photo, nervous), nervous)
        return painted

    def _stylize(self, engine: Engine, photo: Image, vector: Vector, params: RenderParams) -> Image:
        steady, self._steady = self._steady, None  # nothing is carried over a failure
        if not params.steady:
            return engine.stylize(photo, vector)[0]
        painted, self._steady = stylize_steadily(engine, photo, vector, steady)
        return painted

    def _engine_for(self, pack: StylePack, photo: Image, frame: Frame, params: RenderParams) -> Engine | None:
        if self._engine is None or self._engine_trunk != pack.trunk:
            self._close_engine()
            self._publish(photo, frame, params, repeated=True, starting=True)  # something to look at while the engine starts
            try:
                self._engine = self._open_engine(pack)
                self._engine_trunk = pack.trunk
            except Exception as error:  # no engine is no reason to show nothing
                self._stages.switch_off("engine", error)
        return self._engine

    def _close_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            try:
                engine.close()
            except Exception as trouble:  # the device may be gone
                _log.info("closing the engine: %s", trouble)

    def _publish(self, image: Image, frame: Frame, params: RenderParams, *, repeated: bool, starting: bool = False) -> None:
        self._last_preview_px = self._preview_px
        preview = self._stages.run("preview", lambda: screen_copy(image, *self._preview_px), None)
        if preview is None:
            preview = plain_copy(image)
        engine = self._engine
        done_ns = time.monotonic_ns()
        self._last = Rendered(
            image,
            preview,
            params,
            frame,
            done_ns,
            repeated,
            starting,
            f"{engine.name} {engine.precision} on {engine.device}" if engine is not None else "",
            engine.note if engine is not None else "",
            " ".join(filter(None, (self._stages.problem, self._complaint))),
            self._governor.scale if params.hold_fps and not params.is_plain else 1.0,
        )
        if not starting:
            self.stats.frame(done_ns, None if repeated else frame.captured_ns)
        self.previews.put(self._last)
