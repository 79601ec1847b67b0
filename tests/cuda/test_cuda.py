"""What only an NVIDIA GPU can show; run with `pytest -m cuda`, or with timings by `scripts/check_cuda.py`.

Without a GPU these tests fail rather than skip: whoever asks for them wants an answer. The bounds are expectations, not yet measurements:
no GPU was at hand when they were written.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from stylecam.core.mix import StyleMix
from stylecam.engines.auto import AutoEngine
from stylecam.engines.base import MEASURE
from stylecam.engines.compiled import KEPT_SIZES
from stylecam.engines.runtimes.cuda_graph import EAGER_CALLS
from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.engines.select import open_engine
from stylecam.packs.store import load_pack
from tests.unit.engines.nets import difference, make_photo, reference

pytestmark = pytest.mark.cuda

MIXES = ("starry_night=0.5,great_wave=0.5", "senecio=0.7,the_scream=0.3", "red_fuji=1.5,senecio=-0.5")


@pytest.fixture(scope="module")
def pack(repository):
    """Return the live pack."""
    return load_pack(repository / "weights" / "live32")


@pytest.fixture(scope="module")
def photo(repository):
    """Return a portrait, 320x240."""
    with Image.open(repository / "assets" / "photos" / "astronaut.jpg") as picture:
        return np.array(picture.convert("RGB").resize((320, 240), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def looks(pack, photo):
    """Return every style and some mixes, each with the picture that torch makes of it in f32 on the processor."""
    mixes = [StyleMix({style: 1.0}) for style in pack.style_ids] + [StyleMix.parse(text) for text in MIXES]
    return [(pack.scale_shift(mix), reference(pack, photo, mix.vector(pack.style_ids))) for mix in mixes]


def worst(engine, photo, looks):
    """Return the largest mean and the largest single difference over all looks."""
    pairs = [difference(engine.stylize(photo, vector)[0], expected) for vector, expected in looks]
    return max(mean for mean, _ in pairs), max(most for _, most in pairs)


@pytest.mark.parametrize(("precision", "mean_bound", "max_bound"), [("auto", 0.004, 0.06), ("bf16", 0.008, 0.08), ("f32", 0.001, 0.03)])
def test_torch_on_cuda_equals_the_reference(pack, photo, looks, precision, mean_bound, max_bound):
    """fp16 (the default), bf16 and f32, whose convolutions torch may run in tf32."""
    engine = TorchEngine(pack.config, pack.tensors, device="cuda", precision=precision)
    assert engine.device.startswith("CUDA")
    assert precision != "auto" or engine.precision == "fp16"
    mean, most = worst(engine, photo, looks)
    assert mean <= mean_bound
    assert most <= max_bound
    assert engine.note == ""  # of all those looks, most were painted from a recording


def test_a_recording_paints_as_its_kernels_do(pack):
    """A CUDA graph follows new photos and new styles, its pictures are the caller's, and they equal those painted kernel by kernel."""
    engine = TorchEngine(pack.config, pack.tensors, device="cuda")
    frames = [(make_photo(238, 318, seed), pack.rows[seed % len(pack.rows)]) for seed in range(EAGER_CALLS + 4)]
    paintings = [engine.stylize(*frame)[0] for frame in frames]
    assert engine.note == ""
    for (photo, row), painting in zip(frames, paintings, strict=True):
        plain, _ = engine.stylize(photo, row, stats=MEASURE)  # never recorded
        assert difference(painting, plain)[0] <= 1e-4


def test_recordings_of_many_sizes_do_not_fill_the_memory(pack):
    """Only the last few sizes hold memory, and a closed engine holds none."""
    import torch

    before = torch.cuda.memory_allocated()
    engine, allocated = TorchEngine(pack.config, pack.tensors, device="cuda"), []
    for number in range(3 * KEPT_SIZES):
        photo = make_photo(240, 320 + 4 * number)
        for _ in range(EAGER_CALLS + 2):
            engine.stylize(photo, pack.rows[0])
        allocated.append(torch.cuda.memory_allocated())
    assert engine.note == ""
    assert allocated[-1] <= 1.2 * allocated[KEPT_SIZES - 1]
    engine.close()
    assert torch.cuda.memory_allocated() <= before + 2**20


