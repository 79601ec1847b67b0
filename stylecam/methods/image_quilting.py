"""Texture synthesis and transfer by patches that are sewn together.

Efros, Freeman 2001, "Image Quilting for Texture Synthesis and Transfer" (SIGGRAPH 2001).
Nothing is trained: each patch is cut from the texture where it fits what lies there already, and joined along the least visible path.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.core.process import available_memory
from stylecam.core.progress import Progress
from stylecam.errors import InputError, UsageError
from stylecam.methods.boundary_cut import new_side
from stylecam.methods.patch_search import EveryFew, EveryPlace, Search

Floats = NDArray[np.float32]
Image = NDArray[np.uint8]
Reports = Generator[tuple[Progress, Image | None]]

MIN_PATCH_PX = 4
_BYTES_PER_PIXEL = 100  # of image and texture: in floats, and the texture's spectra
#: The first pass of a transfer gives so much of the weight to the seams, as in the paper; there the last gives 0.9.
_SEAMS_FIRST, SEAMS_LAST = 0.1, 0.6
#: Each pass of a transfer has patches of so much of the size of the one before, as in the paper.
_SHRINK = 2 / 3


@dataclass(frozen=True, kw_only=True)
class QuiltConfig:
    """How to quilt.

    `patch_px` is the side of a patch, of the first pass of a transfer; it should hold the texture's largest element. Patches overlap by
    `overlap_px`, or by a sixth of their side where it is 0. Chance chooses among places whose error is within `tolerance` of the least.
    """

    patch_px: int = 36
    overlap_px: int = 0
    tolerance: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not MIN_PATCH_PX <= self.patch_px <= 512:
            raise UsageError(f"--patch {self.patch_px} is out of range; give {MIN_PATCH_PX} to 512 pixels.")
        if not 0 <= self.overlap_px <= self.patch_px // 2:
            raise UsageError(f"--overlap {self.overlap_px} is out of range; give 1 to {self.patch_px // 2}, half the patch.")
        if not 0 <= self.tolerance <= 10:
            raise UsageError(f"--tolerance {self.tolerance:g} is out of range; give 0 to 10.")
        if self.seed < 0:
            raise UsageError(f"--seed {self.seed} is out of range; give 0 or more.")

    def overlap_of(self, patch_px: int) -> int:
        """Return the overlap of patches of this side."""
        if self.overlap_px:
            return max(1, round(self.overlap_px * patch_px / self.patch_px))
        return max(2, patch_px // 6)


def synthesize(texture: Image, width: int, height: int, config: QuiltConfig | None = None) -> Reports:
    """Make a texture of any size that looks like the one given; yields reports, the last one with the image.

    Without a rule against it, the patch that fits best is always the one that lay beside the last in the texture, and the result a mere
    copy of it: the close surroundings of that place are left out.

    Args:
        texture: uint8 RGB (H, W, 3), larger than a patch.
        width: of the result, in pixels.
        height: of the result.
        config: see there.

    Yields:
        A report, and None or the finished image, uint8 RGB (height, width, 3).

    >>> import numpy as np
    >>> texture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    >>> *_, (report, image) = synthesize(texture, 80, 64, QuiltConfig(patch_px=16))
    >>> image.shape
    (64, 80, 3)

    Raises:
        InputError: the texture is smaller than a patch, or the memory is too small.
    """
    config = config or QuiltConfig()
    _check(texture, config.patch_px, "texture")
    _check_memory(_BYTES_PER_PIXEL * (width * height + texture.size // 3), "--size")
    quilt = _Quilt(_floats(texture), config, config.patch_px, width, height)
    begun = time.perf_counter()
    for laid in quilt.lay(avoid_copies=True):
        done = quilt.image() if laid == quilt.patches else None
        yield Progress("quilting", laid, quilt.patches, time.perf_counter() - begun, message="patches"), done


def transfer(photo: Image, texture: Image, passes: int = 3, alpha: float = SEAMS_LAST, config: QuiltConfig | None = None) -> Reports:
    """Depict a photo by patches of a texture; yields reports, after each pass with its image.

    Places are compared by light, blurred by a tenth of the patch; the photo's light is brought to the distribution of the texture's. Each
    pass has smaller patches, must fit what the pass before made too, and lets the seams weigh more (section 3 of the paper).

    Args:
        photo: uint8 RGB (H, W, 3).
        texture: uint8 RGB (h, w, 3), larger than a patch; its colours are kept.
        passes: 1 to 8.
        alpha: what the seams weigh in the last pass, 0 to 1; the rest is likeness to the photo.
        config: see there.

    Yields:
        A report, and None or the image of a pass that is complete, uint8 RGB (H, W, 3).

    >>> import numpy as np
    >>> texture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    >>> images = [image for _, image in transfer(texture[:32, :40], texture, 2, config=QuiltConfig(patch_px=12)) if image is not None]
    >>> [image.shape for image in images]
    [(32, 40, 3), (32, 40, 3)]

    Raises:
        InputError: the texture is smaller than a patch, or the memory is too small.
        UsageError: `passes` or `alpha` is out of range.
    """
    config = config or QuiltConfig()
    if not 1 <= passes <= 8:
        raise UsageError(f"--passes {passes} is out of range; give 1 to 8.")
    if not 0 <= alpha <= 1:
        raise UsageError(f"--alpha {alpha:g} is out of range; give 0 to 1.")
    _check(texture, config.patch_px, "style image")
    grid = (texture.size // 3) * 16 * (config.patch_px / max(2, config.patch_px // 6)) ** 2  # 4 channels of 4 bytes, see `EveryFew`
    _check_memory(_BYTES_PER_PIXEL * (photo.size // 3) + int(grid), "--style-size")
    height, width = photo.shape[:2]
    sizes = [max(MIN_PATCH_PX, round(config.patch_px * _SHRINK**number)) for number in range(passes)]
    colours = _floats(texture)
    quilts = [_Quilt(colours, config, size, width, height) for size in sizes]
    total = sum(quilt.patches for quilt in quilts)
    begun, earlier, before = time.perf_counter(), 0, None
    for number, (quilt, size) in enumerate(zip(quilts, sizes, strict=True)):
        seams = _SEAMS_FIRST + (alpha - _SEAMS_FIRST) * number / max(1, passes - 1)
        quilt.guide(*_light_maps(photo, texture, size), 1 - seams, before)
        for laid in quilt.lay():
            done = quilt.image() if laid == quilt.patches else None
            yield Progress("quilting", earlier + laid, total, time.perf_counter() - begun, message=f"pass {number + 1} of {passes}"), done
        earlier, before = earlier + quilt.patches, quilt.made


class _Quilt:
    """The image on which patches are laid."""

    def __init__(self, texture: Floats, config: QuiltConfig, patch_px: int, width: int, height: int) -> None:
        self._texture, self._tolerance, self._size, self._overlap = texture, config.tolerance, patch_px, config.overlap_of(patch_px)
        self._step = patch_px - self._overlap
        self._columns, self._rows = (max(1, -(-(side - self._overlap) // self._step)) for side in (width, height))
        self.patches = self._columns * self._rows
        self._width, self._height = width, height
        sides = (self._rows * self._step + self._overlap, self._columns * self._step + self._overlap)
        self.made: Floats = np.zeros((*sides, 3), np.float32)
        self._places = np.zeros((self._rows, self._columns, 2), np.intp)  # where in the texture each patch lay
        self._rng = np.random.default_rng(config.seed)
        self._search: Search | None = None
        self._target: Floats | None = None
        self._before: Floats | None = None
        self._guided = 0.0

    def guide(self, texture_map: Floats, target_map: Floats, weight: float, before: Floats | None) -> None:
        """Let patches depict something: compare a map of the texture with one of the photo.

        Args:
            texture_map: of the texture, (h, w).
            target_map: of the photo, (H, W).
            weight: of this, against the seams and what was `before`.
            before: what the pass before made, any size of at least (H, W, 3); or None.
        """
        self._search = EveryFew(np.dstack([self._texture, texture_map]), self._size)
        down, across = (have - want for have, want in zip(self.made.shape[:2], target_map.shape, strict=True))
        self._target = np.pad(target_map, ((0, down), (0, across)), mode="edge")
        if before is not None:
            kept = before[: self._height, : self._width]
            self._before = np.pad(kept, ((0, down), (0, across), (0, 0)), mode="edge")
        self._guided = weight

    def lay(self, *, avoid_copies: bool = False) -> Iterator[int]:
        """Lay all patches; yields how many there are so far.

        A patch touches the one to its left and those above it, also the one above to its right: so the patches for which column + 2 row is
        the same do not touch, and are compared together.
        """
        laid = 0
        for line in range(self._columns + 2 * (self._rows - 1)):
            cells = [(row, line - 2 * row) for row in range(self._rows) if 0 <= line - 2 * row < self._columns]
            for left, top in ((False, False), (True, False), (False, True), (True, True)):
                alike = [(row, column) for row, column in cells if (column > 0, row > 0) == (left, top)]
                if alike:
                    for cell, errors in zip(alike, self._errors(alike, left=left, top=top), strict=True):
                        self._sew(cell, errors, avoid_copies=avoid_copies)
                    laid += len(alike)
            if cells:
                yield laid

    def image(self) -> Image:
        """Return what was quilted, uint8 RGB (height, width, 3)."""
        cut = self.made[: self._height, : self._width]
        return np.asarray((cut * 255 + 127.5).round().clip(0, 255), np.uint8)

    def _at(self, row: int, column: int) -> tuple[slice, slice]:
        y, x = row * self._step, column * self._step
        return slice(y, y + self._size), slice(x, x + self._size)

    def _errors(self, cells: Sequence[tuple[int, int]], *, left: bool, top: bool) -> Floats:
        """Return how ill each patch of the texture fits at these cells, (cells, h, w)."""
        places = [self._at(*cell) for cell in cells]
        wanted = np.stack([self.made[place] for place in places])
        seams = np.zeros((self._size, self._size, 3), np.float32)
        seams[:, : self._overlap * left] = 1
        seams[: self._overlap * top] = 1
        if self._search is None:
            self._search = EveryPlace(self._texture, self._size)
        if self._target is None:
            return self._search.errors(wanted, seams)
        if self._before is not None:
            # Two things to be like, the seams and the pass before, are one weighted mean of both, but for a constant.
            before = np.stack([self._before[place] for place in places])
            wanted = (seams * wanted + before) / (seams + 1)
            seams += 1
        light = np.stack([self._target[place] for place in places])[..., None]
        lights = np.full((self._size, self._size, 1), 3 * self._guided, np.float32)  # one number against three colours
        weights = np.dstack([(1 - self._guided) * seams, lights]).astype(np.float32)
        return self._search.errors(np.concatenate([wanted, light], 3), weights)

    def _sew(self, cell: tuple[int, int], errors: Floats, *, avoid_copies: bool) -> None:
        """Choose a patch and sew it to its neighbours."""
        assert self._search is not None  # noqa: S101 (for the type checker: it has found the errors)
        row, column = cell
        if avoid_copies:
            self._leave_out_continuations(errors, row, column)
        fitting = np.flatnonzero(errors <= errors.min() * (1 + self._tolerance) + 1e-6)
        top, left = (int(place) * self._search.stride for place in np.unravel_index(self._rng.choice(fitting), errors.shape))
        self._places[row, column] = top, left
        patch = self._texture[top : top + self._size, left : left + self._size]
        there = self.made[self._at(row, column)]
        difference = np.asarray(((patch - there) ** 2).sum(2), np.float32)
        new = new_side(difference, self._overlap, left=column > 0, top=row > 0)
        there[new] = patch[new]

    def _leave_out_continuations(self, errors: Floats, row: int, column: int) -> None:
        """Raise the errors around the places that continue the left and the upper patch in the texture, unless nothing else is left."""
        reach = max(1, self._size // 4)
        kept = errors.copy()
        for there, down, across in ((column > 0, 0, self._step), (row > 0, self._step, 0)):
            if there:
                y, x = self._places[row - (down > 0), column - (across > 0)] + (down, across)
                kept[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1] = np.inf
        if np.isfinite(kept).any():
            errors[:] = kept


def _check_memory(needed: int, option: str) -> None:
    free = available_memory()
    if needed > free:
        raise InputError(f"This needs about {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; use a smaller {option}.")


def _light_maps(photo: Image, texture: Image, patch_px: int) -> tuple[Floats, Floats]:
    """Return what is compared of texture, (h, w), and photo, (H, W)."""
    blur = max(0.5, patch_px / 10)
    theirs, ours = (cv2.GaussianBlur(_floats(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)), (0, 0), blur) for image in (texture, photo))
    shares = np.linspace(0, 1, 256)
    values, wanted = np.quantile(ours, shares), np.quantile(theirs, shares)
    return theirs.astype(np.float32), np.interp(ours, values, wanted).astype(np.float32)


def _floats(image: NDArray[np.uint8] | NDArray[np.generic]) -> Floats:
    """Return grey levels in [-0.5, 0.5]: around zero the sums of the search are most exact."""
    return image.astype(np.float32) / np.float32(255) - np.float32(0.5)


def _check(texture: Image, patch_px: int, word: str) -> None:
    height, width = texture.shape[:2]
    if min(height, width) <= patch_px:
        raise InputError(
            f"The {word} has {width}x{height} pixels, too few for patches of {patch_px}; use a smaller --patch, or a larger image."
        )
