"""From what a user types to a source."""

from __future__ import annotations

import re
from pathlib import Path

from stylecam.capture.base import Source
from stylecam.capture.image_folder import PICTURE_SUFFIXES, ImageFolder
from stylecam.capture.test_pattern import TestPattern
from stylecam.errors import InputError, UsageError, did_you_mean

HELP = "demo, pattern[:WIDTHxHEIGHT[@FPS]], camera[:NUMBER or NAME], a clip, a picture, a folder of pictures, or an http or rtsp address"

_SCHEMES = ("http", "https", "rtsp", "rtsps")
_PATTERN = re.compile(r"(\d+)x(\d+)(?:@(\d+(?:\.\d+)?))?", re.IGNORECASE)


def open_source(
    text: str,
    demo: Path,
    *,
    camera_size: tuple[int, int] = (1280, 720),
    camera_fps: float = 30.0,
    folder_fps: float = 0.5,
    loop: bool = False,
    show_number: bool = False,
) -> Source:
    """Return the source that `text` names, not opened yet; OpenCV and FFmpeg are loaded only for what needs them.

    Args:
        text: see `HELP`.
        demo: where the demo clip lies; it is always looped.
        camera_size: (width, height) to ask of a camera, in pixels.
        camera_fps: frames per second to ask of a camera.
        folder_fps: pictures per second of a folder.
        loop: begin clips and folders again at their end.
        show_number: show the number in the corner of the demo clip's pictures.

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
        return _video(demo, loop=True, hide_number=not show_number)
    if word == "pattern":
        return _pattern(text, rest) if colon else TestPattern()
    if word == "camera":
        return _camera(rest, camera_size, camera_fps)
    if "://" in text:
        return _stream(text, word)
    path = Path(text).expanduser()
    try:
        exists, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # too long, or a zero byte
        exists = folder = False
    if not exists:
        if text.isdecimal():
            return _camera(text, camera_size, camera_fps)
        raise InputError(f"There is no source '{text}'.{_similar(text, path)} Give {HELP}.")
    if folder or path.suffix.lower() in PICTURE_SUFFIXES:
        return ImageFolder(path, fps=folder_fps, loop=loop)
    return _video(path, loop=loop)


def _pattern(text: str, rest: str) -> Source:
    match = _PATTERN.fullmatch(rest)
    if match is None:
        raise UsageError(f"'{text}' is no test pattern; write it like pattern:1280x720@30.")
    return TestPattern(int(match[1]), int(match[2]), float(match[3] or 30))


def _camera(which: str, size: tuple[int, int], fps: float) -> Source:
    from stylecam.capture.webcam import Webcam

    return Webcam(which, size=size, fps=fps)


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