def test_recording_leaves_another_threads_engine_alone(pack, photo):
    """While one engine records in a thread, as behind the live picture, ONNX Runtime paints on the same GPU; neither fails."""
    torch_engine, onnx = TorchEngine(pack.config, pack.tensors, device="cuda"), OnnxEngine(pack.config, pack.tensors, device="cuda")
    expected, _ = onnx.stylize(photo, pack.rows[0])

    def record():
        for width in range(320, 360, 4):
            for _ in range(EAGER_CALLS + 2):
                torch_engine.stylize(make_photo(240, width), pack.rows[0])

    with ThreadPoolExecutor(1) as pool:
        recording = pool.submit(record)
        while not recording.done():
            assert difference(onnx.stylize(photo, pack.rows[0])[0], expected)[0] <= 1e-4
        recording.result()
    assert (torch_engine.note, onnx.note) == ("", "")


@pytest.mark.parametrize(("precision", "mean_bound", "max_bound"), [("f32", 1e-4, 0.01), ("auto", 0.001, 0.03)])
def test_onnx_runtime_on_cuda_equals_the_reference(pack, photo, looks, precision, mean_bound, max_bound):
    """f32, and tf32 as the default; one program for all mixes."""
    engine = OnnxEngine(pack.config, pack.tensors, device="cuda", precision=precision)
    assert engine.device == "CUDA"
    mean, most = worst(engine, photo, looks)
    assert mean <= mean_bound
    assert most <= max_bound
    assert engine.compiled == 1
    assert engine.note == ""


def test_onnx_runtime_with_bound_buffers_paints_the_same(pack, looks, photo, monkeypatch):
    """Inputs and output that stay on the GPU give the same pictures as copies through ONNX Runtime, each its own."""
    bound, copying = (OnnxEngine(pack.config, pack.tensors, device="cuda") for _ in range(2))
    monkeypatch.setattr(copying, "_binds", False)
    paintings = [bound.stylize(photo, vector)[0] for vector, _ in looks]
    assert bound.note == ""
    for (vector, _), painting in zip(looks, paintings, strict=True):
        assert difference(painting, copying.stylize(photo, vector)[0])[0] <= 1e-4


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat_frames_stay_finite_in_fp16(pack, value):
    """A covered lens neither overflows fp16 nor spoils the next frame."""
    engine = TorchEngine(pack.config, pack.tensors, device="cuda")
    flat = np.full((240, 320, 3), value, np.uint8)
    for row in pack.rows:
        _, stats = engine.stylize(flat, row, stats=MEASURE)
        assert np.isfinite(stats.mean).all()
        assert np.isfinite(stats.variance).all()


def test_maps_and_statistics_work_on_cuda(pack, photo):
    """A constant map equals the vector, and measured statistics given back reproduce the picture."""
    engine = TorchEngine(pack.config, pack.tensors, device="cuda")
    plain, stats = engine.stylize(photo, pack.rows[0], stats=MEASURE)
    mapped, _ = engine.stylize(photo, pack.rows[:1], maps=np.ones((1, 6, 8), np.float32))
    given, _ = engine.stylize(photo, pack.rows[0], stats=stats)
    assert difference(plain, mapped)[0] <= 0.002
    assert difference(plain, given)[0] <= 0.002


def test_auto_starts_on_onnx_runtime_and_warms_torch(pack, photo):
    """On a machine with a GPU the live engine paints from the first frame and decides for one of the two."""
    engine = open_engine(pack, warm=True)
    assert isinstance(engine, AutoEngine)
    engine.stylize(photo, pack.rows[0])
    engine.wait(120)
    for _ in range(12):
        engine.stylize(photo, pack.rows[0])
    assert engine.name in ("onnx", "openvino", "torch")
    engine.close()
