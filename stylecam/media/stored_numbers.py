"""What image files say of their numbers and Pillow passes over: twelve bits, white as zero, a transparent colour of 16 bits, a gamma."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0  # tags of TIFF
_LOWER_HALVES = "RGB;16L"  # what Pillow takes of the numbers of a PNG, if it takes the one for the other
_USUAL_GAMMA, _NEAR = 1 / 2.2, 0.02
_GAMMAS = (0.1, 5.0)  # what lies outside is damage


def decode(opened: Image.Image, data: bytes) -> Image.Image:
    """Decode an image file that `Image.open` opened from `data`, in any mode of Pillow; its EXIF's turn is not applied."""
    mended: Image.Image | None = None
    if isinstance(opened, TiffImageFile) and opened.mode.startswith("I;16"):
        mended = _grey_tiff(opened)
    elif isinstance(opened, PngImageFile) and any("16B" in str(tile.args) for tile in opened.tile):
        mended = _deep_png(opened, data)
    opened.load()
    if mended is None:
        return opened
    mended.getexif()[ExifTags.Base.Orientation] = opened.getexif().get(ExifTags.Base.Orientation, 1)
    return mended


def from_gamma(rgb: Image.Image, info: dict[Any, Any]) -> Image.Image:
    """Bring RGB into sRGB where a PNG names another exponent for its numbers (gAMA), and nothing that counts for more."""
    gamma = info.get("gamma")
    if not isinstance(gamma, float) or "srgb" in info or "icc_profile" in info or not _GAMMAS[0] < gamma < _GAMMAS[1]:
        return rgb
    if abs(gamma - _USUAL_GAMMA) < _NEAR:
        return rgb
    table = np.rint(255 * (np.arange(256) / 255) ** (_USUAL_GAMMA / gamma)).astype(int).tolist()
    return rgb.point(table * 3)


def _grey_tiff(opened: TiffImageFile) -> Image.Image | None:
    """Return a grey of 12 or 16 bits scaled to 16, with black as 0; None if it is so already."""
    highest = (1 << opened.tag_v2.get(_BITS, (16,))[0]) - 1
    inverted = opened.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if highest == 65_535 and not inverted:
        return None
    values = np.minimum(np.asarray(opened).astype(np.int64), highest)
    return Image.fromarray(((highest - values if inverted else values) * 65_535 // highest).astype(np.uint16))


def _deep_png(opened: PngImageFile, data: bytes) -> Image.Image | None:
    """Return a PNG of 16 bits with its transparent colour as an alpha channel; None if it names none.

    Of a colour Pillow keeps the upper halves of the numbers, but whole numbers say what is transparent.
    """
    key = opened.info.get("transparency")
    if isinstance(key, int):
        values = np.asarray(opened).astype(np.int64)
        return _with_alpha(Image.fromarray(((values + 128) // 257).astype(np.uint8)), values != key)
    if not isinstance(key, tuple):
        return None
    with Image.open(io.BytesIO(data), formats=["PNG"]) as again:
        assert isinstance(again, PngImageFile)  # noqa: S101 (for the type checker)
        again.tile = [tile._replace(args=_LOWER_HALVES) for tile in again.tile]
        again.info.pop("transparency")
        lower = np.asarray(again)
    opened.info.pop("transparency")
    upper = np.asarray(opened)
    return _with_alpha(Image.fromarray(upper), (upper.astype(np.int64) * 256 + lower != key).any(axis=2))


def _with_alpha(image: Image.Image, seen: NDArray[np.bool_]) -> Image.Image:
    image.putalpha(Image.fromarray(np.where(seen, 255, 0).astype(np.uint8)))
    return image
