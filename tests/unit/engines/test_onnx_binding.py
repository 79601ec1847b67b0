"""ONNX Runtime with buffers on the device: for real with buffers on the processor, and with a fake in place of a GPU."""

import sys

import numpy as np
import onnxruntime
import pytest

from stylecam.engines.lowering.onnx import build_graph
from stylecam.engines.runtimes import onnxruntime as onnx_engine
from stylecam.engines.runtimes.onnx_binding import BoundSession
from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import make_pack, make_photo
from tests.unit.engines.test_library_engines import CPU, CUDA, fake_runtime


@pytest.fixture(scope="module")
def pack():
    """Return a small pack."""
    return make_pack()


@pytest.fixture
def steps(monkeypatch):
    """Pretend a GPU that works; return the list to which the fake tells what it does, after its probe."""
    told = []
    monkeypatch.setattr(onnx_engine, "has_nvidia_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "onnxruntime", fake_runtime(working=(CUDA, CPU), steps=told))
    return told


def cuda_engine(pack, steps):
    """Return an engine on the pretended GPU."""
    engine = OnnxEngine(pack.config, pack.tensors, device="cuda")
    steps.clear()
    return engine


def fail(*_):
    """Fail as a driver does."""
    raise RuntimeError("no more memory")


def test_bound_buffers_give_the_same_bytes(pack):
    """The real library, with buffers on the processor: every frame and style the same as without, and none overwrites another."""
    size = pack.config.scale_shift_size
    model = build_graph(pack.config.graph(), pack.tensors, 24, 32).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=[CPU])
    bound = BoundSession(onnxruntime, session, "cpu", {"image": (24, 32, 3), "styles": (1, size), "stylized": (24, 32, 3)})
    inputs = [{"image": make_photo(24, 32, seed), "styles": pack.rows[seed : seed + 1]} for seed in range(3)]
    paintings = [bound(each) for each in inputs]
    for each, painting in zip(inputs, paintings, strict=True):
        assert np.array_equal(painting, session.run(None, each)[0])
        assert painting.flags.c_contiguous
        assert painting.flags.writeable
    assert len({painting.tobytes() for painting in paintings}) == 3


def test_the_engine_uses_its_buffers(pack, steps):
    """On CUDA every frame and style comes through the bound buffers."""
    engine = cuda_engine(pack, steps)
    for seed in range(2):
        photo = make_photo(24, 32, seed)
        assert np.array_equal(engine.stylize(photo, pack.rows[seed])[0], photo)
    assert steps.count("run bound") == 2
    assert "run" not in steps
    assert engine.note == ""


def test_the_processor_needs_no_buffers(pack, steps):
    """There nothing is bound."""
    engine = OnnxEngine(pack.config, pack.tensors, device="cpu")
    engine.stylize(make_photo(24, 32), pack.rows[0])
    assert steps == ["run"]


def check_fallback(engine, steps, caplog):
    """Three frames come the plain way; it was said once, and other sizes do not try again."""
    for height in (24, 24, 28):
        photo = make_photo(height, 32)
        assert np.array_equal(engine.stylize(photo, np.ones(engine.config.scale_shift_size, np.float32))[0], photo)
    assert steps.count("run") == 3
    assert engine.note == "ONNX Runtime copies images the slower way, because buffers on the GPU failed (no more memory)."
    assert caplog.messages == [engine.note]


def test_buffers_that_cannot_be_made_are_left(pack, steps, caplog, monkeypatch):
    """If allocating or binding fails, the engine goes on without, on CUDA, and says so once."""
    engine = cuda_engine(pack, steps)
    monkeypatch.setattr(sys.modules["onnxruntime"].InferenceSession, "io_binding", fail)
    check_fallback(engine, steps, caplog)
    assert engine.device == "CUDA"


def test_buffers_that_fail_in_use_are_left(pack, steps, caplog, monkeypatch):
    """If a bound run fails, that very frame is stylized the plain way, and so are all others."""
    engine = cuda_engine(pack, steps)
    monkeypatch.setattr(sys.modules["onnxruntime"].InferenceSession, "run_with_iobinding", fail)
    check_fallback(engine, steps, caplog)


def test_a_lost_gpu_is_an_error(pack, steps, caplog, monkeypatch):
    """If the plain way fails too, the frame is one EngineError with its size."""
    engine = cuda_engine(pack, steps)
    monkeypatch.setattr(sys.modules["onnxruntime"].InferenceSession, "run_with_iobinding", fail)
    monkeypatch.setattr(sys.modules["onnxruntime"].InferenceSession, "run", fail)
    with pytest.raises(EngineError, match=r"ONNX Runtime failed on an image of 32x24 pixels \(no more memory\)"):
        engine.stylize(make_photo(24, 32), pack.rows[0])
    assert caplog.messages == [engine.note]
