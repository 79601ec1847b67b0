"""From a source's text to frames, in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.app.live.interfaces import FeedRequest
from stylecam.app.live.services import source_of
from stylecam.app.live.source_reader import BackgroundFeed
from stylecam.capture.base import DEFAULT_FORMAT, CameraFormat, Source, SourceInfo
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger
from stylecam.errors import InputError


class Endless(Source):
    """A live source of grey frames, or one that hangs."""

    def __init__(self, *, hang: bool = False) -> None:
        self.closed = threading.Event()
        self.opened = threading.Event()
        self._hang = hang

    def open(self) -> SourceInfo:
        """Open at once."""
        self.opened.set()
        return SourceInfo("grey", 8, 6, live=True)

    def read(self) -> Frame | None:
        """Deliver until closed."""
        self.closed.wait(30 if self._hang else 0.01)
        return None if self.closed.is_set() else Frame(np.full((6, 8, 3), 99, np.uint8), 0, time.monotonic_ns())

    def close(self) -> None:
        """Wake a blocked read."""
        self.closed.set()


def feed_of(
    text: str,
    open_source: Callable[[str, CameraFormat], Source],
    cameras: Callable[[], list[tuple[str, str]]],
    first: Callable[[], object] = int,
) -> BackgroundFeed:
    """Start a feed."""
    return BackgroundFeed(FeedRequest(text, DEFAULT_FORMAT, first), Ledger(), open_source, cameras)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a background thread does."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("cameras", "opened"), [([], "demo"), ([("camera:Cam", "Cam"), ("camera:Other", "Other")], "camera:Cam")])
def test_nothing_named_is_the_first_camera_or_the_demo(cameras: list[tuple[str, str]], opened: str) -> None:
    """Without a camera the clip that ships is shown, so that there is always a frame."""
    asked: list[str] = []

    def open_source(text: str, camera: CameraFormat) -> Source:
        asked.append(text)
        return Endless()

    feed = feed_of("", open_source, lambda: cameras)
    frame = feed.frames.take(20)
    assert frame is not None
    assert asked == [opened]
    assert feed.title == "grey 8×6"
    assert feed.problem == ""
    feed.close()


def test_a_photo_comes_once_and_in_display_orientation(tmp_path: Path) -> None:
    """An image file is one frame, turned as its camera says, and is titled by its name."""
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (40, 20), "teal").save(tmp_path / "photo.jpg", exif=turned)
    feed = feed_of(str(tmp_path / "photo.jpg"), lambda text, camera: Endless(), list)
    frame = feed.frames.take(20)
    assert frame is not None
    assert frame.image.shape == (40, 20, 3)
    assert feed.title == "photo.jpg"
    assert feed.frames.take(0) is None
    feed.close()


def test_what_cannot_be_opened_is_a_sentence() -> None:
    """Neither a wrong name nor a fault ends in silence."""

    def refuse(text: str, camera: CameraFormat) -> Source:
        raise InputError("There is no source 'x'.") if text == "x" else OSError("broken")

    first = feed_of("x", refuse, list)
    until(lambda: first.problem == "There is no source 'x'.")
    second = feed_of("y", refuse, list)
    until(lambda: "broken" in second.problem)
    first.close()
    second.close()


def test_a_damaged_photo_is_a_sentence(tmp_path: Path) -> None:
    """The image's reader says what is wrong."""
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    feed = feed_of(str(tmp_path / "bad.jpg"), lambda text, camera: Endless(), list)
    until(lambda: "bad.jpg" in feed.problem)


def test_closing_ends_a_blocked_source() -> None:
    """A read that hangs is woken; nothing more is delivered."""
    source = Endless(hang=True)
    feed = feed_of("camera:0", lambda text, camera: source, list)
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

    def open_source(text: str, camera: CameraFormat) -> Source:
        done.set()
        return source

    feed = feed_of("", open_source, cameras)
    assert looked.wait(20)
    feed.close()
    go_on.set()
    assert done.wait(20)
    assert not source.opened.wait(0.2)


def test_waiting_ends_when_frames_come_or_when_it_is_sure_that_none_will(tmp_path: Path, repository: Path) -> None:
    """A photo, a live source and a clip are open without a sentence, each only then; a text that is called a clip is not, and says why."""
    photo, fake = tmp_path / "photo.png", tmp_path / "fake.mp4"
    Image.new("RGB", (8, 8)).save(photo)
    fake.write_text("no clip")
    for text in (str(photo), "pattern", str(repository / "assets" / "clips" / "demo.mp4")):
        feed = feed_of(text, source_of, list)
        assert feed.wait_open() == ""
        assert feed.frames.take(20) is not None
        feed.close()
    for text, said in ((str(fake), "fake.mp4"), ("nowhere.mp4", "no source 'nowhere.mp4'"), ("patern", "Did you mean pattern")):
        feed = feed_of(text, source_of, list)
        assert said in feed.wait_open()
        feed.close()
    slow = feed_of("camera:0", lambda text, camera: Endless(hang=True), list, lambda: time.sleep(0.2))
    assert slow.wait_open() == "", "a live source that is open may take its time"
    slow.close()


def test_the_source_says_whether_it_is_a_camera() -> None:
    """Not its name: a clip called camera_walk.mp4 is none, and the demo clip that stands in for a missing camera is none either."""

    class Webcam(Endless):
        is_camera = True

    for text, source, wanted in (("camera_walk.mp4", Endless(), False), ("", Endless(), False), ("1", Webcam(), True)):
        feed = feed_of(text, lambda text, camera, source=source: source, list)  # type: ignore[misc]
        feed.wait_open()
        assert feed.is_camera is wanted
        feed.close()


def test_another_reader_gives_the_device_back_before_it_is_opened() -> None:
    """What is to be done first is done in the feed's thread, and ends before the source is made."""
    order: list[str] = []

    def open_source(text: str, camera: CameraFormat) -> Source:
        order.append("opened")
        return Endless()

    feed = feed_of("camera:0", open_source, list, lambda: (time.sleep(0.1), order.append("given back")))
    feed.wait_open()
    assert order == ["given back", "opened"]
    feed.close()
