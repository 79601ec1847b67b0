"""What a network costs and which image sizes it takes, derived from its graph. Nothing here is known of any one network."""

from __future__ import annotations

import math

from stylecam.net.ir import IMAGE, Add, Conv, Graph

#: Bytes of a number per precision.
NUMBER_BYTES = {"f32": 4, "tf32": 4, "bf16": 2, "fp16": 2}


def grid_px(graph: Graph) -> int:
    """Return the side of the pixel grid on which the network works: images are padded to a multiple of it.

    It is also the period of the patterns that a network can weave into its results (checkerboard artefacts).
    """
    return math.lcm(*(scale.denominator for scale in graph.scale.values()))


def minimum_px(graph: Graph) -> int:
    """Return the smallest padded side in pixels on which every reflect padding is defined."""
    need = 1
    for node in graph.convs:
        enlarged = graph.scale[node.inputs[0]] * node.enlarge  # of the map that is padded
        need = max(need, math.ceil((node.kernel // 2 + 1) / enlarged))
    grid = grid_px(graph)
    return -(-need // grid) * grid


def padding(graph: Graph, height: int, width: int) -> tuple[int, int]:
    """Return how many pixels to add below and to the right of an image of `height` x `width` pixels so that it fits the network."""
    grid, least = grid_px(graph), minimum_px(graph)
    return max(-(-height // grid) * grid, least) - height, max(-(-width // grid) * grid, least) - width


def size_at(graph: Graph, name: str, height: int, width: int) -> tuple[int, int]:
    """Return height and width in pixels of a node's result for a padded image."""
    scale = graph.scale[name]
    return int(height * scale), int(width * scale)


def gflop(graph: Graph, width: int, height: int) -> float:
    """Return what the convolutions cost as they are written down, in 1e9 operations; an addition counts as one.

    A program that reaches the same result with fewer operations has a larger share of the peak by this count; that is meant.
    """
    pixels = _padded_pixels(graph, width, height)
    total = sum(2 * pixels * graph.scale[node.name] ** 2 * math.prod(node.weight_shape) for node in graph.convs)
    return float(total) / 1e9


def traffic_gb(graph: Graph, width: int, height: int, precision: str) -> float | None:
    """Return what must move through memory at least if no map stays in a cache, in 1e9 bytes; None in other precisions.

    That is every convolution's input and output once, and the weights once. The image at both ends has one byte per number; an enlargement
    and the padding cost nothing, nor does the second reading of a residual block's input. Normalization takes a second look at each
    convolution's output, so an engine that keeps nothing in caches moves more than this.
    """
    if precision not in NUMBER_BYTES:
        return None
    pixels, size = _padded_pixels(graph, width, height), NUMBER_BYTES[precision]
    total = 0.0
    for node in graph.convs:
        taken = pixels * float(graph.scale[node.inputs[0]]) ** 2 * node.in_channels
        given = pixels * float(graph.scale[node.name]) ** 2 * node.channels
        total += taken * (1 if IMAGE in node.inputs else size) + given * (1 if node is graph.convs[-1] else size)
        total += math.prod(node.weight_shape) * size
    return total / 1e9


def peak_numbers(graph: Graph) -> float:
    """Return how many numbers per pixel of the image are held at once at the network's widest place.

    That is a convolution's input, enlarged where the convolution enlarges it, its output, and what is kept meanwhile for a later sum.
    """
    held: dict[str, float] = {}
    most = 0.0
    for node in graph.nodes:
        size = float(graph.scale[node.name] ** 2) * graph.channels[node.name]
        if isinstance(node, Conv):
            others = sum(value for name, value in held.items() if name not in node.inputs)
            enlarged = float((graph.scale[node.inputs[0]] * node.enlarge) ** 2) * node.in_channels
            most = max(most, others + enlarged + size)
        elif isinstance(node, Add):
            most = max(most, sum(held.values()) + size)
        for name in node.inputs:
            if graph.dies_at[name] == node.name:
                held.pop(name, None)
        held[node.name] = size
    return most


def _padded_pixels(graph: Graph, width: int, height: int) -> int:
    below, right = padding(graph, height, width)
    return (height + below) * (width + right)
