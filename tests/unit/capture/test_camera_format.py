"""What a user asks of a camera."""

from __future__ import annotations

import sys

import pytest

from stylecam.app.live import services
from stylecam.app.live.interfaces import FeedRequest
from stylecam.capture import devices
from stylecam.capture.base import CameraFormat
from stylecam.capture.open_source import is_camera
from stylecam.core.queues import Ledger
from stylecam.errors import UsageError
from stylecam.render.budget import ThreadBudget


@pytest.mark.parametrize(
    ("text", "form"),
    [("1280x720@30", CameraFormat()), ("640X480", CameraFormat(640, 480)), (" 1920x1080@59.94 ", CameraFormat(1920, 1080, 59.94))],
)
def test_a_format_is_read_and_written_again(text: str, form: CameraFormat) -> None:
    """Size, and a rate if one is given; what is written can be read."""
    assert CameraFormat.parse(text) == form == CameraFormat.parse(str(form))


@pytest.mark.parametrize("text", ["", "720p", "1280x720@", "1280x720@fast", "0x0", "8x8@30", "1280x720@0", "99999x720", "1280x720@1000"])
def test_what_no_camera_has_is_refused(text: str) -> None:
    """In a sentence that shows how it is written."""
    with pytest.raises(UsageError, match="1280x720@30"):
        CameraFormat.parse(text)


def test_which_sources_are_cameras() -> None:
    """A file whose name begins with "camera" is none."""
    assert all(is_camera(text) for text in ("", "camera", "CAMERA:1", "camera: HD Cam", "0"))
    assert not any(is_camera(text) for text in ("camera_walk.mp4", "cameras/a.mp4", "demo", "pattern", "http://camera/x"))


def test_macos_is_asked_once_and_only_for_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question is put in the thread that starts the source, which is the window's, before the camera is opened."""
    asked: list[bool] = []
    monkeypatch.setattr(devices, "ask_permission", lambda: asked.append(True))
    monkeypatch.setattr(services, "BackgroundFeed", lambda *arguments: arguments[0])
    built = services.build_services(None, "auto", ThreadBudget.of())  # type: ignore[arg-type]
    built.start_feed(FeedRequest("camera", CameraFormat()), Ledger())
    assert asked == []
    monkeypatch.setattr(sys, "platform", "darwin")
    for text in ("demo", "camera:0", "camera:1", ""):
        built.start_feed(FeedRequest(text, CameraFormat()), Ledger())
    assert asked == [True]
