"""Samples wait their turn: they are rendered between live frames, and never at their cost."""

from __future__ import annotations

from stylecam.engines.base import Engine, Image
from stylecam.errors import EngineError
from stylecam.packs.pack import StylePack
from stylecam.render.samples import SIDE_PX, Sampler, Samples, middle
from tests.fakes import FakeEngine, gradient, tiny_pack


def test_one_at_a_time_and_seldom_where_the_engine_has_no_rest() -> None:
    """An idle engine renders one for every call; a busy one only so often; each is a small square in its style."""
    now, pack, taken = [0.0], tiny_pack(), dict[str, Image]()
    sampler, engine = Sampler(clock=lambda: now[0]), FakeEngine(pack.config)

    def engine_for(pack: StylePack, photo: Image) -> Engine:
        return engine

    sampler.ask(Samples(gradient(480, 640), pack, pack.style_ids, taken.__setitem__))
    for _ in range(2):
        sampler.work(engine_for, pack.network, idle=True)
    assert list(taken) == list(pack.style_ids[:2])
    sampler.work(engine_for, pack.network, idle=False)
    assert len(taken) == 2
    now[0] += 1
    sampler.work(engine_for, pack.network, idle=False)
    assert list(taken) == list(pack.style_ids)
    assert all(image.shape == (SIDE_PX, SIDE_PX, 3) for image in taken.values())
    assert (taken["senecio"] != taken["great_wave"]).any()


def test_an_engine_that_fails_gets_no_more_of_them() -> None:
    """Nothing is raised into the live frames."""
    pack = tiny_pack()
    calls = []

    def engine_for(pack: StylePack, photo: Image) -> Engine:
        calls.append(1)
        raise EngineError("The device is gone.")

    sampler = Sampler()
    sampler.ask(Samples(gradient(48, 64), pack, pack.style_ids, lambda *_: None))
    for _ in range(3):
        sampler.work(engine_for, pack.network, idle=True)
    assert len(calls) == 1


def test_samples_of_another_network_are_given_up() -> None:
    """A pack that was left meanwhile does not get its engine back."""
    pack = tiny_pack()
    sampler = Sampler()
    sampler.ask(Samples(gradient(48, 64), pack, pack.style_ids, lambda *_: None))

    def never(pack: StylePack, photo: Image) -> Engine:
        raise AssertionError("no engine is wanted")

    sampler.work(never, "another", idle=True)
    assert not sampler._waiting


def test_the_middle_of_a_frame_is_square() -> None:
    """Of a wide and of a high one."""
    wide = gradient(24, 40)
    assert (middle(wide) == wide[:, 8:32]).all()
    assert middle(gradient(40, 24)).shape == (24, 24, 3)
