"""A frame is stylized in the window as it is by `stylecam video`: the same list of stages, byte for byte."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import QUALITY, SIZE, STEADY, STRENGTH, RenderParams
from stylecam.core.paths import shipped
from stylecam.core.queues import Mailbox
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.mirror import MIRROR
from stylecam.effects.posterize import POSTERIZE
from stylecam.effects.registry import all_params
from stylecam.effects.temporal import CALM
from stylecam.engines import select
from stylecam.engines.base import Engine, Image
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack
from stylecam.render.live import Pipeline, RenderState
from tests.fakes import MeasuringEngine, tiny_pack
from tests.unit.outputs.clips import read_clip

FRAMES = 40
#: Every option that changes a frame, at a value that shows.
EVERYTHING = {STRENGTH: 0.8, SIZE: 192, QUALITY: "fast", STEADY: True, MIRROR: True, KEEP_COLOR: 0.3, CALM: True, POSTERIZE: 0.5}
#: Options that change no frame by themselves: what the window keeps or skips, the sum of the weights; and what only clips have.
ELSEWHERE = {"raw", "freeze", "panic", "hold_fps", "stable"}


def frames() -> list[Image]:
    """Return the beginning of the demo clip."""
    return read_clip(shipped("assets", "clips", "demo.mp4")).images[:FRAMES]


def live(images: list[Image], pack: StylePack, params: RenderParams, open_engine: Callable[[StylePack, str], Engine]) -> list[Image]:
    """Return what the render thread makes of the frames."""
    pipeline = Pipeline(RenderState(pack, params), open_engine)
    inbox: Mailbox[Frame] = Mailbox()
    pipeline.feed(inbox)
    pipeline.start()
    results = []
    try:
        for index, image in enumerate(images):
            inbox.put(Frame(image, index, time.monotonic_ns()))
            rendered = None
            deadline = time.monotonic() + 60
            while rendered is None or rendered.starting or rendered.frame.index != index:
                assert time.monotonic() < deadline
                rendered = pipeline.previews.take(1.0)
            assert rendered.problem == ""
            results.append(rendered.image)
    finally:
        assert pipeline.close(20)
    return results


def clip(images: list[Image], pack: StylePack, params: RenderParams) -> list[Image]:
    """Return what `stylecam video` makes of the frames."""
    with Stylizer(pack, engine="openvino", precision="f32") as stylizer:
        callback = stylizer.callback(params)
        return [callback(image) for image in images]


def test_everything_is_on() -> None:
    """An option that is added must be tried here too."""
    assert {param.id for param in all_params()} == {param.id for param in EVERYTHING} | ELSEWHERE


def test_live_is_offline_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """All stages around a network that is arithmetic."""
    pack = tiny_pack(identity=True)
    params = RenderParams(StyleMix({"senecio": 1.0}), EVERYTHING)
    monkeypatch.setattr(select, "open_engine", lambda pack, name, **options: MeasuringEngine(pack.config))
    images = frames()
    compare(live(images, pack, params, lambda pack, _: MeasuringEngine(pack.config)), clip(images, pack, params))


def test_live_is_offline_with_the_shipped_pack() -> None:
    """With the network that ships, on OpenVINO in float32."""
    pack = load_pack(shipped("weights", "live32"))
    params = RenderParams(StyleMix({"starry_night": 0.6, "great_wave": 0.4}), EVERYTHING)
    images = frames()

    def opened(pack: StylePack, head: str) -> Engine:
        return select.open_engine(pack, "openvino", precision="f32", head=head)

    compare(live(images, pack, params, opened), clip(images, pack, params))


def compare(one: list[Image], other: list[Image]) -> None:
    """All are the same, and something happens in them."""
    assert len(one) == len(other) == FRAMES
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[0].shape[1] == EVERYTHING[SIZE]
    assert (one[0] != one[-1]).any()
