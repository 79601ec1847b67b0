"""Per-pixel mixes of styles on every engine: one row of γ and β per region, and maps of how much of each every pixel takes."""

import numpy as np
import pytest
from PIL import Image

from stylecam.engines.base import MEASURE
from stylecam.engines.machine import cpu_features
from stylecam.engines.runtimes.openvino import OpenVinoEngine, has_vnni
from stylecam.packs.ops import with_fast_head
from stylecam.packs.store import load_pack
from tests.unit.engines.conftest import F32
from tests.unit.engines.nets import CONFIGS, difference, make_pack, make_photo, reference


def split_maps(height, width):
    """Return two regions: the first on the left, the second on the right, blending in the middle; (2, height, width)."""
    ramp = np.clip(np.linspace(-1, 2, width, dtype=np.float32), 0, 1)
    return np.stack([np.tile(1 - ramp, (height, 1)), np.tile(ramp, (height, 1))])


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


@pytest.mark.parametrize("size", [(24, 32), (21, 30)])
def test_constant_map_equals_the_vector(pack, open_f32, size):
    """One region that covers everything is the same as no map; two that halve every pixel are the even mix."""
    engine, photo = open_f32(pack), make_photo(*size)
    plain, _ = engine.stylize(photo, pack.rows[0])
    mapped, _ = engine.stylize(photo, pack.rows[:1], maps=np.ones((1, 5, 7), np.float32))
    assert difference(plain, mapped)[1] <= 1.01 / 255
    even, _ = engine.stylize(photo, pack.rows[:2].mean(0))
    halves, _ = engine.stylize(photo, pack.rows[:2], maps=np.full((2, *size), 0.5, np.float32))
    assert difference(even, halves)[1] <= 1.01 / 255


@pytest.mark.parametrize("size", [(24, 32), (21, 30)])
def test_maps_equal_the_reference(pack, open_f32, size):
    """Per-pixel weights give what `TransformNet` gives for them, also where the image is padded."""
    photo, maps = make_photo(*size), split_maps(*size)
    weights = np.concatenate([maps, np.zeros((1, *size), np.float32)])
    stylized, _ = open_f32(pack).stylize(photo, pack.rows[:2], maps=maps)
    mean, most = difference(stylized, reference(pack, photo, weights))
    assert mean <= 1e-4
    assert most <= 2.01 / 255


def test_regions_look_differently(pack, open_f32):
    """Far from the border between two regions, each looks like its own style."""
    engine, photo = open_f32(pack), make_photo(32, 96)
    mapped, _ = engine.stylize(photo, pack.rows[:2], maps=split_maps(32, 96))
    left, right = (engine.stylize(photo, pack.rows[i])[0] for i in (0, 1))
    near = difference(mapped[:, :16], left[:, :16])[0]
    far = difference(mapped[:, :16], right[:, :16])[0]
    assert near < far / 2


@pytest.mark.parametrize(
    ("rows", "maps", "message"),
    [
        (1, np.ones((2, 8, 8), np.float32), r"scale_shift must be float32 \(2, "),
        (2, np.ones((8, 8), np.float32), r"maps must be float32 \(R, h, w\)"),
        (2, np.ones((2, 8, 8), np.float64), "maps must be float32"),
        (2, np.ones((2, 0, 8), np.float32), "maps must be float32"),
    ],
)
def test_maps_that_do_not_fit_are_refused(pack, open_f32, rows, maps, message):
    """Rows and regions must agree, and maps be float32 (R, h, w)."""
    with pytest.raises(ValueError, match=message):
        open_f32(pack).stylize(make_photo(8, 8), pack.rows[:rows], maps=maps)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_network_takes_maps(name, open_f32):
    """Small maps, resized to every layer, over an image that is padded: as torch in f32, to a rounding step."""
    pack, photo, maps = make_pack(name), make_photo(46, 57), split_maps(5, 7)
    own, _ = open_f32(pack).stylize(photo, pack.rows[:2], maps=maps)
    expected, _ = F32["torch"](pack.config, pack.tensors).stylize(photo, pack.rows[:2], maps=maps)
    mean, most = difference(own, expected)
    assert mean <= 1e-4
    assert most <= 2.01 / 255


def test_statistics_go_with_maps(pack, open_f32):
    """What was measured under maps, given back with them, gives the same image."""
    engine, photo, maps = open_f32(pack), make_photo(24, 32), split_maps(24, 32)
    own, stats = engine.stylize(photo, pack.rows[:2], maps=maps, stats=MEASURE)
    given, _ = engine.stylize(photo, pack.rows[:2], maps=maps, stats=stats)
    assert difference(own, given)[1] <= 1.01 / 255


def test_new_maps_of_one_size_rebuild_nothing(pack, open_sized):
    """Maps and rows are inputs; only another number or size of maps needs another program, and few of those are kept."""
    engine, photo = open_sized(pack), make_photo(24, 32)
    rng = np.random.default_rng(0)
    for _ in range(3):
        engine.stylize(photo, pack.rows[:2], maps=rng.random((2, 6, 8), np.float32))
    assert engine.compiled == 1
    engine.stylize(photo, pack.rows[:3], maps=rng.random((3, 6, 8), np.float32))
    engine.stylize(photo, pack.rows[0])
    assert engine.compiled == 3


@pytest.fixture(scope="module")
def live(repository):
    """Return the shipped pack with a fast output, and a portrait, 160x120; skips on processors without int8."""
    if not has_vnni(cpu_features()):
        pytest.skip("this processor has no instructions for int8")
    with Image.open(repository / "assets" / "photos" / "astronaut.jpg") as image:
        return with_fast_head(load_pack(repository / "weights" / "live32")), np.array(image.convert("RGB").resize((160, 120)))


@pytest.mark.parametrize("head", ["fine", "fast"])
def test_int8_takes_maps_in_both_outputs(head, live):
    """The live network in int8, mixed per pixel, stays within a few grey values of f32."""
    pack, photo = live
    stylized = [
        OpenVinoEngine(pack.config, pack.tensors, precision=precision, head=head).stylize(photo, pack.rows[:2], maps=split_maps(9, 12))[0]
        for precision in ("f32", "int8")
    ]
    mean, _ = difference(*stylized)
    assert 0 < mean < 3 / 255
