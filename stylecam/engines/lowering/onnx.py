"""A network as an ONNX graph, made from its description. OpenVINO and ONNX Runtime both run it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from stylecam.engines.lowering.onnx_norm import Norms
from stylecam.engines.lowering.onnx_writer import Writer
from stylecam.engines.lowering.ops import Affine, Enlarge, Kernel, Normalise, Pad, RowCin, Rows
from stylecam.engines.lowering.passes import literal, lowered
from stylecam.engines.lowering.weight_rewrites import enlarging_kernel, tiling_kernel
from stylecam.net import cost, styles
from stylecam.net.ir import IMAGE, Act, Add, DepthToSpace, Graph, Node

# Old enough for every ONNX Runtime and OpenVINO that pyproject.toml admits.
OPSET = 18
IR_VERSION = 9
# How many numbers the last convolution computes at once, at most: 12 of the 16 that a processor computes anyway.
TILE_CHANNELS = 12
MAX_TILE = 4
WHITE = np.float32(255)


@dataclass(frozen=True)
class Regions:
    """Sizes of region maps: how many, and their height and width; `photo` is the image's size (H, W) before it was padded."""

    count: int
    height: int
    width: int
    photo: tuple[int, int]


def build_graph(
    network: Graph,
    tensors: Mapping[str, NDArray[np.float32]],
    height: int,
    width: int,
    *,
    rewritten: bool = True,
    given: bool = False,
    measured: bool = False,
    regions: Regions | None = None,
) -> onnx.ModelProto:
    """Return the network for images of one size.

    Inputs are `image`, uint8 RGB (H, W, 3), and `styles`, float32 (R, N), γ and β (`StylePack.scale_shift`), R = 1 without `regions`, else
    one row per region, and then `maps`, float32 (R, h, w), how much of each region every pixel takes. The output `stylized` is uint8 RGB
    (H, W, 3), 255 times the sigmoid (or the clipped value), rounded to nearest. Only the convolutions' weights are constants, so a mix, a
    new style, or a pack with the same trunk needs no other graph.

    With `measured` there are two more outputs, `mean` and `variance`, float32 (N / 2,), as in `LayerStats`.

    Args:
        network: the description, `Architecture.graph()`.
        tensors: a pack's; only the convolutions' weights (O, I, k, k) are read.
        height: of the image in pixels; `cost.padding(network, height, width)` must be (0, 0).
        width: likewise.
        rewritten: use the cheaper forms of `lowering.passes`, which are exactly equal; False follows the paper to the letter.
        given: leave normalization out; `styles` must be folded with given statistics (`folded_stats.folded`).
        measured: also return each layer's statistics.
        regions: sizes of the maps, or None for the same style everywhere.

    Raises:
        ValueError: the size does not fit the network, or a tensor has the wrong shape.
    """
    if min(height, width) < 1 or cost.padding(network, height, width) != (0, 0):
        raise ValueError(f"a graph for {width}x{height} pixels: pad the image to a multiple of {cost.grid_px(network)} first")
    for conv in network.convs:
        if tensors[conv.weight].shape != conv.weight_shape:
            raise ValueError(f"{conv.weight} has shape {tensors[conv.weight].shape}, but the architecture says {conv.weight_shape}")
    graph = lowered(network, given=given, maps=regions is not None) if rewritten else literal(network, given=given)
    return _Emitter(network, graph, tensors, (height, width), regions, measured=measured).model()


