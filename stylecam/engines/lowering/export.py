"""A pack's network as the bytes of an ONNX file, for other programs."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from stylecam.engines.lowering.onnx import build_graph
from stylecam.errors import UsageError
from stylecam.net import cost
from stylecam.net.families import FINE
from stylecam.packs.pack import StylePack


def export_onnx(pack: StylePack, height: int, width: int, *, row: NDArray[np.float32] | None = None, head: str = FINE) -> bytes:
    """Return an ONNX file of the network for RGB images uint8 (`height`, `width`, 3), see `build_graph`; names and licence stand in it.

    Args:
        pack: the network; its styles' ids are the file's metadata `styles`, in the order of `StylePack.rows`.
        height: of the images in pixels, a multiple of the network's grid.
        width: likewise.
        row: γ and β to build in, (N,); None makes them the input `styles`, (1, N).
        head: which of the network's outputs.

    Raises:
        UsageError: the network does not take this size, or has no such output.
    """
    if head not in pack.config.heads:
        raise UsageError(f"The pack '{pack.name}' has no {head} output; choose {' or '.join(pack.config.heads)}.")
    graph = pack.config.graph(head)
    below, right = cost.padding(graph, height, width)
    if below or right:
        fits = f"{width + right}x{height + below}"
        raise UsageError(f"The network of '{pack.name}' does not take images of {width}x{height} pixels; the next size is {fits}.")
    model = build_graph(graph, pack.tensors, height, width)
    if row is not None:
        (styles,) = [value for value in model.graph.input if value.name == "styles"]
        model.graph.input.remove(styles)
        model.graph.initializer.append(numpy_helper.from_array(row[None], "styles"))
    for key, value in (("pack", pack.name), ("licence", pack.licence), ("trunk", pack.trunk), ("styles", json.dumps(pack.style_ids))):
        model.metadata_props.add(key=key, value=value)
    return bytes(model.SerializeToString())
