"""The fast output: a half-size image in, one of full size out, with the same γ and β."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from stylecam.engines.base import MEASURE
from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.engines.select import open_engine
from stylecam.errors import PackError, UsageError
from stylecam.net.execute import execute
from stylecam.net.families import FAST, TransformNetConfig
from stylecam.net.module import TransformNet
from stylecam.packs.ops import with_fast_head
from stylecam.packs.store import load_pack, save_pack, save_styles
from tests.unit.engines.nets import difference, make_pack, make_photo

ENGINES = {
    "openvino": lambda pack: OpenVinoEngine(pack.config, pack.tensors, precision="f32", threads=1, head=FAST),
    "onnx": lambda pack: OnnxEngine(pack.config, pack.tensors, device="cpu", threads=1, head=FAST),
    "torch": lambda pack: TorchEngine(pack.config, pack.tensors, device="cpu", head=FAST),
}


@pytest.fixture(scope="module")
def plain():
    """Return a pack with one output."""
    return make_pack()


@pytest.fixture(scope="module")
def pack(plain):
    """Return the same pack with a fast output of random weights."""
    config = replace(plain.config, head_fast=5)
    (conv,) = [each for each in config.convs if each.name not in {old.name for old in plain.config.convs}]
    weight = np.random.default_rng(7).normal(0, 0.2, conv.weight_shape).astype(np.float32)
    return replace(plain, config=config, tensors={**plain.tensors, conv.weight: weight})


def by_hand(pack, photo, row):
    """Return what the definition says: 12 channels, pixel shuffle, statistics over the whole image, the output's γ and β, sigmoid."""
    fine, seen = pack.config.graph(), {}

    def normalised(node, y):
        gamma, beta = (torch.from_numpy(row[part])[None, :, None, None] for part in (node.gamma, node.beta))
        mean, variance = y.mean((2, 3), keepdim=True), y.var((2, 3), correction=0, keepdim=True)
        seen[node.name] = (y - mean) / (variance + fine.eps).sqrt() * gamma + beta
        return seen[node.name].clone()

    weights = {conv.weight: torch.from_numpy(pack.tensors[conv.weight]) for conv in pack.config.convs}
    execute(fine, torch.from_numpy(photo.transpose(2, 0, 1)[None] / np.float32(255)), weights, normalised)
    last = seen["expand.1.norm"].relu()  # (1, C, H, W), what both outputs read
    channels = F.conv2d(F.pad(last, [2] * 4, mode="reflect"), weights["head_fast.conv.weight"])
    y = normalised(fine.cins[-1], F.pixel_shuffle(channels, 2)).sigmoid()
    return (y[0] * 255).round().byte().permute(1, 2, 0).numpy()


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_gives_the_full_size(pack, name):
    """Twice as high and as wide; as the definition says, to a rounding step; also where the half-size image is padded."""
    engine = ENGINES[name](pack)
    photo = make_photo(24, 32)
    stylized, _ = engine.stylize(photo, pack.rows[0])
    assert stylized.shape == (48, 64, 3)
    assert difference(stylized, by_hand(pack, photo, pack.rows[0]))[1] <= 1.01 / 255
    odd = make_photo(21, 31, seed=1)
    expected, _ = ENGINES["torch"](pack).stylize(odd, pack.rows[1])
    again, _ = engine.stylize(odd, pack.rows[1])
    assert again.shape == (42, 62, 3)
    assert again.flags.c_contiguous
    assert difference(again, expected)[1] <= 1.01 / 255


@pytest.mark.parametrize("name", ENGINES)
def test_maps_and_statistics_work_in_it(pack, name):
    """Regions meet where the full-size image has them; given statistics give the measured image."""
    engine, photo = ENGINES[name](pack), make_photo(24, 32)
    maps = np.stack([np.tile(np.linspace(0, 1, 9, dtype=np.float32), (3, 1))] * 2)
    maps[1] = 1 - maps[0]
    own, stats = engine.stylize(photo, pack.rows[:2], maps=maps, stats=MEASURE)
    given, _ = engine.stylize(photo, pack.rows[:2], maps=maps, stats=stats)
    expected, _ = ENGINES["torch"](pack).stylize(photo, pack.rows[:2], maps=maps)
    assert own.shape == (48, 64, 3)
    assert difference(own, given)[1] <= 1.01 / 255
    assert difference(own, expected)[1] <= 2.01 / 255
    plain, measured = engine.stylize(photo, pack.rows[0], stats=MEASURE)
    assert difference(plain, engine.stylize(photo, pack.rows[0], stats=measured)[0])[1] <= 1.01 / 255


