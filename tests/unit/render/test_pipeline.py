"""The render thread: controls reach the frame, and whatever breaks, a frame comes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import BYPASS, FREEZE, HOLD_FPS, RAW, SIZE, STEADY, STRENGTH, RenderParams
from stylecam.core.queues import Mailbox
from stylecam.effects.mirror import MIRROR
from stylecam.effects.temporal import CALM
from stylecam.engines.base import Engine, Image
from stylecam.errors import EngineError
from stylecam.packs.pack import StylePack
from stylecam.render import live as pipeline_module
from stylecam.render.live import Pipeline, Rendered, RenderState
from tests.fakes import FakeEngine, MeasuringEngine, gradient, tiny_pack

PACK = tiny_pack()
STYLED = RenderParams(StyleMix({"senecio": 1.0}))
PHOTO = gradient(48, 64)


class Bench:
    """A running pipeline, and what was made for it."""

    def __init__(self, open_engine: Callable[[StylePack], Engine] | None = None) -> None:
        self.engines: list[Engine] = []
        make = open_engine or (lambda pack: FakeEngine(pack.config))

        def opened(pack: StylePack, _head: str) -> Engine:
            self.engines.append(make(pack))
            return self.engines[-1]

        self.pipeline = Pipeline(RenderState(PACK, STYLED), opened)
        self.inbox: Mailbox[Frame] = Mailbox()
        self.pipeline.feed(self.inbox)
        self.pipeline.start()

    def put(self, image: Image = PHOTO, index: int = 0) -> None:
        """Deliver a frame."""
        self.inbox.put(Frame(image, index, time.monotonic_ns()))

    def turn(self, params: RenderParams) -> None:
        """Move the controls."""
        self.pipeline.set_state(RenderState(PACK, params))

    def wait(self, good: Callable[[Rendered], bool] = lambda rendered: True) -> Rendered:
        """Return the first frame that is `good`; not the photo that stands in while the engine starts."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            rendered = self.pipeline.previews.take(0.5)
            if rendered is not None and not rendered.starting and good(rendered):
                return rendered
        raise AssertionError("no such frame came")


@dataclass(frozen=True)
class FakeTaker:
    """Hands frames to a function."""

    name: str
    take: Callable[[Frame], object]

    def put(self, frame: Frame) -> bool:
        """Hand it on."""
        self.take(frame)
        return True


def sink(take: Callable[[Frame], object], name: str = "sink") -> FakeTaker:
    """Return a sink that hands frames to `take`."""
    return FakeTaker(name, take)


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    """Build pipelines, and close them at the end."""
    built: list[Bench] = []

    def build(open_engine: Callable[[StylePack], Engine] | None = None) -> Bench:
        built.append(Bench(open_engine))
        return built[-1]

    yield build
    for each in built:
        assert each.pipeline.close(10)


def test_a_frame_is_stylized_and_shown(bench: Callable[..., Bench]) -> None:
    """A frame comes out stylized, with its preview in the screen's byte order, and is counted."""
    made = bench()
    made.put()
    rendered = made.wait()
    assert rendered.image.shape == PHOTO.shape
    assert (rendered.image != PHOTO).any()
    assert rendered.preview.shape == (48, 64, 4)
    np.testing.assert_array_equal(rendered.preview[..., 2::-1], rendered.image)
    assert rendered.engine == "fake u8 on CPU"
    assert made.pipeline.ledger.snapshot()[0] == {"rendered": 1}


def test_plain_is_the_photo_without_an_engine(bench: Callable[..., Bench]) -> None:
    """Silent mix, strength zero and panic show the photo bit for bit, and open no engine."""
    made = bench()
    for params in (RenderParams(), STYLED.but({STRENGTH: 0.0}), STYLED.but({BYPASS: True})):
        made.turn(params)
        made.put()
        np.testing.assert_array_equal(made.wait(lambda r, p=params: r.params == p).image, PHOTO)
    assert made.engines == []


