"""What travels with a photo's EXIF when the photo is stylized: who, when, where and with what, but not how it was stored."""

from __future__ import annotations

import struct

from PIL import ExifTags, Image

_KEPT = frozenset(
    {
        ExifTags.Base.ImageDescription,
        ExifTags.Base.Make,
        ExifTags.Base.Model,
        ExifTags.Base.XResolution,
        ExifTags.Base.YResolution,
        ExifTags.Base.ResolutionUnit,
        ExifTags.Base.Software,
        ExifTags.Base.DateTime,
        ExifTags.Base.Artist,
        ExifTags.Base.HostComputer,
        ExifTags.Base.Rating,
        ExifTags.Base.Copyright,
        ExifTags.Base.XPTitle,
        ExifTags.Base.XPComment,
        ExifTags.Base.XPAuthor,
        ExifTags.Base.XPKeywords,
        ExifTags.Base.XPSubject,
    }
)
_SIZES = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.IFD.Interop)


def kept_exif(exif: Image.Exif) -> bytes | None:
    """Return the EXIF block for the stylized image, or None if nothing is worth keeping or the block is damaged.

    The orientation is left out because the pixels already are in display orientation, the preview because it would show the photo, and the
    tags that describe the old file's storage because they would be wrong. Camera settings and place are kept.
    """
    kept = Image.Exif()
    try:
        for tag, value in exif.items():
            if tag in _KEPT:
                kept[tag] = value
        if camera := {tag: value for tag, value in exif.get_ifd(ExifTags.IFD.Exif).items() if tag not in _SIZES}:
            kept[ExifTags.IFD.Exif] = camera
        if place := dict(exif.get_ifd(ExifTags.IFD.GPSInfo)):
            kept[ExifTags.IFD.GPSInfo] = place
        return kept.tobytes() if len(kept) else None
    except (struct.error, ValueError, TypeError, KeyError, OSError, SyntaxError):
        return None
