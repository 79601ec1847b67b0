"""Which device is taken: verdicts are kept, ranked, and fall back; the probe's process is pretended, but for one."""

import dataclasses
import subprocess
import sys
import time

import pytest

from stylecam.core import paths
from stylecam.core.process import ask_child
from stylecam.engines import select, verdicts
from stylecam.engines.auto import AutoEngine
from stylecam.engines.devices import CANDIDATES, find
from stylecam.engines.select import open_engine
from stylecam.engines.verdicts import Verdict, judge, known, working
from stylecam.errors import EngineError, UsageError
from tests.fakes import FakeEngine, gradient, tiny_pack

GPU, NPU = find("openvino", "intel-gpu"), find("openvino", "intel-npu")
GOOD = {"name": "GPU: Iris", "precision": "f32", "frame_ms": 5.0, "cpu_ms": 20.0, "difference": 0.4}


@pytest.fixture
def laptop(monkeypatch):
    """A machine whose GPU and NPU are listed; what their probes answer, by device, and which were asked can be read and changed."""
    machine = {"intel-gpu": GOOD, "intel-npu": {"error": "NPU is 90 of 255 from f32."}}
    asked = []

    def ask(module, engine, device, *, timeout_s):
        assert (module, engine) == ("stylecam.engines.probe", "openvino")
        assert timeout_s > 0
        asked.append(device)
        return machine[device]

    monkeypatch.setattr(verdicts, "may_have_gpu", lambda: True)
    monkeypatch.setattr(select, "may_have_gpu", lambda: True)
    monkeypatch.setattr(select, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(verdicts, "obstacle", lambda candidate: "" if candidate in (GPU, NPU) else "it is not here")
    monkeypatch.setattr(verdicts, "fingerprint", lambda _: "Iris")
    monkeypatch.setattr(verdicts, "ask_child", ask)
    machine["asked"] = asked
    return machine


@pytest.fixture
def opened(monkeypatch):
    """Replace opening by fakes named "engine device precision"; return those opened. A device in `opened.broken` fails."""

    class Opened(list):
        broken = ()

    them = Opened()

    def opening(pack, name, **options):
        device = options.get("device", "auto")
        if device in them.broken:
            raise EngineError(f"{device} is gone.")
        engine = FakeEngine(pack.config)
        engine.name, engine.device, engine.precision, engine.on_cpu = name, device, options["precision"], device in ("auto", "cpu")
        them.append(engine)
        return engine

    monkeypatch.setattr(select, "_open", opening)
    return them


def test_a_verdict_is_asked_for_once(laptop):
    """What was probed is kept in the cache folder; what cannot be here is not probed."""
    assert known(GPU) is None
    assert judge(GPU).frame_ms == 5.0
    laptop["intel-gpu"] = {"error": "now it fails"}
    assert judge(GPU) == known(GPU)
    assert judge(find("torch", "mps")) == Verdict(error="it is not here")
    assert laptop["asked"] == ["intel-gpu"]


def test_another_device_or_version_is_probed_again(laptop, monkeypatch):
    """The key holds the device's name and the libraries' versions."""
    judge(GPU)
    monkeypatch.setattr(verdicts, "fingerprint", lambda _: "Arc")
    assert known(GPU) is None
    monkeypatch.setattr(verdicts, "fingerprint", lambda _: "Iris")
    assert known(GPU) is not None
    monkeypatch.setattr(verdicts, "versions", lambda: {"openvino": "2030.1"})
    assert known(GPU) is None


def test_a_failure_is_tried_again_after_a_week_or_by_name(laptop, monkeypatch):
    """A new driver does not show in the key, so a failure does not hold for ever; a success does."""
    assert judge(NPU).error == judge(NPU).error == "NPU is 90 of 255 from f32."
    judge(GPU)
    judge(NPU, again=True)
    judge(GPU, again=True)
    assert sorted(laptop["asked"]) == ["intel-gpu", "intel-npu", "intel-npu"]
    later = time.time() + 8 * 24 * 3600
    monkeypatch.setattr(verdicts.time, "time", lambda: later)
    assert known(NPU) is None
    assert known(GPU) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '"GPU"', "\xff"])
