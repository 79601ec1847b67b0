"""Recording with a countdown, a timer, a microphone, and after the fact."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from stylecam.app.live.interfaces import Event, Services
from stylecam.app.live.services import finish_leftovers
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core.recording_params import COUNTDOWN_S, FORMAT, LIMIT_S, REPLAY, SOUND, SOUND_DEVICE
from stylecam.outputs.registry import SinkRequest, start_sink
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.sound_fakes import FakeSounddevice
from tests.unit.app.test_session import until
from tests.unit.capture.test_microphone import TONE
from tests.unit.outputs.clips import frame, read_clip


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


def services(world: World, folder: Path) -> Services:
    """Return the world's services, but with true recordings."""
    base = world.services()

    def request(words: tuple[str, ...], option: Callable[..., object]) -> SinkRequest:
        return SinkRequest(folder, words, option=option, listen=base.microphone.listen)

    return replace(
        base, sink_request=request, start_sink=lambda name, ledger, words, option: start_sink(name, request(words, option), ledger)
    )


@pytest.fixture
def session(world: World, tmp_path: Path) -> Iterator[Session]:
    """Return a session with an open source."""
    session = Session(tiny_pack(), services(world, tmp_path), settings=Settings(mix={"senecio": 1.0}, params={"size_px": 0}))
    session.take_events()
    session.open_source("demo")
    yield session
    session.close()


def feed_until(session: Session, world: World, done: Callable[[], object]) -> list[Event]:
    """Deliver frames until something has come true; return what was reported meanwhile."""
    events: list[Event] = []

    def step() -> bool:
        world.feed.put()
        session.status()
        events.extend(session.take_events())
        return bool(done())

    until(step)
    return events


def test_a_countdown_runs_before_the_first_frame(session: Session, world: World, tmp_path: Path) -> None:
    """The switch is on at once, the status counts down, and nothing is written before."""
    session.controls.set(COUNTDOWN_S, 1)
    session.commands.run("record", True)
    assert session.commands.value("record") is True
    assert session.status().countdown == 1
    assert session.status().sinks == {}
    feed_until(session, world, lambda: "record" in session.status().sinks)
    assert session.status().countdown == 0
    feed_until(session, world, lambda: list(tmp_path.glob("*.part.mp4")))


def test_a_countdown_can_be_given_up(session: Session, world: World) -> None:
    """Nothing is recorded then."""
    session.controls.set(COUNTDOWN_S, 1)
    session.commands.run("record", True)
    session.commands.run("record", False)
    assert session.status().countdown == 0
    assert session.commands.value("record") is False


def test_a_recording_ends_by_itself_and_names_its_file(session: Session, world: World, tmp_path: Path) -> None:
    """After the time that was set, from the first frame on; the event carries the file, which plays."""
    session.controls.set(LIMIT_S, 1.0)
    session.commands.run("record", True)
    time.sleep(0.5)  # the source, or the engine, takes its time
    found: list[Event] = []
    found += feed_until(session, world, lambda: session.ledger.snapshot()[0].get("recorded", 0) > 3)
    found += feed_until(session, world, lambda: "record" not in session.status().sinks)
    until(lambda: found.extend(session.take_events()) or any(event.path for event in found))
    (path,) = [event.path for event in found if event.path is not None]
    assert path.parent == tmp_path
    assert 0.75 < read_clip(path).seconds < 2


def test_a_recording_has_the_microphones_sound(session: Session, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched on by its option, with its level in the status; the clip has a track."""
    fake = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    assert session.status().sound is None
    session.controls.set(SOUND_DEVICE, "USB")
    session.controls.set(SOUND, True)
    stream = fake.stream
    assert stream.device == 2
    session.commands.run("record", True)

    def recorded() -> bool:
        stream.push(TONE.repeat(2, 1))
        return session.ledger.snapshot()[0].get("recorded", 0) > 10

    feed_until(session, world, recorded)
    level = session.status().sound
    assert level is not None
    assert level.peak_db > -10
    session.commands.run("record", False)
    until(lambda: list(tmp_path.glob("*[!t].mp4")) and not list(tmp_path.glob("*.part.mp4")))
    with av.open(str(next(tmp_path.glob("*.mp4")))) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        assert sum(each.samples for each in container.decode(audio=0)) > 0
    session.controls.set(SOUND, False)
    until(lambda: stream.closed)


def test_no_microphone_is_reported_once_and_the_recording_goes_on(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, not one for every look at the status."""
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSounddevice(names=[], default=""))
    session.controls.set(SOUND, True)
    session.commands.run("record", True)
    events = feed_until(session, world, lambda: session.ledger.snapshot()[0].get("recorded", 0) > 3)
    problems = [event for event in events if "No microphone was found" in event.text]
    assert len(problems) == 1
    assert problems[0].is_problem


def test_what_happened_can_be_saved_afterwards(session: Session, world: World, tmp_path: Path) -> None:
    """With the replay on: a clip and a loop of the last seconds, without a recording; without it, a sentence."""
    session.commands.run("save_replay")
    assert "Keep the last 30 seconds" in session.take_events()[-1].text
    session.controls.set(REPLAY, True)
    feed_until(session, world, lambda: session.ledger.snapshot()[0].get("kept", 0) > 5)
    found: list[Event] = []
    for command in ("save_replay", "save_loop"):
        session.commands.run(command)
        until(lambda: found.extend(session.take_events()) or any(event.path for event in found))
        path = found.pop().path
        assert path is not None
        assert path.is_file()
    assert {path.suffix for path in tmp_path.iterdir()} == {".mp4", ".gif"}
    session.controls.set(REPLAY, False)
    session.take_events()
    session.commands.run("save_loop")
    assert "Keep the last 30 seconds" in session.take_events()[-1].text


def test_leftovers_are_found_in_the_users_folder(tmp_path: Path) -> None:
    """Also where recordings go to another folder than the usual one, whatever they are called; other parts are left alone."""
    sink = start_sink("record", SinkRequest(tmp_path, option=lambda param: "my take" if param.id == "name_pattern" else param.default))
    for ms in range(0, 3000, 40):
        while not sink.put(frame(ms)):
            pass
    until(lambda: (tmp_path / "my take.part.mp4").exists() and (tmp_path / "my take.part.mp4").stat().st_size > 2000)
    data = (tmp_path / "my take.part.mp4").read_bytes()
    sink.close()
    (tmp_path / "my take.mp4").unlink()
    (tmp_path / "my take.part.mp4").write_bytes(data)
    (tmp_path / "film.part.mp4").write_bytes(b"a browser's")
    assert finish_leftovers(str(tmp_path)) == [tmp_path / "my take.mp4"]
    assert (tmp_path / "film.part.mp4").exists()


def test_the_format_is_an_option(session: Session, world: World, tmp_path: Path) -> None:
    """The next recording follows it."""
    session.controls.set(FORMAT, "vp9")
    session.commands.run("record", True)
    feed_until(session, world, lambda: session.ledger.snapshot()[0].get("recorded", 0) > 3)
    session.commands.run("record", False)
    until(lambda: list(tmp_path.glob("*.webm")) and not list(tmp_path.glob("*.part.webm")))
