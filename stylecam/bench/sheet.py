"""A labelled contact sheet: every style of a pack on a few photos, beside its painting."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from stylecam.core.mix import StyleMix
from stylecam.engines.base import Engine
from stylecam.packs.pack import StylePack

CELL_PX = 150
GAP_PX = 6
LABEL_PX = 30
COLUMNS = 8
PAINTED_SIDE_PX = 512
_BACKGROUND = (24, 24, 27)
_INK = (228, 228, 231)
_GREY = (150, 150, 158)
_FONT_PX, _WEIGHT = 11, 400


def contact_sheet(pack: StylePack, engine: Engine, photos: Sequence[Path]) -> Image.Image:
    """Paint the photos in all styles and lay them out: eight styles to a line, under each title the painting, then the photos.

    Pictures are painted at 512 px (longer side), as the user would get them, and shown as small squares.
    """
    images = [_load(path) for path in photos]
    lines = -(-len(pack.styles) // COLUMNS)
    block = (CELL_PX + GAP_PX, LABEL_PX + (len(photos) + 1) * (CELL_PX + 2) + 2 * GAP_PX)
    sheet = Image.new("RGB", (COLUMNS * block[0] + GAP_PX, lines * block[1] + GAP_PX), _BACKGROUND)
    for number, style in enumerate(pack.styles):
        left, top = GAP_PX + number % COLUMNS * block[0], GAP_PX + number // COLUMNS * block[1]
        sheet.paste(_label(style.title, style.artist), (left, top))
        top += LABEL_PX
        if style.thumbnail:
            sheet.paste(_square(Image.open(io.BytesIO(style.thumbnail))), (left, top))
        scale_shift = pack.scale_shift(StyleMix({style.id: 1.0}))
        for i, image in enumerate(images, 1):
            painted, _ = engine.stylize(image, scale_shift)
            sheet.paste(_square(Image.fromarray(painted)), (left, top + i * (CELL_PX + 2)))
    return sheet


def _load(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGB")
    image.thumbnail((PAINTED_SIDE_PX, PAINTED_SIDE_PX), Image.Resampling.LANCZOS)
    return np.array(image, np.uint8)


def _square(image: Image.Image) -> Image.Image:
    return ImageOps.fit(image.convert("RGB"), (CELL_PX, CELL_PX), Image.Resampling.LANCZOS, centering=(0.5, 0.35))


def _label(title: str, artist: str) -> Image.Image:
    """Write with OpenCV's font: Pillow's own knows no accents."""
    label = np.full((LABEL_PX, CELL_PX, 3), _BACKGROUND, np.uint8)
    font = cv2.FontFace("sans")
    for text, bottom, ink in ((title, 11, _INK), (artist, 24, _GREY)):
        cv2.putText(label, _shortened(text, font), (0, bottom), ink, font, _FONT_PX, _WEIGHT)
    return Image.fromarray(label)


def _shortened(text: str, font: cv2.FontFace) -> str:
    def width(words: str) -> int:
        return int(cv2.getTextSize((CELL_PX, LABEL_PX), words, (0, 0), font, _FONT_PX, _WEIGHT)[2])

    if width(text) <= CELL_PX:
        return text
    while text and width(text + "…") > CELL_PX:
        text = text[:-1]
    return text.rstrip(" ,(") + "…"
