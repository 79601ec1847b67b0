"""One frame on its way through the program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    """An image, its number, and when it was captured.

    `image` is uint8 RGB (H, W, 3), never changed once the frame exists. `index` counts from 0 in the source. `captured_ns` is
    `time.monotonic_ns()` when a live frame arrived; `media_ns` the time inside a clip, in nanoseconds from its start (for live
    sources: from the source's first frame).
    """

    image: NDArray[np.uint8]
    index: int
    captured_ns: int
    media_ns: int = 0