def test_mirror_and_size_change_the_frame(bench: Callable[..., Bench]) -> None:
    """Mirror exchanges left and right; size shrinks the longest side and keeps the proportions."""
    made = bench()
    made.turn(RenderParams(values={MIRROR: True}))
    made.put()
    np.testing.assert_array_equal(made.wait(lambda r: r.params[MIRROR]).image, PHOTO[:, ::-1])
    made.turn(RenderParams(values={SIZE: 32}))
    made.put()
    assert made.wait(lambda r: r.params[SIZE] == 32).image.shape == (24, 32, 3)


def test_freeze_keeps_the_frame_and_goes_on_stylizing(bench: Callable[..., Bench]) -> None:
    """Frozen, new frames are dropped by that cause, but a new mix is stylized on the kept one; thawed, frames flow again."""
    made = bench()
    made.put()
    made.wait()
    frozen = STYLED.but({FREEZE: True})
    made.turn(frozen)
    made.wait(lambda r: r.params[FREEZE])
    made.put(np.zeros_like(PHOTO), 1)
    made.turn(frozen.but(mix=StyleMix()))
    kept = made.wait(lambda r: r.params.mix.is_silent)
    np.testing.assert_array_equal(kept.image, PHOTO)
    deadline = time.monotonic() + 20
    while not made.pipeline.ledger.snapshot()[1] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert made.pipeline.ledger.snapshot()[1] == {"frozen": 1}
    made.turn(RenderParams())
    made.put(np.zeros_like(PHOTO), 2)
    assert not made.wait(lambda r: r.frame.index == 2).image.any()


def test_a_single_frame_is_rendered_again_when_a_control_moves(bench: Callable[..., Bench]) -> None:
    """A photo comes once; every change of the controls renders it again, and nothing is rendered without one."""
    made = bench()
    made.put()
    made.wait()
    made.turn(RenderParams())
    np.testing.assert_array_equal(made.wait(lambda r: r.params == RenderParams()).image, PHOTO)
    assert made.pipeline.previews.take(0.2) is None


def test_the_preview_fits_its_place(bench: Callable[..., Bench]) -> None:
    """Proportions are kept, and a resized window gets a new copy of a still frame without rendering it again."""
    made = bench()
    made.put()
    made.wait()
    made.pipeline.set_preview_size(320, 480)
    assert made.wait(lambda r: r.preview.shape[1] != 64).preview.shape == (240, 320, 4)
    engine = made.engines[0]
    assert isinstance(engine, FakeEngine)
    assert len(engine.calls) == 1


def test_an_engine_that_does_not_start_leaves_the_photo(bench: Callable[..., Bench]) -> None:
    """The photo passes through with the sentence, also for later frames; restarting tries again."""
    fail = [True]

    def open_engine(pack: StylePack) -> Engine:
        if fail[0]:
            raise EngineError("No engine works here; run stylecam doctor.")
        return FakeEngine(pack.config)

    made = bench(open_engine)
    for index in range(2):
        made.put(index=index)
        rendered = made.wait(lambda r, i=index: r.frame.index == i)
        np.testing.assert_array_equal(rendered.image, PHOTO)
        assert "stylecam doctor" in rendered.problem
    fail[0] = False
    made.pipeline.restart_stages()
    made.put(index=2)
    assert not made.wait(lambda r: r.frame.index == 2 and bool(r.engine)).problem


