"""One list of endings, for everybody."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from stylecam.media import formats
from stylecam.media.formats import CLIPS, CLIPS_WRITTEN, IMAGES, IMAGES_WRITTEN, KNOWN_UNREAD, is_clip, is_image


def test_examples_hold() -> None:
    """The examples in the docstrings are true."""
    assert doctest.testmod(formats).failed == 0


def test_the_lists_fit_together() -> None:
    """What is written can be read; nothing is an image and a clip, or read and unread; all endings are small letters with a dot."""
    assert set(IMAGES_WRITTEN) <= IMAGES
    assert set(CLIPS_WRITTEN) <= CLIPS
    assert not IMAGES & CLIPS
    assert not (IMAGES | CLIPS) & KNOWN_UNREAD
    assert all(ending.startswith(".") and ending == ending.lower() for ending in IMAGES | CLIPS | KNOWN_UNREAD)


@pytest.mark.parametrize("name", [".hidden.png", ".hidden.mp4", "stylecam x.part.mp4", "a.Part.MP4", "notes.txt", "mp4"])
def test_what_is_neither(name: str) -> None:
    """Hidden files, clips that are still being written, and everything else."""
    assert not is_image(Path(name))
    assert not is_clip(Path(name))


def test_nobody_keeps_a_list_of_their_own(repository: Path) -> None:
    """No other file of the product spells the endings of images or clips out."""
    for path in (repository / "stylecam").rglob("*.py"):
        text = path.read_text("utf-8")
        spelt = sum(f'"{ending}"' in text for ending in IMAGES | CLIPS)
        assert path.name == "formats.py" or spelt <= 3, f"{path} names {spelt} endings"
