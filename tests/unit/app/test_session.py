"""A session without a window: sources, recording, snapshots and packs, and how each of them fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.interfaces import Event
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.capture.base import CameraFormat
from stylecam.core.mix import StyleMix
from stylecam.core.params import SIZE, STRENGTH
from stylecam.effects.mirror import MIRROR
from stylecam.packs.pack import StylePack
from stylecam.render.live import Rendered
from tests.fakes import FakeEngine, tiny_pack
from tests.live_fakes import World
from tests.train_fakes import write_style


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """Return a session with an open source."""
    session = new_session(world)
    session.open_source("demo")
    yield session
    session.close()


def new_session(world: World) -> Session:
    """Return a session that shows Senecio."""
    session = Session(tiny_pack(), world.services(), settings=Settings(mix={"senecio": 1.0}, params={"size_px": 0, "calm": False}))
    session.take_events()
    return session


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def picture(session: Session, good: Callable[[Rendered], bool] = lambda rendered: True) -> Rendered:
    """Wait for a frame."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        rendered = session.previews.take(0.5)
        if rendered is not None and not rendered.starting and good(rendered):
            return rendered
    raise AssertionError("no such picture came")


def next_event(session: Session) -> Event:
    """Wait for one event."""
    events: list[Event] = []
    until(lambda: bool(events.extend(session.take_events()) or events))
    assert len(events) == 1
    return events[0]


def test_another_source_is_opened_and_the_old_one_closed(session: Session, world: World) -> None:
    """Frames of the new source come, also while the old one hangs in its closing."""
    world.feed.put()
    picture(session)
    old = world.feed
    old.may_close.clear()
    session.open_source("pattern")
    world.feed.put(np.zeros((10, 20, 3), np.uint8))
    assert picture(session, lambda r: r.frame.image.shape == (10, 20, 3))
    assert session.status().source == "pattern 64x48"
    old.may_close.set()
    until(lambda: old.closed)


def test_a_source_that_does_not_open_leaves_the_old_one(session: Session, world: World) -> None:
    """The reason is reported, and the video goes on."""
    session.open_source("nothing")
    assert session.source == "demo"
    assert next_event(session) == Event("There is no source 'nothing'; choose another.", is_problem=True)
    world.feed.put()
    assert picture(session)


def test_a_lost_source_is_reported_and_comes_back(session: Session, world: World) -> None:
    """The status carries the source's own sentence while it lasts."""
    world.feed.problem = "The camera was unplugged; plug it in again."
    assert "unplugged" in session.status().source_problem
    world.feed.problem = ""
    world.feed.put()
    assert picture(session)
    assert session.status().source_problem == ""


def test_recording_takes_what_is_stylized_between_start_and_stop(session: Session, world: World) -> None:
    """Frames before and after are not in it; the timer runs meanwhile, and the file's name is reported at the end."""
    world.feed.put()
    picture(session)
    session.switch_sink("record", on=True)
    session.switch_sink("record", on=True)
    assert len(world.sinks) == 1
    world.feed.put()
    stylized = picture(session)
    until(lambda: bool(world.sinks[0].frames))
    assert session.status().sinks["record"].seconds >= 0
    session.switch_sink("record", on=False)
    assert next_event(session) == Event("Recorded video.mp4.")
    world.feed.put()
    picture(session)
    assert {frame.index for frame in world.sinks[0].frames} <= {0, 1}
    np.testing.assert_array_equal(world.sinks[0].frames[-1].image, stylized.image)
    assert world.sinks[0].closed
    assert session.status().sinks == {}


def test_a_recorder_that_fails_is_finished_and_reported(session: Session, world: World) -> None:
    """A full disk ends the recording, not the video."""
    session.switch_sink("record", on=True)
    world.sinks[0].problem = "The disk is full; what was written before can be played."
    session.status()
    assert next_event(session).is_problem
    assert session.commands.value("record") is False
    world.feed.put()
    assert picture(session)


def test_a_snapshot_is_saved_in_the_background(session: Session, world: World) -> None:
    """The frame is written, its name and size reported; a full disk is reported as a problem."""
    world.feed.put()
    rendered = picture(session)
    session.snapshots.save(rendered)
    assert next_event(session) == Event("Saved shot.png, 64×48 pixels.", path=Path("shot.png"))
    np.testing.assert_array_equal(world.saved[0], rendered.image)
    world.disk_full = True
    session.snapshots.save(rendered)
    assert "disk is full" in next_event(session).text


def test_another_pack_goes_from_disk_to_the_frame(session: Session, world: World) -> None:
    """The session takes it by itself, with its controls: no window need be there. One that is missing is reported, and changes nothing."""
    session.open_pack("other")
    event = next_event(session)
    assert isinstance(event.pack, StylePack)
    assert session.pack is event.pack
    assert session.pack_name == "other"
    assert session.controls.styles == ("senecio", "new_one")
    session.controls.set_weight("new_one", 1.0)
    world.feed.put()
    assert not picture(session, lambda r: "new_one" in r.params.mix.weights).problem
    session.open_pack("missing")
    assert next_event(session).is_problem
    assert (session.pack, session.pack_name) == (event.pack, "other")


