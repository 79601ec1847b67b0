"""A session without a window: sources, recording, snapshots and packs, and how each of them fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.session import News, Session
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.packs.pack import StylePack
from stylecam.render.live import Rendered
from tests.fakes import FakeEngine, tiny_pack
from tests.live_fakes import PHOTO, World
from tests.train_fakes import write_style

PAINT = RenderParams(StyleMix({"senecio": 1.0}))


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """Return a session with an open source."""
    session = Session(tiny_pack(), PAINT, world.rooms())
    session.open_source("demo")
    yield session
    session.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def picture(session: Session, good: Callable[[Rendered], bool] = lambda rendered: True) -> Rendered:
    """Wait for a picture."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        rendered = session.previews.take(0.5)
        if rendered is not None and not rendered.starting and good(rendered):
            return rendered
    raise AssertionError("no such picture came")


def next_news(session: Session) -> News:
    """Wait for one piece of news."""
    news: list[News] = []
    until(lambda: bool(news.extend(session.take_news()) or news))
    assert len(news) == 1
    return news[0]


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
    """The reason is told, and the picture goes on."""
    session.open_source("nothing")
    assert session.source == "demo"
    assert next_news(session) == News("There is no source 'nothing'; choose another.", is_problem=True)
    world.feed.put()
    assert picture(session)


def test_a_lost_source_is_told_and_comes_back(session: Session, world: World) -> None:
    """The status carries the source's own sentence while it lasts."""
    world.feed.problem = "The camera was unplugged; plug it in again."
    assert "unplugged" in session.status().source_problem
    world.feed.problem = ""
    world.feed.put()
    assert picture(session)
    assert session.status().source_problem == ""


def test_recording_takes_what_is_painted_between_start_and_stop(session: Session, world: World) -> None:
    """Frames before and after are not in it; the timer runs meanwhile, and the file's name is told at the end."""
    world.feed.put()
    picture(session)
    session.switch_sink("record", on=True)
    session.switch_sink("record", on=True)
    assert len(world.sinks) == 1
    world.feed.put()
    painted = picture(session)
    until(lambda: bool(world.sinks[0].frames))
    assert session.status().sinks["record"].seconds >= 0
    session.switch_sink("record", on=False)
    assert next_news(session) == News("Recorded video.mp4.")
    world.feed.put()
    picture(session)
    assert {frame.index for frame in world.sinks[0].frames} <= {0, 1}
    np.testing.assert_array_equal(world.sinks[0].frames[-1].image, painted.image)
    assert world.sinks[0].closed
    assert session.status().sinks == {}


def test_a_recorder_that_fails_is_finished_and_told(session: Session, world: World) -> None:
    """A full disk ends the recording, not the picture."""
    session.switch_sink("record", on=True)
    world.sinks[0].problem = "The disk is full; what was written before can be played."
    session.status()
    assert next_news(session).is_problem
    assert not session.is_recording
    world.feed.put()
    assert picture(session)


def test_a_snapshot_is_saved_in_the_background(session: Session, world: World) -> None:
    """The picture is written and its name told; a full disk is told as a problem."""
    session.save_snapshot(PHOTO)
    assert next_news(session) == News("Saved shot.png.")
    np.testing.assert_array_equal(world.saved[0], PHOTO)
    world.disk_full = True
    session.save_snapshot(PHOTO)
    assert "disk is full" in next_news(session).text


def test_another_pack_comes_as_news_and_paints_when_used(session: Session, world: World) -> None:
    """Loading does not touch the picture until the pack is taken; one that is missing is told."""
    session.open_pack("other")
    pack = next_news(session).pack
    assert isinstance(pack, StylePack)
    assert session.pack is not pack
    session.use_pack(pack, RenderParams(StyleMix({"new_one": 1.0})))
    world.feed.put()
    assert not picture(session, lambda r: "new_one" in r.params.mix.weights).problem
    session.open_pack("missing")
    assert next_news(session).is_problem


def test_cameras_come_as_news(session: Session) -> None:
    """Looking for cameras may take seconds, so it is an errand."""
    session.find_cameras()
    assert next_news(session).cameras == [("camera:0", "Cam")]


def test_closing_with_a_blocked_source_and_engine_returns(world: World) -> None:
    """Both hang: closing gives up after its time and says so; a recording is finished all the same."""
    entered, release = threading.Event(), threading.Event()

    class Hanging(FakeEngine):
        def stylize(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            entered.set()
            release.wait(30)
            return super().stylize(*args, **kwargs)  # type: ignore[arg-type]

    world.make_engine = lambda pack: Hanging(pack.config)
    session = Session(tiny_pack(), PAINT, world.rooms())
    session.open_source("demo")
    session.switch_sink("record", on=True)
    world.feed.put()
    world.feed.may_close.clear()
    assert entered.wait(20)
    assert session.close(0.1) is False
    assert world.sinks[0].closed
    release.set()
    world.feed.may_close.set()


def test_styles_for_the_shown_network_are_loaded_as_news(session: Session, tmp_path: Path) -> None:
    """A style-only pack comes whole, with a sentence; one that cannot be used is a complaint, and the session paints on."""
    write_style(tmp_path / "my_garden.stylepack", "my_garden")
    session.open_styles(tmp_path / "my_garden.stylepack", "It is there.")
    news = next_news(session)
    assert news.styles is not None
    assert (news.text, news.is_problem, news.styles.style_ids) == ("It is there.", False, ("my_garden",))
    assert session.pack.style_ids == tiny_pack().style_ids, "who takes the news decides"
    session.open_styles(tmp_path / "gone.stylepack")
    assert next_news(session).is_problem
