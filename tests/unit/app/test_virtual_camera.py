"""The virtual camera in a running session: a call keeps its video, whatever fails here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.session import Session
from stylecam.app.live.windowless import run_without_window
from stylecam.app.settings import Settings
from stylecam.engines.base import Engine
from stylecam.errors import EngineError, OutputError
from stylecam.outputs.registry import SinkRequest, start_sink
from stylecam.packs.pack import StylePack
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.unit.app.test_session import next_event, until
from tests.unit.outputs.fake_camera import Driver, fake_driver

pytest.importorskip("pyvirtualcam", reason="the optional package of the virtual camera is not installed")
PLAIN = np.full((360, 640, 3), 77, np.uint8)


@pytest.fixture
def driver() -> Iterator[Driver]:
    """Return a driver that works."""
    with fake_driver() as driver:
        yield driver


def dead_engine(_: StylePack) -> Engine:
    """Fail as an engine does whose device is gone."""
    raise EngineError("The device is gone.")


@pytest.fixture
def session(driver: Driver) -> Iterator[Session]:
    """Return a session whose engine is dead and whose sinks are real."""
    world = World(make_engine=dead_engine)
    services = replace(
        world.services(),
        start_sink=lambda name, ledger, words, option: start_sink(name, SinkRequest(Path(), words, option=option), ledger),
    )
    options = {"size_px": 0, "mirror": False, "virtual_camera_size": "640x360", "virtual_camera_fps": 60}
    session = Session(tiny_pack(), services, settings=Settings(mix={"senecio": 1.0}, params=options))
    session.open_source("demo")
    world.feed.put(PLAIN)
    yield session
    session.close()


def test_a_dead_engine_leaves_the_plain_frame_in_the_call(session: Session, driver: Driver) -> None:
    """And it stays while the source stalls too; the status says what other programs get."""
    session.commands.run("virtual_camera")
    until(lambda: driver.frames and driver.frames[-1].any())
    seen = len(driver.frames)
    until(lambda: len(driver.frames) > seen + 20)
    assert np.array_equal(driver.frames[-1], PLAIN)
    status = session.status().sinks["virtual_camera"]
    assert status.detail == "Fake Camera, 640×360 at 60 frames per second"
    session.commands.run("virtual_camera")
    until(lambda: driver.closed)
    assert session.take_events() == [], "nothing to report: there is no file"


def test_a_device_that_vanishes_is_reported_and_the_video_goes_on(session: Session, driver: Driver) -> None:
    """The switch goes off by itself, with a sentence, and can be switched on again."""
    session.commands.run("virtual_camera")
    until(lambda: driver.frames)
    driver.is_gone = True
    until(lambda: "virtual_camera" not in session.status().sinks)
    event = next_event(session)
    assert event.is_problem
    assert "The virtual camera stopped" in event.text
    assert session.latest is not None
    driver.is_gone = False
    session.commands.run("virtual_camera")
    until(lambda: len(driver.opened) == 2)


def test_without_a_window_it_sends_until_it_is_stopped(driver: Driver) -> None:
    """What happens is said in lines; at the end everything is given back."""
    world, said = World(), []
    services = replace(
        world.services(),
        start_sink=lambda name, ledger, words, option: start_sink(name, SinkRequest(Path(), words, option=option), ledger),
    )
    session = Session(tiny_pack(), services, settings=Settings(mix={}, params={"size_px": 0, "mirror": False}))

    def stopped() -> list[int]:
        if world.feeds:
            world.feed.put(PLAIN)
        return [2] if driver.frames and driver.frames[-1].any() and said else []

    run_without_window(session, "demo", ["virtual_camera"], said.append, stopped)
    assert said == ["Fake Camera, 1280×720 at 30 frames per second"]
    assert driver.closed == 1
    assert world.feed.closed


def test_without_a_window_and_a_driver_it_ends_with_the_reason(driver: Driver) -> None:
    """There is nothing to wait for."""
    driver.refuses = "busy"
    world = World()
    services = replace(
        world.services(),
        start_sink=lambda name, ledger, words, option: start_sink(name, SinkRequest(Path(), words, option=option), ledger),
    )
    session = Session(tiny_pack(), services, settings=Settings(mix={}))
    with pytest.raises(OutputError, match="in use by another program"):
        run_without_window(session, "demo", ["virtual_camera"], lambda _: None, list)
