"""What a user types becomes a source, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylecam.capture.image_folder import ImageFolder
from stylecam.capture.open_source import open_source
from stylecam.capture.stream import Stream
from stylecam.capture.test_pattern import TestPattern
from stylecam.capture.video_file import VideoFile
from stylecam.capture.webcam import Webcam
from stylecam.errors import InputError, UsageError
from tests.unit.capture.clips import RED, plain, write_clip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("demo", VideoFile),
        (" DEMO ", VideoFile),
        ("pattern", TestPattern),
        ("pattern:64x48@10", TestPattern),
        ("camera", Webcam),
        ("camera:0", Webcam),
        ("camera:HD: Cam", Webcam),
        ("1", Webcam),
        ("http://127.0.0.1/x", Stream),
        ("RTSP://127.0.0.1/x", Stream),
        ("{folder}", ImageFolder),
        ("{folder}/a.MP4", VideoFile),
        ("{folder}/a.JPG", ImageFolder),
    ],
)
def test_each_kind(tmp_path: Path, text: str, kind: type) -> None:
    """Every way to name a source leads to its kind; nothing is opened yet."""
    (tmp_path / "a.MP4").touch()
    (tmp_path / "a.JPG").touch()
    assert type(open_source(text.format(folder=tmp_path), tmp_path / "demo.mp4")) is kind


def test_pattern_has_what_was_asked_for(tmp_path: Path) -> None:
    """Size is taken from the text."""
    info = open_source("pattern:64x48@10", tmp_path).open()
    assert (info.width, info.height, info.live) == (64, 48, True)


def test_the_demo_goes_round(tmp_path: Path) -> None:
    """The demo clip is looped without being asked."""
    demo = write_clip(tmp_path / "demo.mp4", [plain(RED)])
    source = open_source("demo", demo)
    source.open()
    assert all(source.read() is not None for _ in range(3))
    source.close()


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        ("", UsageError, "No source is named"),
        ("pattern:big", UsageError, "write it like pattern:1280x720@30"),
        ("pattern:", UsageError, "write it like"),
        ("htp://host/x", UsageError, r"htp://.*Did you mean http"),
        ("file:///etc/passwd", UsageError, "file://"),
        ("patern", InputError, "Did you mean pattern"),
        ("{folder}/hollyday.mp4", InputError, r"Did you mean .*holiday\.mp4"),
        ("x" * 5000, InputError, "There is no source"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, error: type[Exception], sentence: str) -> None:
    """Slips are answered with what was probably meant."""
    (tmp_path / "holiday.mp4").touch()
    with pytest.raises(error, match=sentence):
        open_source(text.format(folder=tmp_path), tmp_path / "demo.mp4")
