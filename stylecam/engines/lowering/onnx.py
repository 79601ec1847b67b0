"""A pack's network as an ONNX graph, built from its tensors. OpenVINO and ONNX Runtime both run it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from stylecam.engines.lowering.weight_rewrites import enlarging_kernel, tiling_kernel
from stylecam.net.architecture import Layer, TransformNetConfig

# Old enough for every ONNX Runtime and OpenVINO that pyproject.toml admits.
OPSET = 18
IR_VERSION = 9
# How many neighbouring pixels of a row the last convolution computes at once: 4 × 3 of the 16 channels that a processor computes anyway.
TILE = 4
# Side of the blocks over which means are taken first. 64 numbers leave little to add up, and their share is exact in bf16.
BLOCK = 8


def build_graph(
    config: TransformNetConfig,
    tensors: Mapping[str, NDArray[np.float32]],
    height: int,
    width: int,
    *,
    rewritten: bool = True,
    given: bool = False,
    measured: bool = False,
) -> onnx.ModelProto:
    """Return the network for pictures of one size.

    Inputs are `image`, uint8 RGB (H, W, 3), and `scale_shift`, float32 (N,), the mixed γ and β (`StylePack.scale_shift`); the output
    `painting` is uint8 RGB (H, W, 3), 255 times the sigmoid (or the clipped value), rounded to nearest. Only the convolutions' weights
    are constants, so a mix, a new style, or a pack with the same trunk needs no other graph.

    With `measured` there are two more outputs, `mean` and `variance`, float32 (N / 2,), as in `LayerStats`.

    Args:
        config: the architecture.
        tensors: a pack's; only `<layer>.conv.weight` (O, I, k, k) is read.
        height: of the picture in pixels; `config.padding(height, width)` must be (0, 0).
        width: likewise.
        rewritten: use the cheaper forms of `engines.kernels` where they are exactly equal; False follows the paper to the letter.
        given: leave normalisation out; `scale_shift` must be folded with given statistics (`statistics.folded`).
        measured: also return each layer's statistics.

    Raises:
        ValueError: the size does not fit the network, or a tensor has the wrong shape.
    """
    if min(height, width) < 1 or config.padding(height, width) != (0, 0):
        raise ValueError(f"a graph for {width}x{height} pixels: pad the picture to a multiple of {config.total_stride} first")
    return _Builder(config, tensors, height, width, rewritten=rewritten, given=given, measured=measured).model()


class _Builder:
    """Collects nodes and constants; every node's output carries its name."""

    def __init__(
        self,
        config: TransformNetConfig,
        tensors: Mapping[str, NDArray[np.float32]],
        height: int,
        width: int,
        *,
        rewritten: bool,
        given: bool,
        measured: bool,
    ) -> None:
        self._config, self._tensors, self._size = config, tensors, (height, width)
        self._rewritten, self._given, self._measured = rewritten, given, measured
        self._means: list[str] = []
        self._variances: list[str] = []
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._unscaled: Layer | None = None  # see `_scaled`

    def model(self) -> onnx.ModelProto:
        height, width = self._size
        x = self._image()
        skip = x
        across, down = width, height
        for layer in self._config.layers:
            if layer.name.startswith("residual") and layer.after == "relu":
                skip = x = self._scaled(x)
            x = self._convolved(x, layer)
            if layer.name == "output":
                self._painting(x, layer)
                break
            down, across = (side * layer.upsample // layer.stride for side in (down, across))
            if self._measured:
                self._remember(*self._statistics(x, layer, down, across))
            x, self._unscaled = x if self._given else self._normalised(x, layer), layer
            if layer.after == "add":
                x = self._node("Add", [skip, self._scaled(x)], f"{layer.name}.sum")
            elif not self._rewritten:
                x = self._scaled(x)
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, [height, width, 3])
        scale_shift = helper.make_tensor_value_info("scale_shift", TensorProto.FLOAT, [self._config.scale_shift_size])
        outputs = [helper.make_tensor_value_info("painting", TensorProto.UINT8, [height, width, 3])]
        if self._measured:
            for name, parts in (("mean", self._means), ("variance", self._variances)):
                self._node("Concat", parts, name, axis=0)
                outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [self._config.scale_shift_size // 2]))
        graph = helper.make_graph(self._nodes, "stylecam", [image, scale_shift], outputs, list(self._constants.values()))
        return helper.make_model(graph, producer_name="stylecam", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def _image(self) -> str:
        """uint8 (H, W, 3) → float (1, 3, H, W) in [0, 255]; the first convolution divides by 255, see `_weight`."""
        x = self._node("Unsqueeze", ["image", self._constant("batch", np.array([0]))], "image.batch")
        x = self._node("Transpose", [x], "image.nchw", perm=[0, 3, 1, 2])
        return self._node("Cast", [x], "image.float", to=TensorProto.FLOAT)

    def _painting(self, x: str, layer: Layer) -> None:
        """Turn the last convolution's result (1, tile * 3, H, W / tile) into uint8 (H, W, 3): norm, scale, shift, sigmoid.

        All of it works on rows (H, W * 3), which is how a picture lies in memory: processors compute 16 numbers at a time, and with 3
        channels innermost most of them would idle. `InstanceNormalization` cannot see the 3 channels in a row, hence the sums by hand.
        """
        height, width = self._size
        x = self._node("Transpose", [x], f"{layer.name}.nhwc", perm=[0, 2, 3, 1])
        x = self._node("Reshape", [x, self._constant("rows", np.array([height, width * 3]))], f"{layer.name}.rows")
        factor, term = self._slice(layer.scale, f"{layer.name}.scale"), self._slice(layer.shift, f"{layer.name}.shift")
        normalised = not self._given and layer.after != "clip"
        mean, deviation = self._row_statistics(x, layer) if normalised or self._measured else ("", "")
        if not normalised:
            row = self._constant("row", np.array([1, 3]))
            factor, term = (self._node("Reshape", [numbers, row], f"{numbers}.all") for numbers in (factor, term))
        else:  # (x - mean) / deviation * factor + term, all at once
            factor = self._node("Div", [factor, deviation], f"{layer.name}.factor")
            term = self._node("Sub", [term, self._node("Mul", [mean, factor], f"{layer.name}.middle")], f"{layer.name}.term")
        x = self._node("Mul", [x, self._tiled(factor)], f"{layer.name}.scaled")
        x = self._node("Add", [x, self._tiled(term)], f"{layer.name}.shifted")
        if layer.after == "clip":
            black, white = (self._constant(f"limit{level}", np.array(level, np.float32)) for level in (0, 1))
            x = self._node("Clip", [x, black, white], "clip")
        else:
            x = self._node("Sigmoid", [x], "sigmoid")
        x = self._node("Mul", [x, self._constant("white", np.array(255, np.float32))], "painting.float")
        x = self._node("Round", [x], "painting.rounded")
        x = self._node("Cast", [x], "painting.uint8", to=TensorProto.UINT8)
        self._node("Reshape", [x, self._constant("picture", np.array([height, width, 3]))], "painting")

    def _row_statistics(self, x: str, layer: Layer) -> tuple[str, str]:
        """Return mean and standard deviation of rows (H, W * 3), both (1, 3)."""
        mean = self._row_mean(x, f"{layer.name}.mean")
        centred = self._node("Sub", [x, self._tiled(mean)], f"{layer.name}.centred")
        variance = self._row_mean(self._node("Mul", [centred, centred], f"{layer.name}.squares"), f"{layer.name}.variance")
        self._remember(mean, variance)
        safe = self._node("Add", [variance, self._constant("eps", np.array(self._config.eps, np.float32))], f"{layer.name}.safe")
        return mean, self._node("Sqrt", [safe], f"{layer.name}.deviation")

    def _remember(self, mean: str, variance: str) -> None:
        """Put a layer's statistics, (1, C), on the list of outputs."""
        if self._measured:
            flat = self._constant("flat", np.array([-1]))
            self._means.append(self._node("Reshape", [mean, flat], f"{mean}.flat"))
            self._variances.append(self._node("Reshape", [variance, flat], f"{variance}.flat"))

    def _row_mean(self, x: str, name: str) -> str:
        """(H, W * 3) → each channel's mean, (1, 3); summed in two steps, so that f32 loses nothing on large pictures."""
        first = self._constant("first", np.array([0]))
        x = self._node("ReduceMean", [x, first], f"{name}.columns", keepdims=0)
        x = self._node("Reshape", [x, self._constant("pixels", np.array([-1, 3]))], f"{name}.pixels")
        return self._node("ReduceMean", [x, first], name, keepdims=1)

    def _tiled(self, x: str) -> str:
        """One number per channel, (1, 3) → one per place in a row, (1, W * 3)."""
        return self._node("Tile", [x, self._constant("width", np.array([1, self._size[1]]))], f"{x}.tiled")

    def _convolved(self, x: str, layer: Layer) -> str:
        """(1, in, H, W) → (1, out, H * upsample / stride, W * upsample / stride); the output layer as `tiling_kernel` says."""
        weight = self._weight(layer)
        if self._rewritten and (layer.upsample, layer.kernel) == (2, 3):
            x = self._padded(x, layer, 1, "edge")
            return self._conv(x, layer, enlarging_kernel(weight), op="ConvTranspose", strides=[2, 2], pads=[3, 3, 3, 3])
        if layer.upsample > 1:
            x = self._scaled(x)
            factors = self._constant(f"times{layer.upsample}", np.array([1, 1, layer.upsample, layer.upsample], np.float32))
            rule = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            x = self._node("Resize", [x, "", factors], f"{layer.name}.enlarged", **rule)
        x = self._padded(x, layer, layer.kernel // 2, "reflect")
        if self._rewritten and layer.name == "output":
            tile = math.gcd(self._size[1], TILE)
            return self._conv(x, layer, tiling_kernel(weight, tile), strides=[1, tile])
        return self._conv(x, layer, weight, strides=[layer.stride] * 2)

    def _conv(self, x: str, layer: Layer, weight: NDArray[np.float32], *, op: str = "Conv", **attributes: Any) -> str:
        weights = self._constant(f"{layer.name}.conv.weight", weight)
        return self._node(op, [x, weights], f"{layer.name}.conv", kernel_shape=weight.shape[2:], **attributes)

    def _weight(self, layer: Layer) -> NDArray[np.float32]:
        weight = np.asarray(self._tensors[f"{layer.name}.conv.weight"], np.float32)
        if weight.shape != layer.weight_shape:
            raise ValueError(f"{layer.name}.conv.weight has shape {weight.shape}, but the architecture says {layer.weight_shape}")
        if layer.offset == 0:
            # bf16 holds 0 … 255 exactly, but not their 255ths: dividing here keeps the picture unrounded until the first convolution.
            return weight / np.float32(255)
        return weight

    def _padded(self, x: str, layer: Layer, pixels: int, mode: str) -> str:
        """Pad, and only then scale: a library can scale a fresh copy in its place, where it would copy a normalised map once more."""
        if pixels:
            pads = self._constant(f"pad{pixels}", np.array([0, 0, pixels, pixels] * 2))
            x = self._node("Pad", [x, pads], f"{layer.name}.pad", mode=mode)
        return self._scaled(x)

    def _normalised(self, x: str, layer: Layer) -> str:
        """Conditional instance normalization, first half: unit variance and zero mean."""
        channels = layer.out_channels
        ones = self._constant(f"ones{channels}", np.ones(channels, np.float32))
        zeros = self._constant(f"zeros{channels}", np.zeros(channels, np.float32))
        return self._node("InstanceNormalization", [x, ones, zeros], f"{layer.name}.norm", epsilon=self._config.eps)

    def _statistics(self, x: str, layer: Layer, height: int, width: int) -> tuple[str, str]:
        """Return mean and variance of a map (1, C, `height`, `width`), both (1, C)."""
        mean = self._map_mean(x, layer, height, width, f"{layer.name}.mean")
        # The mean of squares less the squared mean: differences to the mean would have to wait for it.
        energy = self._map_mean(self._node("Mul", [x, x], f"{layer.name}.squares"), layer, height, width, f"{layer.name}.energy")
        return mean, self._node("Sub", [energy, self._node("Mul", [mean, mean], f"{layer.name}.middle")], f"{layer.name}.variance")

    def _map_mean(self, x: str, layer: Layer, height: int, width: int, name: str) -> str:
        """(1, C, `height`, `width`) → (1, C): blocks first, as a convolution, which sums in f32 whatever the precision of the map."""
        down, across = math.gcd(height, BLOCK), math.gcd(width, BLOCK)
        channels = layer.out_channels
        mean = self._constant(f"block{down}x{across}x{channels}", np.full((channels, 1, down, across), 1 / (down * across), np.float32))
        x = self._node("Conv", [x, mean], f"{name}.blocks", kernel_shape=[down, across], strides=[down, across], group=channels)
        return self._node("ReduceMean", [x, self._constant("pixel axes", np.array([2, 3]))], name, keepdims=0)

    def _scaled(self, x: str) -> str:
        """Second half: γ and β from the input vector, and the ReLU, for the layer where they are still due; padding commutes with both."""
        layer, self._unscaled = self._unscaled, None
        if layer is None:
            return x
        x = self._node("Mul", [x, self._column(layer.scale, f"{layer.name}.scale")], f"{layer.name}.scaled")
        x = self._node("Add", [x, self._column(layer.shift, f"{layer.name}.shift")], f"{layer.name}.shifted")
        return self._node("Relu", [x], f"{layer.name}.relu") if layer.after == "relu" else x

    def _column(self, part: slice, name: str) -> str:
        """Cut a layer's γ or β out of `scale_shift`, (1, C, 1, 1)."""
        shape = self._constant(f"shape{part.stop - part.start}", np.array([1, part.stop - part.start, 1, 1]))
        return self._node("Reshape", [self._slice(part, f"{name}.row"), shape], name)

    def _slice(self, part: slice, name: str) -> str:
        start, stop = (self._constant(f"at{at}", np.array([at])) for at in (part.start, part.stop))
        return self._node("Slice", ["scale_shift", start, stop], name)

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output
