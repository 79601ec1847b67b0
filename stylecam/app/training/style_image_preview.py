"""How a style image looks when a part is cut out and its colours are reduced, for the choice before training."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from stylecam.app.training.runs import WHOLE, Crop
from stylecam.media.images import read_image
from stylecam.training.data.preprocess import Preparation, prepare, reduce_colors

#: As large as a part of it needs to be sharp, and small enough to be cut again at every change of a field.
_KEPT_PX = 1600
_SIDE_PX = 360


class StyleImagePreview:
    """A style image, read once, in display orientation.

    Raises:
        InputError: it is not an image that can be read.
    """

    def __init__(self, path: Path) -> None:
        self._image = read_image(path).flat_srgb()
        self._image.thumbnail((_KEPT_PX, _KEPT_PX), Image.Resampling.LANCZOS)

    def png(self, colors: int = 0, crop: Crop = WHOLE) -> bytes:
        """Return a small PNG of the part that `crop` names, reduced to `colors` if that is not 0.

        Raises:
            TrainingError: the crop is not inside the style image, or a strip too narrow to learn from.
        """
        # Cut by the trainer's own rules; brought to the preview's size before the colours are reduced, as resizing mixes them again.
        part = prepare(self._image, Preparation(crop=crop), _SIDE_PX)
        part.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        reduce_colors(part, colors).save(buffer, "PNG")
        return buffer.getvalue()
