"""Filters from one pair of images: A is to A' as B is to B' (Hertzmann, Jacobs, Oliver, Curless, Salesin 2001, "Image Analogies").

Pixel by pixel, from coarse to fine, B' takes from A' the pixel whose surroundings in A and A' are most like those in B and what there is
of B'. Nearest neighbours come from a search tree; the other candidate continues what a pixel beside it took, so that strokes stay whole.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from stylecam.core.process import available_memory
from stylecam.core.progress import Progress
from stylecam.errors import InputError, UsageError
from stylecam.methods.color_transfer import luminance
from stylecam.methods.neighborhoods import CAUSAL, COARSE, FINE, Projection, around, causal, causal_places, lifted

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Image = NDArray[np.uint8]

#: The coarsest image has at least so many pixels a side.
_COARSEST_PX = 12
#: The search may return a neighbour so much further away than the nearest, as a share of its distance.
_EPSILON = 2.0
#: In texture by numbers the maps rule: a texture must not go on beyond its region because it would fit so well there.
_MAP_WEIGHT = 3.0
#: Steps in colour below this, in grey levels, are smoothed away.
_EDGE = 60.0
_BYTES_PER_PIXEL = 1200  # of A and B together: neighbourhoods, three times as many for colours


@dataclass(frozen=True, kw_only=True)
class AnalogyConfig:
    """How to make an analogy.

    `kappa` is how much worse than the nearest neighbour a coherent one may be: 0 gives the most exact filter, 5 to 25 brush strokes in one
    piece. `levels` counts sizes, each half the next. With `numbers` (texture by numbers) all colours are compared and B' has those of A':
    A and B are maps in flat colours. Else only light is compared, that of A and A' remapped to B's, and colours are B's.
    """

    kappa: float = 5.0
    levels: int = 4
    numbers: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 0 <= self.kappa <= 1000:
            raise UsageError(f"--kappa {self.kappa:g} is out of range; give 0 to 1000.")
        if not 1 <= self.levels <= 10:
            raise UsageError(f"--levels {self.levels} is out of range; give 1 to 10.")


def analogy(a: Image, a_prime: Image, b: Image, config: AnalogyConfig | None = None) -> Generator[tuple[Progress, Image | None]]:
    """Make B' of three images; yields reports, after each level with its image.

    Args:
        a: uint8 RGB (H, W, 3).
        a_prime: what became of it, of the same size.
        b: uint8 RGB (h, w, 3).
        config: see there.

    Yields:
        A report, and None or B' of a level that is complete, uint8 RGB (h, w, 3): enlarged while there are finer levels.

    >>> import numpy as np
    >>> a = np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8)
    >>> images = [image for _, image in analogy(a, 255 - a, a[:24, :28], AnalogyConfig(levels=1)) if image is not None]
    >>> [image.shape for image in images]
    [(24, 28, 3)]

    Raises:
        InputError: A and A' differ in size, an image is too small, or the memory is.
    """
    config = config or AnalogyConfig()
    _check(a, a_prime, b, config)
    planes = _planes(a, a_prime, b, numbers=config.numbers)
    smallest = min(*a.shape[:2], *b.shape[:2])
    levels = max(1, min(config.levels, 1 + int(np.log2(smallest / _COARSEST_PX))))
    pyramid = [planes]
    while len(pyramid) < levels:
        pyramid.insert(0, pyramid[0].halved())
    total = sum(plane.b.shape[0] * plane.b.shape[1] for plane in pyramid)
    begun, earlier, result = time.perf_counter(), 0, None
    for number, fine in enumerate(pyramid):
        level = _Level(fine, None if result is None else (pyramid[number - 1], result), config.kappa * 2.0 ** (number + 1 - levels))
        size = fine.b.shape[0] * fine.b.shape[1]
        for done in level.fill():
            image = _image(b, level.result, config) if done == size else None
            yield Progress("analogy", earlier + done, total, time.perf_counter() - begun, message=f"level {number + 1} of {levels}"), image
        earlier, result = earlier + size, level.result


def smoothed(image: Image, px: float) -> Image:
    """Return an image without its brush strokes, but with its edges: an A for an A' that has none, as the paper makes them.

    Args:
        image: uint8 RGB (H, W, 3).
        px: about the width of what shall vanish.
    """
    for _ in range(2):
        image = np.asarray(cv2.bilateralFilter(image, 0, _EDGE, px), np.uint8)
    return image


class _Planes(NamedTuple):
    """What is compared, of one level: (H, W, C), C of them 1 for light and 3 for colours; and how much A and B weigh against A' and B'."""

    a: Floats
    a_prime: Floats
    b: Floats
    weight: float

    def halved(self) -> _Planes:
        """Return the coarser level."""
        return _Planes(_half(self.a), _half(self.a_prime), _half(self.b), self.weight)


class _Level:
    """One size: finds for every pixel of B' the pixel of A' that it takes."""

    def __init__(self, fine: _Planes, coarse: tuple[_Planes, Floats] | None, kappa: float) -> None:
        self._fine, self._kappa = fine, kappa
        height, width, _ = fine.b.shape
        self._a_shape = fine.a.shape[:2]
        #: What there is of B' so far; where there is nothing yet, what the coarser level says.
        self.result: Floats = fine.b.copy() if coarse is None else _enlarged(coarse[1], height, width)
        ours, theirs = ([fine.weight * around(plane, FINE)] for plane in (fine.a, fine.b))
        if coarse is not None:
            above, made = coarse
            for features, pair, shape in ((ours, (above.a, above.a_prime), self._a_shape), (theirs, (above.b, made), (height, width))):
                for plane, weight in zip(pair, (above.weight, 1.0), strict=True):
                    features.append(weight * lifted(around(plane, COARSE), plane.shape[:2], shape))
        known_of_a = np.hstack([*ours, causal(fine.a_prime, np.arange(self._a_shape[0] * self._a_shape[1]))])
        project = Projection.of(known_of_a)
        self._features = project(known_of_a)
        # Pixels at A's border see no surroundings there, and are often those of a frame or a scanner: none is taken.
        a_height, a_width = self._a_shape
        self._border = FINE // 2 if min(self._a_shape) > 4 * FINE else 0
        inner = slice(self._border, a_height - self._border), slice(self._border, a_width - self._border)
        self._inner = np.arange(a_height * a_width).reshape(a_height, a_width)[inner].ravel()
        self._tree = cKDTree(self._features[self._inner])
        # Of B' only what lies before a pixel is missing from its features: its share of the components is added when it is there.
        known = np.hstack(theirs)
        self._known = np.asarray((known - project.mean[: known.shape[1]]) @ project.axes[: known.shape[1]])
        self._causal_mean, self._causal_axes = project.mean[known.shape[1] :], project.axes[known.shape[1] :]
        #: Where in A' each pixel of B' comes from, flat; -1: from nowhere yet.
        self.sources: Indices = np.full(height * width, -1, np.intp)

    def fill(self) -> Iterator[int]:
        """Make B' in the order of scan lines; yields how many pixels there are.

        A pixel looks at two to its left and at five in either row above. So those for which column + 3 row is the same do not look at each
        other, and are made together: the result is that of scan lines.
        """
        height, width, _ = self.result.shape
        done = 0
        for line in range(width + 3 * (height - 1)):
            rows = np.arange(max(0, (line - width + 3) // 3), min(height - 1, line // 3) + 1)
            if len(rows):
                self._make(rows * width + line - 3 * rows)
                done += len(rows)
                if line % 16 == 0 or done == height * width:
                    yield done

    def _make(self, pixels: Indices) -> None:
        found = (causal(self.result, pixels) - self._causal_mean) @ self._causal_axes
        wanted = np.asarray(self._known[pixels] + found, np.float32)  # (n, k)
        # The tree's distances are between the same components, so both kinds of candidates compare.
        distances, nearest = self._tree.query(wanted, eps=_EPSILON, workers=-1 if len(pixels) > 64 else 1)
        coherent, apart = self._coherent(pixels, wanted)
        chosen = np.where(apart <= distances**2 * (1 + self._kappa), coherent, self._inner[nearest])
        self.sources[pixels] = chosen
        channels = self.result.shape[2]
        self.result.reshape(-1, channels)[pixels] = self._fine.a_prime.reshape(-1, channels)[chosen]

    def _coherent(self, pixels: Indices, wanted: Floats) -> tuple[Indices, Floats]:
        """Return for each pixel the best of those that continue what its neighbours took, and its squared distance (inf: there is none)."""
        height, width, _ = self.result.shape
        a_height, a_width = self._a_shape
        y, x = np.divmod(pixels[:, None], width)
        ny, nx = y + CAUSAL[:, 0], x + CAUSAL[:, 1]
        source = self.sources[causal_places(height, width, pixels)]  # (n, 12)
        sy, sx = source // a_width - CAUSAL[:, 0], source % a_width - CAUSAL[:, 1]
        edge = self._border
        valid = (ny >= 0) & (nx >= 0) & (nx < width) & (source >= 0)
        valid &= (sy >= edge) & (sy < a_height - edge) & (sx >= edge) & (sx < a_width - edge)
        places = np.where(valid, sy * a_width + sx, 0)
        apart = ((self._features[places] - wanted[:, None]) ** 2).sum(2)
        apart = np.where(valid, apart, np.inf)
        best = apart.argmin(1)
        rows = np.arange(len(pixels))
        return places[rows, best], np.asarray(apart[rows, best], np.float32)


def _planes(a: Image, a_prime: Image, b: Image, *, numbers: bool) -> _Planes:
    if numbers:
        colours = [image.astype(np.float32) / np.float32(255) for image in (a, a_prime, b)]
        return _Planes(colours[0], colours[1], colours[2], _MAP_WEIGHT)
    light, light_prime, wanted = (luminance(image)[..., None] / np.float32(255) for image in (a, a_prime, b))
    # The filter must not depend on how light or how rich in contrast A is (section 3.4 of the paper).
    slope = wanted.std() / max(float(light.std()), 1e-3)
    light, light_prime = ((plane - light.mean()) * np.float32(slope) + wanted.mean() for plane in (light, light_prime))
    return _Planes(light, light_prime, wanted, 1.0)


def _image(b: Image, result: Floats, config: AnalogyConfig) -> Image:
    """Return B' at B's size: its own colours, or B's with the light of the result."""
    result = _enlarged(result, *b.shape[:2])
    if not config.numbers:
        # Y of YIQ counts equally in red, green and blue, so another Y with the same I and Q is a shift of all three.
        result = b.astype(np.float32) / np.float32(255) + (result - luminance(b)[..., None] / np.float32(255))
    return np.asarray((result * 255).round().clip(0, 255), np.uint8)


