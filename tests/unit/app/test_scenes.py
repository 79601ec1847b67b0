"""Scenes of a running session: what reaches the frames, when, and what is on the disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.app.live import scene_store
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.control.scene_file import read_scenes, scenes_json
from stylecam.control.scenes import Scene
from stylecam.core.mix import StyleMix
from stylecam.core.params import SIZE, RenderParams
from stylecam.core.window_params import FADE_S, SCENE_SCOPE
from stylecam.effects.temporal import CALM
from stylecam.render.live import Rendered
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.unit.app.test_session import next_event, until
from tests.unit.app.test_session import picture as frame_of


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


def new_session(world: World, path: Path) -> Session:
    """Return a session that shows Senecio and keeps its scenes in a file."""
    services = replace(
        world.services(),
        load_scenes=lambda: scene_store.load(path),
        save_scenes=lambda scenes, before: scene_store.save(scenes, before, path),
    )
    params = {"size_px": 0, "calm": False, "fade_s": 0.0, "fade_shape": "linear"}
    session = Session(tiny_pack(), services, settings=Settings(mix={"senecio": 1.0}, params=params))
    session.open_source("demo")
    return session


@pytest.fixture
def session(world: World, tmp_path: Path) -> Iterator[Session]:
    """Return a session with an open source, and no scene."""
    session = new_session(world, tmp_path / "data" / "scenes.json")
    yield session
    session.close()


def shows(mix: dict[str, float]) -> Callable[[Rendered], bool]:
    """Return a test of a frame: that it was made with this mix."""
    return lambda rendered: dict(rendered.params.mix.weights) == mix


def test_a_key_keeps_and_a_key_brings_back(session: Session, world: World, tmp_path: Path) -> None:
    """Name, thumbnail of the frame and number are on the disk, and a recall reaches the screen within a frame and 50 ms."""
    world.feed.put(np.full((48, 64, 3), 200, np.uint8))
    frame_of(session)
    session.commands.run("keep_scene.3")
    assert next_event(session).text == "Kept as scene 3: Senecio."
    session.commands.run("weight.great_wave", 0.5)
    session.commands.run("weight.senecio", 0.0)
    world.feed.put()
    frame_of(session, shows({"great_wave": 0.5}))
    begun = time.monotonic()
    session.commands.run("scene.3")
    world.feed.put()
    rendered = frame_of(session, shows({"senecio": 1.0}))
    assert rendered.done_ns / 1e9 - begun < 1, "generous: a machine under test is busy"
    assert session.scenes.player.current == 3
    path = tmp_path / "data" / "scenes.json"
    until(path.exists)
    kept, note = read_scenes(path)
    assert (list(kept), note, kept[3].pack) == ([3], "", "tiny")
    thumbnail = cv2.imdecode(np.frombuffer(kept[3].thumbnail, np.uint8), cv2.IMREAD_COLOR)
    assert thumbnail.shape == (90, 160, 3)
    assert len(path.read_bytes()) < 10_000


def test_a_fade_moves_every_frame_and_smoothing_lasts(session: Session, world: World) -> None:
    """The thread moves the mix by itself; the steps are no turns of a control, which would end temporal smoothing."""
    session.commands.run("keep_scene.1")
    session.commands.run("weight.senecio", 0.0)
    session.commands.run("weight.great_wave", 1.0)
    session.controls.set(FADE_S, 0.8)
    states = []
    session.controls.subscribe(lambda: states.append(session._state))
    session.commands.run("scene.1")
    until(lambda: not session.scenes.player.is_fading)
    assert session.params.mix == StyleMix({"senecio": 1.0})
    shares = [state.params.mix.weights.get("senecio", 0.0) for state in states]
    assert shares == sorted(shares)
    assert len(shares) > 3
    assert all(state.gliding for state in states if state.params.mix != StyleMix({"great_wave": 1.0}))
    session.commands.run("weight.senecio", 0.5)
    assert not session._state.gliding


def test_replaced_scenes_keep_their_own_name_and_scope(session: Session) -> None:
    """A name of the styles follows the styles."""
    session.controls.set(SCENE_SCOPE, "everything")
    session.scenes.keep_new()
    session.commands.run("weight.great_wave", 1.0)
    session.controls.set(SCENE_SCOPE, "mix")
    session.commands.run("keep_scene.1")
    assert [event.text for event in session.take_events()][-1] == "Scene 1 is now Great Wave + Senecio."
    session.scenes.scenes.rename(1, "Opening")
    session.commands.run("reset")
    session.commands.run("keep_scene.1")
    scene = session.scenes.scenes[1]
    assert (scene.name, scene.scope, scene.mix) == ("Opening", "everything", StyleMix())


def test_a_number_without_a_scene_says_how_to_get_one(session: Session) -> None:
    """And a loop says what it lacks; nothing changes."""
    session.commands.run("scene.4")
    assert next_event(session).text == "There is no scene 4 yet; Ctrl+4 keeps this mix as scene 4."
    session.commands.run("scene_loop")
    assert "needs two scenes" in next_event(session).text
    assert session.commands.value("scene_loop") is False
    session.commands.run("scene_next")
    assert "no scene yet" in next_event(session).text


def test_styles_of_another_pack_are_said_and_left_out(session: Session, tmp_path: Path) -> None:
    """A file that somebody sent adds its scenes; recalled, each shows what this pack has."""
    sent = {1: Scene.of(RenderParams(StyleMix({"senecio": 0.5, "rembrandt": 0.5})), "Sent", pack="studio")}
    (tmp_path / "sent.json").write_text(json.dumps(scenes_json(sent)))
    session.commands.run("keep_scene.1")
    next_event(session)
    session.scenes.add_file(tmp_path / "sent.json")
    assert next_event(session).text == "Added 1 scene as 2. Styles that this pack lacks are left out while it is used: rembrandt."
    session.commands.run("scene.2")
    assert next_event(session).text == "Scene 'Sent' is shown without rembrandt, of the pack studio: this pack has no such style."
    assert session.params.mix == StyleMix({"senecio": 0.5})
    assert session.scenes.scenes[2].mix == sent[1].mix, "kept whole, for the pack that has it"


def test_a_file_that_is_none_is_a_sentence(session: Session, world: World, tmp_path: Path) -> None:
    """And exporting where nothing can be written, too; a good export can be read."""
    session.scenes.add_file(tmp_path / "none.json")
    assert next_event(session).is_problem
    world.feed.put()
    frame_of(session)
    session.commands.run("keep_scene.2")
    next_event(session)
    session.scenes.export(tmp_path / "no" / "folder.json")
    assert "no folder" in next_event(session).text
    session.scenes.export(tmp_path / "two.json", [2])
    assert next_event(session).text == f"Saved 1 scene as {tmp_path / 'two.json'}."
    given = read_scenes(tmp_path / "two.json")[0][2]
    assert (given.name, given.thumbnail) == ("Senecio", b""), "no frame of the user's camera"


def test_a_recorded_video_keeps_its_size(session: Session) -> None:
    """A scene with everything changes all else."""
    session.scenes.show(Scene.of(RenderParams(StyleMix({"great_wave": 1.0}), {SIZE: 320, CALM: True}), "a", "everything"))
    assert (session.params[SIZE], session.params[CALM]) == (320, True)
    session.commands.run("keep_scene.1", None)
    session.controls.set(SCENE_SCOPE, "everything")
    session.scenes.keep(2)
    session.controls.set(SIZE, 0)
    session.controls.set(CALM, False)
    session.commands.run("record", True)
    session.commands.run("scene.2")
    assert (session.params[SIZE], session.params[CALM]) == (0, True)


def test_scenes_are_there_after_a_restart(session: Session, world: World, tmp_path: Path) -> None:
    """And a file that was damaged is set aside with a sentence."""
    session.commands.run("keep_scene.5")
    path = tmp_path / "data" / "scenes.json"
    until(path.exists)
    session.close()
    second = new_session(world, path)
    assert second.scenes.scenes[5].mix == StyleMix({"senecio": 1.0})
    second.close()
    path.write_bytes(b"{")
    third = new_session(world, path)
    assert "It was set aside as 'scenes.broken.json'." in third.take_events()[0].text
    third.close()
    assert path.with_name("scenes.broken.json").read_bytes() == b"{"


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("")
    kept, problem = scene_store.save({1: Scene.of(RenderParams(), "a")}, {}, tmp_path / "data" / "scenes.json")
    assert kept == {}
    assert problem.startswith("The scenes could not be saved: ")


def test_two_copies_keep_each_others_scenes(session: Session, world: World, tmp_path: Path) -> None:
    """Each writes what it changed, and takes over what the other did; a deleted one does not return."""
    path = tmp_path / "data" / "scenes.json"
    session.commands.run("keep_scene.1")
    session.commands.run("keep_scene.2")
    until(lambda: path.exists() and list(read_scenes(path)[0]) == [1, 2])
    other = new_session(world, path)
    other.scenes.delete(2)
    other.commands.run("keep_scene.7")
    until(lambda: list(read_scenes(path)[0]) == [1, 7])
    session.commands.run("keep_scene.3")
    until(lambda: list(read_scenes(path)[0]) == [1, 3, 7])
    until(lambda: session.scenes.scenes.numbers == (1, 3, 7))
    other.scenes.rename(1, "Opening")
    until(lambda: other.scenes.scenes.numbers == (1, 3, 7))
    assert read_scenes(path)[0][1].name == "Opening"
    other.close()
