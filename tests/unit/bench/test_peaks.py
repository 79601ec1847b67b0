"""What the machine could do, and what the network costs."""

import importlib
import sys
from types import SimpleNamespace

import pytest

from stylecam.bench.speed import peaks
from stylecam.bench.speed.peaks import copy_gb_per_s, cuda_matrix_peaks, matrix_peaks, network_gb, network_gflop
from stylecam.net.architecture import ConvSpec, TransformNetConfig


@pytest.mark.parametrize(("config", "gflop"), [(TransformNetConfig(), 94.5), (TransformNetConfig.live32(), 21.6)])
def test_the_networks_cost_is_known(config, gflop):
    """At 640x480 the paper's network takes 94.5 GFLOP, ours 21.6; an odd size costs what it is padded to."""
    assert network_gflop(config, 640, 480) == pytest.approx(gflop, abs=0.1)
    assert network_gflop(config, 639, 477) == network_gflop(config, 640, 480)


def test_what_the_network_moves_at_least_is_known():
    """Counted by hand on a network of two layers: bytes at both ends, two or four for every number between, and the weights."""
    config = TransformNetConfig(
        contract=(ConvSpec(3, 4, stride=2),), residual_blocks=0, expand=(ConvSpec(3, 5, upsample=2),), output=ConvSpec(1, 3)
    )
    picture, small, wide = 8 * 8 * 3, 4 * 4 * 4, 8 * 8 * 5
    numbers = (small + 3 * 4 * 9) + (small + wide + 4 * 5 * 9) + (wide + 5 * 3)
    assert network_gb(config, 8, 8, "f32") == (2 * picture + 4 * numbers) / 1e9
    assert network_gb(config, 8, 8, "bf16") == (2 * picture + 2 * numbers) / 1e9
    assert network_gb(config, 7, 7, "fp16") == network_gb(config, 8, 8, "fp16")
    assert network_gb(config, 8, 8, "i8") is None


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
