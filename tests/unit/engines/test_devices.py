"""GPUs and NPUs that this machine lacks: the libraries' edge is pretended, OpenVINO's with the real one on the processor behind it."""

import sys
from types import SimpleNamespace

import numpy as np
import openvino
import pytest

from stylecam.engines import devices, machine, probe
from stylecam.engines.devices import CANDIDATES, find, obstacle
from stylecam.engines.runtimes import onnxruntime as onnx_engine
from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import difference, make_pack, make_photo
from tests.unit.engines.test_library_engines import CPU, fake_runtime

GPU, DIRECTML = find("openvino", "intel-gpu"), find("onnx", "directml")


class PretendedCore:
    """OpenVINO's core on a laptop with two GPUs and an NPU, which the processor computes for."""

    listed = ("CPU", "GPU.0", "GPU.1", "NPU")

    def __init__(self, wrong=(), error=None):
        """Of the precisions in `wrong` the device's results are black; `error` is raised when it compiles."""
        self._core, self._wrong, self._error = openvino.Core(), wrong, error

    available_devices = property(lambda self: list(self.listed))

    def get_property(self, device, name):
        """Name the devices."""
        return self._core.get_property(device, name) if device == "CPU" else f"Intel(R) pretended {device}"

    def read_model(self, *data):
        """As the real one."""
        return self._core.read_model(*data)

    def compile_model(self, model, device, settings):
        """Compile for the processor whatever device is named."""
        if device == "CPU":
            return self._core.compile_model(model, device, settings)
        if self._error is not None:
            raise self._error
        compiled = self._core.compile_model(model, "CPU", {**settings, "INFERENCE_PRECISION_HINT": "f32"})
        return BlackResults(compiled) if settings["INFERENCE_PRECISION_HINT"] in self._wrong else compiled


class BlackResults:
    """A compiled model whose results are all zero."""

    def __init__(self, compiled):
        self._request = compiled.create_infer_request()
        self.set_tensor, self.infer = self._request.set_tensor, self._request.infer

    def create_infer_request(self):
        """Be the request too."""
        return self

    @property
    def output_tensors(self):
        """As many results, all zero."""
        return [SimpleNamespace(data=np.zeros_like(output.data)) for output in self._request.output_tensors]


@pytest.fixture
def pretend(monkeypatch):
    """Return a function that puts a pretended OpenVINO in place of the real one."""
    devices._listed.cache_clear()

    def put(**options):
        monkeypatch.setitem(sys.modules, "openvino", SimpleNamespace(**vars(openvino) | {"Core": lambda: PretendedCore(**options)}))

    yield put
    devices._listed.cache_clear()


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


def test_each_candidate_says_what_it_needs():
    """No two rows of the table are the same engine on the same device, and each names what must be there."""
    assert len({(each.engine, each.device) for each in CANDIDATES}) == len(CANDIDATES)
    assert all(each.needs and each.systems for each in CANDIDATES)
    assert devices.DEVICES[:2] == ("auto", "cpu")
    assert find("torch", "directml") is None


