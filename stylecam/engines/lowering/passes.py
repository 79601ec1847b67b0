"""Rewrites of a graph, from graph to graph: each one computes the same with less work, and is exact. None knows any one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stylecam.engines.lowering.ops import Affine, Enlarge, Kernel, Normalise, Pad, RowCin, Rows
from stylecam.net.ir import Act, Cin, Conv, DepthToSpace, Graph, Node


def lowered(graph: Graph, *, given: bool = False, maps: bool = False) -> Graph:
    """Return the graph as runtimes like it best: all rewrites that apply.

    Args:
        graph: of `net.ir` operations.
        given: leave normalization out; the style parameters are folded with given statistics (`folded_stats.folded`).
        maps: every pixel has its own γ and β.
    """
    graph = transposed(literal(graph, given=given))
    if not maps:  # maps would have to be padded as well
        graph = padded_first(graph)
    return in_rows(graph, keep_space=maps)


def literal(graph: Graph, *, given: bool = False) -> Graph:
    """Write every convolution and normalization out in single steps, as the paper describes them."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if isinstance(node, Conv):
            nodes += _steps_of(node)
        elif isinstance(node, Cin):
            normalised = f"{node.name}.normalised"
            if node.normalise and not given:
                nodes.append(Normalise(normalised, node.inputs, node))
            nodes.append(Affine(node.name, (normalised,) if node.normalise and not given else node.inputs, node))
        else:
            nodes.append(node)
    return Graph(tuple(nodes), graph.eps)


def transposed(graph: Graph) -> Graph:
    """Nearest ×2 and a 3×3 convolution become one transposed 4×4 convolution over an edge-padded map; see `enlarging_kernel`."""
    found: dict[str, Sequence[Node]] = {}
    by_name = {node.name: node for node in graph.nodes}
    for node in graph.nodes:
        if not (isinstance(node, Kernel) and (node.conv.enlarge, node.conv.kernel, node.conv.stride, node.conv.groups) == (2, 3, 1, 1)):
            continue
        pad = by_name[node.inputs[0]]
        enlarge = by_name[pad.inputs[0]]
        if isinstance(pad, Pad) and isinstance(enlarge, Enlarge) and graph.uses[pad.name] == graph.uses[enlarge.name] == 1:
            found |= {
                enlarge.name: (),
                pad.name: (Pad(pad.name, enlarge.inputs, 1, "edge"),),
                node.name: (replace(node, form="enlarging"),),
            }
    return _replaced(graph, found)


def padded_first(graph: Graph) -> Graph:
    """Pad, and only then scale, shift and cut off, which commutes.

    A library can scale a fresh copy in its place, where it would copy a normalised map once more.
    """
    found: dict[str, Sequence[Node]] = {}
    by_name = {node.name: node for node in graph.nodes}
    for pad in graph.nodes:
        moved: list[Node] = []
        x = by_name.get(pad.inputs[0]) if isinstance(pad, Pad) else None
        while x is not None and graph.uses[x.name] == 1 and (isinstance(x, Affine) or (isinstance(x, Act) and x.kind == "relu")):
            moved.insert(0, x)
            x = by_name.get(x.inputs[0])
        if not moved:
            continue
        chain: list[Node] = [replace(pad, name=f"{pad.name}.first", inputs=moved[0].inputs)]
        for node in moved:
            chain.append(replace(node, inputs=(chain[-1].name,)))
        chain[-1] = replace(chain[-1], name=pad.name)
        found |= {node.name: () for node in moved} | {pad.name: tuple(chain)}
    return _replaced(graph, found)


def in_rows(graph: Graph, *, keep_space: bool = False) -> Graph:
    """Let all that follows the last convolution work on rows (H, W · 3), which is how an image lies in memory.

    Processors compute 16 numbers at a time; with 3 channels innermost most of them would idle. A depth-to-space becomes part of the rows'
    order, so that nothing is moved before the image is uint8; with `keep_space` it stays.
    """
    last = max(i for i, node in enumerate(graph.nodes) if isinstance(node, Kernel))
    kernel, tail = graph.nodes[last], list(graph.nodes[last + 1 :])
    if not isinstance(kernel, Kernel) or (kernel.form, kernel.conv.stride, kernel.conv.groups) != ("plain", 1, 1):
        return graph
    factor, kept = 1, list[Node]()
    if tail and isinstance(tail[0], DepthToSpace):
        factor = tail[0].factor
        kept = [tail.pop(0)]
    normalise = bool(tail) and isinstance(tail[0], Normalise)
    affine = tail[normalise] if len(tail) > normalise else None
    if not isinstance(affine, Affine) or any(graph.uses[node.name] != 1 for node in (kernel, *tail[:-1])):
        return graph
    if keep_space and kept:
        before, rows = [kernel, *kept], Rows(f"{kernel.name}.rows", (kept[0].name,))
    else:
        before, rows = [replace(kernel, form="tiled")], Rows(f"{kernel.name}.rows", (kernel.name,), factor)
    after = (rows, RowCin(affine.name, (rows.name,), affine.cin, normalise), *tail[normalise + 1 :])
    return Graph((*graph.nodes[:last], *before, *after), graph.eps)


def _steps_of(conv: Conv) -> list[Node]:
    steps: list[Node] = []
    source = conv.inputs
    if conv.enlarge > 1:
        steps.append(Enlarge(f"{conv.name}.enlarged", source, conv.enlarge))
        source = (steps[-1].name,)
    if conv.kernel > 1:
        steps.append(Pad(f"{conv.name}.pad", source, conv.kernel // 2, "reflect"))
        source = (steps[-1].name,)
    return [*steps, Kernel(conv.name, source, conv)]


def _replaced(graph: Graph, found: Mapping[str, Sequence[Node]]) -> Graph:
    """Return the graph with other nodes in the places of some; the last of them keeps the name that others read."""
    return Graph(tuple(new for node in graph.nodes for new in found.get(node.name, (node,))), graph.eps)
