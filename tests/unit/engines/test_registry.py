"""Naming, opening and falling back."""

import subprocess
import sys

import pytest

from stylecam.engines import select as registry
from stylecam.engines.auto import AutoEngine
from stylecam.engines.select import NAMES, available_engines, open_engine, open_first
from stylecam.errors import EngineError, UsageError
from tests.fakes import FakeEngine, tiny_pack
from tests.unit.engines.nets import make_photo


@pytest.fixture
def pack():
    """Return a pack of a few kilobytes."""
    return tiny_pack()


@pytest.fixture
def no_gpu(monkeypatch):
    """Pretend a machine without GPU."""
    monkeypatch.setattr(registry, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(registry, "may_have_gpu", lambda: False)


def fake_opening(monkeypatch, broken=()):
    """Replace opening by fakes named like the engines; those in `broken` fail. Returns what was opened, in order."""
    opened = []

    def opening(pack, name, **options):
        opened.append((name, options.get("device", "")))
        if name in broken:
            raise EngineError(f"{name} is broken.")
        engine = FakeEngine(pack.config)
        engine.name = name
        return engine

    monkeypatch.setattr(registry, "_open", opening)
    return opened


def test_every_named_engine_opens_and_stylizes(pack, no_gpu):
    """All engines of the registry run the same image, and say their own name; "auto" is one of them."""
    for name in NAMES:
        engine = open_engine(pack, name, threads=1)
        painting, _ = engine.stylize(make_photo(14, 18), pack.rows[0])
        assert painting.shape == (14, 18, 3)
        assert engine.name == name or name == "auto"
        engine.close()


def test_everything_is_installed_here():
    """All engines are listed, in order of preference, and nothing is missing in the development environment."""
    assert available_engines() == [("openvino", ""), ("onnx", ""), ("torch", "")]


def test_missing_packages_are_listed(monkeypatch):
    """An engine whose packages are not installed is listed with their names."""
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: None if name in ("torch", "onnx") else object())
    assert available_engines() == [("openvino", "onnx not installed"), ("onnx", "onnx not installed"), ("torch", "torch not installed")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "opnvino"}, "There is no engine 'opnvino'. Did you mean openvino"),
        ({"precision": "f16"}, "There is no precision 'f16'. Did you mean"),
        ({"threads": 0}, "cannot run on 0 threads"),
    ],
)
def test_wrong_names_are_usage_errors(pack, options, message):
    """A misspelt engine or precision is answered with what was probably meant."""
    with pytest.raises(UsageError) as caught:
        open_engine(pack, **options)
    assert message in str(caught.value)


def test_auto_takes_openvino_on_a_processor(pack, monkeypatch, no_gpu):
    """Without a GPU the first attempt is OpenVINO, and no other is opened."""
    opened = fake_opening(monkeypatch)
    assert open_engine(pack).name == "openvino"
    assert opened == [("openvino", "")]


def test_auto_takes_cuda_where_there_is_a_driver(pack, monkeypatch):
    """With a driver, ONNX Runtime on CUDA is tried first, and strictly: no silent processor."""
    monkeypatch.setattr(registry, "has_nvidia_driver", lambda: True)
    opened = fake_opening(monkeypatch)
    open_engine(pack)
    assert opened == [("onnx", "cuda")]


def test_auto_falls_back_down_the_list(pack, monkeypatch):
    """Every failure moves on to the next engine; torch is the last."""
    monkeypatch.setattr(registry, "has_nvidia_driver", lambda: True)
    opened = fake_opening(monkeypatch, broken=("openvino", "onnx"))
    assert open_engine(pack).name == "torch"
    assert opened == [("onnx", "cuda"), ("openvino", ""), ("onnx", "cpu"), ("torch", "")]


def test_auto_without_any_engine_lists_all_attempts(pack, monkeypatch, no_gpu):
    """When nothing works, the one sentence holds every reason."""
    fake_opening(monkeypatch, broken=("openvino", "onnx", "torch"))
    with pytest.raises(EngineError) as caught:
        open_engine(pack)
    for name in ("openvino", "onnx", "torch"):
        assert f"{name}: {name} is broken." in str(caught.value)
    assert caught.value.exit_code == 6


def test_auto_skips_an_engine_that_opens_but_cannot_compute(pack, monkeypatch, no_gpu):
    """Each candidate stylizes a pixel before it is trusted; one that fails at it is closed."""
    failed = FakeEngine(pack.config)

    def fail(*_, **__):
        raise EngineError("illegal instruction")

    failed.stylize = fail
    monkeypatch.setattr(registry, "_open", lambda pack, name, **_: failed if name == "openvino" else FakeEngine(pack.config))
    assert open_engine(pack).name == "fake"
    assert failed.closed


def test_engine_module_that_cannot_be_imported_is_a_sentence(pack, monkeypatch):
    """A broken installation is named together with its error."""
    monkeypatch.setitem(sys.modules, "stylecam.engines.runtimes.torch", None)
    with pytest.raises(EngineError, match="The engine 'torch' cannot be loaded"):
        open_engine(pack, "torch")


def test_open_first_of_nothing_fails():
    """No attempts, no engine."""
    with pytest.raises(EngineError, match="No engine works here"):
        open_first([])


@pytest.mark.parametrize(("gpu", "kind"), [(True, AutoEngine), (False, FakeEngine)])
def test_only_a_machine_with_gpu_warms_another_engine(pack, monkeypatch, gpu, kind):
    """For live frames a GPU gets a second engine in the background; without one, torch is never looked at."""
    monkeypatch.setattr(registry, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(registry, "may_have_gpu", lambda: gpu)
    fake_opening(monkeypatch)
    assert type(open_engine(pack, warm=True)) is kind
    assert type(open_engine(pack)) is FakeEngine


@pytest.mark.parametrize("name", ["auto", "openvino", "onnx"])
def test_engines_without_torch_never_import_it(name):
    """Opening and painting with OpenVINO or ONNX Runtime leaves torch, Qt and OpenCV out of the process."""
    code = f"""
import sys
import numpy as np
from tests.fakes import gradient, tiny_pack
from stylecam.engines.select import open_engine
pack = tiny_pack()
open_engine(pack, {name!r}, warm=True).stylize(gradient(), pack.rows[0])
print(sorted({{"torch", "cv2", "PyQt6"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
