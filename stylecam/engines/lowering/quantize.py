"""Convolutions of an OpenVINO model in int8: what they read and their weights are rounded to 8 bits, everything else stays as it is.

After Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference (arXiv 1712.05877), but
with ranges that come from the style with every image (see `lowering.ranges`), not from calibration: a model's input `ranges`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Name of the input that quantized models have besides.
RANGES = "ranges"

_LEVELS = 256
_LARGEST_WEIGHT = 127
_LEAST_SCALE = np.float32(1e-12)
# What may stand between padding and a convolution and does the same to every pixel.
_POINTWISE = ("Multiply", "Add", "Relu")


def quantize(openvino: Any, model: Any, convs: Sequence[str]) -> None:
    """Let the named convolutions compute in int8.

    Each reads 255 (factor · x + offset), rounded to uint8, factors and offsets being those of `Ranges`: a new input, (2 * convs, 1, 1, 1).
    A normalization of the result undoes both by itself, since under reflect and edge padding the offset adds the same number to every pixel
    of a channel. (It sees another variance beside its eps, which a trained network does not feel: its variances are far larger.) For all
    other readers of the result they are taken back.

    Args:
        openvino: the package.
        model: what `read_model` made of `build_graph`; changed in place.
        convs: names of the convolutions, in the order of `ranges`.
    """
    ops = openvino.opset13
    ranges = ops.parameter([2 * len(convs), 1, 1, 1], np.float32, name=RANGES)
    ranges.output(0).set_names({RANGES})
    numbers = ops.split(ranges, 0, 2 * len(convs))
    black, white = ops.constant(np.float32(0)), ops.constant(np.float32(1))
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    for i, name in enumerate(convs):
        conv, factor, offset = nodes[name], numbers.output(2 * i), numbers.output(2 * i + 1)
        pad = _unpadded(conv)
        x = ops.add(ops.multiply(conv.input_value(0), factor), offset)
        x = ops.fake_quantize(x, black, white, black, white, _LEVELS)
        if pad is not None:  # as uint8 a quarter as much is copied
            x = ops.pad(x, pad.input_value(1).get_node(), pad.input_value(2).get_node(), pad.get_attributes()["pad_mode"])
        conv.input(0).replace_source_output(x.output(0))
        weight, scale, response = _rounded(conv)
        conv.input(1).replace_source_output(ops.multiply(ops.convert(ops.constant(weight), "f32"), ops.constant(scale)).output(0))
        readers = conv.output(0).get_target_inputs()
        if any(reader.get_node().get_type_name() != "MVN" for reader in readers):
            taken_back = ops.divide(ops.subtract(conv, ops.multiply(offset, ops.constant(response))), factor)
            for reader in readers:
                reader.replace_source_output(taken_back.output(0))
    model.add_parameters([ranges])
    model.validate_nodes_and_infer_types()


def _unpadded(conv: Any) -> Any:
    """Take the padding in front of `conv` away and return it, or None where there is none."""
    reader, node = conv, conv.input_value(0).get_node()
    while node.get_type_name() in _POINTWISE and len(node.output(0).get_target_inputs()) == 1:
        reader, node = node, node.input_value(0).get_node()
    if node.get_type_name() != "Pad" or len(node.output(0).get_target_inputs()) != 1:
        return None
    reader.input(0).replace_source_output(node.input_value(0))
    return node


def _rounded(conv: Any) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """Return the weight of `conv`, its scale per output channel, and the response to 1 everywhere, (1, O, 1, 1)."""
    weight = np.array(conv.input_value(1).get_node().data, np.float32)
    transposed = conv.get_type_name() == "ConvolutionBackpropData"  # (I, O, k, k)
    others = (0, 2, 3) if transposed else (1, 2, 3)
    scale = np.maximum(np.abs(weight).max(others, keepdims=True) / np.float32(_LARGEST_WEIGHT), _LEAST_SCALE)
    rounded = np.clip(np.round(weight / scale), -_LARGEST_WEIGHT, _LARGEST_WEIGHT)
    response = (rounded * scale).sum(others)
    if transposed:  # each pixel of the result sees the taps of its phase only
        response /= np.prod(conv.get_attributes()["strides"])
    return rounded.astype(np.int8), scale, response.reshape(1, -1, 1, 1).astype(np.float32)
