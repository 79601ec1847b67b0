"""OpenVINO and ONNX Runtime when they are missing, broken, or not what they claim."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from stylecam.engines.runtimes import onnxruntime as onnx_engine
from stylecam.engines.runtimes import openvino as openvino_engine
from stylecam.engines.runtimes.onnxruntime import OnnxEngine, provider_trouble
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import make_pack, make_photo

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


def fake_runtime(*, listed=(CUDA, CPU), working=(CPU,), raises=None, steps=None):
    """Return an ONNX Runtime that lists some providers, really uses others, stylizes what it is given, and tells `steps` what it does."""
    steps = [] if steps is None else steps

    class OrtValue:
        def __init__(self, shape, kind):
            self.values = np.zeros(shape, kind)

        @classmethod
        def ortvalue_from_shape_and_type(cls, shape, kind, device, number):
            steps.append(("allocate", shape, kind, device, number))
            return cls(shape, kind)

        def update_inplace(self, values):
            steps.append(("update", values.shape))
            self.values[:] = values

        def numpy(self):
            return self.values.copy()

    class Binding:
        def __init__(self):
            self.bound = {}

        def bind_ortvalue_input(self, name, value):
            self.bound[name] = value

        bind_ortvalue_output = bind_ortvalue_input

        def synchronize_inputs(self):
            steps.append("inputs are there")

        def synchronize_outputs(self):
            steps.append("output is there")

    class Session:
        def __init__(self, _model, _options=None, providers=()):
            if raises is not None:
                raise raises
            asked = [name if isinstance(name, str) else name[0] for name in providers]
            self.used = [name for name in asked if name in working]

        def get_providers(self):
            return self.used or [CPU]

        def run(self, _outputs, inputs):
            steps.append("run")
            return [next(iter(inputs.values()))]

        def io_binding(self):
            return Binding()

        def run_with_iobinding(self, binding):
            steps.append("run bound")
            binding.bound["stylized"].values[:] = binding.bound["image"].values

    return SimpleNamespace(
        InferenceSession=Session,
        OrtValue=OrtValue,
        SessionOptions=SimpleNamespace,
        get_available_providers=lambda: list(listed),
        set_default_logger_severity=lambda _: None,
        preload_dlls=lambda: sys.stdout.write("Failed to load libcublas.so.13: no such file\n"),
    )


def fake_openvino(capabilities=("FP32",), compile_error=None):
    """Return an OpenVINO for a processor with these capabilities."""

    class Core:
        def get_property(self, _device, name):
            return list(capabilities) if name == "OPTIMIZATION_CAPABILITIES" else "Pentium"

        def read_model(self, _model, _weights):
            return None

        def compile_model(self, _model, _device, _settings):
            raise compile_error

    return SimpleNamespace(Core=Core)


@pytest.mark.parametrize(("engine", "library"), [(OpenVinoEngine, "openvino"), (OnnxEngine, "onnxruntime")])
def test_missing_library_is_a_sentence(pack, monkeypatch, engine, library):
    """Without its library an engine says how to get it."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(EngineError, match=f"cannot be used here .*pip install {library}"):
        engine(pack.config, pack.tensors)


def test_bf16_only_where_the_processor_has_it(pack, monkeypatch):
    """Left alone it is f32 on a processor without bf16, where asking for bf16 is an error that names the processor."""
    monkeypatch.setattr(openvino_engine, "cpu_features", lambda: ())  # nor int8's instructions, whatever this machine has
    monkeypatch.setitem(sys.modules, "openvino", fake_openvino())
    engine = OpenVinoEngine(pack.config, pack.tensors)
    assert (engine.precision, engine.device) == ("f32", "CPU: Pentium")
    with pytest.raises(EngineError, match=r"\(Pentium\) does not compute in bf16; choose f32"):
        OpenVinoEngine(pack.config, pack.tensors, precision="bf16")
    monkeypatch.setitem(sys.modules, "openvino", fake_openvino(("FP32", "BF16")))
    assert OpenVinoEngine(pack.config, pack.tensors).precision == "bf16"


