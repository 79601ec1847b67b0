"""Snapshots, stills in full size, and the photobooth."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.services import save_image
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core.mix import StyleMix
from stylecam.core.params import SIZE
from stylecam.core.recording_params import NAME_PATTERN, SNAPSHOT_FOLDER
from stylecam.effects.mirror import MIRROR
from stylecam.engines.base import Image
from tests.fakes import gradient, tiny_pack
from tests.live_fakes import PHOTO, World
from tests.unit.app.test_session import next_event, picture, until


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """Return a session that shows half of a camera's size."""
    session = Session(tiny_pack(), world.services(), settings=Settings(mix={"senecio": 1.0}, params={"size_px": 32, "calm": False}))
    session.take_events()
    session.open_source("demo")
    yield session
    session.close()


def test_a_snapshot_says_its_size_and_offers_more(session: Session, world: World) -> None:
    """Of a frame that was stylized smaller than it came, the whole of it can be had, as it was at that moment."""
    world.feed.put()
    rendered = picture(session)
    session.snapshots.save(rendered)
    event = next_event(session)
    assert event.text == "Saved shot.png, 32×24 pixels."
    assert event.offers == (("Save it in full, 64×48", "snapshot_full"),)
    world.feed.put(np.zeros_like(PHOTO))
    picture(session, lambda r: not r.frame.image.any())
    session.commands.run("snapshot_full")
    assert next_event(session).text == "Saved shot.png, 64×48 pixels."
    assert world.saved[0].shape == (24, 32, 3)
    assert world.saved[1].shape == PHOTO.shape
    assert world.saved[1].any()  # the frame of the snapshot, not the black one that came later


def test_what_is_whole_already_is_not_offered_again(session: Session, world: World) -> None:
    """In its own size there is no more to have, but of a fast frame a finer one, which is not called larger."""
    session.controls.set(SIZE, 0)
    world.feed.put()
    rendered = picture(session, lambda r: r.image.shape == PHOTO.shape)
    session.snapshots.save(rendered)
    assert next_event(session).offers == ()
    session.snapshots.save(replace(rendered, quality="fast (auto)"))
    assert next_event(session).offers == (("Save it finer", "snapshot_full"),)


def test_without_a_frame_there_is_nothing_to_save(session: Session) -> None:
    """A sentence, for each of the ways."""
    assert session.snapshots.shoot() is None
    for command in ("snapshot", "snapshot_full"):
        session.commands.run(command)
        assert next_event(session).text == "There is no frame yet."


def test_one_shot_is_seen_in_styles_and_kept_twice(session: Session, world: World) -> None:
    """All previews are of the same frame, though others come; what is kept is plain and in the chosen style, in full size, as mirrored."""
    session.controls.set(MIRROR, True)
    world.feed.put()
    picture(session, lambda r: r.params[MIRROR])
    shot = session.snapshots.shoot()
    assert shot is not None
    world.feed.put(np.zeros_like(PHOTO))
    seen: dict[str, Image] = {}
    session.snapshots.show_styles(shot, session.pack.style_ids[:2], seen.__setitem__)
    until(lambda: len(seen) == 2)
    assert all(image.shape == PHOTO.shape and image.any() for image in seen.values())
    session.snapshots.keep(shot, session.pack.style_ids[0])
    assert next_event(session).text == "Saved shot.png and shot.png, 64×48 pixels."
    plain, stylized = world.saved
    np.testing.assert_array_equal(plain, PHOTO[:, ::-1])
    assert stylized.shape == plain.shape
    assert (stylized != plain).any()


def test_a_snapshot_goes_where_the_user_wants_it(tmp_path: Path) -> None:
    """Folder and name are options."""
    values = {SNAPSHOT_FOLDER: str(tmp_path / "mine"), NAME_PATTERN: "{styles} of {date}"}
    path = save_image(gradient(), ("senecio",), lambda param: values[param])
    assert path.parent == tmp_path / "mine"
    assert path.name == f"senecio of {datetime.date.today()}.png"


def test_the_booth_begins_with_what_is_in_use() -> None:
    """The mix, then favourites, then others; six at most, each once, none that the pack lacks."""
    from stylecam.app.live.snapshots import booth_styles

    styles = [f"style_{number}" for number in range(10)]
    found = booth_styles(StyleMix({"style_3": 0.1, "style_7": 0.9, "gone": 1.0}), ["style_7", "style_1"], styles)
    assert found[:3] == ("style_7", "style_3", "style_1")
    assert len(set(found)) == 6
    assert set(found) <= set(styles)
    assert booth_styles(StyleMix(), [], styles[:2]) in {("style_0", "style_1"), ("style_1", "style_0")}
