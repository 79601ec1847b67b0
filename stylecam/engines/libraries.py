"""The engines' libraries, imported so that they tell nobody of their use and keep within bounds."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: How many compiled kernels oneDNN keeps in OpenVINO for networks that are closed. Its own 1,024 are those of some forty frame sizes, and
#: grew a window by over 100 MB in an hour; the network in use holds its own kernels besides.
_KEPT_KERNELS = "64"


def import_openvino(name: str = "openvino") -> Any:
    """Import OpenVINO, or a module of it, without its telemetry.

    Its converter of models would report to Google Analytics unless the user opted out; we never call it, but it is imported along. Where
    the package that sends, `openvino_telemetry`, cannot be imported, OpenVINO uses a stand-in that sends nothing: so that package is barred
    in this process. The user's own choice, a file in the home folder, is neither read nor changed.

    The kernels that oneDNN keeps are fewer too, unless `ONEDNN_PRIMITIVE_CACHE_CAPACITY` is set.

    Raises:
        ImportError, OSError, RuntimeError: it is missing or broken.
    """
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # Python's own way to bar an import
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KEPT_KERNELS)
    return importlib.import_module(name)


def openvino_core() -> Any:
    """Return a new `openvino.Core`, whose CPU plugin was loaded in a thread that is gone.

    That plugin gives the thread that loads it a stack for signals, and puts the one before back when it goes. Two that go in the order in
    which they came leave a thread with a stack that is gone, and there the next Ctrl-C would crash the program.

    Raises:
        ImportError, OSError, RuntimeError: OpenVINO is missing or broken.
    """
    openvino = import_openvino()

    def load() -> Any:
        core = openvino.Core()
        core.get_property("CPU", "FULL_DEVICE_NAME")
        return core

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(load).result()


def import_onnxruntime() -> Any:
    """Import ONNX Runtime, with its telemetry off, which Microsoft's builds for Windows have.

    Raises:
        ImportError, OSError: it is missing or broken.
    """
    runtime = importlib.import_module("onnxruntime")
    with contextlib.suppress(AttributeError, RuntimeError):  # builds without telemetry may lack the switch
        runtime.disable_telemetry_events()
    return runtime
