"""The session on its real services, with only the engine a stand-in: source, snapshot and recording fit together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.app.live import services as services_module
from stylecam.app.live.interfaces import Event
from stylecam.app.live.services import build_services
from stylecam.app.live.session import Session
from stylecam.core import paths
from stylecam.effects.mirror import MIRROR
from stylecam.packs.library import PackLibrary
from stylecam.packs.pack import StylePack
from stylecam.packs.store import save_pack
from stylecam.render.budget import ThreadBudget
from tests.fakes import FakeEngine, tiny_pack


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session without a source."""
    services = build_services(PackLibrary([tmp_path]), "auto", ThreadBudget.of(1))
    services = replace(services, open_engine=lambda pack, _: FakeEngine(pack.config), find_cameras=list)
    session = Session(tiny_pack(), services)
    session.controls.set_weight("senecio", 1.0)
    return session


def test_the_named_engine_and_device_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command line names reaches the engine, which may warm a faster one."""
    seen: list[tuple[object, ...]] = []

    def open_engine(pack: StylePack, name: str, *, device: str, warm: bool, **_: object) -> FakeEngine:
        seen.append((name, device, warm))
        return FakeEngine(pack.config)

    monkeypatch.setattr(services_module, "open_engine", open_engine)
    build_services(PackLibrary([tmp_path]), "openvino", ThreadBudget.of(1), device="intel-gpu").open_engine(tiny_pack(), "fine")
    assert seen == [("openvino", "intel-gpu", True)]


def next_event(session: Session) -> Event:
    """Wait for one event."""
    events: list[Event] = []
    until(lambda: bool(events.extend(session.take_events()) or events))
    return events[0]


def test_the_pattern_is_stylized_recorded_and_saved(session: Session) -> None:
    """A clip and a still lie in the user's folders, named by the style, and both can be opened."""
    session.open_source("pattern:64x48@30")
    session.switch_sink("record", on=True)
    until(lambda: session.ledger.snapshot()[0].get("recorded", 0) >= 3)
    assert "64×48" in session.status().source
    rendered = session.previews.take(20)
    assert rendered is not None
    session.snapshots.save(rendered)
    assert next_event(session).text.startswith("Saved ")
    session.switch_sink("record", on=False)
    assert next_event(session).text.startswith("Recorded ")
    assert session.close(20)
    (clip,), (picture,) = paths.user_videos().iterdir(), paths.user_pictures().iterdir()
    assert "senecio" in clip.name
    assert "senecio" in picture.name
    np.testing.assert_array_equal(cv2.imread(str(picture))[..., ::-1], rendered.image)
    capture = cv2.VideoCapture(str(clip))
    assert capture.read()[0]
    capture.release()


def test_a_source_that_is_not_there_is_said(session: Session) -> None:
    """The capture room's sentence reaches the status."""
    session.open_source("no such file.mp4")
    until(lambda: "no such file.mp4" in session.status().source_problem)
    assert session.close(20)


def test_a_pack_is_loaded_from_the_library(session: Session, tmp_path: Path) -> None:
    """By name; one that is missing is said."""
    save_pack(tiny_pack(["other"], name="second"), tmp_path / "second")
    session.open_pack("second")
    pack = next_event(session).pack
    assert pack is not None
    assert pack.style_ids == ("other",)
    session.open_pack("third")
    assert "There is no style pack 'third'" in next_event(session).text
    assert session.close(20)


def test_a_wrong_file_leaves_the_frame(session: Session, tmp_path: Path) -> None:
    """A text that is called a clip is reported; the source that was shown goes on, under its own name."""
    (tmp_path / "fake.mp4").write_text("no clip")
    session.open_source("pattern:64x48@30")
    until(lambda: session.latest is not None)
    session.open_source(str(tmp_path / "fake.mp4"))
    assert "fake.mp4" in next_event(session).text
    assert session.source == "pattern:64x48@30"
    assert session.status().source_problem == ""
    assert "64×48" in session.status().source
    before = session.ledger.snapshot()[0]["rendered"]
    until(lambda: session.ledger.snapshot()[0]["rendered"] > before + 2)
    assert session.close(20)


def test_a_clip_called_like_a_camera_is_no_mirror(session: Session, tmp_path: Path, repository: Path) -> None:
    """Writing in camera_walk.mp4 stays readable."""
    clip = tmp_path / "camera_walk.mp4"
    clip.write_bytes((repository / "assets" / "clips" / "demo.mp4").read_bytes())
    session.controls.set(MIRROR, True)
    session.open_source(str(clip))
    until(lambda: session.latest is not None)
    assert not session.params[MIRROR]
    assert session.close(20)