def test_a_pack_without_a_shared_style_shows_its_first_mix_at_once(session: Session, world: World) -> None:
    """Nobody sees a moment of the plain photo between, nor a mix that the pack cannot show."""
    seen: list[tuple[tuple[str, ...], StyleMix]] = []
    session.controls.reset()
    session.controls.subscribe(lambda: seen.append((session.pack.style_ids, session.params.mix)))
    session.open_pack("other")
    next_event(session)
    assert seen == [(("senecio", "new_one"), StyleMix({"senecio": 1.0}))]


def test_a_slow_pack_keeps_its_name_whatever_is_asked_for_meanwhile(session: Session, world: World) -> None:
    """A opens slowly, B is broken: what is remembered is A under A's name."""
    world.slow_packs["a"] = threading.Event()
    session.open_pack("a")
    session.open_pack("missing")
    assert next_event(session).is_problem
    assert (session.pack_name, session.settings().pack) == ("tiny", "tiny")
    world.slow_packs["a"].set()
    event = next_event(session)
    assert event.pack is session.pack
    assert (session.pack.name, session.pack_name, session.settings().pack) == ("a", "a", "a")


def test_of_two_packs_the_one_that_was_asked_for_last_stays(session: Session, world: World) -> None:
    """A slow one that arrives behind it is not shown."""
    world.slow_packs["a"] = threading.Event()
    session.open_pack("a")
    session.open_pack("b")
    next_event(session)
    world.slow_packs["a"].set()
    time.sleep(0.1)
    assert session.take_events() == []
    assert session.pack_name == "b"


def test_cameras_come_as_news(session: Session) -> None:
    """Looking for cameras may take seconds, so it is an errand."""
    session.find_cameras()
    assert next_event(session).cameras == [("camera:0", "Cam")]


def test_closing_with_a_blocked_source_and_engine_returns(world: World) -> None:
    """Both hang: closing gives up after its time and says so; a recording is finished all the same."""
    entered, release = threading.Event(), threading.Event()

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            entered.set()
            release.wait(30)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    world.make_engine = lambda pack: Hanging(pack.config)
    session = new_session(world)
    session.open_source("demo")
    until(lambda: bool(session.status().source))
    session.switch_sink("record", on=True)
    world.feed.put()
    world.feed.may_close.clear()
    assert entered.wait(20)
    assert session.close(0.1) is False
    assert world.sinks[0].closed
    release.set()
    world.feed.may_close.set()


def test_styles_for_the_shown_network_join_it(session: Session, tmp_path: Path) -> None:
    """A style-only pack joins with a sentence, at zero; again, it is only replaced; one that cannot be used changes nothing."""
    write_style(tmp_path / "my_garden.stylepack", "my_garden")
    session.controls.toggle_lock("senecio")
    session.open_styles(tmp_path / "my_garden.stylepack", "It is there.")
    event = next_event(session)
    assert (event.text, event.is_problem, event.styles) == ("It is there.", False, ("my_garden",))
    assert event.pack is session.pack
    assert session.pack.style_ids == session.controls.styles == (*tiny_pack().style_ids, "my_garden")
    assert session.controls.mix() == StyleMix({"senecio": 1.0})
    assert session.controls.locked == {"senecio"}
    write_style(tmp_path / "my_garden.stylepack", "my_garden", step=50)
    before = session.pack
    session.open_styles(tmp_path / "my_garden.stylepack")
    until(lambda: session.pack is not before)
    assert session.take_events() == []
    session.open_styles(tmp_path / "gone.stylepack")
    assert next_event(session).is_problem


def test_a_source_that_never_delivers_leaves_the_old_one(session: Session, world: World) -> None:
    """It is reported when that is sure; until then, and afterwards, the video goes on, and what is remembered is what is shown."""
    world.slow.add("far away")
    world.broken["far away"] = "Nobody answers at far away; choose another."
    until(lambda: bool(session.status().source))
    old = world.feed
    session.open_source("far away")
    assert session.source == "far away"
    old.put()
    assert picture(session).frame.index == 0
    world.feed.may_open.set()
    assert next_event(session) == Event("Nobody answers at far away; choose another.", is_problem=True)
    until(lambda: world.feed.closed)
    assert not old.closed
    assert session.settings().source == "demo"
    assert session.status().source_problem == ""


def test_a_source_that_is_given_up_for_another_is_closed(session: Session, world: World) -> None:
    """Who does not want to wait chooses another; the first is not shown when it opens at last."""
    world.slow.add("far away")
    session.open_source("far away")
    given_up = world.feed
    session.open_source("pattern")
    until(lambda: session.status().source == "pattern 64x48")
    assert given_up.closed
    given_up.may_open.set()
    world.feed.put()
    assert picture(session)
    assert session.source == "pattern"


