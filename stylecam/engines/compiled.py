"""What the engines that compile a graph per picture size have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import MEASURE, Engine, Image, LayerStats, Vector, check_image, check_scale_shift, check_stats, pad_to_network
from stylecam.engines.folded_stats import folded
from stylecam.errors import EngineError
from stylecam.net.architecture import TransformNetConfig


class Form(NamedTuple):
    """Which graph: with normalisation or for `given` statistics (see `build_graph`), and whether it returns what it `measured`."""

    given: bool = False
    measured: bool = False


#: Runs the network on a padded picture: the painting, then, if measured, means and variances. The results are the caller's to keep.
Program: TypeAlias = Callable[[Image, Vector], list[NDArray[Any]]]

# Live picture, the other orientation, and a still in between; each holds a network's working memory.
KEPT_SIZES = 3

# The libraries share memory only with arrays that are whole and writeable; others are copied.
_LIBRARY_ARRAY: Final[tuple[Literal["C", "W"], ...]] = ("C", "W")


class SizedEngine(Engine):
    """Pads the picture, picks or compiles the program for its size, crops the result.

    `compiled` counts the programs built so far: only a new size, or statistics asked for the first time at a size, may raise it.
    """

    supports_stats = True

    def __init__(self, config: TransformNetConfig, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self.config = config
        self.compiled = 0
        self._tensors = tensors
        self._programs: OrderedDict[tuple[int, int], dict[Form, Program]] = OrderedDict()

    @abstractmethod
    def _compile(self, height: int, width: int, form: Form) -> Program:
        """Return a program for padded pictures of this size in pixels; raise EngineError where the library refuses."""

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Repaint `image`; see `Engine.stylize`."""
        if maps is not None:
            raise EngineError(f"The engine '{self.name}' does not support per-pixel maps; choose --engine torch.")
        check_image(image)
        check_scale_shift(scale_shift, self.config)
        form = Form()
        if stats is MEASURE:
            form = Form(measured=True)
        elif stats is not None:
            check_stats(stats, self.config)
            form = Form(given=True, measured=stats.measure)
            scale_shift = folded(scale_shift, stats, self.config)
        height, width = image.shape[:2]
        padded = np.require(pad_to_network(image, self.config), requirements=_LIBRARY_ARRAY)
        results = self._program(padded.shape[0], padded.shape[1], form)(padded, np.require(scale_shift, requirements=_LIBRARY_ARRAY))
        painting = results[0]
        if padded.shape != image.shape:
            painting = np.ascontiguousarray(painting[:height, :width])
        return painting, LayerStats(results[1], results[2]) if form.measured else None

    def close(self) -> None:
        """Give back the compiled programs."""
        self._programs.clear()

    def _program(self, height: int, width: int, form: Form) -> Program:
        size = (height, width)
        if size not in self._programs:
            while len(self._programs) >= KEPT_SIZES:
                self._programs.popitem(last=False)  # the size that was used longest ago
            self._programs[size] = {}
        self._programs.move_to_end(size)
        programs = self._programs[size]
        if form not in programs:
            programs[form] = self._compile(height, width, form)
            self.compiled += 1
        return programs[form]
