"""Where faces are in photos, as a detector of the user's choice has found them: there the photo counts more than the style.

Without it a face of 40 pixels is a hundredth of the image, and so of the content loss: a network that draws over it loses next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.errors import TrainingError

#: Left, top, width and height in pixels of the photo in display orientation.
Box = tuple[float, float, float, float]
#: Boxes by the photo's path in the folder of photos, with slashes.
Faces = Mapping[str, Sequence[Box]]

#: Detectors end at chin and brow: each box grows by this share of its sides, on each side.
MARGIN = 0.08

_MOST_PX = 1e6


def read_faces(path: Path) -> Faces:
    """Read a JSON file that maps paths of photos to lists of boxes.

    Raises:
        TrainingError: it cannot be read, or is another kind of file.
    """
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(f"The boxes of faces '{path}' cannot be read: {error}.") from error
    if not isinstance(data, dict) or not all(isinstance(boxes, list) and all(map(_is_box, boxes)) for boxes in data.values()):
        raise TrainingError(
            f"'{path}' does not say where faces are; it must be JSON such as "
            '{"portrait.jpg": [[left, top, width, height]]}, in pixels, with sides above 0.'
        )
    return {name: [(left, top, width, height) for left, top, width, height in boxes] for name, boxes in data.items()}


def _is_box(box: object) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(type(number) in (int, float) and abs(number) < _MOST_PX for number in box)
        and min(box[2:]) > 0
    )


def face_map(boxes: Sequence[Box], left: float, top: float, side: float, size_px: int) -> NDArray[np.float32]:
    """Return where faces are in a square cut out of a photo, (1, size, size): 1 inside, 0 elsewhere.

    Args:
        boxes: of the photo.
        left: of the square, in pixels of the photo; so are `top` and `side`.
        top: see `left`.
        side: see `left`.
        size_px: side of the square once it is resized.

    >>> face_map([(10, 10, 20, 20)], left=0, top=0, side=40, size_px=4)[0].sum()
    np.float32(4.0)
    """
    found = np.zeros((1, size_px, size_px), np.float32)
    for x, y, width, height in boxes:
        spans = ((y - top, height), (x - left, width))
        ends = [((start - MARGIN * length), (start + (1 + MARGIN) * length)) for start, length in spans]
        rows, columns = (slice(*(min(size_px, max(0, round(end * size_px / side))) for end in pair)) for pair in ends)
        found[:, rows, columns] = 1
    return found
