"""One frozen frame in every style of a pack, rendered between the live frames when there is time for it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stylecam.core.mix import StyleMix
from stylecam.effects.size import fit
from stylecam.engines.base import Engine, Image
from stylecam.packs.pack import StylePack

#: The side of a sample: strokes have a size in pixels, and on fewer than these they cover everything.
SIDE_PX = 192
#: Where the engine has no rest between live frames, a sample is slipped in so often: one of these costs about a tenth of a live frame.
_WHEN_BUSY_S = 0.4

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Samples:
    """What to render: the middle of `photo` in each of `styles`. `take` gets its id and uint8 RGB (s, s, 3) in the render thread."""

    photo: Image
    pack: StylePack
    styles: Sequence[str]
    take: Callable[[str, Image], object]


class Sampler:
    """Keeps what waits. `ask` may be called in any thread, `work` in that of the engine."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[str] = deque()
        self._asked: Samples | None = None
        self._square: Image | None = None
        self._next_s = 0.0

    def ask(self, samples: Samples | None) -> None:
        """Render these instead of what still waits; None for nothing."""
        with self._lock:
            self._asked, self._square = samples, None
            self._waiting = deque(samples.styles if samples is not None else ())

    def work(self, engine_for: Callable[[StylePack, Image], Engine], network: str, *, idle: bool) -> None:
        """Render one sample, if one waits and it is time. An engine that fails gets no more of them; live frames are not touched.

        Samples of a pack with another network than the live frames' are given up: their engine would take the place of the live one.
        """
        with self._lock:
            asked = self._asked
            if asked is None or not self._waiting or (not idle and self._clock() < self._next_s):
                return
            if asked.pack.network != network:
                self._waiting.clear()
                return
            style, square = self._waiting.popleft(), self._square
        try:
            if square is None:
                square = self._square = fit(middle(asked.photo), SIDE_PX)
            if style in asked.pack.style_ids:
                sample, _ = engine_for(asked.pack, square).stylize(square, asked.pack.scale_shift(StyleMix({style: 1.0})))
                asked.take(style, sample)
        except Exception as error:  # the live frames go on; what is wrong with the engine they will tell
            _log.info("no samples: %s", error)
            self.ask(None)
        self._next_s = self._clock() + _WHEN_BUSY_S


def middle(image: Image) -> Image:
    """Return the largest square in the middle of an image, (s, s, 3)."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]
