"""What the engines that compile a graph per image size have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import MEASURE, Engine, Image, LayerStats, Vector, check_image, check_scale_shift, check_stats, pad_to_network
from stylecam.engines.folded_stats import folded
from stylecam.engines.lowering.onnx import Regions
from stylecam.net.families import FINE, Architecture


class Form(NamedTuple):
    """Which graph: with normalization or for `given` statistics, whether it returns what it `measured`, and its `regions`' sizes."""

    given: bool = False
    measured: bool = False
    regions: Regions | None = None


#: Runs the network on inputs by name, see `build_graph`: the stylized image, then, if measured, means and variances. The results are the
#: caller's to keep.
Program: TypeAlias = Callable[[Mapping[str, NDArray[Any]]], list[NDArray[Any]]]

# Live frames, the other orientation, and a still in between; each holds a network's working memory.
KEPT_SIZES = 3

# The libraries share memory only with arrays that are whole and writeable; others are copied.
_LIBRARY_ARRAY: Final[tuple[Literal["C", "W"], ...]] = ("C", "W")


class SizedEngine(Engine):
    """Pads the image, picks or compiles the program for its size, crops the result.

    `compiled` counts the programs built so far: only a new size, or statistics or maps asked for the first time at a size, may raise it.
    """

    supports_stats = True
    supports_maps = True

    def __init__(self, config: Architecture, tensors: Mapping[str, NDArray[np.float32]], head: str = FINE) -> None:
        self.config, self.head = config, head
        self.graph = config.graph(head)
        self.compiled = 0
        self._tensors = tensors
        self._programs: OrderedDict[tuple[int, int], dict[Form, Program]] = OrderedDict()

    @abstractmethod
    def _compile(self, height: int, width: int, form: Form) -> Program:
        """Return a program for padded images of this size in pixels; raise EngineError where the library refuses."""

    def _more_inputs(self, scale_shift: Vector) -> dict[str, NDArray[Any]]:  # noqa: ARG002, for engines whose graphs read more
        """Return what the graph reads besides the image and the styles, by name; `scale_shift` is as `stylize` was given it."""
        return {}

    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Stylize `image`; see `Engine.stylize`."""
        check_image(image)
        check_scale_shift(scale_shift, self.graph, maps)
        height, width = image.shape[:2]
        more = self._more_inputs(scale_shift)
        given = stats is not None and stats is not MEASURE
        if stats is not None and given:
            check_stats(stats, self.graph)
            scale_shift = folded(scale_shift, stats, self.graph)
        regions = None if maps is None else Regions(maps.shape[0], maps.shape[1], maps.shape[2], (height, width))
        form = Form(given=given, measured=stats is MEASURE, regions=regions)
        padded = np.require(pad_to_network(image, self.graph), requirements=_LIBRARY_ARRAY)
        inputs: dict[str, NDArray[Any]] = {"image": padded, "styles": np.require(np.atleast_2d(scale_shift), requirements=_LIBRARY_ARRAY)}
        inputs |= more
        if maps is not None:
            inputs["maps"] = np.require(maps, requirements=_LIBRARY_ARRAY)
        results = self._program(padded.shape[0], padded.shape[1], form)(inputs)
        stylized = results[0]
        if padded.shape != image.shape:
            e = self.graph.enlargement
            stylized = np.ascontiguousarray(stylized[: height * e, : width * e])
        return stylized, LayerStats(results[1], results[2]) if form.measured else None

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
            for old in [each for each in programs if each.regions and form.regions][KEPT_SIZES - 1 :]:
                del programs[old]
            programs[form] = self._compile(height, width, form)
            self.compiled += 1
        return programs[form]
