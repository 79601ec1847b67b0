"""What the machine could do, and what the network costs."""

import importlib
import sys
from types import SimpleNamespace

import pytest

from stylecam.bench import peaks
from stylecam.bench.peaks import copy_gb_per_s, cuda_matrix_peaks, matrix_peaks, network_gflop
from stylecam.net.architecture import TransformNetConfig


@pytest.mark.parametrize(("config", "gflop"), [(TransformNetConfig(), 94.5), (TransformNetConfig.live32(), 21.6)])
def test_the_networks_cost_is_known(config, gflop):
    """At 640x480 the paper's network takes 94.5 GFLOP, ours 21.6; an odd size costs what it is padded to."""
    assert network_gflop(config, 640, 480) == pytest.approx(gflop, abs=0.1)
    assert network_gflop(config, 639, 477) == network_gflop(config, 640, 480)


def test_peaks_are_measured(monkeypatch):
    """A product of matrices and a copy take some time, and OpenVINO always has f32."""
    monkeypatch.setattr(peaks, "_SIDE", 64)
    monkeypatch.setattr(peaks, "_COPY_MB", 1)
    assert matrix_peaks(("f32",))["f32"] > 0
    assert copy_gb_per_s() > 0


def test_without_openvino_there_are_no_peaks(monkeypatch):
    """The bench goes on without them."""

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert matrix_peaks() == {}


def test_a_gpus_peaks_are_its_own_products(monkeypatch):
    """On CUDA, fp16 and tf32 are timed until the GPU is done, and torch's setting for f32 products is as before; a fake is the GPU."""
    import torch

    done, kinds = [], []

    def randn(*shape, device, dtype):
        assert device == "cuda"
        kinds.append(dtype)
        return torch.ones(shape)

    fake = SimpleNamespace(
        float16="short",
        float32="long",
        randn=randn,
        matmul=torch.matmul,
        get_float32_matmul_precision=lambda: "highest",
        set_float32_matmul_precision=done.append,
        cuda=SimpleNamespace(synchronize=lambda: done.append("waited")),
    )
    monkeypatch.setitem(sys.modules, "torch", fake)
    monkeypatch.setattr(peaks, "_CUDA_SIDE", 64)
    found = cuda_matrix_peaks()
    assert found.keys() == {"fp16", "tf32"}
    assert min(found.values()) > 0
    assert kinds == ["short", "short", "long", "long"]
    assert done == ["high", *["waited"] * 12, "highest"]
