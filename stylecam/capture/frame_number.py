"""A number that a program can read off a frame: latency is measured by capturing it, stylizing it, and reading it again.

The mark is in the upper left corner: 16 columns of two square cells. A column is one bit, the highest first: white over black is
1, black over white is 0. A cell is 1/80 of the frame's width, so the mark scales with the frame: 128 x 16 px in 640 x 480.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 16
#: Numbers run from 0 to one less than this, then begin again.
COUNT = 1 << BITS
#: Narrower frames have no space for a mark.
MIN_WIDTH_PX = 160

_CELLS_ACROSS = 80
#: Grey levels that must lie between white and black; half of what is drawn is lost in a bad compression, hardly more.
_MIN_CONTRAST = 40


def draw(image: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """Return a copy of `image`, uint8 (H, W, 3), with `number` modulo `COUNT` in its corner.

    A frame with no space for the mark is returned without one.
    """
    marked = image.copy()
    if not _has_space(image):
        return marked
    edges = _edges(image)
    for column in range(BITS):
        bit = number >> (BITS - 1 - column) & 1
        for row in range(2):
            white = bool(bit) == (row == 0)
            marked[edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = 235 if white else 20
    return marked


def read(image: NDArray[np.uint8]) -> int | None:
    """Return the number in the corner of `image`, uint8 (H, W, 3), or None if there is none or it cannot be read."""
    if not _has_space(image):
        return None
    edges = _edges(image)
    narrowest = image.shape[1] // _CELLS_ACROSS
    rim = max(1, narrowest // 4) if narrowest > 2 else 0  # what lies at a cell's rim was mixed with its neighbour
    number = 0
    for column in range(BITS):
        across = slice(edges[column] + rim, edges[column + 1] - rim)
        above, below = (float(image[edges[row] + rim : edges[row + 1] - rim, across].mean()) for row in range(2))
        if abs(above - below) < _MIN_CONTRAST:
            return None
        number = number << 1 | (above > below)
    return number


def hide(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy of `image`, uint8 (H, W, 3), whose mark is covered by the reflection of what lies below it."""
    covered = image.copy()
    if not _has_space(image):
        return covered
    edges = _edges(image)
    # Compression smears the mark a few pixels over its edge; the reflection begins beyond them.
    height, width = edges[2] + edges[1] // 2, edges[BITS] + edges[1] // 2
    covered[:height, :width] = image[height : 2 * height, :width][::-1]
    return covered


def _has_space(image: NDArray[np.uint8]) -> bool:
    height, width = int(image.shape[0]), int(image.shape[1])
    return width >= MIN_WIDTH_PX and height >= 6 * width / _CELLS_ACROSS  # the mark, and as much below it for `hide`


def _edges(image: NDArray[np.uint8]) -> list[int]:
    """Return where the columns (and, the first three, the rows) begin and end, in pixels."""
    cell_px = image.shape[1] / _CELLS_ACROSS
    return [round(cell_px * number) for number in range(BITS + 1)]