def test_the_first_source_of_all_shows_its_trouble(world: World) -> None:
    """There is no video that could go on: the sentence stays in the status, and frames that come at last are shown."""
    world.broken["gone.mp4"] = "There is no 'gone.mp4'."
    session = new_session(world)
    session.open_source("gone.mp4")
    until(lambda: session.status().source_problem == "There is no 'gone.mp4'.")
    world.feed.problem = ""
    world.feed.put()
    assert picture(session)
    session.close()


def test_only_cameras_are_mirrors(session: Session, world: World) -> None:
    """The source says whether it is one. The choice for cameras is kept and remembered, whoever makes it; a clip may be turned for once."""
    session.controls.set(MIRROR, True)
    session.open_source("camera:0")
    until(lambda: session.params[MIRROR])
    session.commands.run("mirror")
    session.open_source("demo")
    until(lambda: session.status().source.startswith("demo"))
    assert not session.params[MIRROR]
    session.commands.run("mirror", True)
    assert not session.settings().values()[MIRROR], "a clip that was turned says nothing of cameras"
    session.open_source("camera:0")
    until(lambda: session.status().source.startswith("camera"))
    assert not session.params[MIRROR]
    session.commands.run("mirror")
    assert session.settings().values()[MIRROR]


def test_a_camera_is_given_back_before_one_is_opened(session: Session, world: World) -> None:
    """Two readers cannot have one; another source leaves the camera alone until it delivers."""
    session.open_source("camera:0")
    until(lambda: session.status().source.startswith("camera"))
    first = world.feed
    session.set_camera_format(CameraFormat(1920, 1080))
    assert world.feed.camera == CameraFormat(1920, 1080)
    assert first.closed
    assert session.settings().camera == "1920x1080@30"
    world.slow.add("far away")
    session.open_source("far away")
    assert not world.feeds[-2].closed
    world.feed.may_open.set()


def test_what_was_remembered_comes_back(world: World) -> None:
    """Mix, locks, options, camera and the wish for mirrors, by way of the settings."""
    session = Session(tiny_pack(), world.services(), "mine", Settings(params={"mirror": True}))
    assert session.controls.mix() == StyleMix({"starry_night": 0.6, "great_wave": 0.4}), "a first start has a mix"
    session.controls.set_mix(StyleMix({"senecio": 0.3}))
    session.controls.toggle_lock("senecio")
    session.controls.set(STRENGTH, 0.5)
    session.set_camera_format(CameraFormat(640, 480, 60))
    session.open_source("demo")
    settings = session.settings()
    session.close()
    again = Session(tiny_pack(), world.services(), settings.pack, settings)
    assert again.pack_name == "mine"
    assert again.params.mix == StyleMix({"senecio": 0.3})
    assert again.params[STRENGTH] == 0.5
    assert again.controls.locked == {"senecio"}
    assert again.camera == CameraFormat(640, 480, 60)
    again.open_source(settings.source)
    assert again.settings() == settings
    again.close()


def test_everything_can_be_done_by_name(session: Session, world: World) -> None:
    """Sources, sinks, options, actions and weights have ids; what cannot be done now is reported, not done."""
    run, value = session.commands.run, session.commands.value
    run("pattern")
    assert world.feed.text == "pattern"
    run("weight.great_wave", 0.25)
    assert session.params.mix.weights["great_wave"] == 0.25
    run("undo")
    assert session.params.mix == StyleMix({"senecio": 1.0})
    run("snapshot")
    assert "no frame yet" in next_event(session).text
    until(lambda: session.status().source.startswith("pattern"))
    world.feed.put()
    picture(session)
    run("snapshot")
    assert next_event(session) == Event("Saved shot.png, 64×48 pixels.", path=Path("shot.png"))
    run("size_px", 384)
    run("record")
    assert value("record") is True
    run("smaller")
    assert value("size_px") == 384
    assert "while a video is recorded" in next_event(session).text
    run("record", False)
    assert next_event(session) == Event("Recorded video.mp4.")
    run("smaller")
    assert session.params[SIZE] == 256


def test_controls_may_be_turned_in_any_thread(session: Session, world: World) -> None:
    """A controller and a window turn them at once while packs change: every state fits its pack, and the last word is heard."""
    bad: list[str] = []

    def check() -> None:
        state = session._state
        bad.extend(style for style in state.params.mix.weights if style not in state.pack.style_ids)

    session.controls.subscribe(check)
    ended = threading.Event()

    def turn() -> None:
        while not ended.is_set():
            for style in ("senecio", "great_wave", "new_one"):
                session.controls.set_weight(style, 0.5)
            session.controls.randomise()

    threads = [threading.Thread(target=turn) for _ in range(3)]
    for thread in threads:
        thread.start()
    for name in ("one", "two", "three"):
        session.open_pack(name)
        until(lambda name=name: session.pack_name == name)  # type: ignore[misc]
    ended.set()
    for thread in threads:
        thread.join()
    assert bad == []
    session.controls.set_mix(StyleMix({"new_one": 0.7}))
    assert session.params.mix == StyleMix({"new_one": 0.7})
