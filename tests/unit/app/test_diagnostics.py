"""The report of `stylecam doctor`, on machines that are in order and on machines that are not."""

import json
import subprocess
import sys

import pytest

from stylecam.app.doctor import device_check, diagnostics, engine_check
from stylecam.app.doctor.engine_check import check_engine, synthetic_pack, try_engine
from stylecam.app.doctor.recording_check import recording_report
from stylecam.core import paths, process
from stylecam.engines.devices import CANDIDATES
from stylecam.engines.verdicts import Verdict
from stylecam.errors import EngineError, PackError
from tests.fakes import FakeEngine, tiny_pack
from tests.sound_fakes import FakeSounddevice

GOOD = {"name": "openvino", "error": "", "device": "CPU", "precision": "f32", "note": "", "start_s": 0.3, "frame_ms": 20.0}
BAD = {"name": "torch", "error": "torch not installed."}


@pytest.fixture
def checked(monkeypatch):
    """Answer for the engines without starting them; returns the packs that they were to be tried on."""
    tried = []

    def check(name, pack):
        tried.append(pack)
        return GOOD | {"name": name}

    monkeypatch.setattr(diagnostics, "check_engine", check)
    monkeypatch.setattr(device_check, "judge", lambda candidate, **_: Verdict(error=f"no {candidate.library_name}."))
    return tried


class Library:
    """Knows one good pack and one damaged one."""

    def __init__(self, folders):
        self.folders = folders

    def paths(self):
        """Name two packs."""
        return {"live32": paths.user_packs() / "live32", "torn": paths.user_packs() / "torn.stylepack"}

    def load(self, name):
        """Load the good one only."""
        if name == "torn":
            raise PackError("'torn' is damaged.")
        return tiny_pack()


def test_report_has_its_sections_and_is_json(checked):
    """Machine, packs, engines, devices, recording, virtual camera and folders come in this order, and everything can be written as JSON."""
    report = dict(diagnostics.collect())
    assert list(report) == ["machine", "packs", "engines", "devices", "recording", "virtual camera", "folders"]
    assert json.loads(json.dumps(report)) == report
    assert [engine["name"] for engine in report["engines"]] == ["openvino", "onnx", "torch"]
    assert report["machine"]["versions"]["numpy"]
    assert diagnostics.works(report)


def test_engines_are_tried_on_the_shipped_pack(checked, monkeypatch):
    """The live pack is what the engines paint with; damaged packs are listed with their sentence."""
    monkeypatch.setattr(diagnostics, "PackLibrary", Library)
    report = dict(diagnostics.collect())
    assert checked == [paths.user_packs() / "live32"] * 3
    assert [(pack["name"], pack["styles"], pack["error"]) for pack in report["packs"]] == [
        ("live32", 3, ""),
        ("torn", 0, "'torn' is damaged."),
    ]
    text = diagnostics.render("packs", report["packs"])
    assert "live32: 3 styles" in text
    assert "torn: 'torn' is damaged." in text


def test_packs_that_cannot_be_listed_are_one_line(monkeypatch, checked):
    """A folder of packs that may not be read is bad news, not an end; the engines are tried with random weights."""

    class Locked(Library):
        def paths(self):
            raise PackError("The folder cannot be read.")

    monkeypatch.setattr(diagnostics, "PackLibrary", Locked)
    report = dict(diagnostics.collect())
    assert [pack["error"] for pack in report["packs"]] == ["The folder cannot be read."]
    assert checked == [None] * 3


def test_engine_that_is_not_installed_is_not_started(monkeypatch, checked):
    """What is missing is said without a trial, and when nothing works the report says so."""
    monkeypatch.setattr(diagnostics, "available_engines", lambda: [("torch", "torch not installed")])
    report = dict(diagnostics.collect())
    assert report["engines"] == [BAD]
    assert not diagnostics.works(report)
    assert "torch: DOES NOT WORK. torch not installed." in diagnostics.render("engines", report["engines"])


def test_text_shows_what_matters():
    """Working engines with device and speed, notes, and claimed against working CUDA; no line is lost."""
    onnx = GOOD | {
        "name": "onnx",
        "note": "It fell back.",
        "providers_listed": ["CUDAExecutionProvider", "CPUExecutionProvider"],
        "cuda_works": False,
        "cuda_trouble": "no driver",
    }
    torch = GOOD | {"name": "torch", "cuda_build": "13.0", "cuda_gpus": ["H200"], "mps": False}
    text = diagnostics.render(
        "engines",
        [
            GOOD | {"openvino_devices": {"CPU": ["BF16"]}, "precision_ms": {"f32": 20.0, "int8": 8.5}},
            onnx,
            torch,
            BAD | {"more_error": "OSError: x"},
        ],
    )
    assert text.splitlines() == [
        "engines",
        "  openvino: works, f32 on CPU, 20.0 ms at 320x240, started in 0.3 s",
        "    CPU can BF16",
        "    a frame of 320x240 takes in f32 20.0 ms, int8 8.5 ms; --precision chooses",
        "  onnx: works, f32 on CPU, 20.0 ms at 320x240, started in 0.3 s",
        "    It fell back.",
        "    lists CUDAExecutionProvider, CPUExecutionProvider; CUDA does not work: no driver",
        "  torch: works, f32 on CPU, 20.0 ms at 320x240, started in 0.3 s",
        "    built for CUDA 13.0, sees H200",
        "  torch: DOES NOT WORK. torch not installed.",
        "    its library answers no questions: OSError: x",
    ]


