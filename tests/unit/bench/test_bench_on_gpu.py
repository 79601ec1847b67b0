"""The script that measures GPUs: one sentence without one; with a pretended one, its files and its verdict."""

import importlib.util
import json
import sys

import pytest
import torch

from stylecam.bench.speed import measure as speed
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import make_pack


@pytest.fixture
def script(repository, monkeypatch):
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("bench_on_gpu", repository / "scripts" / "bench_on_gpu.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bench_on_gpu", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def gpu(script, monkeypatch):
    """Pretend a GPU on which torch works; ONNX Runtime stays on the processor. Return what may be changed of it."""
    torch.set_num_threads(1)
    pretended = {"device": "CUDA: pretended", "precision": "f32", "too_dark": False}

    class Pretended(TorchEngine):
        def stylize(self, image, scale_shift, **more):
            """Paint, perhaps too dark."""
            painting, stats = super().stylize(image, scale_shift, **more)
            return painting // 2 if pretended["too_dark"] else painting, stats

    def opening(pack, name, *, precision, threads=None):
        engine = Pretended(pack.config, pack.tensors, device="cpu", precision=pretended["precision"])
        if name == "torch":
            engine.device, engine.precision = pretended["device"], "fp16"
        return engine

    monkeypatch.setattr(script, "open_engine", opening)
    monkeypatch.setattr(speed, "open_engine", opening)
    monkeypatch.setattr(speed, "_SETTLE_S", 0)
    monkeypatch.setattr(speed, "copy_gb_per_s", lambda: 12.5)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "pretended")
    monkeypatch.setattr(script, "cuda_matrix_peaks", lambda: {"fp16": 1000.0, "tf32": 500.0})
    monkeypatch.setattr(script, "load_pack", lambda path: make_pack())
    monkeypatch.setattr(script, "SIZES", ((32, 24), (40, 24)))
    monkeypatch.setattr(script, "CHECK_SIZE", (32, 24))
    return pretended


def test_without_cuda_it_is_one_sentence(script, monkeypatch, tmp_path, capsys):
    """Code 2, what is missing and what to do, and no file."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert script.main(["-o", str(tmp_path / "gpu.json")]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("bench_on_gpu: torch finds no CUDA here; run this on a machine with an NVIDIA GPU")
    assert len(error.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_both_networks_are_checked_and_timed(script, gpu, tmp_path, capsys):
    """The live pack and the paper's network have a check and a row per size, with the share of the GPU's peak in the same precision."""
    assert script.main(["-o", str(tmp_path / "gpu.json"), "--rounds", "2"]) == 0
    data = json.loads((tmp_path / "gpu.json").read_text())
    assert (data["gpu"], data["peak_gflops"]) == ("pretended", {"fp16": 1000.0, "tf32": 500.0})
    assert [(each["pack"], each["engine"], each["mean"]) for each in data["checks"]] == [
        ("test", "torch", 0.0),
        ("paper (random weights)", "torch", 0.0),
    ]
    rows = [row for report in data["reports"] for row in report["rows"] if row["styles"] == 1 and not row["steady"]]
    assert [(row["pack"], row["width"]) for row in rows] == [
        (name, width) for name in ("test", "paper (random weights)") for width in (32, 40)
    ]
    assert all(row["fps"] > 0 and row["peak_share"] is not None for row in rows)
    table = (tmp_path / "gpu.md").read_text()
    assert "torch fp16 on CUDA: pretended: 0.000000 from f32" in table
    assert "| torch | fp16 | paper (random weights) | 40x24 |" in table
    out, _ = capsys.readouterr()
    assert "left out: The engine 'onnx' does not run on the GPU here." in out
    assert out.endswith(table + "\n")


def test_a_painting_too_far_from_f32_is_a_failure(script, gpu, tmp_path, capsys):
    """The figures are written, the difference is pointed at, and the code is 1."""
    gpu["too_dark"] = True
    assert script.main(["-o", str(tmp_path / "gpu.json"), "--rounds", "1"]) == 1
    assert "MORE THAN 0.004" in (tmp_path / "gpu.md").read_text()


def test_without_an_engine_on_the_gpu_it_fails(script, gpu, tmp_path, capsys):
    """CUDA that no engine can use is no success: code 1, each engine's reason printed."""
    gpu["device"] = "CPU"
    assert script.main(["-o", str(tmp_path / "gpu.json")]) == 1
    assert capsys.readouterr().out.count("left out: ") == 4


def test_an_engine_that_fails_while_timed_is_a_sentence(script, gpu, tmp_path, monkeypatch, capsys):
    """Its own sentence and its own code."""

    def failing(*_, **__):
        raise EngineError("the device is gone.")

    monkeypatch.setattr(script, "measure_speed", failing)
    assert script.main(["-o", str(tmp_path / "gpu.json")]) == EngineError.exit_code
    assert capsys.readouterr().err == "bench_on_gpu: the device is gone.\n"


def test_files_are_not_overwritten_unasked(script, gpu, tmp_path, capsys):
    """An existing table is refused before anything is measured."""
    (tmp_path / "gpu.md").write_text("mine")
    assert script.main(["-o", str(tmp_path / "gpu.json")]) == 5
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "gpu.md").read_text() == "mine"