@pytest.mark.parametrize("engine", [OpenVinoEngine, OnnxEngine])
def test_unknown_precision_is_refused(pack, engine):
    """A precision that the library lacks is named."""
    with pytest.raises(EngineError, match="does not compute in 'fp16'"):
        engine(pack.config, pack.tensors, precision="fp16")


def test_openvino_that_cannot_compile_is_a_sentence(pack, monkeypatch):
    """The library's complaint is passed on with the size."""
    monkeypatch.setitem(sys.modules, "openvino", fake_openvino(compile_error=RuntimeError("no memory")))
    with pytest.raises(EngineError, match=r"cannot prepare the network for 12x8 pixels \(no memory\)"):
        OpenVinoEngine(pack.config, pack.tensors, precision="f32").stylize(make_photo(8, 12), pack.rows[0])


def test_this_machine_without_driver_says_so(pack, monkeypatch, capfd):
    """ONNX Runtime may list CUDA; without a driver the answer is the processor, in silence, and CUDA by name is an error."""
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: False)
    engine = OnnxEngine(pack.config, pack.tensors)
    assert (engine.device, engine.note) == ("CPU", "")
    with pytest.raises(EngineError, match=r"cannot use CUDA: (there is no NVIDIA driver|this build of ONNX Runtime has no CUDA)"):
        OnnxEngine(pack.config, pack.tensors, device="cuda")
    assert capfd.readouterr() == ("", "")


def test_the_probe_tries_for_real(monkeypatch, capfd):
    """On this CPU-only machine, with a driver pretended, the real library's probe fails, says why, and prints nothing."""
    runtime = pytest.importorskip("onnxruntime")
    if CUDA not in runtime.get_available_providers():
        pytest.skip("this build of ONNX Runtime has no CUDA")
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: True)
    assert provider_trouble(runtime, CUDA)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("runtime", "trouble"),
    [
        (fake_runtime(listed=(CPU,)), "this build of ONNX Runtime has no CUDA"),
        (fake_runtime(), "libraries that it needs cannot be loaded (libcublas.so.13)"),
        (fake_runtime(raises=ValueError("driver too old")), "its probe failed (driver too old)"),
    ],
)
def test_claimed_cuda_that_does_not_work_is_said_aloud(pack, monkeypatch, caplog, runtime, trouble):
    """With a driver at hand, falling back to the processor is a warning and a note with the reason."""
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    engine = OnnxEngine(pack.config, pack.tensors)
    assert engine.device == "CPU"
    assert trouble in engine.note
    assert caplog.messages == [engine.note]


def test_working_cuda_is_used(pack, monkeypatch):
    """Where the probe's session really has CUDA, it is the device; tf32 only if f32 was not asked for."""
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "onnxruntime", fake_runtime(working=(CUDA, CPU)))
    assert provider_trouble(sys.modules["onnxruntime"], CUDA) == ""
    fast, exact = (OnnxEngine(pack.config, pack.tensors, precision=precision) for precision in ("auto", "f32"))
    assert (fast.device, fast.precision, fast.note) == ("CUDA", "tf32", "")
    assert (exact.device, exact.precision) == ("CUDA", "f32")
    assert OnnxEngine(pack.config, pack.tensors, device="cpu").device == "CPU"
    exact.stylize(make_photo(12, 12), pack.rows[0])


def test_onnx_runtime_that_fails_is_a_sentence(pack, monkeypatch):
    """Errors at preparing and at running become EngineError with the size."""
    monkeypatch.setitem(sys.modules, "onnxruntime", fake_runtime(raises=RuntimeError("bad node")))
    with pytest.raises(EngineError, match=r"ONNX Runtime cannot prepare the network for 12x12 pixels \(bad node\)"):
        OnnxEngine(pack.config, pack.tensors, device="cpu").stylize(make_photo(12, 12), pack.rows[0])
    runtime = fake_runtime()

    def fail(*_):
        raise RuntimeError("lost")

    runtime.InferenceSession.run = fail
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    with pytest.raises(EngineError, match=r"failed on an image of 12x12 pixels \(lost\)"):
        OnnxEngine(pack.config, pack.tensors, device="cpu").stylize(np.zeros((12, 12, 3), np.uint8), pack.rows[0])
