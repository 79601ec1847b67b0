"""Statistics of the layers, measured and given, with every engine."""

from __future__ import annotations

import numpy as np
import pytest

from stylecam.engines.base import MEASURE, LayerStats
from stylecam.engines.folded_stats import folded
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.net.styles import slots
from tests.unit.engines.nets import CONFIGS, difference, make_pack, make_photo

PHOTO = make_photo(24, 32)


@pytest.fixture
def pack():
    """A small network."""
    return make_pack()


def test_given_statistics_reproduce_the_measured(pack, open_f32):
    """What MEASURE returns, given back for the same photo, stylizes the same image; measuring changes nothing."""
    engine = open_f32(pack)
    plain, none = engine.stylize(PHOTO, pack.rows[0])
    measured, stats = engine.stylize(PHOTO, pack.rows[0], stats=MEASURE)
    given, nothing = engine.stylize(PHOTO, pack.rows[0], stats=stats)
    assert engine.supports_stats
    assert none is None
    assert nothing is None
    assert stats.mean.shape == stats.variance.shape == (pack.config.scale_shift_size // 2,)
    assert stats.mean.dtype == stats.variance.dtype == np.float32
    assert difference(plain, measured)[1] <= 1.01 / 255
    assert difference(plain, given)[1] <= 1.01 / 255


def test_first_statistics_are_those_of_the_first_convolution(pack, open_f32):
    """Mean and biased variance stand in the order of the layers: the first channels' by hand."""
    torch = pytest.importorskip("torch")
    _, stats = open_f32(pack).stylize(PHOTO, pack.rows[0], stats=MEASURE)
    layer = pack.config.convs[0]
    x = torch.nn.functional.pad(torch.from_numpy(PHOTO.transpose(2, 0, 1)[None] / np.float32(255)), [2] * 4, mode="reflect")
    y = torch.nn.functional.conv2d(x, torch.from_numpy(pack.tensors["contract.0.conv.weight"]), stride=2)[0].numpy()
    np.testing.assert_allclose(stats.mean[: layer.channels], y.mean((1, 2)), atol=1e-6)
    np.testing.assert_allclose(stats.variance[: layer.channels], y.var((1, 2)), rtol=1e-3)


@pytest.mark.parametrize("name", CONFIGS)
def test_all_engines_measure_the_same(name, open_f32):
    """Every layer's statistics agree with torch's, also of an image that had to be padded."""
    pack = make_pack(name)
    photo = make_photo(30, 41)
    _, own = open_f32(pack).stylize(photo, pack.rows[0], stats=MEASURE)
    _, reference = TorchEngine(pack.config, pack.tensors, device="cpu").stylize(photo, pack.rows[0], stats=MEASURE)
    spread = np.sqrt(reference.variance)
    assert (np.abs(own.mean - reference.mean) / spread).max() < 0.01
    assert np.abs(own.variance / reference.variance - 1).max() < 0.02


def test_statistics_of_another_photo_change_the_image(pack, open_f32):
    """Given statistics are really used."""
    engine = open_f32(pack)
    own, stats = engine.stylize(PHOTO, pack.rows[0], stats=MEASURE)
    other, _ = engine.stylize(PHOTO, pack.rows[0], stats=LayerStats(stats.mean + 0.5, stats.variance * 2))
    assert difference(own, other)[0] > 0.01


def test_statistics_that_do_not_fit_are_refused(pack, open_f32):
    """Statistics of another network are the caller's mistake."""
    wrong = LayerStats(np.zeros(3, np.float32), np.ones(3, np.float32))
    with pytest.raises(ValueError, match="stats must hold a mean and a variance of shape"):
        open_f32(pack).stylize(PHOTO, pack.rows[0], stats=wrong)


def test_folding_is_normalising(pack):
    """γ (x − μ) / σ + β is one scale and one shift of x."""
    rng = np.random.default_rng(3)
    count = pack.config.scale_shift_size // 2
    stats = LayerStats(rng.normal(size=count).astype(np.float32), rng.uniform(0.1, 4, count).astype(np.float32))
    row = pack.rows[0]
    before = row.copy()
    result = folded(row, stats, pack.config.graph())
    for slot in slots(pack.config.graph()):
        mean, variance = stats.mean[slot.statistics], stats.variance[slot.statistics]
        x = rng.normal(size=slot.channels)
        expected = row[slot.gamma] * (x - mean) / np.sqrt(variance + pack.config.eps) + row[slot.beta]
        np.testing.assert_allclose(x * result[slot.gamma] + result[slot.beta], expected, rtol=1e-4, atol=1e-5)
    both = folded(np.stack([row, 2 * row]), stats, pack.config.graph())
    np.testing.assert_array_equal(both[0], result)
    assert np.array_equal(row, before)


def test_a_size_is_compiled_once_for_each_kind_of_statistics(pack, open_sized):
    """Going back and forth between own, measured and given statistics builds nothing twice."""
    engine = open_sized(pack)
    for _ in range(2):
        engine.stylize(PHOTO, pack.rows[0])
        _, stats = engine.stylize(PHOTO, pack.rows[0], stats=MEASURE)
        engine.stylize(PHOTO, pack.rows[1], stats=stats)
    assert engine.compiled == 3
