"""OpenVINO in int8: close to f32 for every style, really computed in 8 bits, and never recompiled for a style.

Measured with `live32` on 32 styles and 20 mixes, six photos, at 640x480 and 320x240: mean difference 1.5 and 1.2 of 255, the worst style
2.7 and 2.3; colours shift by at most 0.25.
"""

from __future__ import annotations

import numpy as np
import openvino
import pytest
from PIL import Image

from stylecam.engines.base import MEASURE
from stylecam.engines.lowering.onnx import Regions, build_graph
from stylecam.engines.lowering.quantize import quantize
from stylecam.engines.lowering.ranges import DEVIATIONS, Ranges
from stylecam.engines.machine import cpu_features
from stylecam.engines.runtimes import openvino as runtime
from stylecam.engines.runtimes.openvino import OpenVinoEngine, best_precision, has_vnni
from stylecam.errors import EngineError
from stylecam.net import styles
from stylecam.net.families import FAST
from stylecam.packs.ops import with_fast_head
from stylecam.packs.store import load_pack
from tests.unit.engines.nets import difference, make_pack

MEAN, SHIFT = 3 / 255, 1 / 255

needs_vnni = pytest.mark.skipif(not has_vnni(cpu_features()), reason="this processor has no VNNI, as far as is known")


@pytest.fixture(scope="module")
def pack(repository):
    """Return the live pack."""
    return load_pack(repository / "weights" / "live32")


