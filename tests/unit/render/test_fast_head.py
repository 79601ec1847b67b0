"""The fast mode of a pack that has a fast output: the network draws the full size itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import QUALITY, STEADY, STRENGTH, RenderParams
from stylecam.core.queues import Mailbox
from stylecam.effects.size import halve
from stylecam.errors import UsageError
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.ops import with_fast_head
from stylecam.packs.pack import StylePack
from stylecam.render.frame import NO_STATES, FrameContext, run_stages, stage_list, stylize_frame
from stylecam.render.live import Pipeline, Rendered, RenderState
from tests.fakes import FakeEngine, MeasuringEngine, gradient, tiny_pack

PLAIN = tiny_pack(identity=True)
PACK = with_fast_head(PLAIN)
PHOTO = gradient(48, 80)
MIX = StyleMix({"senecio": 1.0})
FAST, FINE = (RenderParams(MIX, {QUALITY: quality}) for quality in ("fast", "fine"))


@pytest.mark.parametrize("size", [(48, 80), (47, 81), (21, 30)])
def test_the_engine_draws_the_whole_frame(size: tuple[int, int]) -> None:
    """It is given half the frame, rounded up, and what it draws is the result: nothing enlarges, an odd edge is cut off."""
    photo, engine = gradient(*size), FakeEngine(PACK.config, "fast")
    result, states = stylize_frame(photo, engine, PACK, FAST)
    drawn, _ = engine.stylize(halve(photo), PACK.scale_shift(MIX))
    assert engine.calls[0] == (-(-size[0] // 2), -(-size[1] // 2), 3)
    np.testing.assert_array_equal(result, drawn[: size[0], : size[1]])
    assert result.flags.c_contiguous
    assert set(states) == {"engine"}


def test_all_that_follows_works_on_it() -> None:
    """Strength, and statistics of an earlier frame, are those of any frame."""
    engine = MeasuringEngine(PACK.config, "fast")
    params = RenderParams(MIX, {QUALITY: "fast", STRENGTH: 0.5, STEADY: True})
    states = NO_STATES
    for _ in range(3):
        result, states = stylize_frame(PHOTO, engine, PACK, params, states)
    assert result.shape == PHOTO.shape
    assert engine.exact == [True, False, False]


def test_statistics_of_one_output_do_not_serve_the_other() -> None:
    """The last layer of both outputs differs, so going over measures again, also at the same size."""
    params, states = RenderParams(MIX, {QUALITY: "fast", STEADY: True}), NO_STATES
    plain, headed = MeasuringEngine(PLAIN.config), MeasuringEngine(PACK.config, "fast")
    photo = gradient(96, 80)
    _, states = stylize_frame(photo, plain, PACK, params, states)
    stylize_frame(photo, headed, PACK, params, states)
    assert (plain.exact, headed.exact) == ([True], [True])


class Live:
    """A running render thread that notes which engines it opened."""

    def __init__(self) -> None:
        self.opened: list[FakeEngine] = []
        self.pack = PACK
        self.pipeline = Pipeline(RenderState(PACK, FAST), self._open)
        self._inbox: Mailbox[Frame] = Mailbox()
        self._index = 0
        self.pipeline.feed(self._inbox)
        self.pipeline.start()

    def _open(self, pack: StylePack, head: str) -> FakeEngine:
        self.opened.append(FakeEngine(pack.config, head))
        return self.opened[-1]

    def frame(self, params: RenderParams, pack: StylePack = PACK) -> list[Rendered]:
        """Turn the controls, deliver a frame, and return all that was shown until it was done."""
        self.pipeline.set_state(RenderState(pack, params))
        self._index += 1
        self._inbox.put(Frame(PHOTO, self._index, time.monotonic_ns()))
        shown: list[Rendered] = []
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if (rendered := self.pipeline.previews.take(1.0)) is not None:
                shown.append(rendered)
                if rendered.frame.index == self._index and not rendered.starting:
                    return shown
        raise AssertionError("no frame came")


@pytest.fixture
def live() -> Iterator[Live]:
    """Return it, and close it at the end: all engines with it."""
    made = Live()
    yield made
    assert made.pipeline.close(10)
    assert all(engine.closed for engine in made.opened)


def test_live_each_mode_has_its_engine(live: Live) -> None:
    """Fast frames come from the fast output, fine ones from the fine; going back and forth opens nothing twice and shows no photo."""
    first = live.frame(FAST)
    assert first[-1].image.shape == PHOTO.shape
    for params in (FINE, FAST, FINE):
        assert not any(rendered.starting for rendered in live.frame(params))
    assert [engine.head for engine in live.opened] == ["fast", "fine"]
    assert set(live.opened[0].calls) == {(24, 40, 3)}
    assert set(live.opened[1].calls) == {PHOTO.shape}
    assert "enlarge" not in live.pipeline.stats.numbers().stages_ms


def test_live_a_pack_without_it_is_enlarged(live: Live) -> None:
    """Another pack closes both engines, and opens one with the fine output, behind which the guided enlargement stands."""
    live.frame(FAST)
    live.frame(FINE)
    live.frame(FAST, PLAIN)
    assert [(engine.head, engine.closed) for engine in live.opened] == [("fast", True), ("fine", True), ("fine", False)]
    assert "enlarge" in live.pipeline.stats.numbers().stages_ms


def test_dynamic_resolution_goes_below_half() -> None:
    """Given less than half, what the fast output draws is brought to the frame's size."""
    engine = FakeEngine(PACK.config, "fast")
    context = FrameContext(photo=PHOTO, image=PHOTO, params=FAST, pack=PACK, engine=lambda _: engine, scale=0.45)
    image, states = run_stages(stage_list(), context)
    assert engine.calls == [(32, 36, 3)]
    assert image.shape == PHOTO.shape
    assert set(states) == {"engine", "enlarge"}


def test_offline_each_mode_has_its_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `Stylizer` opens the output that a frame asks for, keeps both, and closes both."""
    opened: list[FakeEngine] = []

    def open_engine(pack: StylePack, _name: str, *, head: str, **_options: object) -> FakeEngine:
        opened.append(FakeEngine(pack.config, head))
        return opened[-1]

    monkeypatch.setattr("stylecam.engines.select.open_engine", open_engine)
    with Stylizer(PACK) as stylizer:
        for quality in ("fast", "fine", "fast"):
            assert stylizer.stylize(PHOTO, MIX, quality=quality).shape == PHOTO.shape
    assert [(engine.head, engine.closed) for engine in opened] == [("fast", True), ("fine", True)]
    with Stylizer(PLAIN) as stylizer:
        stylizer.stylize(PHOTO, MIX, quality="fast")
    assert opened[-1].head == "fine"


def test_an_engine_of_the_wrong_output_is_refused() -> None:
    """Handed the fast output for a fine image, the sentence says what to give instead."""
    with pytest.raises(UsageError, match="quality='fast'"):
        Stylizer(PACK, engine=FakeEngine(PACK.config, "fast")).stylize(PHOTO, MIX)
