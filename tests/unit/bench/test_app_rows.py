"""The app's rows of the speed table, with an app that answers at once."""

from __future__ import annotations

import pytest

from stylecam.bench.app import rows as app_rows
from stylecam.bench.app.latency import Latency
from stylecam.bench.app.rows import AppFigures, frames_at, measure_app
from stylecam.core.progress import Progress
from stylecam.errors import EngineError

NUMBERS = {"engine": "openvino bf16 on CPU", "shown_latency_ms": 70.0, "shown_latency_p95_ms": 80.0, "shown_fps": 19.0, "screen": "Xvfb"}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str, bool]]:
    """Answer in the app's place, but not at 8x8; returns the runs that were asked for."""
    asked: list[tuple[str, int, str, bool]] = []

    def run_app(source: str, frames: int, *, pack: str, size_px: int, quality: str, record: bool) -> dict[str, object]:
        asked.append((source, frames, quality, record))
        if size_px == 8:
            raise EngineError("The app could not be timed: too small.")
        return NUMBERS | {"startup_s": 1.0 + len(asked), "peak_rss_mb": 100.0 * len(asked), "stages_ms": {"engine": 50.0}}

    monkeypatch.setattr(app_rows, "run_app", run_app)
    monkeypatch.setattr(app_rows, "measure_latency", lambda w, h, frames, pack, quality: Latency(81.0, float(w), float(h), float(frames)))
    return asked


def measure(*sizes: tuple[int, int]) -> tuple[list[str], AppFigures]:
    """Return the messages and the figures."""
    *progress, found = measure_app("live32", "tiny", sizes)
    assert isinstance(found, AppFigures)
    return [item.message for item in progress if isinstance(item, Progress)], found


def test_each_size_is_run_three_times_fast_and_fine(runs: list[tuple[str, int, str, bool]]) -> None:
    """As it is, with a network camera for the latencies, and recording; a row each for the first and the last."""
    messages, found = measure((640, 480))
    assert runs == [("pattern:640x480@30", 120, quality, record) for quality in ("fast", "fine") for record in (False, True)]
    assert messages == [
        f"the app at 640x480, {quality}{what}"
        for quality in ("fast", "fine")
        for what in ("", ", watching a network camera", ", recording")
    ]
    assert [(row.fast, row.recording) for row in found.rows] == [(True, False), (True, True), (False, False), (False, True)]
    plain, recording, *_ = found.rows
    assert (plain.what, plain.engine, plain.precision, plain.pack, plain.recording) == ("app", "openvino", "bf16", "tiny", False)
    assert (plain.ms_median, plain.ms_p95, plain.fps, plain.stages_ms) == (70.0, 80.0, 19.0, {"engine": 50.0})
    assert (plain.sent_to_shown_ms_median, plain.sent_to_shown_ms_p95) == (81.0, 640.0)
    assert (plain.control_ms_median, plain.control_ms_p95) == (480.0, 120.0)
    assert recording.recording
    assert recording.sent_to_shown_ms_median is None
    assert (found.startup_s, found.peak_rss_mb, found.screen) == (2.0, 400.0, "Xvfb")


def test_a_size_that_the_app_does_not_manage_is_left_out(runs: list[tuple[str, int, str, bool]]) -> None:
    """Its sentence is reported and the other sizes have their rows."""
    messages, found = measure((8, 8), (640, 480))
    assert messages[1] == "left out the app at 8x8: The app could not be timed: too small."
    assert [(row.width, row.recording) for row in found.rows] == [(640, False), (640, True)] * 2


def test_large_frames_are_stylized_less_often() -> None:
    """A run at 4K would take minutes otherwise; so few frames that a 95th percentile means nothing are never run."""
    assert frames_at(640, 480) == 120
    assert 40 < frames_at(1280, 720) < 120
    assert frames_at(3840, 2160) == 40
