"""Precision and the choice of device: what only the torch engine does."""

import numpy as np
import pytest

from stylecam.engines.base import LayerStats
from stylecam.engines.runtimes import torch as torch_runtime
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import difference, make_pack, make_photo


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


@pytest.fixture(scope="module")
def engine(pack):
    """Return the f32 engine on the processor."""
    return TorchEngine(pack.config, pack.tensors, device="cpu")


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
    with pytest.raises(EngineError, match="torch finds no 'cuda' here; it needs an NVIDIA GPU"):
        TorchEngine(pack.config, pack.tensors, device="cuda")
    assert TorchEngine(pack.config, pack.tensors).device == "CPU"


@pytest.mark.parametrize(("device", "found"), [("mps", "cuda"), ("cuda", "mps"), ("directml", "cuda")])
def test_another_gpu_is_not_taken_for_the_one_named(pack, monkeypatch, device, found):
    """A device that is named is that one or an error, whatever else torch finds."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: found == "cuda")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: found == "mps")
    with pytest.raises(EngineError, match=f"torch finds no '{device}' here"):
        TorchEngine(pack.config, pack.tensors, device=device)


def test_failures_inside_torch_become_a_sentence(pack, monkeypatch):
    """Out of memory is one EngineError with the size of the image."""
    engine = TorchEngine(pack.config, pack.tensors, device="cpu")

    def fail(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(torch_runtime, "execute", fail)
    with pytest.raises(EngineError, match="torch failed on an image of 12x8 pixels on CPU \\(out of memory\\)"):
        engine.stylize(make_photo(8, 12), pack.rows[0])
