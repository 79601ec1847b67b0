"""Runs a graph on torch: the one forward pass, of the torch module in training and of the torch engine live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.net import training_ops
from stylecam.net.ir import IMAGE, Act, Add, Cin, Conv, DepthToSpace, Graph

#: Normalises, scales and shifts a map (B, C, H, W); the caller knows the style.
Normalise: TypeAlias = Callable[[Cin, Tensor], Tensor]


def execute(graph: Graph, x: Tensor, weights: Mapping[str, Tensor], normalise: Normalise) -> Tensor:
    """Return the network's result for images (B, 3, H, W) in [0, 1], padded to its grid; (B, 3, H · e, W · e), e its `enlargement`.

    Args:
        graph: the network.
        x: the images, in the type of the weights.
        weights: the convolutions' weights by `Conv.weight`.
        normalise: does the work of the `Cin` nodes.
    """
    maps = {IMAGE: x}
    for node in graph.nodes:
        taken = [maps[name] for name in node.inputs]
        for name in node.inputs:
            if graph.dies_at[name] == node.name:
                maps.pop(name, None)
        if isinstance(node, Conv):
            maps[node.name] = _convolve(node, taken[0], weights[node.weight])
        elif isinstance(node, Cin):
            maps[node.name] = normalise(node, taken[0])
        elif isinstance(node, Act):
            # What nobody else reads gives its memory. Not for a gradient: in place over a view, the backward pass takes 4 % longer.
            maps[node.name] = _activate(node, taken[0], in_place=graph.uses[node.inputs[0]] == 1 and not torch.is_grad_enabled())
        elif isinstance(node, Add):
            maps[node.name] = taken[0] + taken[1]
        elif isinstance(node, DepthToSpace):
            maps[node.name] = F.pixel_shuffle(taken[0], node.factor)
        else:
            raise TypeError(f"torch cannot run a {type(node).__name__}")
    return maps[graph.result]


def _convolve(node: Conv, x: Tensor, weight: Tensor) -> Tensor:
    if node.enlarge == 2 and node.kernel == 3 and node.stride == node.groups == 1 and training_ops.apply_here(x):
        return training_ops.convolve_enlarged(x, weight)
    if node.enlarge > 1:
        x = F.interpolate(x, scale_factor=node.enlarge, mode="nearest")
    if border := node.kernel // 2:
        x = F.pad(x, [border] * 4, mode="reflect")
    return F.conv2d(x, weight, stride=node.stride, groups=node.groups)


def _activate(node: Act, x: Tensor, *, in_place: bool) -> Tensor:
    if node.kind == "relu":
        return F.relu(x, inplace=in_place)
    if node.kind == "sigmoid":
        return torch.sigmoid_(x) if in_place else torch.sigmoid(x)
    return x.clamp(0, 1)


def padded_maps(maps: Tensor, size: tuple[int, int], below: int, right: int) -> Tensor:
    """Return region maps (B, R, h, w) for the padded image: they cover the image only, so their edge is stretched over the padding."""
    if not below and not right:
        return maps
    return F.pad(resized(maps, size), (0, right, 0, below), mode="replicate")


def resized(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Return maps (B, R, h, w) at another size (H, W), bilinearly."""
    return F.interpolate(maps, size, mode="bilinear", align_corners=False)
