"""The ONNX graph: valid, free of styles, and the same with and without its rewritten layers."""

import numpy as np
import onnx
import onnxruntime
import pytest

from stylecam.engines.lowering.onnx import build_graph
from tests.unit.engines.nets import CONFIGS, difference, make_pack, make_photo

SIDE = 48  # fits every config's stride


def run(model, photo, scale_shift):
    """Run a graph without an engine around it."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"image": photo, "styles": scale_shift[None]})[0]


@pytest.mark.parametrize("name", CONFIGS)
def test_graph_is_valid_onnx_with_static_shapes(name):
    """ONNX's own checker accepts the graph with full shape inference; image in and out are uint8 (H, W, 3)."""
    pack = make_pack(name)
    model = build_graph(pack.config.graph(), pack.tensors, SIDE, SIDE)
    onnx.checker.check_model(model, full_check=True)
    shapes = {
        value.name: (value.type.tensor_type.elem_type, [d.dim_value for d in value.type.tensor_type.shape.dim])
        for value in (*model.graph.input, *model.graph.output)
    }
    picture = (onnx.TensorProto.UINT8, [SIDE, SIDE, 3])
    assert shapes == {
        "image": picture,
        "styles": (onnx.TensorProto.FLOAT, [1, pack.config.scale_shift_size]),
        "stylized": picture,
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_rewritten_layers_change_nothing(name):
    """The cheaper forms give the literal graph's image; a value on the edge of rounding may fall to the other side."""
    pack, photo = make_pack(name), make_photo(SIDE, SIDE)
    literal, rewritten = (
        run(build_graph(pack.config.graph(), pack.tensors, SIDE, SIDE, rewritten=r), photo, pack.rows[0]) for r in (False, True)
    )
    mean, most = difference(literal, rewritten)
    assert mean < 1e-5
    assert most <= 1.01 / 255


@pytest.mark.parametrize("width", [40, 42, 43])
def test_any_width_is_stylized_in_full(width):
    """The last layer works on four, two or one pixel at once, as the width allows: the same image, with its last column in place."""
    pack, photo = make_pack("flat"), make_photo(35, width)
    literal, rewritten = (
        run(build_graph(pack.config.graph(), pack.tensors, 35, width, rewritten=r), photo, pack.rows[0]) for r in (False, True)
    )
    mean, most = difference(literal, rewritten)
    assert literal.std(0).all()
    assert mean < 1e-5
    assert most <= 1.01 / 255


def test_graph_holds_no_style():
    """γ and β are inputs: packs that share the trunk but not the styles have byte for byte the same graph."""
    pack = make_pack()
    others = {**pack.tensors, "styles": pack.rows + 1}
    fewer = pack.config.with_styles(1, identity=False)
    assert (
        build_graph(pack.config.graph(), pack.tensors, SIDE, SIDE).SerializeToString()
        == build_graph(fewer.graph(), others, SIDE, SIDE).SerializeToString()
    )


@pytest.mark.parametrize("size", [(37, 48), (48, 50), (0, 48), (-4, 48)])
def test_sizes_off_the_stride_are_refused(size):
    """A graph is only built for padded sizes."""
    pack = make_pack()
    with pytest.raises(ValueError, match="multiple of 4"):
        build_graph(pack.config.graph(), pack.tensors, *size)


def test_wrong_tensor_is_named():
    """A weight that does not fit the architecture is refused by its name and shapes."""
    pack = make_pack()
    tensors = dict(pack.tensors) | {"expand.0.conv.weight": np.zeros((1, 2, 3, 3), np.float32)}
    with pytest.raises(ValueError, match=r"expand\.0\.conv\.weight has shape \(1, 2, 3, 3\).*\(8, 12, 3, 3\)"):
        build_graph(pack.config.graph(), tensors, SIDE, SIDE)
