"""Fast, fine, and how `auto` chooses between them."""

from __future__ import annotations

import doctest
import re
import time
from collections.abc import Iterator

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import HOLD_FPS, QUALITY, RenderParams
from stylecam.core.queues import Mailbox
from stylecam.engines.base import Image
from stylecam.render import frame as frame_module
from stylecam.render import quality as quality_module
from stylecam.render.frame import stylize_frame
from stylecam.render.live import Pipeline, Rendered, RenderState
from stylecam.render.quality import AutoQuality, describe, measure
from tests.fakes import FakeEngine, gradient, tiny_pack

PACK = tiny_pack()
PHOTO = gradient(48, 80)
MIX = StyleMix({"senecio": 1.0})


def run(frames_ms: list[float], auto: AutoQuality | None = None, subject: object = "640x480") -> AutoQuality:
    """Let `auto` see frames that take so long."""
    auto = AutoQuality() if auto is None else auto
    for frame_ms in frames_ms:
        auto = measure(auto, subject, frame_ms)
    return auto


@pytest.mark.parametrize(("frame_ms", "chosen"), [(5.0, "fine"), (41.0, "fine"), (43.0, "fast"), (400.0, "fast")])
def test_fine_is_what_holds_24_frames_per_second(frame_ms: float, chosen: str) -> None:
    """Whether the machine is quick, just quick enough, just too slow, or slow."""
    auto = run([frame_ms] * 40)
    assert auto.chosen == chosen
    assert auto.fine_ms == frame_ms


def test_it_is_known_after_about_a_second() -> None:
    """And not before; a very slow machine shows four frames for it, not one."""
    for frame_ms in (10.0, 43.0, 100.0, 800.0):
        auto, frames = AutoQuality(), 0
        while auto.chosen is None:
            auto, frames = measure(auto, "640x480", frame_ms), frames + 1
        seconds = frames * max(frame_ms, 1000 / 30) / 1000
        assert 0.8 <= seconds <= max(1.2, 6.5 * frame_ms / 1000)


def test_warming_up_is_not_counted() -> None:
    """The frames in which an engine prepares itself take long and say nothing."""
    assert run([3000.0, 900.0] + [10.0] * 40).chosen == "fine"


def test_another_size_is_measured_again() -> None:
    """What holds at 640 pixels need not hold at 1280; nothing is measured twice."""
    auto = run([10.0] * 40)
    assert run([500.0] * 40, auto) == auto
    assert run([200.0] * 40, auto, "1280x720").chosen == "fast"


def test_fast_shows_the_network_half_the_size() -> None:
    """What comes out has the frame's size and the style's colours; offline, auto means fine."""
    engine = FakeEngine(PACK.config)
    results = {
        quality: stylize_frame(PHOTO, engine, PACK, RenderParams(MIX, {QUALITY: quality}))[0] for quality in ("fast", "fine", "auto")
    }
    assert engine.calls == [(32, 40, 3), PHOTO.shape, PHOTO.shape]
    assert all(image.shape == PHOTO.shape for image in results.values())
    np.testing.assert_array_equal(results["fine"], results["auto"])
    assert (results["fast"] != results["fine"]).any()


class Slow(FakeEngine):
    """Takes 60 ms for the whole frame, and by its pixels less for a smaller one."""

    def stylize(self, image: Image, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        """Sleep, and stylize."""
        time.sleep(0.06 * image.shape[0] * image.shape[1] / (PHOTO.shape[0] * PHOTO.shape[1]))
        return super().stylize(image, *args, **kwargs)  # type: ignore[arg-type]


class Live:
    """A running render thread with a slow engine."""

    def __init__(self) -> None:
        self.engine = Slow(PACK.config)
        self.pipeline = Pipeline(RenderState(PACK, RenderParams(MIX, {QUALITY: "auto"})), lambda _pack, _head: self.engine)
        self._inbox: Mailbox[Frame] = Mailbox()
        self._index = 0
        self.pipeline.feed(self._inbox)
        self.pipeline.start()

    def turn(self, params: RenderParams) -> None:
        """Move the controls."""
        self.pipeline.set_state(RenderState(PACK, params))

    def frame(self) -> Rendered:
        """Deliver a frame and return what became of it."""
        self._index += 1
        self._inbox.put(Frame(PHOTO, self._index, time.monotonic_ns()))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            rendered = self.pipeline.previews.take(1.0)
            if rendered is not None and rendered.frame.index == self._index and not rendered.starting:
                return rendered
        raise AssertionError("no frame came")


@pytest.fixture
def live() -> Iterator[Live]:
    """Return it, and close it at the end."""
    made = Live()
    yield made
    assert made.pipeline.close(10)


def test_live_a_slow_engine_stylizes_fast_and_says_so(live: Live) -> None:
    """`auto` begins fine, goes over to fast, and says why; the user's choice wins at once."""
    first = live.frame()
    assert first.quality == "fine (auto)"
    assert live.engine.calls[-1] == PHOTO.shape
    last = first
    for _ in range(40):
        last = live.frame()
        if "takes" in last.quality:
            break
    assert re.fullmatch(r"fast \(auto: fine takes \d+ ms\)", last.quality)
    last = live.frame()
    assert live.engine.calls[-1] == (32, 40, 3)
    assert last.image.shape == PHOTO.shape
    assert last.scale == 1  # that is dynamic resolution's
    live.turn(RenderParams(MIX, {QUALITY: "fine"}))
    assert live.frame().quality == "fine"
    assert live.engine.calls[-1] == PHOTO.shape


def test_dynamic_resolution_shrinks_what_fast_cannot_hold(live: Live) -> None:
    """Both hold together: where half the size is too slow yet, the network gets less still."""
    live.turn(RenderParams(MIX, {QUALITY: "fast", HOLD_FPS: 100.0}))
    last = live.frame()
    for _ in range(60):
        last = live.frame()
        if last.scale < 1:
            break
    assert last.scale < 1
    assert last.quality == "fast"
    assert last.image.shape == PHOTO.shape


def test_the_status_tells_what_auto_found() -> None:
    """In a few words, with the reason."""
    auto = RenderParams(MIX, {QUALITY: "auto"})
    assert describe(auto, AutoQuality()) == "fine (auto)"
    assert describe(auto, run([20.0] * 40)) == "fine (auto: fine takes 20 ms)"
    assert describe(RenderParams(MIX, {QUALITY: "fast"}), run([20.0] * 40)) == "fast"


@pytest.mark.parametrize("module", [frame_module, quality_module])
def test_the_examples_run(module: object) -> None:
    """Those of the modules' docstrings."""
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
