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
    """Return a kernel that computes `tile` neighbouring output pixels of a row at once, as channels: pixel by pixel, as in an image.

    Processors compute 16 channels at a time; the 3 of an image would leave 13 idle. Used with stride (1, `tile`) on the same padded
    input; the result's channels moved last, (H, W / tile, tile * out), lie in memory as the image (H, W, out) does.

    Args:
        weight: (out, in, k, k), for stride 1.
        tile: pixels at once; must divide the width.

    Returns:
        (tile * out, in, k, k + tile - 1).
    """
    out_channels, in_channels, size, _ = weight.shape
    tiled = np.zeros((tile, out_channels, in_channels, size, size + tile - 1), np.float32)
    for x in range(tile):
        tiled[x, ..., x : x + size] = weight
    return tiled.reshape(-1, *tiled.shape[2:])
