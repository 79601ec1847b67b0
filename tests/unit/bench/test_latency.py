"""Latency from end to end: the real app in a child process, watching a real camera on this computer."""

from __future__ import annotations

import pytest

from stylecam.bench.app import latency
from stylecam.bench.app.latency import Latency, measure_latency, sent_to_shown_ms

MS = 1_000_000


def test_a_shown_frame_belongs_to_the_last_sending_of_its_number() -> None:
    """Numbers come again after a while; a number that nobody sent before is skipped."""
    sent = [(0, 0), (1, 10 * MS), (0, 100 * MS), (1, 110 * MS)]
    shown = [(0, 40 * MS), (1, 60 * MS), (1, 180 * MS), (0, 100 * MS), (7, 200 * MS)]
    assert sent_to_shown_ms(sent, shown) == [40, 50, 70, 0]
    assert sent_to_shown_ms([(3, 10 * MS)], [(3, 5 * MS)]) == []


def test_the_app_shows_what_the_camera_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers go through JPEG, network, capture and render thread to the screen; the slider's moves come back as times."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    found = measure_latency(320, 240, 12, pack="live32", moves=2)
    assert 0 < found.sent_to_shown_ms_median <= found.sent_to_shown_ms_p95  # type: ignore[operator]
    assert 0 < found.control_ms_median <= found.control_ms_p95  # type: ignore[operator]


def test_a_frame_too_small_for_a_number_has_no_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is reported, rather than a guess; the slider is followed all the same."""
    trace = {"painted": [], "control_ms": [30.0, 50.0]}
    monkeypatch.setattr(latency, "run_app", lambda *_, **__: {"trace": trace})
    assert measure_latency(64, 48, 2, pack="live32") == Latency(None, None, 40.0, 49.0)
