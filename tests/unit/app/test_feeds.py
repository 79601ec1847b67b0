"""From a source's text to frames, in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.app.live.source_reader import BackgroundFeed
from stylecam.capture.base import Source, SourceInfo
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger
from stylecam.errors import InputError


class Endless(Source):
    """A live source of grey pictures, or one that hangs."""

    def __init__(self, *, hang: bool = False) -> None:
        self.closed = threading.Event()
        self.opened = threading.Event()
        self._hang = hang

    def open(self) -> SourceInfo:
        """Open at once."""
        self.opened.set()
        return SourceInfo("grey", 8, 6, None, live=True)

    def read(self) -> Frame | None:
        """Deliver until closed."""
        self.closed.wait(30 if self._hang else 0.01)
        return None if self.closed.is_set() else Frame(np.full((6, 8, 3), 99, np.uint8), 0, time.monotonic_ns())

    def close(self) -> None:
        """Wake a blocked read."""
        self.closed.set()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("cameras", "opened"), [([], "demo"), ([("camera:Cam", "Cam"), ("camera:Other", "Other")], "camera:Cam")])
def test_nothing_named_is_the_first_camera_or_the_demo(cameras: list[tuple[str, str]], opened: str) -> None:
    """Without a camera the clip that ships is shown, so that there is always a picture."""
    asked: list[str] = []

    def open_source(text: str) -> Source:
        asked.append(text)
        return Endless()

    feed = BackgroundFeed("", Ledger(), open_source, lambda: cameras)
    frame = feed.frames.take(20)
    assert frame is not None
    assert asked == [opened]
    assert feed.title == "grey 8×6"
    assert feed.problem == ""
    feed.close()


def test_a_photo_comes_once_and_upright(tmp_path: Path) -> None:
    """A picture file is one frame, turned as its camera says, and is titled by its name."""
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (40, 20), "teal").save(tmp_path / "photo.jpg", exif=turned)
    feed = BackgroundFeed(str(tmp_path / "photo.jpg"), Ledger(), lambda text: Endless(), list)
    frame = feed.frames.take(20)
    assert frame is not None
    assert frame.image.shape == (40, 20, 3)
    assert feed.title == "photo.jpg"
    assert feed.frames.take(0) is None
    feed.close()


def test_what_cannot_be_opened_is_a_sentence() -> None:
    """Neither a wrong name nor a fault ends in silence."""

    def refuse(text: str) -> Source:
        raise InputError("There is no source 'x'.") if text == "x" else OSError("broken")

    first = BackgroundFeed("x", Ledger(), refuse, list)
    until(lambda: first.problem == "There is no source 'x'.")
    second = BackgroundFeed("y", Ledger(), refuse, list)
    until(lambda: "broken" in second.problem)
    first.close()
    second.close()


def test_a_damaged_photo_is_a_sentence(tmp_path: Path) -> None:
    """The picture's reader says what is wrong."""
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    feed = BackgroundFeed(str(tmp_path / "bad.jpg"), Ledger(), lambda text: Endless(), list)
    until(lambda: "bad.jpg" in feed.problem)


def test_closing_ends_a_blocked_source() -> None:
    """A read that hangs is woken; nothing more is delivered."""
    source = Endless(hang=True)
    feed = BackgroundFeed("camera:0", Ledger(), lambda text: source, list)
    assert source.opened.wait(20)
    feed.close()
    assert source.closed.is_set()
    assert feed.frames.closed


def test_closing_before_it_is_open_opens_nothing() -> None:
    """A slow look for cameras that ends after the close does not start one."""
    looked, go_on = threading.Event(), threading.Event()
    source = Endless()

    def cameras() -> list[tuple[str, str]]:
        looked.set()
        go_on.wait(20)
        return []

    done = threading.Event()

    def open_source(text: str) -> Source:
        done.set()
        return source

    feed = BackgroundFeed("", Ledger(), open_source, cameras)
    assert looked.wait(20)
    feed.close()
    go_on.set()
    assert done.wait(20)
    assert not source.opened.wait(0.2)