def test_what_need_not_be_tried_is_said(monkeypatch, pretend):
    """Another system, no driver, no library, a library that fails, and a device that it does not list: each has its reason."""
    monkeypatch.setattr(devices.sys, "platform", "linux")
    monkeypatch.setattr(devices, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(devices, "has_amd_driver", lambda: False)
    assert "this system cannot have it" in obstacle(DIRECTML)
    assert "no NVIDIA driver" in obstacle(find("onnx", "cuda"))
    assert "no driver for an AMD GPU" in obstacle(find("torch", "rocm"))
    monkeypatch.setattr(devices, "has_nvidia_driver", lambda: True)
    monkeypatch.setattr(devices.importlib.util, "find_spec", lambda _: None)
    assert obstacle(find("torch", "cuda")) == "torch is not installed"
    monkeypatch.setitem(sys.modules, "onnxruntime", fake_runtime(listed=(CPU,)))
    assert "onnx lists no CUDAExecutionProvider" in obstacle(find("onnx", "cuda"))
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert "its library cannot be used" in obstacle(GPU)
    assert devices.fingerprint(GPU) == ""
    pretend()
    assert obstacle(GPU) == ""  # listed as GPU.0
    assert devices.fingerprint(GPU) == "Intel(R) pretended GPU"


def test_only_a_sign_of_a_device_is_worth_asking(monkeypatch):
    """Linux without a driver's files has nothing to ask for; other systems may."""
    monkeypatch.setattr(machine, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(machine.sys, "platform", "linux")
    monkeypatch.setattr(machine.Path, "exists", lambda _: False)
    monkeypatch.setattr(machine.Path, "glob", lambda *_: iter(()))
    assert not machine.may_have_gpu()
    monkeypatch.setattr(machine.Path, "glob", lambda _, pattern: iter(("accel0",) if "accel" in pattern else ()))
    assert machine.may_have_gpu()
    monkeypatch.setattr(machine.sys, "platform", "win32")
    assert machine.may_have_gpu()


def test_openvino_computes_on_a_device_by_name(pack, pretend):
    """Asked for the GPU, it compiles for it, in half precision or f32, and names it; left alone it stays on the processor."""
    pretend(wrong=("f16",))
    photo = make_photo(16, 24)
    half, exact = (OpenVinoEngine(pack.config, pack.tensors, device="intel-gpu", precision=each) for each in ("auto", "f32"))
    assert (half.device, half.precision, half.on_cpu) == ("GPU: Intel(R) pretended GPU", "fp16", False)
    assert not half.stylize(photo, pack.rows[0])[0].any()  # so half precision reached the device
    plain = OpenVinoEngine(pack.config, pack.tensors, precision="f32")
    assert plain.on_cpu
    assert difference(exact.stylize(photo, pack.rows[0])[0], plain.stylize(photo, pack.rows[0])[0])[0] < 0.001


def test_openvino_refuses_what_the_device_cannot(pack, pretend, monkeypatch):
    """An NPU has no f32, a GPU no int8; an unknown device, a failing compiler and a missing device are sentences."""
    pretend(error=RuntimeError("out of registers"))
    with pytest.raises(EngineError, match="does not compute in 'f32' on the NPU; choose auto or fp16"):
        OpenVinoEngine(pack.config, pack.tensors, device="intel-npu", precision="f32")
    with pytest.raises(EngineError, match="does not compute in 'int8' on the GPU"):
        OpenVinoEngine(pack.config, pack.tensors, device="intel-gpu", precision="int8")
    with pytest.raises(EngineError, match="has no device 'mps'"):
        OpenVinoEngine(pack.config, pack.tensors, device="mps")
    with pytest.raises(EngineError, match=r"cannot prepare .*\(out of registers\)"):
        OpenVinoEngine(pack.config, pack.tensors, device="intel-gpu").stylize(make_photo(8, 8), pack.rows[0])
    monkeypatch.setattr(PretendedCore, "listed", ("CPU",))
    with pytest.raises(EngineError, match="lists no GPU here; it needs an Intel GPU and its driver"):
        OpenVinoEngine(pack.config, pack.tensors, device="intel-gpu")


def test_onnx_runtime_computes_with_a_provider_by_name(pack, monkeypatch):
    """DirectML is used where its trial session really has it, without patterns of memory; it computes in f32."""
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: False)
    listed, asked = (DIRECTML.library_name, CPU), []
    runtime = fake_runtime(listed=listed, working=listed)

    class Session(runtime.InferenceSession):
        def __init__(self, model, options=None, providers=()):
            super().__init__(model, options, providers)
            asked.append((options.enable_mem_pattern, providers))

    runtime.InferenceSession = Session
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    engine = OnnxEngine(pack.config, pack.tensors, device="directml", precision="f32")
    engine.stylize(make_photo(12, 12), pack.rows[0])
    assert (engine.device, engine.precision, engine.on_cpu) == ("DirectML", "f32", False)
    assert {(pattern, tuple(providers)) for pattern, providers in asked} == {(False, listed)}
    assert OnnxEngine(pack.config, pack.tensors).device == "CPU"  # it is not taken unasked


@pytest.mark.parametrize(
    ("runtime", "device", "precision", "message"),
    [
        (fake_runtime(listed=(CPU,)), "directml", "auto", "cannot use DirectML: this build of ONNX Runtime has no DmlExecutionProvider"),
        (fake_runtime(listed=(DIRECTML.library_name, CPU)), "directml", "auto", "cannot use DirectML: the libraries that it needs cannot"),
        (
            fake_runtime(listed=(DIRECTML.library_name,), raises=OSError("no adapter")),
            "directml",
            "auto",
            r"its probe failed \(no adapter\)",
        ),
        (fake_runtime(), "mps", "auto", "cannot use mps: it has no such device"),
        (fake_runtime(), "tensorrt", "auto", "cannot use TensorRT: this build of ONNX Runtime has no TensorrtExecutionProvider"),
        (
            fake_runtime(listed=("CoreMLExecutionProvider",), working=("CoreMLExecutionProvider",)),
            "coreml",
            "f32",
            "does not promise f32 on CoreML",
        ),
    ],
)
def test_onnx_runtime_refuses_what_does_not_work(pack, monkeypatch, runtime, device, precision, message):
    """A provider that is not built in, does not start, fails, or cannot do the precision is an error, never the processor in silence."""
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    with pytest.raises(EngineError, match=message):
        OnnxEngine(pack.config, pack.tensors, device=device, precision=precision)


@pytest.fixture
def small_frame(monkeypatch):
    """Let the probe look at a quarter of its frame's sides."""
    monkeypatch.setattr(probe, "WIDTH_PX", 160)
    monkeypatch.setattr(probe, "HEIGHT_PX", 120)


@pytest.mark.usefixtures("small_frame")
def test_the_probe_compares_and_times(pack, pretend):
    """A device that agrees with f32 on the processor works, in the precision that is fastest there."""
    pretend()
    found = probe.probe("openvino", "intel-gpu", pack)
    assert (found["name"], found["precision"]) == ("GPU: Intel(R) pretended GPU", "auto")
    assert found["frame_ms"] > 0 < found["cpu_ms"]
    assert found["difference"] < 0.1


@pytest.mark.usefixtures("small_frame")
def test_the_probe_falls_back_to_f32(pack, pretend):
    """Where half precision gives another frame, f32 on the device is what works."""
    pretend(wrong=("f16",))
    assert probe.probe("openvino", "intel-gpu", pack)["precision"] == "f32"


@pytest.mark.usefixtures("small_frame")
def test_the_probe_leaves_out_what_differs_or_fails(pack, pretend):
    """A wrong frame is said with how far it is off; a device that fails with its own words."""
    pretend(wrong=("f16", "f32"))
    assert "GPU in fp16 is " in (error := probe.probe("openvino", "intel-gpu", pack)["error"])
    assert "of 255 from f32 on the processor" in error
    pretend(error=RuntimeError("device lost"))
    assert "device lost" in probe.probe("openvino", "intel-gpu", pack)["error"]


def test_a_frame_with_another_colour_is_apart():
    """The mean over all numbers and the shift of one colour are both measured, on the worst frame."""
    grey = np.full((4, 4, 3), 100, np.uint8)
    tinted = grey + np.array([0, 0, 6], np.uint8)
    assert probe.apart([grey, tinted], [grey, grey]) == (2.0, 6.0)
