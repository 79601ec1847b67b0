"""Holds a target frame rate by stylizing smaller frames: the network's input shrinks and grows, what comes out keeps its size."""

from __future__ import annotations

from dataclasses import dataclass

#: The sides of what is stylized, as shares of the whole. Few, because an engine prepares a graph for each size.
SCALES = (1.0, 0.875, 0.75, 0.625, 0.5, 0.4)
#: Frames in a row that must be too slow before it shrinks, or would still be quick enough before it grows. Growing waits longer: a
#: frame that goes back and forth is worse than a small one.
SLOW_FRAMES, QUICK_FRAMES = 6, 45
#: After a change so many frames say nothing: the engine prepares itself for the new size.
SETTLE_FRAMES = 4
#: Share of the time between two frames that stylizing may take, and what the next larger size may be expected to take.
_FULL, _ROOMY = 0.97, 0.82


@dataclass(frozen=True)
class Governor:
    """How small frames are stylized at the moment; goes into `govern` and comes out of it."""

    rung: int = 0
    slow: int = 0
    quick: int = 0
    settle: int = SETTLE_FRAMES

    @property
    def scale(self) -> float:
        """Side of what is stylized as a share of the whole frame's."""
        return SCALES[self.rung]


def govern(governor: Governor, frame_ms: float, engine_ms: float, target_fps: float) -> Governor:
    """Take in how long a frame took and say how large the next one is stylized.

    The engine's time is taken to grow with the number of pixels, everything else to stay.

    Args:
        governor: as it was for this frame.
        frame_ms: all work on the frame, without waiting for the camera.
        engine_ms: the engine's part of it.
        target_fps: frames per second to hold; 0 stylizes at full size.
    """
    if target_fps <= 0:
        return Governor()
    if governor.settle > 0:
        return Governor(governor.rung, settle=governor.settle - 1)
    budget_ms = 1000 / target_fps

    def expected_ms(rung: int) -> float:
        return frame_ms - engine_ms + engine_ms * (SCALES[rung] / governor.scale) ** 2

    slow = governor.slow + 1 if frame_ms > budget_ms * _FULL else 0
    roomy = governor.rung > 0 and expected_ms(governor.rung - 1) < budget_ms * _ROOMY
    quick = governor.quick + 1 if roomy else 0
    if slow >= SLOW_FRAMES and governor.rung < len(SCALES) - 1:
        smaller = range(governor.rung + 1, len(SCALES))
        return Governor(next((rung for rung in smaller if expected_ms(rung) <= budget_ms * _FULL), len(SCALES) - 1))
    if quick >= QUICK_FRAMES:
        return Governor(governor.rung - 1)
    return Governor(governor.rung, slow, quick, 0)
