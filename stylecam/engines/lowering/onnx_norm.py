"""Conditional instance normalization in ONNX: statistics, γ and β from the inputs `styles` and `maps`, on maps and on rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stylecam.engines.lowering.onnx_writer import Writer
from stylecam.engines.lowering.ops import Affine, Normalise, RowCin
from stylecam.net import cost
from stylecam.net.ir import Cin, Graph

# Side of the blocks over which means are taken first. 64 numbers leave little to add up, and their share is exact in bf16.
BLOCK = 8


class Norms:
    """Emits the nodes of normalizations.

    Args:
        to: where they go.
        graph: the lowered graph.
        size: height and width of the padded image in pixels.
        measured: keep each normalization's mean and variance for `outputs`.
        regions: how many there are, between which γ and β are mixed per pixel; 0 for one style everywhere.
    """

    def __init__(self, to: Writer, graph: Graph, size: tuple[int, int], *, measured: bool, regions: int) -> None:
        self._to, self._graph, self._size = to, graph, size
        self._measured, self._regions = measured, regions
        self._statistics: dict[int, tuple[str, str]] = {}  # by offset
        self._resizings: dict[tuple[int, int], str] = {}
        self._maps = ""

    def place_maps(self, photo: tuple[int, int]) -> None:
        """Bring `maps` (R, h, w) to the padded image: their edge is stretched over the padding as the image's is."""
        to = self._to
        x = to.node("Unsqueeze", ["maps", to.constant("batch", np.array([0]))], "maps.batch")
        if photo != self._size:
            x = self._resized(x, photo, "maps.photo")
            below, right = (padded - own for padded, own in zip(self._size, photo, strict=True))
            x = to.node("Pad", [x, to.constant("maps.pads", np.array([0, 0, 0, 0, 0, 0, below, right]))], "maps.padded", mode="edge")
        self._maps = x

    def normalise(self, node: Normalise, x: str) -> None:
        """Bring every channel to unit variance and zero mean."""
        if self._measured:
            self._measure(node.cin, x, *cost.size_at(self._graph, node.inputs[0], *self._size))
        channels = node.cin.channels
        ones = self._to.constant(f"ones{channels}", np.ones(channels, np.float32))
        zeros = self._to.constant(f"zeros{channels}", np.zeros(channels, np.float32))
        self._to.node("InstanceNormalization", [x, ones, zeros], node.name, epsilon=self._graph.eps)

    def affine(self, node: Affine, x: str) -> None:
        """Multiply by γ and add β."""
        gamma, beta = (self._of_map(node, part, f"{node.cin.name}.{name}") for name, part in self._parts(node.cin))
        x = self._to.node("Mul", [x, gamma], f"{node.name}.scaled")
        self._to.node("Add", [x, beta], node.name)

    def row_cin(self, node: RowCin, x: str) -> None:
        """Rows (H, W * 3): (x − mean) / deviation * γ + β, all at once. `InstanceNormalization` cannot see the 3 channels in a row."""
        to, name = self._to, node.cin.name
        gamma, beta = (self._slice(part, f"{name}.{what}") for what, part in self._parts(node.cin))  # (R, 3)
        if self._regions:
            factor, term = (self._of_rows(node, values) for values in (gamma, beta))  # (H, W * 3)
            if node.normalise:
                centred, _, deviation = self._row_statistics(node, x)
                x = to.node("Div", [centred, self._tiled(node, deviation)], f"{name}.normalised")
        else:
            factor, term = gamma, beta
            if node.normalise:
                _, mean, deviation = self._row_statistics(node, x)
                factor = to.node("Div", [gamma, deviation], f"{name}.factor")
                term = to.node("Sub", [beta, to.node("Mul", [mean, factor], f"{name}.middle")], f"{name}.term")
            factor, term = (self._tiled(node, values) for values in (factor, term))
        x = to.node("Mul", [x, factor], f"{node.name}.scaled")
        to.node("Add", [x, term], node.name)

    def outputs(self, slots: Sequence[Cin]) -> None:
        """Put what was measured side by side, as `mean` and `variance`; what is not normalised counts as mean 0 and variance 1."""
        for index, (name, missing) in enumerate((("mean", 0.0), ("variance", 1.0))):
            parts = [
                self._statistics[slot.offset][index]
                if slot.offset in self._statistics
                else self._to.constant(f"{slot.name}.no_{name}", np.full(slot.channels, missing, np.float32))
                for slot in slots
            ]
            self._to.node("Concat", parts, name, axis=0)

    def _parts(self, cin: Cin) -> tuple[tuple[str, slice], tuple[str, slice]]:
        return ("scale", cin.gamma), ("shift", cin.beta)

    def _slice(self, part: slice, name: str) -> str:
        """Cut γ or β out of `styles`, (R, C)."""
        start, stop = (self._to.constant(f"at{at}", np.array([at])) for at in (part.start, part.stop))
        return self._to.node("Slice", ["styles", start, stop, self._to.constant("columns", np.array([1]))], name)

    def _of_map(self, node: Affine, part: slice, name: str) -> str:
        """γ or β for a map: (1, C, 1, 1), or mixed per pixel, (1, C, H, W)."""
        to, channels = self._to, part.stop - part.start
        x = self._slice(part, f"{name}.row")
        if not self._regions:
            return to.node("Reshape", [x, to.constant(f"shape{channels}", np.array([1, channels, 1, 1]))], name)
        height, width = cost.size_at(self._graph, node.name, *self._size)
        x = to.node("Transpose", [x], f"{name}.column", perm=[1, 0])  # (C, R)
        x = to.node("MatMul", [x, self._pixels(height, width)], f"{name}.pixels")  # (C, H W)
        shape = to.constant(f"shape{channels}x{height}x{width}", np.array([1, channels, height, width]))
        return to.node("Reshape", [x, shape], name)

    def _of_rows(self, node: RowCin, x: str) -> str:
        """γ or β of rows, mixed per pixel: (R, 3) → (H, W * 3)."""
        to, (height, width) = self._to, cost.size_at(self._graph, node.name, *self._size)
        across = f"maps.{height}x{width}.across"
        if not any(each.name == across for each in to.nodes):
            to.node("Transpose", [self._pixels(height, width)], across, perm=[1, 0])  # (H W, R)
        pixels = to.node("MatMul", [across, x], f"{x}.pixels")  # (H W, 3)
        return to.node("Reshape", [pixels, to.constant("rows", np.array([height, width * 3]))], f"{x}.rows")

    def _pixels(self, height: int, width: int) -> str:
        """Return the maps at a layer's size, (R, H W)."""
        if (height, width) not in self._resizings:
            name, x = f"maps.{height}x{width}", self._resized(self._maps, (height, width), f"maps.{height}x{width}.map")
            flat = self._to.constant(f"{name}.flat", np.array([0, -1]))
            x = self._to.node("Squeeze", [x, self._to.constant("batch", np.array([0]))], f"{name}.maps")
            self._resizings[height, width] = self._to.node("Reshape", [x, flat], name)
        return self._resizings[height, width]

    def _resized(self, x: str, size: tuple[int, int], name: str) -> str:
        sizes = self._to.constant(f"{name}.size", np.array([1, self._regions, *size]))
        return self._to.node("Resize", [x, "", "", sizes], name, mode="linear", coordinate_transformation_mode="half_pixel")

    def _measure(self, cin: Cin, x: str, height: int, width: int) -> None:
        """Remember mean and variance of a map (1, C, `height`, `width`)."""
        to, name = self._to, cin.name
        mean = self._map_mean(x, cin, height, width, f"{name}.mean")
        # The mean of squares less the squared mean: differences to the mean would have to wait for it.
        energy = self._map_mean(to.node("Mul", [x, x], f"{name}.squares"), cin, height, width, f"{name}.energy")
        self._remember(cin, mean, to.node("Sub", [energy, to.node("Mul", [mean, mean], f"{name}.middle")], f"{name}.variance"))

    def _map_mean(self, x: str, cin: Cin, height: int, width: int, name: str) -> str:
        """(1, C, `height`, `width`) → (1, C): blocks first, as a convolution, which sums in f32 whatever the precision of the map."""
        to, channels = self._to, cin.channels
        down, across = math.gcd(height, BLOCK), math.gcd(width, BLOCK)
        mean = to.constant(f"block{down}x{across}x{channels}", np.full((channels, 1, down, across), 1 / (down * across), np.float32))
        x = to.node("Conv", [x, mean], f"{name}.blocks", kernel_shape=[down, across], strides=[down, across], group=channels)
        return to.node("ReduceMean", [x, to.constant("pixel axes", np.array([2, 3]))], name, keepdims=0)

    def _remember(self, cin: Cin, mean: str, variance: str) -> None:
        """Keep statistics, (1, C), for the outputs."""
        if self._measured:
            flat = self._to.constant("flat", np.array([-1]))
            self._statistics[cin.offset] = (
                self._to.node("Reshape", [mean, flat], f"{mean}.flat"),
                self._to.node("Reshape", [variance, flat], f"{variance}.flat"),
            )

    def _row_statistics(self, node: RowCin, x: str) -> tuple[str, str, str]:
        """Return rows (H, W * 3) less their mean, the mean, and the standard deviation, the latter (1, 3)."""
        to, name = self._to, node.cin.name
        mean = self._row_mean(x, f"{name}.mean")
        centred = to.node("Sub", [x, self._tiled(node, mean)], f"{name}.centred")
        variance = self._row_mean(to.node("Mul", [centred, centred], f"{name}.squares"), f"{name}.variance")
        self._remember(node.cin, mean, variance)
        safe = to.node("Add", [variance, to.constant("eps", np.array(self._graph.eps, np.float32))], f"{name}.safe")
        return centred, mean, to.node("Sqrt", [safe], f"{name}.deviation")

    def _row_mean(self, x: str, name: str) -> str:
        """(H, W * 3) → each channel's mean, (1, 3); summed in two steps, so that f32 loses nothing on large images."""
        first = self._to.constant("first", np.array([0]))
        x = self._to.node("ReduceMean", [x, first], f"{name}.columns", keepdims=0)
        x = self._to.node("Reshape", [x, self._to.constant("pixels", np.array([-1, 3]))], f"{name}.pixels")
        return self._to.node("ReduceMean", [x, first], name, keepdims=1)

    def _tiled(self, node: RowCin, x: str) -> str:
        """One number per channel, (1, 3) → one per number in a row."""
        to, (height, width) = self._to, cost.size_at(self._graph, node.inputs[0], *self._size)
        source = cost.size_at(self._graph, self._source_of_rows(node), *self._size)
        times = height * width // source[0]  # pixels in a row: of one line of places
        return to.node("Tile", [x, to.constant("width", np.array([1, times]))], f"{x}.tiled")

    def _source_of_rows(self, node: RowCin) -> str:
        """Return the map that the rows were made of."""
        return next(each.inputs[0] for each in self._graph.nodes if each.name == node.inputs[0])
