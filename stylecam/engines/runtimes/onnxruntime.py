"""The network on ONNX Runtime: on an NVIDIA GPU where that really works, on another GPU by name, else on any processor."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from stylecam.engines.compiled import Form, Program, SizedEngine
from stylecam.engines.devices import find
from stylecam.engines.libraries import import_onnxruntime
from stylecam.engines.lowering.onnx import IR_VERSION, OPSET, build_graph
from stylecam.engines.machine import has_nvidia_driver
from stylecam.engines.runtimes.onnx_binding import BoundSession
from stylecam.errors import EngineError
from stylecam.net import styles
from stylecam.net.families import FINE, Architecture

_CUDA, _CPU, _DIRECTML = "CUDAExecutionProvider", "CPUExecutionProvider", "DmlExecutionProvider"
_LABELS = {
    "cpu": "CPU",
    "cuda": "CUDA",
    "tensorrt": "TensorRT",
    "directml": "DirectML",
    "coreml": "CoreML",
    "migraphx": "MIGraphX",
    "rocm": "ROCm",
}
# They choose the precision by themselves.
_OWN_PRECISION = {"tensorrt": "tf32", "coreml": "mixed"}
_FATAL, _ERROR = 4, 3  # ONNX Runtime's log severities

_log = logging.getLogger(__name__)


class OnnxEngine(SizedEngine):
    """Runs on CUDA if `device` allows it and a probe succeeds, else on the processor in f32.

    Args:
        config: the architecture.
        tensors: a pack's; only the convolutions' weights are read.
        precision: "auto" or "f32". On CUDA "auto" lets convolutions use tf32 (f32 with shorter factors), where the GPU has it; TensorRT and
            CoreML choose by themselves and take only "auto".
        threads: how many cores it may use; None leaves it to ONNX Runtime (all).
        device: "auto" (CUDA or the processor), "cpu", or one that `devices.CANDIDATES` has for onnx; that is an error where it fails.
        head: which of the network's outputs.

    Raises:
        EngineError: ONNX Runtime is missing or broken, or cannot do what is asked for.
    """

    name = "onnx"

    def __init__(
        self,
        config: Architecture,
        tensors: Mapping[str, NDArray[np.float32]],
        *,
        precision: str = "auto",
        threads: int | None = None,
        device: str = "auto",
        head: str = FINE,
    ) -> None:
        super().__init__(config, tensors, head)
        self._runtime = load_runtime()
        if precision not in ("auto", "f32"):
            raise EngineError(f"ONNX Runtime does not compute in '{precision}' here; choose auto or f32.")
        trouble = ""
        if device == "auto":
            trouble = provider_trouble(self._runtime, _CUDA)
            if trouble and has_nvidia_driver():
                # Only someone who has a GPU misses it.
                self.note = f"ONNX Runtime computes on the processor although there is an NVIDIA driver: {trouble}."
                _log.warning(self.note)
            device = "cpu" if trouble else "cuda"
        elif device != "cpu":
            candidate = find("onnx", device)
            trouble = provider_trouble(self._runtime, candidate.library_name) if candidate else "it has no such device"
            if trouble:
                raise EngineError(f"ONNX Runtime cannot use {_LABELS.get(device, device)}: {trouble}.")
        if precision == "f32" and device in _OWN_PRECISION:
            raise EngineError(f"ONNX Runtime does not promise f32 on {_LABELS[device]}; choose auto.")
        chosen = find("onnx", device)
        self._provider = chosen.library_name if chosen else _CPU
        self.device, self.on_cpu = _LABELS[device], device == "cpu"
        self.precision = _OWN_PRECISION.get(device, "f32")
        if device == "cuda" and precision == "auto":
            self.precision = "tf32"
        self._threads = threads
        self._binds = device == "cuda"  # on the processor there is nothing to win, elsewhere it is not known to work

    def _compile(self, height: int, width: int, form: Form) -> Program:
        graph = build_graph(self.graph, self._tensors, height, width, **form._asdict())
        options = self._runtime.SessionOptions()
        options.log_severity_level = _ERROR
        if self._threads is not None:
            options.intra_op_num_threads = self._threads
        if self._provider == _DIRECTML:
            options.enable_mem_pattern = False  # it refuses sessions that reuse memory by a pattern
        try:
            session = self._runtime.InferenceSession(graph.SerializeToString(), options, providers=self._providers())
        except Exception as error:  # ONNX Runtime's own exceptions share no base class of their own
            raise EngineError(f"ONNX Runtime cannot prepare the network for {width}x{height} pixels ({error}).") from error
        if session.get_providers()[0] != self._provider:
            raise EngineError(f"ONNX Runtime lost {self.device} after a successful start; choose --device cpu.")

        # What measures, or has maps, is rare, and is not bound.
        bound = None if form.measured or form.regions else self._bind(session, height, width)

        def run(inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
            if bound is not None and self._binds:
                try:
                    return [bound(inputs)]
                except Exception as error:
                    self._stop_binding(error)
            try:
                results: list[NDArray[Any]] = session.run(None, dict(inputs))
            except Exception as error:
                raise EngineError(f"ONNX Runtime failed on an image of {width}x{height} pixels ({error}).") from error
            return results

        return run

    def _bind(self, session: Any, height: int, width: int) -> BoundSession | None:
        if not self._binds:
            return None
        try:
            e, count = self.graph.enlargement, styles.size(self.graph)
            shapes = {"image": (height, width, 3), "styles": (1, count), "stylized": (height * e, width * e, 3)}
            return BoundSession(self._runtime, session, "cuda", shapes)
        except Exception as error:  # ONNX Runtime's own again
            self._stop_binding(error)
            return None

    def _stop_binding(self, error: Exception) -> None:
        self._binds = False
        self.note = f"ONNX Runtime copies images the slower way, because buffers on the GPU failed ({error})."
        _log.warning(self.note)

    def _providers(self) -> list[Any]:
        if self._provider == _CUDA:
            # "HEURISTIC": the default tries every algorithm, which takes many seconds for each new image size.
            return [(_CUDA, {"use_tf32": int(self.precision == "tf32"), "cudnn_conv_algo_search": "HEURISTIC"}), _CPU]
        return [_CPU] if self._provider == _CPU else [self._provider, _CPU]


def load_runtime() -> Any:
    """Import ONNX Runtime.

    Raises:
        EngineError: it is missing or broken.
    """
    try:
        return import_onnxruntime()
    except (ImportError, OSError) as error:
        raise EngineError(f"ONNX Runtime cannot be used here ({error}); reinstall it with `pip install onnxruntime`.") from error


def provider_trouble(runtime: Any, provider: str) -> str:
    """Try a provider for real and return why it does not work, or an empty string if it does.

    `get_available_providers` only tells what the package was built with: it lists CUDA on machines without a GPU too.
    """
    nvidia = provider in (_CUDA, "TensorrtExecutionProvider")
    name = "CUDA" if provider == _CUDA else provider
    if provider not in runtime.get_available_providers():
        return f"this build of ONNX Runtime has no {name}"
    if nvidia and not has_nvidia_driver():
        return "there is no NVIDIA driver on this machine"
    options = runtime.SessionOptions()
    options.enable_mem_pattern = False  # DirectML's wish, and no matter for one number
    with _quiet(runtime) as printed:
        try:
            if nvidia and hasattr(runtime, "preload_dlls"):
                runtime.preload_dlls()  # finds the CUDA libraries that pip installed
            session = runtime.InferenceSession(_probe().SerializeToString(), options, providers=[provider, _CPU])
            session.run(None, {"x": np.zeros(1, np.float32)})
        except Exception as error:  # whatever a half-installed driver may raise
            return f"its probe failed ({error})"
    if session.get_providers()[0] != provider:
        missing = sorted(
            {line.split(":")[0].removeprefix("Failed to load ") for line in printed.getvalue().splitlines() if "Failed" in line}
        )
        return f"the {'CUDA or cuDNN ' if nvidia else ''}libraries that it needs cannot be loaded" + (
            f" ({', '.join(missing)})" if missing else ""
        )
    return ""


def _probe() -> ModelProto:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "probe", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


@contextlib.contextmanager
def _quiet(runtime: Any) -> Iterator[io.StringIO]:
    """Keep ONNX Runtime from reporting the expected failure of a probe on the terminal; yields what it printed."""
    runtime.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            yield printed
    finally:
        runtime.set_default_logger_severity(2)  # its default: warnings
