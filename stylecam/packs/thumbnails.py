"""What kind of image a thumbnail is, and how large it unfolds, read from its head without decoding it.

The window passes thumbnails to decoders. A few kilobytes can unfold to gigabytes of pixels, so the size is checked first.
"""

from __future__ import annotations

import io
from typing import NamedTuple

from PIL import Image

MAX_SIDE_PX = 1024

#: Pillow's names, and ours.
_KINDS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
#: Stands for a size that Pillow refuses to tell: more pixels than any image has that it would open.
_TOO_LARGE = (1 << 20, 1 << 20)


class ImageHead(NamedTuple):
    """Kind ("jpg", "png" or "webp") and (width, height) in pixels."""

    kind: str
    size: tuple[int, int]


def image_head(data: bytes) -> ImageHead | None:
    """Return what an image's head says, or None if it is not that of a sound JPEG, PNG or WebP."""
    try:
        # Looks at the head alone: nothing is decoded before somebody asks for a pixel.
        with Image.open(io.BytesIO(data), formats=list(_KINDS)) as image:
            kind = _KINDS.get(image.format or "")
            return ImageHead(kind, image.size) if kind else None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return ImageHead(_magic(data), _TOO_LARGE)
    except Exception:  # what a damaged head can make Pillow's readers raise is not listed anywhere
        return None


def _magic(data: bytes) -> str:
    return "jpg" if data.startswith(b"\xff\xd8") else "png" if data.startswith(b"\x89PNG") else "webp"
