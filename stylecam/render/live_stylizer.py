"""What the render thread keeps from frame to frame: the engine, the stages' states, and at which resolution the network runs."""

from __future__ import annotations

import logging
from collections.abc import Callable

from stylecam.core.params import HOLD_FPS, QUALITY
from stylecam.engines.base import Engine, Image
from stylecam.net.families import FINE
from stylecam.packs.pack import StylePack
from stylecam.render.dynamic_resolution import Governor, govern
from stylecam.render.frame import NETWORK, NO_STATES, FrameContext, States, run_stages, stage_list
from stylecam.render.guard import Guard
from stylecam.render.quality import AutoQuality, describe, head_for, measure, network_scale, quality_of
from stylecam.render.state import RenderState

_log = logging.getLogger(__name__)


class LiveStylizer:
    """Takes live frames through the stages. Belongs to one thread.

    Args:
        open_engine: called with a pack and one of its outputs when the first frame needs them, and again for a pack with another network.
        guard: runs the stages.
        starting: called with the photo before an engine is opened, which may take seconds.
    """

    def __init__(self, open_engine: Callable[[StylePack, str], Engine], guard: Guard, starting: Callable[[Image], object]) -> None:
        #: What runs at the moment.
        self.engine: Engine | None = None
        self._engines: dict[str, Engine] = {}  # by output: going from fast to fine and back opens nothing twice
        self._open_engine, self._guard, self._starting = open_engine, guard, starting
        self._stages = stage_list()
        self._states: States = NO_STATES
        self._state: RenderState | None = None
        self._photo: Image | None = None
        self._network = ""
        self._governor = Governor()
        self._auto = AutoQuality()

    def stylize(self, image: Image, state: RenderState) -> Image:
        """Return a frame, uint8 RGB (H, W, 3), as the state wants it; where the engine fails, the photo."""
        quality = quality_of(state.params, self._auto)
        context = FrameContext(
            photo=image,
            image=image,
            params=state.params,
            # The same frame again, of a photo or a frozen camera, does not flicker, and no other comes that could end what is carried over.
            turned=state is not self._state and (not state.gliding or image is self._photo),
            pack=state.pack,
            engine=lambda photo: self.engine_for(state.pack, photo, head_for(quality, state.pack)),
            scale=self.scale_for(state) * network_scale(quality),
        )
        self._state, self._photo = state, image
        states, self._states = self._states, NO_STATES
        result, self._states = run_stages(self._stages, context, states, self._guard.attempt)
        if self._guard.is_off(NETWORK.name):
            self.close()
        return result

    def scale_for(self, state: RenderState) -> float:
        """Return to what share of its sides dynamic resolution shrinks a frame, before the quality does."""
        return self._governor.scale if state.params[HOLD_FPS] and not state.params.is_plain else 1.0

    def quality_for(self, state: RenderState) -> str:
        """Return in a few words how frames are stylized: fast or fine, and what `auto` found; empty for plain photos."""
        return "" if state.params.is_plain else describe(state.params, self._auto)

    def account(self, state: RenderState, frame: Image, frame_ms: float) -> None:
        """Take in how long a finished frame took, all work on it included: the next may be stylized in another quality or size."""
        network_ms = self._guard.took_ms.get(NETWORK.name)
        if not network_ms:
            return
        subject = (frame.shape, state.pack.trunk)
        if state.params[QUALITY] == "auto" and (self._auto.chosen is None or self._auto.subject != subject):
            # At full size, so that what is measured is a fine frame.
            self._auto, self._governor = measure(self._auto, subject, frame_ms), Governor()
        else:
            self._governor = govern(self._governor, frame_ms, network_ms, state.params[HOLD_FPS])

    def forget(self) -> None:
        """Carry nothing over: another source begins, or what failed starts again."""
        self._states = NO_STATES

    def close(self) -> None:
        """Close the engines."""
        engines, self._engines, self.engine = self._engines, {}, None
        for engine in engines.values():
            try:
                engine.close()
            except Exception as trouble:  # the device may be gone
                _log.info("closing the engine: %s", trouble)

    def engine_for(self, pack: StylePack, photo: Image, head: str = FINE) -> Engine:
        """Return the engine for one of a pack's outputs, which is opened if it has another network than the last."""
        if self._network != pack.network:
            self.close()
        if head not in self._engines:
            if self.engine is None:
                self._starting(photo)  # something to look at meanwhile
            self._engines[head] = self._open_engine(pack, head)
            self._network = pack.network
        self.engine = self._engines[head]
        return self.engine