def test_training_and_engine_agree(pack):
    """`TransformNet(..., head="fast")` gives what the engine gives, and its gradient reaches the head and the styles."""
    net, photo = TransformNet.from_tensors(pack.config, pack.tensors), make_photo(22, 30)
    y = net(torch.from_numpy(photo.transpose(2, 0, 1)[None] / np.float32(255)), torch.eye(3)[:1], head=FAST)
    stylized, _ = ENGINES["torch"](pack).stylize(photo, pack.rows[0])
    assert difference((y[0] * 255).round().byte().permute(1, 2, 0).numpy(), stylized)[1] <= 1.01 / 255
    y.sum().backward()
    assert net.get_parameter("head_fast.conv.weight").grad.abs().sum() > 0
    assert net.get_parameter("output.conv.weight").grad is None
    assert net.styles.grad[0].abs().sum() > 0


def test_the_fine_output_is_as_before(pack, plain, open_f32):
    """A pack with a second output stylizes the same bytes at full size as without."""
    photo = make_photo(24, 32)
    assert np.array_equal(open_f32(pack).stylize(photo, pack.rows[0])[0], open_f32(plain).stylize(photo, plain.rows[0])[0])


def test_packs_carry_it(pack, plain, tmp_path):
    """It comes back from the disk, leaves the trunk's hash as it was, and styles made for the pack without it work in both outputs."""
    save_pack(pack, tmp_path / "both.stylepack")
    both = load_pack(tmp_path / "both.stylepack")
    assert both.config.heads == ("fine", "fast")
    assert both.trunk == plain.trunk
    assert both.network != plain.network == plain.trunk
    save_styles(plain, tmp_path / "rows.stylepack")
    joined = load_pack(tmp_path / "rows.stylepack", trunk=both)
    assert joined.config.heads == ("fine", "fast")
    np.testing.assert_array_equal(joined.tensors["head_fast.conv.weight"], pack.tensors["head_fast.conv.weight"])
    save_styles(pack, tmp_path / "back.stylepack")
    assert load_pack(tmp_path / "back.stylepack", trunk=plain).config.heads == ("fine",)


def test_a_pack_without_it_says_so(plain):
    """Asked for an output that the pack lacks, the sentence names those it has."""
    with pytest.raises(UsageError, match="has no fast output, only fine"):
        open_engine(plain, "openvino", head=FAST)
    with pytest.raises(UsageError, match="has no slow output"):
        open_engine(plain, "openvino", head="slow")


def test_the_live_network_can_have_it():
    """`live32` can have one: 16 channels become 12, then 3 at twice the size."""
    config = replace(TransformNetConfig.small(2), head_fast=5)
    (conv,) = [each for each in config.convs if each.name == "head_fast.conv"]
    assert conv.weight_shape == (12, 16, 5, 5)
    assert config.graph(FAST).enlargement == 2
    assert config.graph(FAST).cins[-1].offset == config.graph().cins[-1].offset
    assert TransformNetConfig.from_json(config.to_json()) == config


def test_it_begins_as_the_fine_output(plain, open_f32):
    """One of the same kernel gives every pixel of the half-size image four times; a smaller one has the middle of its kernel."""
    fine = plain.tensors["output.conv.weight"]
    started = with_fast_head(plain, fine.shape[2])
    assert with_fast_head(started) is started
    photo = make_photo(24, 32)
    small, _ = open_f32(plain).stylize(photo, plain.rows[0])
    for opening in ENGINES.values():
        large, _ = opening(started).stylize(photo, plain.rows[0])
        assert difference(large, small.repeat(2, 0).repeat(2, 1))[1] <= 1.01 / 255
    smaller, wider = (with_fast_head(plain, side).tensors["head_fast.conv.weight"] for side in (None, fine.shape[2] + 2))
    np.testing.assert_array_equal(smaller, np.repeat(fine[..., 1:-1, 1:-1], 4, axis=0))
    np.testing.assert_array_equal(wider[..., 1:-1, 1:-1], np.repeat(fine, 4, axis=0))
    with pytest.raises(PackError, match=r"separable.*no fast output"):
        with_fast_head(make_pack("separable"))