def _half(plane: Floats) -> Floats:
    return np.asarray(cv2.pyrDown(plane), np.float32).reshape((plane.shape[0] + 1) // 2, (plane.shape[1] + 1) // 2, -1)


def _enlarged(plane: Floats, height: int, width: int) -> Floats:
    if plane.shape[:2] == (height, width):
        return plane.copy()
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32).reshape(height, width, -1)


def _check(a: Image, a_prime: Image, b: Image, config: AnalogyConfig) -> None:
    if a.shape != a_prime.shape:
        sizes = " and ".join(f"{image.shape[1]}x{image.shape[0]}" for image in (a, a_prime))
        raise InputError(f"A and A' must have the same size, one being made of the other; they have {sizes} pixels.")
    for image, name in ((a, "A"), (b, "B")):
        if min(image.shape[:2]) < _COARSEST_PX:
            raise InputError(f"{name} has {image.shape[1]}x{image.shape[0]} pixels, which are too few; give {_COARSEST_PX} or more a side.")
    pixels = a.shape[0] * a.shape[1] + b.shape[0] * b.shape[1]
    needed, free = pixels * _BYTES_PER_PIXEL * (3 if config.numbers else 1), available_memory()
    if needed > free:
        raise InputError(
            f"These images need about {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; use a smaller --size."
        )
