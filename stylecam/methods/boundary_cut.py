"""Where two overlapping patches are joined: along the path on which they differ least, by dynamic programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def minimum_cut(errors: Floats) -> NDArray[np.intp]:
    """Return the path from top to bottom with the least sum of errors: a column for every row, (H,).

    From row to row it goes straight down or to a neighbouring column (Efros, Freeman 2001, section 2.1).

    Args:
        errors: (H, W), 0 or more.

    >>> import numpy as np
    >>> minimum_cut(np.array([[1, 0, 1], [1, 1, 0], [1, 0, 1]], np.float32)).tolist()
    [1, 2, 1]
    """
    height, width = errors.shape
    # least[y, x]: the cheapest way from the top to there; a wall at both sides.
    least = np.full((height, width + 2), np.inf, np.float64)
    least[0, 1:-1] = errors[0]
    for y in range(1, height):
        above = least[y - 1]
        least[y, 1:-1] = errors[y] + np.minimum(np.minimum(above[:-2], above[1:-1]), above[2:])
    path = np.empty(height, np.intp)
    path[-1] = least[-1].argmin()
    for y in range(height - 2, -1, -1):
        left = path[y + 1] - 1  # never beyond the walls: no path ends there
        path[y] = left + least[y, left : left + 3].argmin()
    return path - 1


def new_side(difference: Floats, overlap_px: int, *, left: bool, top: bool) -> NDArray[np.bool_]:
    """Return where a new patch replaces what is there, (P, P): all of it but what lies before the cuts.

    Args:
        difference: squared difference of the new patch and what is there, (P, P).
        overlap_px: width of the strips in which both lie.
        left: whether there is a strip at the left.
        top: whether there is one at the top.
    """
    size = len(difference)
    new = np.ones((size, size), bool)
    along = np.arange(overlap_px)
    if left:
        cut = minimum_cut(difference[:, :overlap_px])
        new[:, :overlap_px] &= along[None, :] >= cut[:, None]
    if top:
        cut = minimum_cut(np.ascontiguousarray(difference[:overlap_px].T))
        new[:overlap_px] &= along[:, None] >= cut[None, :]
    return new
