"""What a traced run tells: numbers read off the photos, and sliders that are followed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from stylecam.app.settings import Settings
from stylecam.capture import frame_number
from stylecam.gui.live.latency_probe import Trace
from stylecam.gui.main import WindowJob, build_window, run_frames
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World

PHOTO = np.full((120, 160, 3), 128, np.uint8)


@pytest.fixture
def run(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., tuple[MainWindow, dict[str, object]]]]:
    """Run the window with photos that carry 500, 501, … in their corners (or none); returns it and its trace."""
    windows: list[MainWindow] = []

    def run(frames: int, moves: int = 0, *, marked: bool = True) -> tuple[MainWindow, dict[str, object]]:
        world, numbers = World(), iter(range(500, 60_000))
        stats = tmp_path / "stats.json"
        settings = Settings(params={"size_px": 0})
        job = WindowJob(world.services(), tiny_pack(), "tiny", settings, lambda _: "", "demo", frames=frames, stats=stats, moves=moves)
        window = build_window(job)
        windows.append(window)
        trace = Trace(window, moves)
        window.show()
        timer = QTimer()
        timer.timeout.connect(lambda: world.feed.put(frame_number.draw(PHOTO, next(numbers)) if marked else PHOTO))
        timer.start(10)
        assert run_frames(qapp, window, job, trace) == 0
        timer.stop()
        found: dict[str, object] = json.loads(stats.read_text())["trace"]
        return window, found

    yield run
    for window in windows:
        window.close()


def test_every_stylized_photo_is_noted_with_its_number_and_time(run: Callable[..., tuple[MainWindow, dict[str, object]]]) -> None:
    """The numbers are those that were sent, in their order, and the times follow the window's own first drawing."""
    begun = time.monotonic_ns()
    window, trace = run(5)
    painted = trace["painted"]
    assert isinstance(painted, list)
    assert 5 <= len(painted) <= window.frames_shown
    numbers, times = zip(*painted, strict=True)
    assert all(500 <= number < 60_000 for number in numbers)
    assert list(numbers) == sorted(set(numbers))
    assert list(times) == sorted(times)
    assert begun < trace["window_ns"] <= trace["first_painted_ns"] == times[0] < time.monotonic_ns()  # type: ignore[operator]
    assert trace["control_ms"] == []


def test_photos_without_a_number_are_not_noted(run: Callable[..., tuple[MainWindow, dict[str, object]]]) -> None:
    """Nothing is guessed: the time of the first frame is known, which photo it was is not."""
    _, trace = run(3, marked=False)
    assert trace["painted"] == []
    assert trace["first_painted_ns"] is not None


def test_moves_are_made_and_followed(run: Callable[..., tuple[MainWindow, dict[str, object]]]) -> None:
    """The run lasts until each move of the slider was seen in a frame; an odd number of moves leaves it elsewhere."""
    window, trace = run(1, moves=3)
    control_ms = trace["control_ms"]
    assert isinstance(control_ms, list)
    assert len(control_ms) == 3
    assert all(ms > 0 for ms in control_ms)
    assert window.rack.rows["starry_night"].slider.value() == 40
    assert window.shown is not None
    assert window.shown.params.mix.weights["starry_night"] == 0.4
