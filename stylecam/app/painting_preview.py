"""How a painting looks when its colours are reduced, for the choice before it is learnt."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from stylecam.errors import InputError
from stylecam.training.prepare import reduce_colors

_SIDE_PX = 360


def painting_preview(path: Path, colors: int = 0) -> bytes:
    """Return the painting as a small PNG, upright, reduced to `colors` if that is not 0.

    Raises:
        InputError: it is not a picture that can be read.
    """
    try:
        with Image.open(path) as file:
            small = ImageOps.exif_transpose(file).convert("RGB")
            small.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"'{path}' is not a picture that can be read; choose a JPEG, PNG, WebP or TIFF.") from error
    buffer = io.BytesIO()
    reduce_colors(small, colors).save(buffer, "PNG")
    return buffer.getvalue()
