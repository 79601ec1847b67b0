"""Carries the layers' statistics from frame to frame: in a video they change slowly, and a network that need not measure them is faster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import MEASURE, Engine, Image, LayerStats, Vector
from stylecam.net.families import FINE

#: The statistics are measured again after so many frames at the latest,
MEASURE_EVERY = 12
#: as soon as the frame's light has changed by so much, of 255: the stylized frame is then wrong by about as much;
CHANGE = 1.0
#: and where the frame as a whole, scaled down, has changed by so much on average: that is another scene.
CUT = 15.0
_SMALL_PX = (32, 24)


@dataclass(frozen=True, kw_only=True, eq=False)
class CachedStats:
    """What is carried from one frame to the next: `stats`, measured `age` frames ago.

    With the frame's `shape` then, a `small` copy of it (24, 32, 3), `trunk`, the γ and β that the statistics depend on, and which output of
    the network drew it.
    """

    shape: tuple[int, ...]
    small: NDArray[np.float32]
    trunk: Vector
    stats: LayerStats
    age: int = 0
    head: str = FINE


def stylize_cached(engine: Engine, image: Image, scale_shift: Vector, cached: CachedStats | None) -> tuple[Image, CachedStats | None]:
    """Stylize a frame of a video by the statistics of an earlier one, or, where those would be wrong, exactly.

    Exact are the first frame, one after a cut or in other light, one of another size or mix, and one in every so many. To follow
    changes by measuring under given statistics does not work: the network leans on being normalised, and small errors grow.

    Args:
        engine: stylizes; one without `supports_stats` always does so exactly.
        image: uint8 RGB (H, W, 3).
        scale_shift: float32 (N,), see `StylePack.scale_shift`.
        cached: what the frame before returned, or None.

    Returns:
        uint8 RGB (H, W, 3), and what the next frame must be given.
    """
    if not engine.supports_stats:
        return engine.stylize(image, scale_shift)[0], None
    small = cv2.resize(image, _SMALL_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
    trunk = scale_shift[: engine.config.graph().cins[-1].offset]  # no statistics come after the output's γ and β
    if cached is not None and cached.age + 1 < MEASURE_EVERY and _still_holds(cached, image, small, trunk, engine.head):
        return engine.stylize(image, scale_shift, stats=cached.stats)[0], replace(cached, age=cached.age + 1)
    stylized, stats = engine.stylize(image, scale_shift, stats=MEASURE)
    return stylized, None if stats is None else CachedStats(
        shape=image.shape, small=small, trunk=trunk.copy(), stats=stats, head=engine.head
    )


def _still_holds(cached: CachedStats, image: Image, small: NDArray[np.float32], trunk: Vector, head: str) -> bool:
    if cached.shape != image.shape or cached.head != head or not np.array_equal(trunk, cached.trunk):
        return False
    if float(np.abs(small - cached.small).mean()) > CUT:
        return False
    return float(np.abs(_light(small) - _light(cached.small)).max()) <= CHANGE


def _light(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mean and standard deviation of each channel, (2, 3): what only moves in the frame changes neither."""
    return np.stack([small.mean((0, 1)), small.std((0, 1))])
