"""Engines for the tests, each as a function from pack to engine."""

from __future__ import annotations

from functools import partial

import pytest

from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import make_pack


def _has_bf16() -> bool:
    pack = make_pack()
    try:
        OpenVinoEngine(pack.config, pack.tensors, precision="bf16")
    except EngineError:
        return False
    return True


F32 = {
    "openvino": partial(OpenVinoEngine, precision="f32", threads=1),
    "onnx": partial(OnnxEngine, device="cpu", threads=1),
    "torch": partial(TorchEngine, device="cpu"),
}


@pytest.fixture(params=F32)
def open_f32(request):
    """Each engine on the processor in f32, as a function of a pack."""
    return lambda pack: F32[request.param](pack.config, pack.tensors)


@pytest.fixture(params=["openvino", "onnx"])
def open_sized(request):
    """Each engine that compiles per size, as a function of a pack."""
    return lambda pack: F32[request.param](pack.config, pack.tensors)


@pytest.fixture
def open_bf16():
    """OpenVINO in bf16, as a function of a pack; skips on processors without."""
    if not _has_bf16():
        pytest.skip("this processor does not compute in bf16")
    return lambda pack: OpenVinoEngine(pack.config, pack.tensors, precision="bf16", threads=1)
