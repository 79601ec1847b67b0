"""Pairs of frames whose motion is known to the pixel, as optical flow is judged by: NAME_img0, NAME_img1 and NAME_flow.flo."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from stylecam.bench.quality.motion import Clip
from stylecam.core.atomic_io import reason
from stylecam.errors import InputError
from stylecam.media.flow import Flow, Mask, inside, warp
from stylecam.media.images import read_srgb

_MAGIC = 202021.25  # of Middlebury's .flo files: then width, height, and x and y of every pixel, all 4 bytes, little endian
#: Where warped frame and frame differ by more grey levels, the pixel was hidden: the pairs do not say what was.
_HIDDEN = 24.0


def true_pairs(folder: Path) -> list[Clip]:
    """Read all pairs of a folder, as clips of two frames: the second image, then the first, whose flow back to it the file says.

    Raises:
        InputError: there are none, or one cannot be read.
    """
    names = sorted(path.name.removesuffix("flow.flo") for path in folder.glob("*flow.flo")) if folder.is_dir() else []
    if not names:
        raise InputError(f"'{folder}' holds no pairs with true flow: NAMEimg0, NAMEimg1 and NAMEflow.flo.")
    return [_pair(folder, name) for name in names]


def read_flo(path: Path) -> Flow:
    """Read a flow in Middlebury's format, (H, W, 2).

    Raises:
        InputError: it is no such file, or is cut short.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {reason(error)}.") from None
    magic, width, height = struct.unpack("<fii", data[:12]) if len(data) >= 12 else (0.0, 0, 0)
    if magic != _MAGIC or width < 1 or height < 1 or len(data) != 12 + 8 * width * height:
        raise InputError(f"'{path}' is no flow in Middlebury's format, or was cut short; copy it again.")
    return np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2).astype(np.float32)


def _pair(folder: Path, name: str) -> Clip:
    images = []
    for which in ("img0", "img1"):
        found = sorted(path for path in folder.glob(f"{name}{which}.*"))
        if not found:
            raise InputError(f"'{folder}' has {name}flow.flo, but no {name}{which}; copy the image there too.")
        images.append(read_srgb(found[0]))
    first, second = images
    flow = read_flo(folder / f"{name}flow.flo")
    if first.shape != second.shape or flow.shape[:2] != first.shape[:2]:
        raise InputError(f"Images and flow of '{name}' in '{folder}' differ in size.")
    return Clip(name.rstrip("_") or "pair", [second, first], [flow], [_seen(first, second, flow)])


def _seen(now: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], other: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], flow: Flow) -> Mask:
    difference = np.abs(warp(other.astype(np.float32), flow) - now).max(2)
    return np.asarray((difference <= _HIDDEN) & inside(flow))
