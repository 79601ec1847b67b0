"""What a frame of a clip must agree with: earlier stylized frames, warped by optical flow, each where it can be believed.

Ruder, Dosovitskiy, Brox 2016, "Artistic Style Transfer for Videos" (arXiv 1604.08610), sections 4.1 to 4.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.core.atomic_io import reason
from stylecam.errors import OutputError
from stylecam.media.flow import Flow, dense_flow, off_boundaries, visible, warp

Pixels = NDArray[np.uint8]
Weights = NDArray[np.float32]

#: Frames that differ by so many grey levels after warping, averaged over a window, show something else there.
_OTHER, _WINDOW_PX = 32.0, 5


@dataclass(frozen=True, eq=False)
class Target:
    """A stylized frame brought to the present, uint8 RGB (H, W, 3), and how much each of its pixels counts, (H, W) in [0, 1]."""

    image: Pixels
    weights: Weights


class FrameStore:
    """Keeps the frames of a clip and what became of them in a folder, as PNG files: a long clip does not fit into memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.photos = self.results = 0

    def add_photo(self, image: Pixels) -> None:
        """Append a frame of the clip, uint8 RGB (H, W, 3)."""
        self._write("photo", self.photos, image)
        self.photos += 1

    def photo(self, index: int) -> Pixels:
        """Return a frame of the clip."""
        return self._read("photo", index)

    def put_result(self, index: int, image: Pixels) -> None:
        """Keep a stylized frame, in place of an earlier one of the same number."""
        self._write("result", index, image)
        self.results = max(self.results, index + 1)

    def result(self, index: int) -> Pixels:
        """Return a stylized frame."""
        return self._read("result", index)

    def _write(self, kind: str, index: int, image: Pixels) -> None:
        data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]  # in the order of its channels, whatever they are
        try:
            (self._folder / f"{kind}{index}.png").write_bytes(data.tobytes())
        except OSError as error:
            raise OutputError(f"Frames cannot be kept in '{self._folder}': {reason(error)}.") from error

    def _read(self, kind: str, index: int) -> Pixels:
        data = np.frombuffer((self._folder / f"{kind}{index}.png").read_bytes(), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def consistency(back: Flow, forth: Flow) -> Weights:
    """Return 1 where the flow to another frame can be believed: visible there, and at no motion boundary; else 0.

    Args:
        back: from the present frame to the other.
        forth: from the other one to the present.
    """
    return (visible(back, forth) & off_boundaries(back)).astype(np.float32)


def long_term(consistencies: Sequence[Weights]) -> list[Weights]:
    """Return the weights of several frames, the nearest first: each counts where no nearer one does.

    >>> nearer, farther = np.float32([[1, 0, 0]]), np.float32([[1, 1, 0]])
    >>> [weights.tolist() for weights in long_term([nearer, farther])]
    [[[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]]
    """
    weights: list[Weights] = []
    nearer = np.zeros(consistencies[0].shape if consistencies else (), np.float32)
    for each in consistencies:
        weights.append(np.asarray((each - nearer).clip(0), np.float32))
        nearer = nearer + each
    return weights


def targets(store: FrameStore, index: int, others: Sequence[int], result: Callable[[int], Pixels] | None = None) -> list[Target]:
    """Return what a frame must agree with.

    Args:
        store: holds frames and results.
        index: of the present frame.
        others: of frames that are stylized already, the nearest first.
        result: returns the stylized frame of a number; None: the store's.
    """
    photo, result = store.photo(index), result or store.result
    images, consistencies = [], []
    for other in others:
        there = store.photo(other)
        back, forth = dense_flow(photo, there), dense_flow(there, photo)
        images.append(np.asarray(warp(result(other), back, sharp=True), np.uint8))
        consistencies.append(consistency(back, forth) * _shows_the_same(photo, np.asarray(warp(there, back), np.uint8)))
    return [Target(image, weights) for image, weights in zip(images, long_term(consistencies), strict=True)]


def _shows_the_same(photo: Pixels, warped: Pixels) -> Weights:
    """Return 1 where a warped frame is like the present one, else 0.

    Not in the paper: flows between different scenes sometimes return by chance to where they began.
    """
    difference = cv2.blur(cv2.absdiff(photo, warped).max(2).astype(np.float32), (_WINDOW_PX, _WINDOW_PX))
    return np.asarray(difference < _OTHER, np.float32)


def start_image(base: Pixels, found: Sequence[Target], share: float = 1.0) -> Pixels:
    """Return what the optimisation of a frame begins with: the warped frames where they count, mixed by `share`; elsewhere `base`."""
    image = base.astype(np.float32)
    for target in found:
        image += share * target.weights[..., None] * (target.image - image)
    return np.asarray(image.round().clip(0, 255), np.uint8)
