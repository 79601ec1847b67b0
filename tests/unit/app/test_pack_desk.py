"""Opening packs, adding styles, and every way back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.additions import join_styles, load_with_additions
from stylecam.app.live.interfaces import Event
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core import paths
from stylecam.core.mix import StyleMix
from stylecam.core.params import STRENGTH, RenderParams
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.library import PackLibrary
from stylecam.packs.ops import subset
from stylecam.packs.store import save_pack, save_styles
from tests.fakes import gradient, tiny_pack
from tests.live_fakes import World
from tests.train_fakes import write_style


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a session with true packs: the tiny one is shown, and another is installed."""
    save_pack(tiny_pack(), paths.user_packs() / "tiny")
    save_pack(tiny_pack(["senecio", "alien"], seed=5, name="alien"), paths.user_packs() / "alien")
    library = PackLibrary([paths.user_packs()])
    services = replace(
        World().services(), join_styles=partial(join_styles, library), load_pack=lambda name: load_with_additions(library, name)
    )
    session = Session(tiny_pack(), services, settings=Settings(mix={"senecio": 0.5, "great_wave": 0.5}, locked=("senecio",)))
    yield session
    session.close(20)


def next_event(session: Session) -> Event:
    """Wait for the next thing that is said."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for event in session.take_events():
            return event
        time.sleep(0.01)
    raise AssertionError("nothing was said")


def act(event: Event, words: str) -> Callable[[], object]:
    """Return what a button of the notice does."""
    return dict(event.acts)[words]


def test_a_style_only_pack_joins_and_can_be_shown_or_taken_back(session: Session, tmp_path: Path) -> None:
    """The mix and the name to remember stay; Undo takes the copy among the user's packs away too."""
    write_style(tmp_path / "friend.stylepack", "friend", "Grandma's garden")
    session.open_pack(str(tmp_path / "friend.stylepack"))
    event = next_event(session)
    assert (event.text, event.styles) == ("Added to the rack: Grandma's garden.", ("friend",))
    assert session.controls.styles == session.pack.style_ids == (*tiny_pack().style_ids, "friend")
    assert session.controls.mix() == StyleMix({"senecio": 0.5, "great_wave": 0.5})
    assert (session.pack_name, (paths.user_packs() / "friend.stylepack").is_file()) == ("tiny", True)
    act(event, "Show it")()
    assert session.controls.mix() == StyleMix({"friend": 1.0})
    act(event, "Undo")()
    assert session.pack.style_ids == tiny_pack().style_ids
    assert next_event(session).pack is session.pack
    deadline = time.monotonic() + 20
    while (paths.user_packs() / "friend.stylepack").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_go_back_brings_pack_mix_and_locks(session: Session) -> None:
    """What the other pack lacks is named, and is in the mix again after the way back."""
    session.open_pack("alien")
    event = next_event(session)
    assert event.text == "Opened the pack Alien. It lacks Great Wave, which left the mix."
    assert session.controls.mix() == StyleMix({"senecio": 0.5})
    act(event, "Go back")()
    assert (session.pack_name, session.pack.style_ids) == ("tiny", tiny_pack().style_ids)
    assert session.controls.mix() == StyleMix({"senecio": 0.5, "great_wave": 0.5})
    assert session.controls.locked == {"senecio"}


def test_styles_for_another_network_open_its_pack(session: Session, tmp_path: Path) -> None:
    """And Undo goes back to the one that was shown."""
    save_styles(subset(tiny_pack(["guest", "x", "y"], seed=5), ["guest"], name="guest"), tmp_path / "guest.stylepack")
    session.open_pack(str(tmp_path / "guest.stylepack"))
    event = next_event(session)
    assert (session.pack_name, session.pack.style_ids) == ("alien", ("senecio", "alien", "guest"))
    assert "Great Wave, which left the mix" in event.text
    act(event, "Undo")()
    assert (session.pack_name, session.pack.style_ids) == ("tiny", tiny_pack().style_ids)


def test_the_last_style_is_never_removed(session: Session) -> None:
    """A rack without a card would be a dead end."""
    session.packs.remove_styles(session.pack.style_ids)
    assert session.pack.style_ids == tiny_pack().style_ids


def test_a_style_is_the_same_below_full_strength_out_of_either_pack(tmp_path: Path) -> None:
    """A style-only pack takes the way to the photo from the network's pack: pixel for pixel the same at every strength (D9)."""
    whole = tiny_pack(identity=True)
    save_pack(whole, tmp_path / "tiny")
    save_styles(subset(whole, ["senecio"]), tmp_path / "one.stylepack")
    alone = PackLibrary([tmp_path]).load("one")
    image = gradient(48, 64)
    for strength in (0.2, 0.79, 1.0):
        params = RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: strength})
        with Stylizer(whole, engine="onnx") as first, Stylizer(alone, engine="onnx") as second:
            np.testing.assert_array_equal(first.stylize(image, params), second.stylize(image, params))
    assert alone.title == "Senecio"
