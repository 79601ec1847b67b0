"""What this machine is: processor, GPU driver, versions of the libraries. Standard library only, nothing heavy is imported."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import sys
from functools import cache
from pathlib import Path

_OTHER_RUNTIMES = ("onnxruntime-directml", "onnxruntime-migraphx", "onnxruntime-rocm")

#: Distributions that decide how an engine behaves.
LIBRARIES = ("numpy", "onnx", "onnxruntime", "onnxruntime-gpu", *_OTHER_RUNTIMES, "openvino", "torch", "opencv-python", "PyQt6")

# /proc/cpuinfo's names of what speeds a network up, and ours.
_FEATURES = {
    "avx2": "avx2",
    "avx_vnni": "avx_vnni",
    "avx512f": "avx512",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "amx_bf16": "amx_bf16",
}


@cache
def has_nvidia_driver() -> bool:
    """Return whether an NVIDIA driver can be loaded. Costs a millisecond, where importing torch to ask costs seconds."""
    if sys.platform == "darwin":
        return False
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return False
    # A driver without a device (a container, a removed card) is of no use: cuInit returns 0 only if there is one.
    return bool(driver.cuInit(0) == 0)


def has_amd_driver() -> bool:
    """Return whether Linux has its driver for computing on AMD GPUs."""
    return Path("/dev/kfd").exists()


def may_have_gpu() -> bool:
    """Return whether it is worth asking the libraries for a GPU or an NPU: at most some files are looked for, nothing is imported."""
    if sys.platform in ("darwin", "win32") or has_nvidia_driver() or has_amd_driver():
        return True
    return any(any(Path("/dev").glob(pattern)) for pattern in ("dri/renderD*", "accel/accel*", "dxg"))  # GPU, NPU, Windows' own in WSL


def kernel() -> str:
    """Return the system with its version, such as "Linux-6.8.0-45-generic-x86_64": drivers come with it."""
    return platform.platform()


@cache
def cpu_model() -> str:
    """Return the processor's name, such as "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz"."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


@cache
def cpu_features() -> tuple[str, ...]:
    """Return which of avx2, avx_vnni, avx512, avx512_vnni, avx512_bf16, amx_bf16 the processor has. Empty where Linux's list is missing."""
    flags = set(_cpuinfo().get("flags", "").split())
    return tuple(ours for theirs, ours in _FEATURES.items() if theirs in flags)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Return the installed version of each of `LIBRARIES` that is installed."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def _cpuinfo() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    first = text.split("\n\n")[0].splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first)}
