"""What the engines that compile a graph per picture size have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import Engine, Image, LayerStats, Vector, check_image, check_scale_shift, pad_to_network
from stylecam.errors import EngineError
from stylecam.net.architecture import TransformNetConfig

#: Runs the network on a padded picture. The result is the caller's to keep.
Program: TypeAlias = Callable[[Image, Vector], Image]

# Live picture, the other orientation, and a still in between; each holds a network's working memory.
KEPT_SIZES = 3

# The libraries share memory only with arrays that are whole and writeable; others are copied.
_LIBRARY_ARRAY: Final[tuple[Literal["C", "W"], ...]] = ("C", "W")


class SizedEngine(Engine):
    """Pads the picture, picks or compiles the program for its size, crops the result.

    `compiled` counts the programs built so far: only a new size may raise it.
    """

    def __init__(self, config: TransformNetConfig, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        self.config = config
        self.compiled = 0
        self._tensors = tensors
        self._programs: OrderedDict[tuple[int, int], Program] = OrderedDict()

    @abstractmethod
    def _compile(self, height: int, width: int) -> Program:
        """Return a program for padded pictures of this size in pixels; raise EngineError where the library refuses."""

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Repaint `image`; see `Engine.stylize`."""
        if maps is not None or stats is not None:
            what = "per-pixel maps" if maps is not None else "given or measured statistics"
            raise EngineError(f"The engine '{self.name}' does not support {what}; choose --engine torch.")
        check_image(image)
        check_scale_shift(scale_shift, self.config)
        height, width = image.shape[:2]
        padded = np.require(pad_to_network(image, self.config), requirements=_LIBRARY_ARRAY)
        painting = self._program(*padded.shape[:2])(padded, np.require(scale_shift, requirements=_LIBRARY_ARRAY))
        if padded.shape != image.shape:
            painting = np.ascontiguousarray(painting[:height, :width])
        return painting, None

    def close(self) -> None:
        """Give back the compiled programs."""
        self._programs.clear()

    def _program(self, height: int, width: int) -> Program:
        size = (height, width)
        if size not in self._programs:
            program = self._compile(height, width)
            self.compiled += 1
            while len(self._programs) >= KEPT_SIZES:
                self._programs.popitem(last=False)  # the size that was used longest ago
            self._programs[size] = program
        self._programs.move_to_end(size)
        return self._programs[size]
