"""Maps, statistics and the choice of device: what only the torch engine does."""

import numpy as np
import pytest

from stylecam.engines.base import LayerStats
from stylecam.engines.runtimes import torch as torch_runtime
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import difference, make_pack, make_photo, reference


def split_maps(height, width):
    """Return two regions: the first on the left, the second on the right, blending in the middle; (2, height, width)."""
    ramp = np.clip(np.linspace(-1, 2, width, dtype=np.float32), 0, 1)
    return np.stack([np.tile(1 - ramp, (height, 1)), np.tile(ramp, (height, 1))])


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


@pytest.fixture(scope="module")
def engine(pack):
    """Return the f32 engine on the processor."""
    return TorchEngine(pack.config, pack.tensors, device="cpu")


@pytest.mark.parametrize("size", [(24, 32), (21, 30)])
def test_constant_map_equals_the_vector(pack, engine, size):
    """One region that covers everything is the same as no map; two that halve every pixel are the even mix."""
    photo = make_photo(*size)
    plain, _ = engine.stylize(photo, pack.rows[0])
    mapped, _ = engine.stylize(photo, pack.rows[:1], maps=np.ones((1, 5, 7), np.float32))
    assert difference(plain, mapped)[1] <= 1.01 / 255
    even, _ = engine.stylize(photo, pack.rows[:2].mean(0))
    halves, _ = engine.stylize(photo, pack.rows[:2], maps=np.full((2, *size), 0.5, np.float32))
    assert difference(even, halves)[1] <= 1.01 / 255


@pytest.mark.parametrize("size", [(24, 32), (21, 30)])
def test_maps_equal_the_reference(pack, engine, size):
    """Per-pixel weights give what `TransformNet` gives for them, also where the picture is padded."""
    photo, maps = make_photo(*size), split_maps(*size)
    weights = np.concatenate([maps, np.zeros((1, *size), np.float32)])
    painting, _ = engine.stylize(photo, pack.rows[:2], maps=maps)
    mean, most = difference(painting, reference(pack, photo, weights))
    assert mean <= 1e-4
    assert most <= 2.01 / 255


def test_maps_paint_regions_differently(pack, engine):
    """Far from the border between two regions, each looks like its own style."""
    photo = make_photo(32, 96)
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
def test_maps_that_do_not_fit_are_refused(pack, engine, rows, maps, message):
    """Rows and regions must agree, and maps be float32 (R, h, w)."""
    with pytest.raises(ValueError, match=message):
        engine.stylize(make_photo(8, 8), pack.rows[:rows], maps=maps)


def test_statistics_that_do_not_fit_are_refused(pack, engine):
    """Statistics of another network are refused."""
    wrong = LayerStats(np.zeros(3, np.float32), np.ones(3, np.float32))
    with pytest.raises(ValueError, match="stats must hold a mean and a variance of shape"):
        engine.stylize(make_photo(8, 8), pack.rows[0], stats=wrong)


def test_low_precision_stays_close(pack, engine):
    """The path that GPUs take, convolutions in a short type and statistics in f32, tried in bf16 on the processor."""
    photo = make_photo(48, 64)
    short = TorchEngine(pack.config, pack.tensors, device="cpu", precision="bf16")
    mean, most = difference(short.stylize(photo, pack.rows[0])[0], engine.stylize(photo, pack.rows[0])[0])
    assert short.precision == "bf16"
    assert 0 < mean <= 0.008
    assert most <= 0.06


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_precisions_that_the_processor_lacks_are_refused(pack, precision):
    """fp16 is for GPUs only, and an unknown precision is no precision."""
    with pytest.raises(EngineError, match=f"does not compute in '{precision}'"):
        TorchEngine(pack.config, pack.tensors, device="cpu", precision=precision)


def test_a_gpu_that_is_not_there_is_an_error(pack, monkeypatch):
    """Asked for a GPU only, the engine does not fall back to the processor."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(EngineError, match="torch finds no GPU here"):
        TorchEngine(pack.config, pack.tensors, device="gpu")
    assert TorchEngine(pack.config, pack.tensors).device == "CPU"


def test_failures_inside_torch_become_a_sentence(pack, monkeypatch):
    """Out of memory is one EngineError with the size of the picture."""
    engine = TorchEngine(pack.config, pack.tensors, device="cpu")

    def fail(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(torch_runtime, "execute", fail)
    with pytest.raises(EngineError, match="torch failed on an image of 12x8 pixels on CPU \\(out of memory\\)"):
        engine.stylize(make_photo(8, 12), pack.rows[0])
