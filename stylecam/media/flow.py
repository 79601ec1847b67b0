"""Optical flow between the frames of a clip: where each pixel was, how far that is true, and earlier images brought to the present."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

#: (H, W, 2) float32: for each pixel of a frame, how far from there (x, y) in pixels it was in another frame.
Flow = NDArray[np.float32]
#: (H, W) bool.
Mask = NDArray[np.bool_]

# Bounds of Sundaram, Brox, Keutzer 2010, which Ruder, Dosovitskiy, Brox 2016 (arXiv 1604.08610, section 4.3) take over.
_RETURN_SHARE, _RETURN_PX2 = 0.01, 0.5
_EDGE_SHARE, _EDGE_PX2 = 0.01, 0.002
_LEAST_PX = 16  # the method's patches do not fit into smaller frames


def dense_flow(now: NDArray[np.uint8], other: NDArray[np.uint8]) -> Flow:
    """Return where the pixels of one frame were in another (Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search").

    Args:
        now: uint8 RGB (H, W, 3).
        other: of the same size.
    """
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (now, other)]
    if min(greys[0].shape) < _LEAST_PX:
        return np.zeros((*greys[0].shape, 2), np.float32)
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(method.calc(greys[0], greys[1], np.zeros((*greys[0].shape, 2), np.float32)), np.float32)


def warp(image: NDArray[Any], flow: Flow, *, sharp: bool = False) -> NDArray[Any]:
    """Return another frame, (H, W, C) or (H, W), brought to the present by `flow` (H, W, 2).

    Whole pixels are moved exactly. `sharp` interpolates by cubics: an image that is warped again and again blurs less.

    >>> import numpy as np
    >>> ramp = np.arange(12, dtype=np.float32).reshape(3, 4)
    >>> warp(ramp, np.full((3, 4, 2), (1, 0), np.float32))[:, :3].tolist()
    [[1.0, 2.0, 3.0], [5.0, 6.0, 7.0], [9.0, 10.0, 11.0]]
    """
    x, y = grid(*flow.shape[:2])
    kind = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(image, x + flow[..., 0], y + flow[..., 1], kind, borderMode=cv2.BORDER_REFLECT_101))


def grid(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the x and y of every pixel, (H, W) each."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x, y


def inside(flow: Flow) -> Mask:
    """Return where a pixel was within the other frame."""
    height, width = flow.shape[:2]
    x, y = grid(height, width)
    x, y = x + flow[..., 0], y + flow[..., 1]
    return np.asarray((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))


def visible(back: Flow, forth: Flow) -> Mask:
    """Return which pixels of a frame the other one shows too: there and back again ends where it began.

    Args:
        back: from this frame to the other.
        forth: from the other frame to this one.
    """
    returned = warp(forth, back)
    error = ((back + returned) ** 2).sum(2)
    length = (back**2).sum(2) + (returned**2).sum(2)
    return np.asarray((error <= _RETURN_SHARE * length + _RETURN_PX2) & inside(back))


def off_boundaries(flow: Flow) -> Mask:
    """Return which pixels are not at the boundary of two motions, where a flow is least exact."""
    steep = sum(np.gradient(flow[..., axis], axis=direction) ** 2 for axis in (0, 1) for direction in (0, 1))
    return np.asarray(steep <= _EDGE_SHARE * (flow**2).sum(2) + _EDGE_PX2)