class _Emitter:
    """Writes one lowered graph as ONNX nodes, an operation at a time."""

    def __init__(
        self,
        network: Graph,
        graph: Graph,
        tensors: Mapping[str, NDArray[np.float32]],
        size: tuple[int, int],
        regions: Regions | None,
        *,
        measured: bool,
    ) -> None:
        self._network, self._graph, self._tensors, self._size = network, graph, tensors, size
        self._regions, self._measured = regions, measured
        self._to = Writer()
        self._norms = Norms(self._to, graph, size, measured=measured, regions=0 if regions is None else regions.count)
        self._rows: Rows | None = None

    def model(self) -> onnx.ModelProto:
        height, width = self._size
        to, count = self._to, styles.size(self._network)
        inputs = [helper.make_tensor_value_info("image", TensorProto.UINT8, [height, width, 3])]
        rows = 1 if self._regions is None else self._regions.count
        inputs.append(helper.make_tensor_value_info("styles", TensorProto.FLOAT, [rows, count]))
        if self._regions is not None:
            maps = self._regions
            inputs.append(helper.make_tensor_value_info("maps", TensorProto.FLOAT, [maps.count, maps.height, maps.width]))
            self._norms.place_maps(maps.photo)
        self._image()
        for node in self._graph.nodes:
            self._emit(node)
        self._stylized()
        e = self._network.enlargement
        outputs = [helper.make_tensor_value_info("stylized", TensorProto.UINT8, [height * e, width * e, 3])]
        if self._measured:
            self._norms.outputs(styles.slots(self._network))
            outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [count // 2]) for name in ("mean", "variance")]
        graph = helper.make_graph(to.nodes, "stylecam", inputs, outputs, to.initializers)
        return helper.make_model(graph, producer_name="stylecam", opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def _image(self) -> None:
        """uint8 (H, W, 3) → float (1, 3, H, W) in [0, 255]; the first convolution divides by 255, see `_weight`."""
        x = self._to.node("Unsqueeze", ["image", self._to.constant("batch", np.array([0]))], "image.batch")
        x = self._to.node("Transpose", [x], "image.nchw", perm=[0, 3, 1, 2])
        self._to.node("Cast", [x], self._name(IMAGE), to=TensorProto.FLOAT)

    def _emit(self, node: Node) -> None:
        to, x = self._to, self._name(node.inputs[0])
        if isinstance(node, Kernel):
            self._kernel(node, x)
        elif isinstance(node, Pad):
            pads = to.constant(f"pad{node.pixels}", np.array([0, 0, node.pixels, node.pixels] * 2))
            to.node("Pad", [x, pads], node.name, mode=node.mode)
        elif isinstance(node, Enlarge):
            factors = to.constant(f"times{node.factor}", np.array([1, 1, node.factor, node.factor], np.float32))
            rule = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            to.node("Resize", [x, "", factors], node.name, **rule)
        elif isinstance(node, Normalise):
            self._norms.normalise(node, x)
        elif isinstance(node, Affine):
            self._norms.affine(node, x)
        elif isinstance(node, Rows):
            self._to_rows(node, x)
        elif isinstance(node, RowCin):
            self._norms.row_cin(node, x)
        elif isinstance(node, Act):
            self._act(node, x)
        elif isinstance(node, Add):
            to.node("Add", [x, self._name(node.inputs[1])], node.name)
        elif isinstance(node, DepthToSpace):
            to.node("DepthToSpace", [x], node.name, blocksize=node.factor, mode="CRD")
        else:
            raise TypeError(f"ONNX has no {type(node).__name__}")

    def _kernel(self, node: Kernel, x: str) -> None:
        """(1, in, H + pads, W + pads) → (1, out, H', W'); tiled as `tiling_kernel` says."""
        conv, weight = node.conv, np.asarray(self._tensors[node.conv.weight], np.float32)
        if IMAGE in conv.inputs:
            # bf16 holds 0 … 255 exactly, but not their 255ths: dividing here keeps the image unrounded until the first convolution.
            weight = weight / WHITE
        if node.form == "enlarging":
            self._conv(node, x, enlarging_kernel(weight), op="ConvTranspose", strides=[2, 2], pads=[3, 3, 3, 3])
        elif node.form == "tiled":
            factor = math.isqrt(conv.channels // 3)
            # The pixels of a place in the order in which rows have them: channel innermost.
            weight = weight.reshape(3, factor**2, *weight.shape[1:]).swapaxes(0, 1).reshape(weight.shape)
            tile = math.gcd(self._width_of(node), MAX_TILE) if conv.channels * MAX_TILE <= TILE_CHANNELS else 1
            self._conv(node, x, tiling_kernel(weight, tile), strides=[1, tile])
        else:
            groups: dict[str, Any] = {"group": conv.groups} if conv.groups > 1 else {}
            self._conv(node, x, weight, strides=[conv.stride] * 2, **groups)

    def _conv(self, node: Kernel, x: str, weight: NDArray[np.float32], *, op: str = "Conv", **attributes: Any) -> None:
        self._to.node(op, [x, self._to.constant(node.conv.weight, weight)], node.name, kernel_shape=weight.shape[2:], **attributes)

    def _to_rows(self, node: Rows, x: str) -> None:
        """(1, C, H', W') → (H, W * 3): the numbers as an image has them, but for the order of the pixels of a place."""
        self._rows = node
        height, width = cost.size_at(self._graph, node.inputs[0], *self._size)
        x = self._to.node("Transpose", [x], f"{node.name}.nhwc", perm=[0, 2, 3, 1])
        shape = self._to.constant("rows", np.array([height, width * 3 * node.factor**2]))
        self._to.node("Reshape", [x, shape], node.name)

    def _act(self, node: Act, x: str) -> None:
        if node.kind == "clip":
            black, white = (self._to.constant(f"limit{level}", np.array(level, np.float32)) for level in (0, 1))
            self._to.node("Clip", [x, black, white], node.name)
        else:
            self._to.node({"relu": "Relu", "sigmoid": "Sigmoid"}[node.kind], [x], node.name)

    def _stylized(self) -> None:
        """Turn the result in [0, 1], a map or rows, into uint8 (H, W, 3)."""
        to, (height, width) = self._to, cost.size_at(self._network, self._network.result, *self._size)
        x = self._graph.result
        if self._rows is None:
            x = to.node("Transpose", [x], "stylized.nhwc", perm=[0, 2, 3, 1])
        x = to.node("Mul", [x, to.constant("white", np.array(255, np.float32))], "stylized.float")
        x = to.node("Round", [x], "stylized.rounded")
        x = to.node("Cast", [x], "stylized.uint8", to=TensorProto.UINT8)
        if self._rows is not None and (factor := self._rows.factor) > 1:
            places = to.constant("places", np.array([height // factor, width // factor, factor, factor, 3]))
            x = to.node("Reshape", [x, places], "stylized.places")
            x = to.node("Transpose", [x], "stylized.pixels", perm=[0, 2, 1, 3, 4])
        to.node("Reshape", [x, to.constant("size", np.array([height, width, 3]))], "stylized")

    def _width_of(self, node: Node) -> int:
        return cost.size_at(self._graph, node.name, *self._size)[1]

    @staticmethod
    def _name(name: str) -> str:
        return "image.float" if name == IMAGE else name
