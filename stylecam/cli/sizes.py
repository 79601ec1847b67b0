"""Sizes and parts of images as people write them: 640x480, 256x256+40+10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stylecam.errors import UsageError

if TYPE_CHECKING:
    from stylecam.effects.base import Image


def parse_pixels(text: str, option: str = "--size", least: int | None = None) -> tuple[int, int]:
    """Return width and height of a text such as 512x384.

    Args:
        text: what the user wrote.
        option: where; for the message.
        least: the shortest side in pixels that makes sense there; by default what networks take.

    Raises:
        UsageError: it is no size, or one out of range.
    """
    from stylecam.offline.limits import MAX_SIZE_PX, MIN_SIZE_PX

    least = MIN_SIZE_PX if least is None else least
    width, _, height = text.partition("x")
    sides = [int(side) if _is_number(side) else 0 for side in (width, height)]
    if not all(least <= side <= MAX_SIZE_PX for side in sides):
        raise UsageError(f"'{text}' is no size; write {option} like 512x384, each side from {least} to {MAX_SIZE_PX} pixels.")
    return sides[0], sides[1]


def cut_part(image: Image, text: str | None) -> Image:
    """Return the part of an image, uint8 RGB (H, W, 3), that a text such as 256x256+40+10 names; all of it without one.

    Raises:
        UsageError: the text names no part, or one beyond the image.
    """
    if text is None:
        return image
    height, width = image.shape[:2]
    size, *offsets = text.split("+")
    wide, high = parse_pixels(size, "--part")
    if len(offsets) != 2 or not all(map(_is_number, offsets)):
        raise UsageError(f"'{text}' is no part of an image; write --part like 256x256+40+10.")
    left, top = (int(offset) for offset in offsets)
    if left + wide > width or top + high > height:
        raise UsageError(f"--part {text} goes beyond the image, which has {width}x{height} pixels.")
    return image[top : top + high, left : left + wide]


def _is_number(text: str) -> bool:
    """Return whether a text is a number of pixels; Python refuses to read one of thousands of digits."""
    return text.isascii() and text.isdigit() and len(text) < 10
