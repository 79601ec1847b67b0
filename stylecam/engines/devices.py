"""Which devices besides the processor the network could run on: one table, with what each needs. Nothing heavy is imported by itself."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

from stylecam.engines.libraries import import_onnxruntime, openvino_core
from stylecam.engines.machine import cpu_model, has_amd_driver, has_nvidia_driver, kernel


@dataclass(frozen=True)
class Candidate:
    """An engine on a device.

    Args:
        device: what `--device` calls it.
        engine: which engine drives it.
        library_name: what the engine's library calls it: an OpenVINO device, an ONNX Runtime provider, a torch device.
        needs: what must be there, for people, to go on from "needs".
        systems: values of `sys.platform` under which it exists.
        driver: whose driver must be loaded, "nvidia" or "amd"; empty where only the library can tell.
    """

    device: str
    engine: str
    library_name: str
    needs: str
    systems: tuple[str, ...]
    driver: str = ""


_LINUX, _PC = ("linux",), ("linux", "win32")

CANDIDATES = (
    Candidate(
        "cuda", "onnx", "CUDAExecutionProvider", "an NVIDIA GPU, its driver and `pip install onnxruntime-gpu[cuda,cudnn]`", _PC, "nvidia"
    ),
    Candidate("cuda", "torch", "cuda", "an NVIDIA GPU, its driver and torch's CUDA build (pytorch.org)", _PC, "nvidia"),
    Candidate(
        "tensorrt",
        "onnx",
        "TensorrtExecutionProvider",
        "what cuda with onnx needs, and `pip install tensorrt-cu13` for CUDA 13",
        _PC,
        "nvidia",
    ),
    Candidate("intel-gpu", "openvino", "GPU", "an Intel GPU and its driver (on Linux Intel's compute runtime, intel-opencl-icd)", _PC),
    Candidate("intel-npu", "openvino", "NPU", "an Intel Core Ultra processor and its NPU driver", _PC),
    Candidate(
        "directml", "onnx", "DmlExecutionProvider", "`pip install onnxruntime-directml` in place of every other onnxruntime", ("win32",)
    ),
    Candidate("coreml", "onnx", "CoreMLExecutionProvider", "a Mac and `pip install onnxruntime`", ("darwin",)),
    Candidate("mps", "torch", "mps", "a Mac with Apple's processor and `pip install torch`", ("darwin",)),
    Candidate(
        "migraphx",
        "onnx",
        "MIGraphXExecutionProvider",
        "an AMD GPU, ROCm and AMD's onnxruntime-migraphx (rocm.docs.amd.com)",
        _LINUX,
        "amd",
    ),
    Candidate("rocm", "onnx", "ROCMExecutionProvider", "an AMD GPU, ROCm and onnxruntime-rocm (no longer made)", _LINUX, "amd"),
    Candidate("rocm", "torch", "cuda", "an AMD GPU and torch's ROCm build (pytorch.org)", _LINUX, "amd"),
)

#: What `open_engine` takes as `device`.
DEVICES = ("auto", "cpu", *dict.fromkeys(candidate.device for candidate in CANDIDATES))


def find(engine: str, device: str) -> Candidate | None:
    """Return the candidate, if the table has it.

    >>> find("openvino", "intel-gpu").library_name
    'GPU'
    """
    return next((each for each in CANDIDATES if (each.engine, each.device) == (engine, device)), None)


def obstacle(candidate: Candidate) -> str:
    """Return why it need not even be tried here, or an empty string. Takes some 0.3 s where OpenVINO must be imported to say."""
    if sys.platform not in candidate.systems:
        return "this system cannot have it"
    if candidate.driver == "nvidia" and not has_nvidia_driver():
        return "there is no NVIDIA driver on this machine"
    if candidate.driver == "amd" and not has_amd_driver():
        return "there is no driver for an AMD GPU on this machine"
    if candidate.engine == "torch":  # takes seconds to import: it is asked in the probe's own process
        return "" if importlib.util.find_spec("torch") else "torch is not installed"
    try:
        listed = _listed(candidate.engine)
    except Exception as error:  # a broken driver may raise whatever it likes
        return f"its library cannot be used ({error})"
    if candidate.library_name not in listed:
        return f"{candidate.engine} lists no {candidate.library_name} here"
    return ""


def fingerprint(candidate: Candidate) -> str:
    """Return what tells this machine's device from another: its name where the library says it, else processor and system."""
    if candidate.engine == "openvino":
        try:
            return str(openvino_core().get_property(candidate.library_name, "FULL_DEVICE_NAME"))
        except Exception:  # as above
            return ""
    return f"{cpu_model()}, {kernel()}"


@cache
def _listed(engine: str) -> tuple[str, ...]:
    """Return the devices that the engine's library lists: "GPU.1" of OpenVINO, a second one, counts as "GPU"."""
    if engine == "openvino":
        core: Any = openvino_core()
        return tuple(name.partition(".")[0] for name in core.available_devices)
    return tuple(import_onnxruntime().get_available_providers())