def test_a_damaged_cache_is_no_cache(laptop, text):
    """Whatever stands in the file, the device is probed and the file is whole again."""
    paths.user_cache().mkdir(parents=True)
    (paths.user_cache() / "devices.json").write_text(text, "latin-1")
    assert judge(GPU).error == ""
    assert known(GPU) is not None


def test_damaged_entries_are_probed_again(laptop):
    """An entry with other fields or types is as none."""
    judge(GPU)
    file = paths.user_cache() / "devices.json"
    whole = file.read_text()
    for text in (whole.replace('"frame_ms": 5.0', '"frame_ms": "fast"'), whole.replace('"frame_ms"', '"speed"')):
        file.write_text(text)
        assert known(GPU) is None


def test_a_cache_that_cannot_be_written_is_no_trouble(laptop):
    """Then it is probed each time."""
    paths.user_cache().parent.mkdir(parents=True, exist_ok=True)
    paths.user_cache().write_text("a file where the folder should be")
    assert judge(GPU).error == judge(GPU).error == ""
    assert laptop["asked"] == ["intel-gpu"] * 2


def test_a_probe_that_dies_or_talks_nonsense_is_a_failure(laptop):
    """The driver took the process with it, or something else printed the line."""
    laptop["intel-gpu"] = {"error": "The trial ended with signal SIGSEGV (no message)."}
    assert "SIGSEGV" in judge(GPU).error
    laptop["intel-npu"] = {"hello": 1}
    assert judge(NPU).error == "its probe answered nonsense"


def test_the_ranking_has_what_works_and_pays(laptop):
    """The fastest stands first; what fails, or is slower than the processor, is left out."""
    assert [(each, verdict.frame_ms) for each, verdict in working(probe=True)] == [(GPU, 5.0)]
    laptop["intel-npu"] = GOOD | {"frame_ms": 3.0}
    judge(NPU, again=True)
    assert [each for each, _ in working(probe=False)] == [NPU, GPU]
    laptop["intel-npu"] = GOOD | {"frame_ms": 30.0}
    (paths.user_cache() / "devices.json").unlink()
    assert [each for each, _ in working(probe=True)] == [GPU]


def test_without_a_sign_of_a_device_nothing_is_asked(laptop, monkeypatch):
    """On a machine without GPU neither a probe nor a library is asked; nor is one where nothing was probed, if it must be quick."""

    def never(_):
        raise AssertionError("a library was asked")

    monkeypatch.setattr(verdicts, "obstacle", never)
    monkeypatch.setattr(verdicts, "fingerprint", never)
    assert working(probe=False) == []
    monkeypatch.setattr(verdicts, "may_have_gpu", lambda: False)
    assert working(probe=True) == []


def test_auto_takes_a_device_that_is_known_to_work(laptop, opened):
    """Without verdicts it is the processor, and none is asked for; with one, the device, in the precision that agreed."""
    assert open_engine(tiny_pack()).device == "auto"
    assert laptop["asked"] == []
    judge(GPU)
    engine = open_engine(tiny_pack())
    assert (engine.name, engine.device, engine.precision) == ("openvino", "intel-gpu", "f32")
    assert open_engine(tiny_pack(), precision="fp16").precision == "fp16"
    assert open_engine(tiny_pack(), device="cpu").device == "cpu"


def test_auto_goes_on_without_a_device_that_fails_after_all(laptop, opened):
    """The verdict said yes, the driver is gone: the processor."""
    judge(GPU)
    opened.broken = ("intel-gpu",)
    assert open_engine(tiny_pack()).device == "auto"


def test_the_window_starts_at_once_and_changes(laptop, opened, monkeypatch):
    """Live, it starts on the processor; devices are probed in the background, and the fastest is opened there."""
    engine = open_engine(tiny_pack(), warm=True)
    assert isinstance(engine, AutoEngine)
    assert engine.device == "auto"
    assert laptop["asked"] == []
    pack = tiny_pack()
    engine.stylize(gradient(), pack.rows[0])
    engine.wait(20)
    assert opened[-1].device == "intel-gpu"
    assert not opened[-1].closed
    engine.close()
    assert opened[-1].closed


