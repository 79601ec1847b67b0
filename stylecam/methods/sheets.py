"""Sheets of labelled images, to choose from by eye."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

#: A cell: what is written above it, and the image.
Cell = tuple[str, Image.Image]

_LABEL_PX, _GAP_PX = 26, 6


def sheet(rows: Sequence[Sequence[Cell]], height_px: int) -> Image.Image:
    """Return rows of images, all brought to one height, each under its label; a row without any labels has no line for them.

    Small images are enlarged pixel by pixel: they are shown as they are.
    """
    font = ImageFont.load_default(16)
    lines = [[(label, _at_height(image, height_px)) for label, image in row] for row in rows]
    width = max(sum(image.width for _, image in line) + _GAP_PX * (len(line) - 1) for line in lines)
    tops = [_LABEL_PX if any(label for label, _ in line) else 0 for line in lines]
    whole = Image.new("RGB", (width, sum(tops) + len(lines) * height_px + _GAP_PX * (len(lines) - 1)), "white")
    draw, y = ImageDraw.Draw(whole), 0
    for top, line in zip(tops, lines, strict=True):
        x = 0
        for label, image in line:
            draw.text((x + 2, y + 3), label, "black", font)
            whole.paste(image, (x, y + top))
            x += image.width + _GAP_PX
        y += top + height_px + _GAP_PX
    return whole


def encoded(image: Image.Image, form: str = "JPEG") -> bytes:
    """Return the bytes of a JPEG, or of a PNG, for pages and sheets."""
    buffer = io.BytesIO()
    image.save(buffer, form, **({"quality": 90} if form == "JPEG" else {}))
    return buffer.getvalue()


def _at_height(image: Image.Image, height: int) -> Image.Image:
    width = max(1, round(image.width * height / image.height))
    return image.resize((width, height), Image.Resampling.NEAREST if 4 * image.height <= height else Image.Resampling.LANCZOS)
