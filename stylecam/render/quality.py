"""Fast or fine: whether the network sees a frame at half its size, and how `auto` finds out which of the two this machine can do."""

from __future__ import annotations

import statistics
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal

from stylecam.core.params import QUALITY, RenderParams
from stylecam.net.families import FAST, FINE
from stylecam.packs.pack import StylePack

#: Sides of what the network is given in fast mode, as a share of the frame's: a quarter of the work.
FAST_SCALE = 0.5
#: `auto` takes fine where it holds so many frames per second.
HELD_FPS = 24.0
#: It looks at fine frames for about so long, and at so many at least; the first ones, in which an engine warms up, say nothing.
_MEASURE_MS, _LEAST_FRAMES, _WARM_FRAMES = 1000.0, 4, 2

Quality = Literal["fast", "fine"]


@dataclass(frozen=True, kw_only=True)
class AutoQuality:
    """What `auto` knows; goes into `measure` and comes out of it.

    Args:
        subject: what was measured: frames of a size and a network. Others are measured again.
        warm: frames seen that say nothing.
        frames_ms: what the others took, all work on them.
        chosen: the finding, or None as long as it is open.
    """

    subject: Hashable = None
    warm: int = 0
    frames_ms: tuple[float, ...] = ()
    chosen: Quality | None = None

    @property
    def fine_ms(self) -> float:
        """What a fine frame takes, the median; 0 while unknown."""
        return statistics.median(self.frames_ms) if self.frames_ms else 0.0


def measure(auto: AutoQuality, subject: Hashable, frame_ms: float) -> AutoQuality:
    """Take in how long a fine frame took.

    Args:
        auto: as it was for this frame.
        subject: size of the frame, and what network it passed.
        frame_ms: all work on it, without waiting for the camera.
    """
    if auto.subject != subject:
        auto = AutoQuality(subject=subject)
    if auto.chosen is not None:
        return auto
    if auto.warm < _WARM_FRAMES:
        return replace(auto, warm=auto.warm + 1)
    auto = replace(auto, frames_ms=(*auto.frames_ms, frame_ms))
    if len(auto.frames_ms) < _LEAST_FRAMES or (sum(auto.frames_ms) < _MEASURE_MS and len(auto.frames_ms) < HELD_FPS):
        return auto
    return replace(auto, chosen="fine" if auto.fine_ms <= 1000 / HELD_FPS else "fast")


def quality_of(params: RenderParams, auto: AutoQuality | None = None) -> Quality:
    """Return how a frame is to be stylized. Where `auto` measures nothing, as for clips and stills, it means fine."""
    if params[QUALITY] == "auto":
        return (auto.chosen if auto is not None else None) or "fine"
    return "fast" if params[QUALITY] == "fast" else "fine"


def network_scale(quality: Quality) -> float:
    """Return the sides of what the network is given as a share of the frame's."""
    return FAST_SCALE if quality == "fast" else 1.0


def head_for(quality: Quality, pack: StylePack) -> str:
    """Return which of the network's outputs draws a frame: the fast one in fast mode, where the pack has it."""
    return FAST if quality == "fast" and pack.config.has_fast_head else FINE


def describe(params: RenderParams, auto: AutoQuality) -> str:
    """Return in a few words how frames are stylized, and why.

    >>> describe(RenderParams(values={QUALITY: "auto"}), AutoQuality(frames_ms=(61.0,), chosen="fast"))
    'fast (auto: fine takes 61 ms)'
    """
    quality = quality_of(params, auto)
    if params[QUALITY] != "auto":
        return quality
    return f"{quality} (auto: fine takes {auto.fine_ms:.0f} ms)" if auto.chosen else f"{quality} (auto)"
