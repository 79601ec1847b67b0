"""The network on OpenVINO: the fastest way on an ordinary processor."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.compiled import Form, Program, SizedEngine
from stylecam.engines.lowering.onnx import build_graph
from stylecam.errors import EngineError
from stylecam.net.families import FINE, Architecture

_DEVICE = "CPU"


class OpenVinoEngine(SizedEngine):
    """Runs on the processor, in bf16 where it computes that natively, else in f32.

    Args:
        config: the architecture.
        tensors: a pack's; only the convolutions' weights are read.
        precision: "auto", "f32" or "bf16".
        threads: how many cores it may use; None leaves it to OpenVINO (all).
        head: which of the network's outputs.

    Raises:
        EngineError: OpenVINO is missing or broken, or the processor cannot do the precision asked for.
    """

    name = "openvino"

    def __init__(
        self,
        config: Architecture,
        tensors: Mapping[str, NDArray[np.float32]],
        *,
        precision: str = "auto",
        threads: int | None = None,
        head: str = FINE,
    ) -> None:
        super().__init__(config, tensors, head)
        try:
            # Takes 0.3 s, so not before an engine is wanted.
            self._openvino: Any = importlib.import_module("openvino")
            self._core = self._openvino.Core()
            capabilities = self._core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
            model: str = self._core.get_property(_DEVICE, "FULL_DEVICE_NAME")
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineError(f"OpenVINO cannot be used here ({error}); reinstall it with `pip install openvino`.") from error
        native = "BF16" in capabilities
        if precision == "auto":
            precision = "bf16" if native else "f32"
        if precision not in ("f32", "bf16"):
            raise EngineError(f"OpenVINO does not compute in '{precision}'; choose auto, f32 or bf16.")
        if precision == "bf16" and not native:
            raise EngineError(f"This processor ({model}) does not compute in bf16; choose f32.")
        self.precision = precision
        self.device = f"CPU: {model}"
        self._settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": precision,
        }
        if threads is not None:
            self._settings["INFERENCE_NUM_THREADS"] = threads

    def _compile(self, height: int, width: int, form: Form) -> Program:
        graph = build_graph(self.graph, self._tensors, height, width, **form._asdict())
        # No CACHE_DIR: it would save 0.1 s per size and leave a file of several MB for every size that a photo ever had.
        try:
            model = self._core.read_model(graph.SerializeToString(), b"")
            request = self._core.compile_model(model, _DEVICE, self._settings).create_infer_request()
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot prepare the network for {width}x{height} pixels ({error}).") from error
        tensor = self._openvino.Tensor

        def run(inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
            try:
                for name, array in inputs.items():
                    request.set_tensor(name, tensor(array, shared_memory=True))
                request.infer()
            except RuntimeError as error:
                raise EngineError(f"OpenVINO failed on an image of {width}x{height} pixels ({error}).") from error
            # The request overwrites its outputs the next time.
            return [output.data.copy() for output in request.output_tensors]

        return run
