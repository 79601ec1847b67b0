"""From what a user types to a source."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from stylecam.capture.base import DEFAULT_FORMAT, CameraFormat, Source
from stylecam.capture.image_folder import ImageFolder
from stylecam.errors import InputError, UsageError, did_you_mean
from stylecam.media.formats import IMAGES, MOVING_IMAGES


@dataclass(frozen=True)
class SourceWord:
    """A word that names a kind of source, the form in which people write it, and the module that has it.

    The module's `named(text, camera)` takes what follows a colon, or None where there is no colon, and the format to ask of cameras;
    it returns a `Source` that is not opened yet. It is imported only when the word is used.
    """

    word: str
    form: str
    module: str


#: A new kind of source is one file and one line here. Clips, images and addresses need no word.
WORDS = (
    SourceWord("pattern", "pattern[:WIDTHxHEIGHT[@FPS]]", "stylecam.capture.test_pattern"),
    SourceWord("camera", "camera[:NUMBER or NAME]", "stylecam.capture.webcam"),
)
_SCHEMES = ("http", "https", "rtsp", "rtsps")


def source_help() -> str:
    """Return what a user may type, in one line."""
    return f"demo, {', '.join(each.form for each in WORDS)}, a clip, an image, a folder of images, or an http or rtsp address"


def open_source(
    text: str,
    demo: Path,
    *,
    camera: CameraFormat = DEFAULT_FORMAT,
    loop: bool = False,
) -> Source:
    """Return the source that `text` names, not opened yet; OpenCV and FFmpeg are loaded only for what needs them.

    Args:
        text: see `source_help`.
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
        raise UsageError(f"No source is named; give {source_help()}.")
    if text.lower() == "demo":
        return _video(demo, loop=True, hide_number=True)
    for each in WORDS:
        if each.word == word:
            return _named(each, rest if colon else None, camera)
    if "://" in text:
        return _stream(text, word)
    path = Path(text).expanduser()
    try:
        exists, folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # too long, or a zero byte
        exists = folder = False
    if not exists:
        if text.isdecimal():
            return _named(next(each for each in WORDS if each.word == "camera"), text, camera)
        raise InputError(f"There is no source '{text}'.{_similar(text, path)} Give {source_help()}.")
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


def _named(word: SourceWord, text: str | None, camera: CameraFormat) -> Source:
    source: Source = importlib.import_module(word.module).named(text, camera)
    return source


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
    return did_you_mean(text, ("demo", *(each.word for each in WORDS)))
