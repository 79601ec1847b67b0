"""Rewrites of a graph apply where they are exact, and leave alone what they do not fit."""

from stylecam.engines.lowering.ops import Affine, Enlarge, Kernel, Normalise, Pad, RowCin, Rows
from stylecam.engines.lowering.passes import literal, lowered
from stylecam.net.families import TransformNetConfig
from stylecam.net.families.separable import SeparableConfig
from stylecam.net.ir import Add, DepthToSpace

LIVE = TransformNetConfig.small(2)


def kinds(graph, kind):
    """Return the nodes of one kind."""
    return [node for node in graph.nodes if isinstance(node, kind)]


def forms(graph):
    """Return the forms of the kernels in order."""
    return [node.form for node in kinds(graph, Kernel)]


def test_the_literal_graph_follows_the_paper():
    """Every convolution is padded by reflection, every enlargement stands alone, nothing is in rows."""
    graph = literal(LIVE.graph())
    assert set(forms(graph)) == {"plain"}
    assert {pad.mode for pad in kinds(graph, Pad)} == {"reflect"}
    assert (len(kinds(graph, Enlarge)), len(kinds(graph, Normalise)), len(kinds(graph, Rows))) == (2, 15, 0)


def test_the_lowered_graph_does_less():
    """Both enlargements become transposed convolutions, the output comes in rows, and scaling stands behind the padding."""
    graph = lowered(LIVE.graph())
    assert forms(graph) == ["plain"] * 12 + ["enlarging"] * 2 + ["tiled"]
    assert not kinds(graph, Enlarge)
    assert len(kinds(graph, RowCin)) == 1
    by_name = {node.name: node for node in graph.nodes}
    padded = [node for node in kinds(graph, Affine) if isinstance(by_name[node.inputs[0]], Pad)]
    assert len(padded) == 8  # the first half of every block, contract.0 and the expand layers; sums and what is read twice are left


def test_given_statistics_need_no_normalisation():
    """Only scale and shift are left."""
    graph = lowered(LIVE.graph(), given=True)
    assert not kinds(graph, Normalise)
    assert [node.normalise for node in kinds(graph, RowCin)] == [False]


def test_rewrites_leave_other_networks_alone():
    """Depthwise convolutions are not transposed, and the skip's sum is still there."""
    graph = lowered(SeparableConfig(skip=True).graph())
    assert "enlarging" not in forms(graph)
    assert len(kinds(graph, Enlarge)) == 2
    assert len(kinds(graph, Add)) == 6


def test_pixels_of_a_place_stay_together_in_rows():
    """The fast output's depth-to-space becomes an order of rows; with maps it is done as it stands."""
    fast = TransformNetConfig(styles=2, head_fast=5).graph("fast")
    assert [rows.factor for rows in kinds(lowered(fast), Rows)] == [2]
    assert not kinds(lowered(fast), DepthToSpace)
    assert len(kinds(lowered(fast, maps=True), DepthToSpace)) == 1
