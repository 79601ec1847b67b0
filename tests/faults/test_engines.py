"""The network's memory is full, or its device is reset, while the window runs: the plain video goes on, and can be stylized again."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.engines.auto import AutoEngine
from stylecam.engines.base import Engine, Image, LayerStats, Vector
from stylecam.errors import EngineError
from stylecam.packs.pack import StylePack
from stylecam.render.live import Rendered
from tests.fakes import FakeEngine, tiny_pack
from tests.live_fakes import PHOTO, World

pytestmark = pytest.mark.faults


class Failing(FakeEngine):
    """Fails from the third frame on, as its library would."""

    def __init__(self, pack: StylePack, error: Exception) -> None:
        super().__init__(pack.config)
        self._error = error

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Stylize twice."""
        if len(self.calls) >= 2:
            raise self._error
        return super().stylize(image, scale_shift, maps=maps, stats=stats)


def frame(session: Session, world: World, good: Callable[[Rendered], bool]) -> Rendered:
    """Deliver frames until one is shown that is good."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        world.feed.put()
        latest = session.latest
        if latest is not None and not latest.starting and good(latest):
            return latest
        time.sleep(0.01)
    raise AssertionError("no such frame came")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "The memory is not enough for the stage 'engine' at this size; choose a smaller one, or close other programs."),
        (EngineError("CUDA out of memory. Tried to allocate 2 GiB"), "The memory is not enough for the stage 'engine' at this size"),
        (RuntimeError("CUDA error: device-side assert triggered; the device was reset"), "the device was reset"),
        (EngineError("The GPU is gone."), "The GPU is gone."),
    ],
    ids=["memory", "memory of a GPU", "reset", "lost device"],
)
def test_an_engine_that_fails_in_mid_run_can_be_started_again(error: Exception, sentence: str) -> None:
    """The plain video with a sentence; `restart` opens an engine again, and frames are stylized again."""
    world, opened = World(), []

    def open_engine(pack: StylePack) -> Engine:
        opened.append(Failing(pack, error) if not opened else FakeEngine(pack.config))
        return opened[-1]

    world.make_engine = open_engine
    session = Session(tiny_pack(), world.services(), settings=Settings(mix={"senecio": 1.0}, params={"size_px": 0, "calm": False}))
    try:
        session.open_source("demo")
        frame(session, world, lambda shown: not np.array_equal(shown.image, PHOTO))
        shown = frame(session, world, lambda shown: bool(shown.problem))
        np.testing.assert_array_equal(shown.image, PHOTO)
        assert sentence in shown.problem
        assert shown.problem.endswith("It is switched off and the video goes on; Ctrl+E starts it again.")
        assert opened[0].closed
        session.commands.run("restart")
        shown = frame(session, world, lambda shown: not np.array_equal(shown.image, PHOTO))
        assert shown.problem == ""
        assert len(opened) == 2
    finally:
        session.close()


@pytest.mark.parametrize(
    "error", [EngineError("The GPU is gone."), RuntimeError("reset"), MemoryError()], ids=["engine", "library", "memory"]
)
def test_auto_goes_back_to_the_engine_that_works(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Where `auto` had changed to a GPU that is then reset, the very same frame is stylized by the processor, without a gap."""
    pack = tiny_pack()

    class Slow(FakeEngine):
        def stylize(
            self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
        ) -> tuple[Image, LayerStats | None]:
            time.sleep(0.02)
            return super().stylize(image, scale_shift, maps=maps, stats=stats)

    class Reset(FakeEngine):
        name, broken = "gpu", False

        def stylize(
            self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
        ) -> tuple[Image, LayerStats | None]:
            if self.broken:
                raise error
            return super().stylize(image, scale_shift, maps=maps, stats=stats)

    start, gpu = Slow(pack.config), Reset(pack.config)
    engine, vector = AutoEngine(start, lambda: gpu), np.zeros(pack.config.scale_shift_size, np.float32)
    deadline = time.monotonic() + 30
    while engine.name != "gpu":
        assert time.monotonic() < deadline
        engine.stylize(PHOTO, vector)
    gpu.broken = True
    image, _ = engine.stylize(PHOTO, vector)
    np.testing.assert_array_equal(image, start.stylize(PHOTO, vector)[0])
    assert engine.name == "fake"
    assert engine.note.startswith("gpu failed, so fake goes on")
    assert gpu.closed
    engine.close()
