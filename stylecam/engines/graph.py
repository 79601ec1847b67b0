"""A pack's network as an ONNX graph, built from its tensors. OpenVINO and ONNX Runtime both run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from stylecam.engines.kernels import enlarging_kernel, tiling_kernel
from stylecam.net.architecture import Layer, TransformNetConfig

# Old enough for every ONNX Runtime and OpenVINO that pyproject.toml admits.
OPSET = 18
IR_VERSION = 9
# Side of the tiles in which the last convolution works; 2 and 4 measured alike on a CPU, both better than 1.
TILE = 2


def build_graph(
    config: TransformNetConfig,
    tensors: Mapping[str, NDArray[np.float32]],
    height: int,
    width: int,
    *,
    rewritten: bool = True,
) -> onnx.ModelProto:
    """Return the network for pictures of one size.

    Inputs are `image`, uint8 RGB (H, W, 3), and `scale_shift`, float32 (N,), the mixed γ and β (`StylePack.scale_shift`); the output
    `painting` is uint8 RGB (H, W, 3), 255 times the sigmoid (or the clipped value), rounded to nearest. Only the convolutions' weights
    are constants, so a mix, a new style, or a pack with the same trunk needs no other graph.

    Args:
        config: the architecture.
        tensors: a pack's; only `<layer>.conv.weight` (O, I, k, k) is read.
        height: of the picture in pixels; `config.padding(height, width)` must be (0, 0).
        width: likewise.
        rewritten: use the cheaper forms of `engines.kernels` where they are exactly equal; False follows the paper to the letter.

    Raises:
        ValueError: the size does not fit the network, or a tensor has the wrong shape.
    """
    if min(height, width) < 1 or config.padding(height, width) != (0, 0):
        raise ValueError(f"a graph for {width}x{height} pixels: pad the picture to a multiple of {config.total_stride} first")
    return _Builder(config, tensors, height, width, rewritten=rewritten).model()


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
    ) -> None:
        self._config, self._tensors, self._size = config, tensors, (height, width)
        self._rewritten = rewritten
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        height, width = self._size
        x = self._image()
        skip = x
        for layer in self._config.layers:
            if layer.name.startswith("residual") and layer.after == "relu":
                skip = x
            x = self._scaled(self._convolved(x, layer), layer)
            if layer.after == "relu":
                x = self._node("Relu", [x], f"{layer.name}.relu")
            elif layer.after == "add":
                x = self._node("Add", [skip, x], f"{layer.name}.sum")
        self._painting(x)
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, [height, width, 3])
        scale_shift = helper.make_tensor_value_info("scale_shift", TensorProto.FLOAT, [self._config.scale_shift_size])
        painting = helper.make_tensor_value_info("painting", TensorProto.UINT8, [height, width, 3])
        graph = helper.make_graph(self._nodes, "stylecam", [image, scale_shift], [painting], list(self._constants.values()))
        return helper.make_model(graph, producer_name="stylecam", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def _image(self) -> str:
        """uint8 (H, W, 3) → float (1, 3, H, W) in [0, 255]; the first convolution divides by 255, see `_weight`."""
        x = self._node("Unsqueeze", ["image", self._constant("batch", np.array([0]))], "image.batch")
        x = self._node("Transpose", [x], "image.nchw", perm=[0, 3, 1, 2])
        return self._node("Cast", [x], "image.float", to=TensorProto.FLOAT)

    def _painting(self, x: str) -> None:
        """Logits (1, 3, H, W) → uint8 (H, W, 3)."""
        if self._config.output_after == "clip":
            black, white = (self._constant(f"limit{level}", np.array(level, np.float32)) for level in (0, 1))
            x = self._node("Clip", [x, black, white], "clip")
        else:
            x = self._node("Sigmoid", [x], "sigmoid")
        x = self._node("Mul", [x, self._constant("white", np.array(255, np.float32))], "painting.float")
        x = self._node("Round", [x], "painting.rounded")
        x = self._node("Cast", [x], "painting.uint8", to=TensorProto.UINT8)
        x = self._node("Transpose", [x], "painting.nhwc", perm=[0, 2, 3, 1])
        self._node("Squeeze", [x, "batch"], "painting")

    def _convolved(self, x: str, layer: Layer) -> str:
        """(1, in, H, W) → (1, out, H * upsample / stride, W * upsample / stride)."""
        weight = self._weight(layer)
        if self._rewritten and (layer.upsample, layer.kernel) == (2, 3):
            x = self._padded(x, layer, 1, "edge")
            return self._conv(x, layer, enlarging_kernel(weight), op="ConvTranspose", stride=2, pads=[3, 3, 3, 3])
        if layer.upsample > 1:
            factors = self._constant(f"times{layer.upsample}", np.array([1, 1, layer.upsample, layer.upsample], np.float32))
            rule = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            x = self._node("Resize", [x, "", factors], f"{layer.name}.enlarged", **rule)
        x = self._padded(x, layer, layer.kernel // 2, "reflect")
        if self._rewritten and layer.name == "output" and not any(side % TILE for side in self._size):
            x = self._conv(x, layer, tiling_kernel(weight, TILE), stride=TILE)
            return self._node("DepthToSpace", [x], f"{layer.name}.untiled", blocksize=TILE, mode="CRD")
        return self._conv(x, layer, weight, stride=layer.stride)

    def _conv(self, x: str, layer: Layer, weight: NDArray[np.float32], *, stride: int, op: str = "Conv", **attributes: Any) -> str:
        weights = self._constant(f"{layer.name}.conv.weight", weight)
        return self._node(op, [x, weights], f"{layer.name}.conv", kernel_shape=weight.shape[2:], strides=[stride, stride], **attributes)

    def _weight(self, layer: Layer) -> NDArray[np.float32]:
        weight = np.asarray(self._tensors[f"{layer.name}.conv.weight"], np.float32)
        if weight.shape != layer.weight_shape:
            raise ValueError(f"{layer.name}.conv.weight has shape {weight.shape}, but the architecture says {layer.weight_shape}")
        if layer.offset == 0:
            # bf16 holds 0 … 255 exactly, but not their 255ths: dividing here keeps the picture unrounded until the first convolution.
            return weight / np.float32(255)
        return weight

    def _padded(self, x: str, layer: Layer, pixels: int, mode: str) -> str:
        if not pixels:
            return x
        pads = self._constant(f"pad{pixels}", np.array([0, 0, pixels, pixels] * 2))
        return self._node("Pad", [x, pads], f"{layer.name}.pad", mode=mode)

    def _scaled(self, x: str, layer: Layer) -> str:
        """Conditional instance normalization: unit variance and zero mean first, then γ and β from the input vector."""
        channels = layer.out_channels
        if layer.after != "clip":
            ones = self._constant(f"ones{channels}", np.ones(channels, np.float32))
            zeros = self._constant(f"zeros{channels}", np.zeros(channels, np.float32))
            x = self._node("InstanceNormalization", [x, ones, zeros], f"{layer.name}.norm", epsilon=self._config.eps)
        x = self._node("Mul", [x, self._rows(layer.scale, f"{layer.name}.scale")], f"{layer.name}.scaled")
        return self._node("Add", [x, self._rows(layer.shift, f"{layer.name}.shift")], f"{layer.name}.shifted")

    def _rows(self, part: slice, name: str) -> str:
        """Cut a layer's γ or β, (1, C, 1, 1), out of `scale_shift`."""
        start, stop = (self._constant(f"at{at}", np.array([at])) for at in (part.start, part.stop))
        x = self._node("Slice", ["scale_shift", start, stop], f"{name}.row")
        shape = self._constant(f"shape{part.stop - part.start}", np.array([1, part.stop - part.start, 1, 1]))
        return self._node("Reshape", [x, shape], name)

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output
