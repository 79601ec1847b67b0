"""A training beside a session, without a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stylecam.app.child_job import DONE
from stylecam.app.live.session import Session
from stylecam.app.training import job as train_job
from stylecam.app.training.desk import TrainingDesk, ending_of, progress_of
from stylecam.app.training.runs import TrainRequest
from stylecam.core.mix import StyleMix
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.train_fakes import COMMAND, PIXEL


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Return a session, with the fake trainer in the real one's place."""
    monkeypatch.setattr(train_job, "PROGRAM", COMMAND)
    monkeypatch.setenv("FAKE_STEPS", "30")
    session = Session(tiny_pack(), World().services(), "packs/mine.stylepack")
    yield session
    session.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_style_is_learnt_shown_and_stays(session: Session, tmp_path: Path) -> None:
    """It joins the session as it grows, is shown alone at first, and not again once the user ended that; the end is a sentence."""
    style_image = tmp_path / "garden.png"
    style_image.write_bytes(PIXEL)
    desk = TrainingDesk(session)
    assert desk.pack_name == str(Path("packs/mine.stylepack").absolute()), "the trainer runs somewhere else"
    assert {"senecio", "great_wave"} <= desk.taken_ids
    run = desk.prepare(TrainRequest("my_garden", "My Garden", "Me", "tiny"), style_image)
    job = desk.launch(run)
    assert desk.is_busy
    assert "Starting" in progress_of(job.status()) or "step" in progress_of(job.status())
    until(lambda: desk.follow() and session.controls.solo == "my_garden")
    assert session.params.mix == StyleMix({"my_garden": 1.0})
    session.controls.set_solo("my_garden", on=False)
    until(lambda: (status := desk.follow()) is not None and status.is_over)
    status = desk.follow()
    assert status is not None
    assert status.state == DONE
    assert ending_of(run, status) == "“My Garden” is trained: it is in the rack, and in your packs."
    assert session.controls.solo is None
    assert "my_garden" in session.controls.styles
    desk.close()
