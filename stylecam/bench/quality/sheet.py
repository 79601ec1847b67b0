"""A labelled sheet to judge a pack at a glance: a row per style, with its style image and every photo stylized in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from stylecam.core.mix import StyleMix
from stylecam.engines.base import Engine
from stylecam.errors import UsageError
from stylecam.media.images import read_image
from stylecam.packs.pack import StylePack

TILE_PX = 150
MIN_TILE_PX, MAX_TILE_PX = 40, 512
GAP_PX = 4
STYLIZED_SIDE_PX = 512
#: A README with a larger image is slow to open.
MAX_JPEG_BYTES = 3_000_000
_MAX_SIDE_PX = 65_000  # JPEG counts pixels with 16 bits
_QUALITIES = (90, 85, 80, 75, 70, 60, 50, 40)
_BACKGROUND = (24, 24, 27)
_INK = (228, 228, 231)
_GREY = (150, 150, 158)
_WEIGHT = 400


def contact_sheet(pack: StylePack, engine: Engine, photos: Sequence[Path], tile_px: int = TILE_PX) -> Image.Image:
    """Stylize the photos in all styles: first the photos, then a row per style with its name, its style image and the photos in it.

    Images are stylized at 512 px (longer side), as the user would get them, and shown as small squares.

    Raises:
        UsageError: the tiles are too small to see, or too large for a file.
    """
    columns, rows = 2 + len(photos), 1 + len(pack.styles)
    pitch = tile_px + GAP_PX
    if not MIN_TILE_PX <= tile_px <= MAX_TILE_PX or max(columns, rows) * pitch > _MAX_SIDE_PX:
        raise UsageError(
            f"Tiles of {tile_px} pixels make no sheet of {columns}x{rows}; give {MIN_TILE_PX} to {MAX_TILE_PX}, or fewer photos."
        )
    images = [_load(path) for path in photos]
    sheet = Image.new("RGB", (columns * pitch + GAP_PX, rows * pitch + GAP_PX), _BACKGROUND)

    def put(tile: Image.Image, column: int, row: int) -> None:
        sheet.paste(tile, (GAP_PX + column * pitch, GAP_PX + row * pitch))

    put(_label([(pack.title, _INK), (f"{len(pack.styles)} styles; the style images, then the photos in each style", _GREY)], tile_px), 0, 0)
    for column, image in enumerate(images, 2):
        put(_square(Image.fromarray(image), tile_px), column, 0)
    for row, style in enumerate(pack.styles, 1):
        put(_label([(style.title, _INK), (f"{style.artist}, {style.year}", _GREY)], tile_px), 0, row)
        if style.thumbnail:
            put(_square(Image.open(io.BytesIO(style.thumbnail)), tile_px), 1, row)
        scale_shift = pack.scale_shift(StyleMix({style.id: 1.0}))
        for column, image in enumerate(images, 2):
            stylized, _ = engine.stylize(image, scale_shift)
            put(_square(Image.fromarray(stylized), tile_px), column, row)
    return sheet


def sheet_file(sheet: Image.Image, suffix: str) -> bytes:
    """Return the sheet as a PNG (suffix ".png") or as a JPEG that stays under 3 MB, as good as that allows.

    Raises:
        UsageError: no JPEG of it is small enough.
    """
    if suffix.lower() == ".png":
        return _encoded(sheet, "PNG")
    for quality in _QUALITIES:
        data = _encoded(sheet, "JPEG", quality=quality, optimize=True)
        if len(data) < MAX_JPEG_BYTES:
            return data
    raise UsageError(f"The sheet of {sheet.width}x{sheet.height} pixels is larger than 3 MB as a JPEG; choose smaller tiles, or a PNG.")


def _encoded(sheet: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    sheet.save(buffer, kind, **options)
    return buffer.getvalue()


def _load(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = read_image(path).flat_srgb()
    image.thumbnail((STYLIZED_SIDE_PX, STYLIZED_SIDE_PX), Image.Resampling.LANCZOS)
    return np.array(image, np.uint8)


def _square(image: Image.Image, tile_px: int) -> Image.Image:
    return ImageOps.fit(image.convert("RGB"), (tile_px, tile_px), Image.Resampling.LANCZOS, centering=(0.5, 0.35))


def _label(paragraphs: Sequence[tuple[str, tuple[int, int, int]]], tile_px: int) -> Image.Image:
    """Write paragraphs into a tile, wrapped, as many lines as fit. With OpenCV's font: Pillow's own knows no accents."""
    label = np.full((tile_px, tile_px, 3), _BACKGROUND, np.uint8)
    font, size = cv2.FontFace("sans"), max(9, tile_px // 11)
    bottom = size
    for text, ink in paragraphs:
        for line in _wrapped(text, font, size, tile_px - GAP_PX):
            if bottom > tile_px:
                break
            cv2.putText(label, line, (0, bottom), ink, font, size, _WEIGHT)
            bottom += round(size * 1.3)
        bottom += size // 3
    return Image.fromarray(label)


def _wrapped(text: str, font: cv2.FontFace, size: int, width_px: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and int(cv2.getTextSize((width_px, width_px), longer, (0, 0), font, size, _WEIGHT)[2]) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