def test_an_engine_that_dies_is_closed_and_left(bench: Callable[..., Bench]) -> None:
    """Whatever a driver throws: the photo goes on, the engine is closed and never asked again."""

    class Dying(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            self.calls.append(())
            raise RuntimeError("device lost")

    made = bench(lambda pack: Dying(pack.config))
    for index in range(3):
        made.put(index=index)
        rendered = made.wait(lambda r, i=index: r.frame.index == i)
        np.testing.assert_array_equal(rendered.image, PHOTO)
        assert "device lost" in rendered.problem
    engine = made.engines[0]
    assert isinstance(engine, Dying)
    assert engine.closed
    assert len(engine.calls) == 1


def test_a_mix_that_cancels_out_is_said_and_passes(bench: Callable[..., Bench]) -> None:
    """Weights that cannot be scaled show the photo and the reason; the next good mix stylizes, without a restart."""
    made = bench()
    made.turn(RenderParams(StyleMix({"senecio": 1.0, "great_wave": -1.0})))
    made.put()
    assert "cancel out" in made.wait(lambda r: bool(r.problem)).problem
    made.turn(STYLED)
    made.put(index=1)
    assert not made.wait(lambda r: r.frame.index == 1 and r.params == STYLED).problem


def test_a_pack_with_the_same_trunk_keeps_the_engine(bench: Callable[..., Bench]) -> None:
    """Styles of the same network are swapped without opening anything; another network opens its own engine and closes the old."""
    made = bench()
    made.put()
    made.wait()
    same = tiny_pack(["other"], name="same")
    made.pipeline.set_state(RenderState(same, RenderParams(StyleMix({"other": 1.0}))))
    made.put(index=1)
    made.wait(lambda r: "other" in r.params.mix.weights)
    assert len(made.engines) == 1
    other = tiny_pack(["other"], seed=7)
    made.pipeline.set_state(RenderState(other, RenderParams(StyleMix({"other": 0.5}))))
    made.put(index=2)
    made.wait(lambda r: r.params.mix.weights == {"other": 0.5})
    assert len(made.engines) == 2
    first = made.engines[0]
    assert isinstance(first, FakeEngine)
    assert first.closed


def test_recorded_frames_carry_rising_times(bench: Callable[..., Bench]) -> None:
    """Every stylized frame goes to the recorder once, stylized ones again with the time of now; a recorder that fails is left out."""
    made = bench()
    got: list[Frame] = []
    made.pipeline.set_sinks((sink(got.append),))
    made.put()
    made.wait()
    made.turn(STYLED.but({FREEZE: True}))
    made.wait(lambda r: r.params[FREEZE])
    made.turn(STYLED.but({FREEZE: True, STRENGTH: 0.5}))
    made.wait(lambda r: r.params[STRENGTH] == 0.5)

    def full(frame: Frame) -> None:
        raise OSError("disk is full")

    still: list[Frame] = []
    made.pipeline.set_sinks((sink(full, "broken"), sink(still.append, "other")))
    made.turn(STYLED)
    made.put(index=1)
    made.wait(lambda r: r.frame.index == 1 and not r.params[FREEZE])
    made.put(index=2)
    assert "disk is full" in made.wait(lambda r: r.frame.index == 2).problem
    assert {1, 2} <= {frame.index for frame in still}, "the other one is not disturbed"
    made.pipeline.set_sinks((sink(got.append, "broken"),))
    made.put(index=3)
    assert not made.wait(lambda r: r.frame.index == 3).problem
    assert len(got) >= 3  # one that stands still is recorded now and then
    assert [frame.media_ns for frame in got] == sorted({frame.media_ns for frame in got})


def test_a_frame_that_stands_still_is_recorded_as_long_as_it_stands(bench: Callable[..., Bench]) -> None:
    """A recording of a photo that nobody touches has frames, with rising times."""
    made = bench()
    made.put()
    stylized = made.wait()
    got: queue.Queue[Frame] = queue.Queue()
    made.pipeline.set_sinks((sink(got.put),))
    frames = [got.get(timeout=20), got.get(timeout=20)]
    assert frames[0].media_ns < frames[1].media_ns
    np.testing.assert_array_equal(frames[0].image, stylized.image)


def test_a_preview_that_fails_is_replaced(bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    """Even without its scaled copy the frame is shown."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline_module, "screen_copy", fail)
    made = bench()
    made.put()
    rendered = made.wait()
    assert "preview" in rendered.problem
    np.testing.assert_array_equal(rendered.preview[..., 2::-1], rendered.image)


def test_closing_with_a_blocked_engine_returns(bench: Callable[..., Bench]) -> None:
    """An engine that hangs costs the waiting time and no more; it ends once the engine comes back."""
    entered, release = threading.Event(), threading.Event()

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            entered.set()
            release.wait(30)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    made = bench(lambda pack: Hanging(pack.config))
    made.put()
    assert entered.wait(20)
    assert made.pipeline.close(0.1) is False
    release.set()
    assert made.pipeline.close(20) is True


def test_a_frame_rate_is_held_by_stylizing_smaller(bench: Callable[..., Bench]) -> None:
    """An engine that is too slow gets smaller frames, what comes out keeps its size, and switched off all is as before."""

    class Slow(FakeEngine):
        def stylize(self, image: Image, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            time.sleep(image.shape[0] * image.shape[1] / 100_000)  # 31 ms for the whole frame
            return super().stylize(image, *args, **kwargs)  # type: ignore[arg-type]

    made = bench(lambda pack: Slow(pack.config))
    made.turn(STYLED.but({HOLD_FPS: 60.0}))
    deadline = time.monotonic() + 20
    rendered = None
    while time.monotonic() < deadline and (rendered is None or rendered.scale == 1):
        made.put()
        rendered = made.wait()
    assert rendered is not None
    assert rendered.scale < 1
    assert rendered.image.shape == PHOTO.shape
    assert rendered.problem == ""
    made.turn(STYLED)
    made.put()
    rendered = made.wait(lambda rendered: rendered.params is STYLED)
    assert rendered.scale == 1
    assert made.engines[0].calls[-1] == PHOTO.shape  # type: ignore[attr-defined]


def test_cached_frames_carry_statistics_until_the_source_or_the_switch_changes(bench: Callable[..., Bench]) -> None:
    """The second frame is stylized by the first one's statistics; another source, and switching off, begin again."""
    made = bench(lambda pack: MeasuringEngine(pack.config))
    made.turn(STYLED.but({STEADY: True}))

    def stylized(index: int) -> bool:
        made.put(index=index)
        made.wait(lambda rendered: rendered.frame.index == index)
        engine = made.engines[0]
        assert isinstance(engine, MeasuringEngine)
        return engine.exact[-1]

    assert [stylized(index) for index in (1, 2, 3)] == [True, False, False]
    made.inbox = Mailbox()
    made.pipeline.feed(made.inbox)
    assert [stylized(index) for index in (4, 5)] == [True, False]
    made.turn(STYLED)
    stylized(6)
    made.turn(STYLED.but({STEADY: True}))
    assert stylized(7)


def test_calm_keeps_the_stylized_frame_until_something_is_turned(bench: Callable[..., Bench]) -> None:
    """A photo with little noise keeps most of the stylized frame before; what is turned, and another source, show at once."""
    made = bench()
    calm = STYLED.but({CALM: True})

    def shown(index: int, params: RenderParams, level: int) -> int:
        made.turn(params)
        made.put(np.full_like(PHOTO, level), index)
        return int(made.wait(lambda rendered: rendered.frame.index == index and rendered.params == params).image[24, 32, 0])

    plain = {level: shown(index, STYLED, level) for index, level in enumerate((100, 101, 120))}
    assert plain[100] != plain[101]

    def next_frame(index: int, level: int) -> int:
        made.put(np.full_like(PHOTO, level), index)
        return int(made.wait(lambda rendered: rendered.frame.index == index).image[24, 32, 0])

    assert shown(10, calm, 100) == plain[100]
    assert next_frame(11, 101) == plain[100]  # kept: one grey level is no move
    assert next_frame(12, 120) == plain[120]  # a move
    assert next_frame(13, 120) == plain[120]
    assert shown(14, calm.but({RAW: True}), 101) == plain[101]
    assert next_frame(15, 100) == plain[101]
    made.inbox = Mailbox()
    made.pipeline.feed(made.inbox)
    assert next_frame(16, 100) == plain[100]
