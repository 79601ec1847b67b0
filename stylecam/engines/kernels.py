"""The network's kernels rewritten so that a graph computes the same numbers with less work. numpy only."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Kernel: TypeAlias = NDArray[np.float32]

# How the three taps of a kernel fall on the four taps of its transposed form, along one axis (see `enlarging_kernel`).
_TAPS = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], np.float32)


def enlarging_kernel(weight: Kernel) -> Kernel:
    """Return the transposed convolution that equals nearest ×2, reflect padding by 1 and a 3×3 convolution.

    An even output pixel sees the inputs i-1, i, i and an odd one i, i, i+1, so per axis two of the three taps always share a pixel:
    four taps with stride 2 do the work of six. The input must be padded by one pixel of its own edge (reflecting the enlarged map by
    one pixel repeats its edge), and 3 pixels be cut from each side of the result.

    Args:
        weight: (out, in, 3, 3).

    Returns:
        (in, out, 4, 4), the layout of ONNX's ConvTranspose.
    """
    # s, t: taps of the 3×3 kernel; a, b: taps of the 4×4 kernel
    enlarging: Kernel = np.einsum("as,bt,oist->ioab", _TAPS, _TAPS, weight, dtype=np.float32)
    return enlarging


def tiling_kernel(weight: Kernel, tile: int) -> Kernel:
    """Return a kernel that computes `tile` × `tile` neighbouring output pixels at once, as channels.

    Processors compute 16 channels at a time; the 3 of a picture would leave 13 idle. Used with stride `tile` on the same padded input,
    then depth-to-space ("CRD").

    Args:
        weight: (out, in, k, k), for stride 1.
        tile: side of the tile in pixels.

    Returns:
        (out * tile * tile, in, k + tile - 1, k + tile - 1).
    """
    out_channels, in_channels, size, _ = weight.shape
    wide = size + tile - 1
    tiled = np.zeros((out_channels, tile, tile, in_channels, wide, wide), np.float32)
    for y in range(tile):
        for x in range(tile):
            tiled[:, y, x, :, y : y + size, x : x + size] = weight
    return tiled.reshape(-1, in_channels, wide, wide)
