"""Whatever an image file holds, as 8-bit RGB: palettes, greys, 16 bits, CMYK, transparency, colour profiles."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import cast

import numpy as np
from PIL import Image, ImageCms

from stylecam.errors import InputError


@dataclass(frozen=True, eq=False)
class Converted:
    """An image in RGB, its transparency (mode L) if it has any, the profile that still fits it, and remarks for the user."""

    rgb: Image.Image
    alpha: Image.Image | None
    icc: bytes | None
    notes: tuple[str, ...] = ()


def to_rgb(image: Image.Image, icc: bytes | None) -> Converted:
    """Convert an image of any mode that Pillow reads.

    Numbers in an RGB profile stay as they are and keep their profile. Grey and CMYK ones are brought to sRGB, since no such
    profile describes RGB numbers.

    Raises:
        InputError: the image holds numbers whose range is unknown (32-bit integers, floating point).
    """
    alpha: Image.Image | None = None
    if image.mode.startswith("I"):
        image = _from_16_bit(image)
    elif image.mode == "F":
        raise InputError("it holds floating-point numbers; save it with 8 or 16 bits per channel first")
    elif image.has_transparency_data:  # an alpha channel, or a palette or a single colour that is transparent
        unfolded = image.convert("RGBA")
        alpha = unfolded.getchannel("A")
        image = image.getchannel("L") if image.mode == "LA" else unfolded.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")

    space = _space(icc)
    if image.mode == "LAB":
        return Converted(_through_profile(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))), alpha, None)
    if icc is not None and space == {"CMYK": b"CMYK", "L": b"GRAY"}.get(image.mode):
        try:
            return Converted(_through_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(icc))), alpha, None)
        except (ImageCms.PyCMSError, OSError):
            return Converted(image.convert("RGB"), alpha, None, ("its colour profile is damaged and was left out",))
    if icc is not None and space is None:
        return Converted(image.convert("RGB"), alpha, None, ("its colour profile is damaged and was left out",))
    return Converted(image.convert("RGB"), alpha, icc if space == b"RGB" and image.mode != "CMYK" else None)


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """Bring RGB numbers from their profile to sRGB; a profile that cannot be used leaves them as they are."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return image  # as most are; its rounding would change numbers for nothing
        return _through_profile(image, profile)
    except (ImageCms.PyCMSError, OSError):
        return image


def _from_16_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise InputError("it holds 32-bit numbers; save it with 8 or 16 bits per channel first")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _through_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return cast(Image.Image, converted)  # None only when converting in place


def _space(icc: bytes | None) -> bytes | None:
    """Return the colour space that a profile's header names, such as b"RGB", or None if this is no profile."""
    if icc is None or len(icc) < 128 or icc[36:40] != b"acsp":
        return None
    return icc[16:20].strip()