def test_every_device_is_listed_with_what_it_needs(monkeypatch):
    """One that works with its name and time, the others with the reason and what they need; a broken engine's library is left alone."""

    def verdict(candidate, *, again):
        assert again  # perhaps it was mended a minute ago
        assert candidate.engine != "torch"
        if candidate.device == "intel-gpu":
            return Verdict(name="GPU: Iris Xe", precision="auto", frame_ms=9.5, cpu_ms=40.0, difference=0.3)
        return Verdict(error="it is not here")

    monkeypatch.setattr(device_check, "judge", verdict)
    report = device_check.device_report({"torch"})
    assert [(each["engine"], each["device"]) for each in report] == [(each.engine, each.device) for each in CANDIDATES]
    lines = diagnostics.render("devices", json.loads(json.dumps(report))).splitlines()
    assert len(lines) == 1 + len(CANDIDATES)
    assert "  intel-gpu with openvino: works, GPU: Iris Xe, 9.5 ms where the processor takes 40.0 ms, 0.3 of 255 from f32" in lines
    assert any(line.startswith("  directml with onnx: no, it is not here; needs `pip install onnxruntime-directml`") for line in lines)
    assert any(line.startswith("  mps with torch: no, its engine does not work; needs a Mac") for line in lines)


def test_text_does_not_tell_the_users_name(monkeypatch, tmp_path):
    """The home folder is shown as ~, since reports are pasted in public."""
    monkeypatch.setattr(diagnostics.Path, "home", lambda: tmp_path)
    assert diagnostics.render("folders", {"packs": str(tmp_path / "packs")}) == "folders\n  packs: ~/packs"


def test_what_can_be_recorded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The formats and inputs, or why there is no sound; nothing is opened for that."""
    fake = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    report = recording_report()
    assert diagnostics.render("recording", report).splitlines()[1:] == [
        f"  formats: {', '.join(report['formats'])}",
        "  sound: Built-in, USB Mic, Monitor of Speakers",
    ]
    assert not fake.streams
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "pip install 'stylecam[sound]'" in diagnostics.render("recording", recording_report())


def test_missing_folders_are_marked():
    """A folder that nothing was put into yet is named and marked."""
    paths.user_cache().mkdir(parents=True)
    found = diagnostics.folders()
    assert found["packs"].endswith("(not there yet)")
    assert found["cache"] == str(paths.user_cache())


@pytest.mark.parametrize(
    ("result", "gpus"),
    [
        (subprocess.CompletedProcess("", 0, "NVIDIA H200, 580.1, 143771 MiB\n\n", ""), ["NVIDIA H200, 580.1, 143771 MiB"]),
        (subprocess.CalledProcessError(9, "nvidia-smi"), []),
        (subprocess.TimeoutExpired("nvidia-smi", 10), []),
        (OSError("no"), []),
    ],
)
def test_nvidia_smi_is_believed_only_if_it_answers(monkeypatch, result, gpus):
    """Its lines are the GPUs; a failing, hanging or unstartable one gives none."""

    def run(*_, **__):
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(diagnostics.shutil, "which", lambda _: "nvidia-smi")
    monkeypatch.setattr(diagnostics.subprocess, "run", run)
    assert diagnostics.nvidia_gpus() == gpus


def test_trial_tells_device_times_and_trouble(monkeypatch):
    """A trial opens the engine and stylizes; an engine's sentence is its error, and so is any other exception, without traceback."""
    monkeypatch.setattr(engine_check, "open_engine", lambda pack, name: FakeEngine(pack.config))
    found = try_engine("fake", tiny_pack())
    assert (found["error"], found["device"], found["precision"]) == ("", "CPU", "u8")
    assert found["frame_ms"] >= 0

    def fail(error):
        raise error

    monkeypatch.setattr(engine_check, "open_engine", lambda *_: fail(EngineError("No such luck.")))
    assert try_engine("fake", tiny_pack()) == {"name": "fake", "error": "No such luck."}
    monkeypatch.setattr(engine_check, "open_engine", lambda *_: fail(AttributeError("old library")))
    assert try_engine("fake", tiny_pack())["error"] == "AttributeError: old library"


def test_real_trial_runs_in_a_process_of_its_own(tmp_path, monkeypatch):
    """From any folder, OpenVINO is tried for real on the network with random weights, without being loaded here."""
    monkeypatch.chdir(tmp_path)
    found = check_engine("openvino", None)
    assert found["error"] == ""
    assert found["name"] == "openvino"
    assert "CPU" in found["openvino_devices"]


def test_trial_that_dies_or_hangs_is_a_sentence(monkeypatch):
    """A library that kills the process, prints nonsense, or never answers is reported as such."""
    run = subprocess.run

    def instead(code):
        monkeypatch.setattr(process.subprocess, "run", lambda command, **options: run([sys.executable, "-c", code], **options))

    instead("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "signal SIGKILL (it ended without a word)" in check_engine("openvino", None)["error"]
    instead("print('hello'); raise SystemExit('bad luck')")
    assert check_engine("openvino", None)["error"] == "The trial ended with exit code 1 (bad luck)."
    instead("import time; time.sleep(60)")
    assert "did not answer within 1 s" in check_engine("openvino", None, timeout_s=1)["error"]
    monkeypatch.setattr(process.sys, "executable", "/no/such/python")
    monkeypatch.setattr(process.subprocess, "run", run)
    assert "could not be started" in check_engine("openvino", None)["error"]


def test_trial_network_is_the_live_one():
    """Random weights fit the live architecture, so that a trial without packs says the same about speed."""
    pack = synthetic_pack()
    assert pack.rows.shape == (1, pack.config.scale_shift_size)
    assert pack.trunk
