"""From what a user types to a source."""

from __future__ import annotations

import re
from pathlib import Path

from stylecam.capture.base import DEFAULT_FORMAT, CameraFormat, Source
from stylecam.capture.image_folder import ImageFolder
from stylecam.capture.test_pattern import TestPattern
from stylecam.errors import InputError, UsageError, did_you_mean
from stylecam.media.formats import IMAGES, MOVING_IMAGES

HELP = "demo, pattern[:WIDTHxHEIGHT[@FPS]], camera[:NUMBER or NAME], a clip, a picture, a folder of pictures, or an http or rtsp address"

_SCHEMES = ("http", "https", "rtsp", "rtsps")
_PATTERN = re.compile(r"(\d+)x(\d+)(?:@(\d+(?:\.\d+)?))?", re.IGNORECASE)


def open_source(
    text: str,
    demo: Path,
    *,
    camera: CameraFormat = DEFAULT_FORMAT,
    loop: bool = False,
) -> Source:
    """Return the source that `text` names, not opened yet; OpenCV and FFmpeg are loaded only for what needs them.

    Args:
        text: see `HELP`.
        demo: where the demo clip lies; it is always looped.
        camera: the size and rate to ask of a camera.
        loop: begin clips and folders again at their end.

    Raises:
        UsageError: `text` is not written as it should be.
        InputError: there is no such file or folder.
    """
    text = text.strip()
    word, colon, rest = text.partition(":")
    word, rest = word.lower(), rest.strip()
    if not text:
        raise UsageError(f"No source is named; give {HELP}.")
    if text.lower() == "demo":
        return _video(demo, loop=True, hide_number=True)
    if word == "pattern":
        return _pattern(text, rest) if colon else TestPattern()
    if word == "camera":
        return _camera(rest, camera)
    if "://" in text:
        return _stream(text, word)
    path = Path(text).expanduser()
    try:
        exists, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # too long, or a zero byte
        exists = folder = False
    if not exists:
        if text.isdecimal():
            return _camera(text, camera)
        raise InputError(f"There is no source '{text}'.{_similar(text, path)} Give {HELP}.")
    if folder or path.suffix.lower() in IMAGES - MOVING_IMAGES:
        return ImageFolder(path, loop=loop)
    return _video(path, loop=loop)


def is_camera(text: str) -> bool:
    """Return whether a source's text names a camera; an empty one names the first.

    >>> [is_camera(text) for text in ("", "camera", "Camera:HD Cam", "camera_walk.mp4", "demo")]
    [True, True, True, False, False]
    """
    text = text.strip()
    return not text or text.partition(":")[0].lower() == "camera" or (text.isdecimal() and not Path(text).exists())


def _pattern(text: str, rest: str) -> Source:
    match = _PATTERN.fullmatch(rest)
    if match is None:
        raise UsageError(f"'{text}' is no test pattern; write it like pattern:1280x720@30.")
    return TestPattern(int(match[1]), int(match[2]), float(match[3] or 30))


def _camera(which: str, form: CameraFormat) -> Source:
    from stylecam.capture.webcam import Webcam

    return Webcam(which, form)


def _stream(text: str, scheme: str) -> Source:
    if scheme not in _SCHEMES:
        hint = did_you_mean(scheme, _SCHEMES)
        raise UsageError(f"Addresses that begin with {scheme}:// cannot be opened.{hint} Use one of {', '.join(_SCHEMES)}.")
    from stylecam.capture.stream import Stream

    return Stream(text)


def _video(path: Path, *, loop: bool, hide_number: bool = False) -> Source:
    from stylecam.capture.video_file import VideoFile

    return VideoFile(path, loop=loop, hide_number=hide_number)


def _similar(text: str, path: Path) -> str:
    """Return " Did you mean …?" among the words and what lies in the folder."""
    try:
        beside = {entry.name.lower(): str(path.with_name(entry.name)) for entry in path.parent.iterdir()}
    except (OSError, ValueError):
        beside = {}
    if hint := did_you_mean(path.name, beside):
        return hint
    return did_you_mean(text, ("demo", "pattern", "camera"))