def read(repository, name, size):
    """Return a photo of `size` (width, height)."""
    with Image.open(repository / "assets" / "photos" / f"{name}.jpg") as image:
        return np.array(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def open_both(pack):
    """Return the pack's network in f32 and in int8."""
    return [OpenVinoEngine(pack.config, pack.tensors, precision=precision, threads=2) for precision in ("f32", "int8")]


def shift(a, b):
    """Return by how much the mean of the worst channel differs, in parts of full scale."""
    return float(np.abs(a.mean((0, 1)) - b.mean((0, 1))).max() / 255)


def mixed(pack, count):
    """Return mixes of two to four styles, (count, N)."""
    rng = np.random.default_rng(5)
    shares = np.zeros((count, pack.config.styles), np.float32)
    for row in shares:
        chosen = rng.choice(len(row), rng.integers(2, 5), replace=False)
        row[chosen] = rng.dirichlet(np.ones(len(chosen)))
    return shares @ pack.rows[: pack.config.styles]


@needs_vnni
@pytest.mark.parametrize(
    ("every", "photos"),
    [(11, ("astronaut",)), pytest.param(1, ("astronaut", "kodim15", "kodim23"), marks=pytest.mark.slow)],
    ids=["some", "all"],
)
@pytest.mark.parametrize("size", [(640, 480), (320, 240)], ids=["full", "half"])
def test_int8_stays_close_to_f32(pack, repository, size, every, photos):
    """Styles and mixes alike: on average within 2.5 of 255, none of them more than 4, colours within 1; no style recompiles anything."""
    exact, coarse = open_both(pack)
    looks = np.concatenate([pack.rows[: pack.config.styles : every], mixed(pack, 22 // every)])
    means = []
    for photo in (read(repository, name, size) for name in photos):
        for look in looks:
            a, b = exact.stylize(photo, look)[0], coarse.stylize(photo, look)[0]
            means.append(difference(a, b)[0])
            assert shift(a, b) <= SHIFT
    assert 0 < min(means) <= max(means) <= 4 / 255
    assert np.mean(means) <= 2.5 / 255
    assert coarse.compiled == 1


@needs_vnni
@pytest.mark.parametrize("form", [{}, {"measured": True}, {"given": True}, {"regions": Regions(2, 8, 8, (240, 320))}], ids=str)
def test_convolutions_are_really_computed_in_8_bits(pack, form):
    """OpenVINO runs every convolution but the first and the last on uint8, in every form of the graph."""
    graph, core = pack.config.graph(), openvino.Core()
    model = core.read_model(build_graph(graph, pack.tensors, 240, 320, **form).SerializeToString(), b"")
    convs = Ranges(graph).convs
    quantize(openvino, model, convs)
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    precisions = {}
    for node in compiled.get_runtime_model().get_ops():
        facts = {key: value.astype(str) for key, value in node.get_rt_info().items() if key in ("originalLayersNames", "runtimePrecision")}
        for name in facts.get("originalLayersNames", "").split(","):
            precisions[name] = facts["runtimePrecision"]
    names = [conv.name for conv in graph.convs]
    assert list(convs) == names[1:-1]
    assert {name: precisions[name] for name in names} == dict.fromkeys(names, "u8") | {names[0]: "f32", names[-1]: "f32"}


@needs_vnni
def test_statistics_and_maps_work_in_int8(pack, repository):
    """What is measured is what f32 measures, giving it back changes little, and region maps stay as close to f32 as one style."""
    exact, coarse = open_both(pack)
    photo, look = read(repository, "astronaut", (320, 240)), pack.rows[7]
    plain, expected = exact.stylize(photo, look, stats=MEASURE)
    measured, stats = coarse.stylize(photo, look, stats=MEASURE)
    given, _ = coarse.stylize(photo, look, stats=stats)
    assert np.abs((stats.mean - expected.mean) / np.sqrt(expected.variance)).max() < 0.1
    variance = np.abs(stats.variance / expected.variance - 1)
    assert np.quantile(variance, 0.99) < 0.05
    assert variance.max() < 0.3  # of a channel that hardly varies
    assert difference(plain, measured)[0] <= MEAN
    assert difference(plain, given)[0] <= MEAN
    ramp = np.linspace(0, 1, 16, dtype=np.float32)[None].repeat(12, 0)
    maps, rows = np.stack([ramp, 1 - ramp]), np.ascontiguousarray(pack.rows[:2])
    assert difference(exact.stylize(photo, rows, maps=maps)[0], coarse.stylize(photo, rows, maps=maps)[0])[0] <= MEAN


@needs_vnni
@pytest.mark.parametrize("times", [30, 1 / 30])
def test_a_style_of_any_size_is_neither_cut_off_nor_lost(pack, repository, times):
    """γ and β of hidden layers thirty times as large or small as any in the pack, as an added style may have them, keep the precision."""
    exact, coarse = open_both(pack)
    photo, look = read(repository, "astronaut", (320, 240)), pack.rows[4].copy()
    coarse.stylize(photo, look)
    last = styles.slots(pack.config.graph())[-1]
    look[: last.offset] *= times
    assert difference(exact.stylize(photo, look)[0], coarse.stylize(photo, look)[0])[0] <= MEAN
    assert coarse.compiled == 1


def test_ranges_follow_from_scale_and_shift():
    """With γ 1 and β 0 a rectified map lies between 0 and the deviations allowed; doubled parameters double the range."""
    graph = make_pack().config.graph()
    ranges, neutral = Ranges(graph), styles.neutral(graph, 1)[0]
    factor, offset = ranges(neutral)[:2].ravel()
    assert (factor, offset) == (np.float32(1 / DEVIATIONS), 0)
    np.testing.assert_allclose(ranges(2 * neutral)[::2], ranges(neutral)[::2] / 2, rtol=1e-6)
    np.testing.assert_allclose(ranges(2 * neutral)[1::2], ranges(neutral)[1::2], atol=1e-6)


def test_ranges_of_sums_hold_both_signs():
    """A residual sum lies on both sides of zero, so 0 comes to lie between 0 and 1."""
    graph = make_pack().config.graph()
    ranges = Ranges(graph)
    offset = ranges(styles.neutral(graph, 1)[0])[2 * ranges.convs.index("expand.0.conv") + 1].item()
    assert 0.2 < offset < 0.8


def test_ranges_of_regions_hold_each_of_them():
    """Between regions every pixel lies somewhere between their styles, so the larger range counts."""
    graph = make_pack().config.graph()
    ranges, row = Ranges(graph), styles.neutral(graph, 1)[0]
    np.testing.assert_array_equal(ranges(np.stack([row, 3 * row]))[:2], ranges(3 * row)[:2])


@pytest.mark.parametrize(
    ("bf16", "features", "expected"),
    [
        (False, ("avx2",), "f32"),
        (False, ("avx2", "avx_vnni"), "int8"),
        (False, ("avx512", "avx512_vnni"), "int8"),
        (True, ("avx512_vnni", "avx512_bf16"), "int8"),
        (True, ("avx512_vnni", "avx512_bf16", "amx_bf16"), "bf16"),
        (True, (), "bf16"),
        (False, (), "f32"),
    ],
)
def test_auto_takes_what_is_fastest(bf16, features, expected):
    """int8 where VNNI is and AMX is not; where nothing is known of the processor, what OpenVINO says of bf16 decides."""
    assert best_precision(bf16, features) == expected


def test_int8_is_refused_where_it_cannot_work(monkeypatch):
    """A processor without VNNI, or a network of two convolutions, is reported in a sentence; "auto" takes another precision for both."""
    small = make_pack("flat")
    with pytest.raises(EngineError, match="no convolutions that could compute in int8"):
        open_both(small)
    assert OpenVinoEngine(small.config, small.tensors).precision in ("f32", "bf16")
    monkeypatch.setattr(runtime, "cpu_features", lambda: ("avx2",))
    pack = make_pack()
    with pytest.raises(EngineError, match="no instructions for int8"):
        open_both(pack)
    assert OpenVinoEngine(pack.config, pack.tensors).precision in ("f32", "bf16")


@needs_vnni
@pytest.mark.slow
def test_the_fast_output_in_int8(pack, repository):
    """From a half-size photo, close to f32 in styles, a mix and one that was added while it runs; nothing is compiled again."""
    headed = with_fast_head(pack)
    exact, rounded = (OpenVinoEngine(headed.config, headed.tensors, precision=p, threads=2, head=FAST) for p in ("f32", "int8"))
    photo = read(repository, "astronaut", (160, 120))
    added = (1.3 * pack.rows[3] - 0.3 * pack.rows[9]).astype(np.float32)
    for row in (pack.rows[0], pack.rows[17], *mixed(pack, 1), added):
        a, b = (engine.stylize(photo, row)[0] for engine in (exact, rounded))
        assert a.shape == (240, 320, 3)
        assert difference(a, b)[0] <= MEAN
        assert shift(a, b) <= SHIFT
    assert rounded.compiled == 1