def test_the_window_goes_on_where_no_device_works(laptop, opened):
    """Every probe failed: frames keep coming from the processor."""
    laptop["intel-gpu"] = laptop["intel-npu"]
    pack = tiny_pack()
    engine = open_engine(pack, warm=True)
    for _ in range(20):
        engine.stylize(gradient(), pack.rows[0])
    engine.wait(20)
    engine.stylize(gradient(), pack.rows[0])
    assert engine.device == "auto"


def test_a_device_by_name_must_work(laptop, opened):
    """It is probed if need be, and taken, or it is an error with reason and what it needs; never another device in silence."""
    assert open_engine(tiny_pack(), device="intel-gpu").device == "intel-gpu"
    assert open_engine(tiny_pack(), "openvino", device="intel-gpu").device == "intel-gpu"
    with pytest.raises(EngineError, match=r"'intel-npu' cannot be used here; .*90 of 255 from f32; it needs an Intel Core Ultra") as caught:
        open_engine(tiny_pack(), device="intel-npu")
    assert caught.value.exit_code == 6
    with pytest.raises(EngineError, match=r"onnx on rocm: it is not here; it needs an AMD GPU.* torch on rocm: "):
        open_engine(tiny_pack(), device="rocm")


@pytest.mark.parametrize(
    ("name", "device", "message"),
    [
        ("auto", "intel-gqu", "There is no device 'intel-gqu'. Did you mean intel-gpu"),
        ("onnx", "intel-gpu", "The engine 'onnx' does not run on 'intel-gpu'; choose --engine openvino, or auto."),
    ],
)
def test_wrong_devices_are_usage_errors(name, device, message):
    """A misspelt device, and one that the engine cannot drive."""
    with pytest.raises(UsageError) as caught:
        open_engine(tiny_pack(), name, device=device)
    assert message in str(caught.value)


def test_cuda_that_was_found_wrong_is_not_tried_first(laptop, opened, monkeypatch):
    """With a driver CUDA is tried before anything was probed; not after its frame was found to differ."""
    cuda = find("onnx", "cuda")
    monkeypatch.setattr(select, "has_nvidia_driver", lambda: True)
    assert open_engine(tiny_pack()).device == "cuda"
    monkeypatch.setattr(select, "known", lambda each: Verdict(error="it is green") if each == cuda else None)
    assert open_engine(tiny_pack()).device == "auto"


@pytest.mark.slow
def test_the_real_probe_runs_in_a_process_of_its_own(monkeypatch, tmp_path):
    """From any folder, and without torch, the child finds the processor in order, and says why OpenVINO has no NPU here."""
    monkeypatch.chdir(tmp_path)
    works = verdicts._read(ask_child("stylecam.engines.probe", "openvino", "cpu", timeout_s=120))
    assert works is not None
    assert works.error == ""
    assert works.frame_ms > 0
    found = ask_child("stylecam.engines.probe", "openvino", "intel-npu", timeout_s=120)
    if not found.get("error"):
        pytest.skip("this machine has an NPU")
    assert "lists no NPU here; it needs an Intel Core Ultra" in found["error"]


def test_verdicts_need_neither_torch_nor_opencv():
    """Ranking, and `auto` behind it, leave torch, Qt and OpenCV out of the process, even where a GPU may be."""
    code = """
import sys
from stylecam.engines import verdicts
verdicts.may_have_gpu = lambda: True
verdicts.ask_child = lambda *_, **__: {"error": "no"}
verdicts.working(probe=True)
print(sorted({"torch", "cv2", "PyQt6"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_every_field_of_a_verdict_comes_back(laptop):
    """What the probe measured is what is read from the cache."""
    assert dataclasses.asdict(judge(GPU)).items() >= GOOD.items()
    assert len(CANDIDATES) > 8
