"""The layout of style parameters: γ and β of every normalization side by side, one row per style. The only place that knows it.

A pack holds them as ONE matrix (rows, N), its tensor `styles`; a mix of styles is a weighted sum of rows. Packs of schema 1 had two tensors
per normalization instead, `<layer>.norm.weight` γ and `<layer>.norm.bias` β; `joined` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stylecam.net.ir import Cin, Graph

#: Name of the matrix among a pack's tensors.
STYLES = "styles"


def slots(graph: Graph) -> tuple[Cin, ...]:
    """Return the normalizations whose γ and β are a style, in the order of the layout."""
    return tuple({node.offset: node for node in sorted(graph.cins, key=lambda node: node.offset)}.values())


def size(graph: Graph) -> int:
    """Return N, the numbers of a style (3,206 for the network of arXiv 1610.07629)."""
    return 2 * sum(slot.channels for slot in slots(graph))


def joined_names(graph: Graph) -> dict[str, tuple[str, str]]:
    """Return the names of γ and β of schema 1 by normalization."""
    return {slot.name: (f"{slot.name}.weight", f"{slot.name}.bias") for slot in slots(graph)}


def joined(graph: Graph, tensors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the matrix (rows, N) of the γ and β (rows, C) of schema 1."""
    parts = [tensors[name] for pair in joined_names(graph).values() for name in pair]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def neutral(graph: Graph, rows: int) -> NDArray[np.float32]:
    """Return parameters that change nothing after normalization: γ 1 and β 0, (rows, N)."""
    matrix = np.zeros((rows, size(graph)), np.float32)
    for slot in slots(graph):
        matrix[:, slot.gamma] = 1
    return matrix
