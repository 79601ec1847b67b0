"""One picture on its way through the house."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture, its number, and when it was taken.

    `image` is uint8 RGB (H, W, 3), never changed once the frame exists. `index` counts from 0 in the source. `captured_ns` is
    `time.monotonic_ns()` when a live picture arrived; `media_ns` the time inside a clip, in nanoseconds from its start (for live
    sources: from the source's first picture).
    """

    image: NDArray[np.uint8]
    index: int
    captured_ns: int
    media_ns: int = 0
