"""The network on OpenVINO: the fastest way on an ordinary processor, and the way to Intel's GPUs and NPUs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.engines.base import Vector
from stylecam.engines.compiled import Form, Program, SizedEngine
from stylecam.engines.devices import Candidate, find
from stylecam.engines.libraries import import_openvino, openvino_core
from stylecam.engines.lowering.onnx import build_graph
from stylecam.engines.lowering.quantize import RANGES, quantize
from stylecam.engines.lowering.ranges import Ranges
from stylecam.engines.machine import cpu_features
from stylecam.errors import EngineError
from stylecam.net.families import FINE, Architecture

_CPU = "CPU"
_PRECISIONS = ("f32", "bf16", "int8")
# Beside the processor; an NPU has nothing but half precision.
_DEVICE_PRECISIONS = {"GPU": ("fp16", "f32"), "NPU": ("fp16",)}


def best_precision(bf16: bool, features: Collection[str]) -> str:
    """Return the precision that is fastest on a processor and keeps the look.

    Args:
        bf16: whether OpenVINO says that the processor computes in bf16.
        features: of `machine.cpu_features`.
    """
    # A frame in AVX-512's bf16 takes 1.3 times as long as in int8. With AMX bf16 is several times as fast; int8 was not measured there.
    if has_vnni(features) and not (bf16 and "amx_bf16" in features):
        return "int8"
    return "bf16" if bf16 else "f32"


def has_vnni(features: Collection[str]) -> bool:
    """Return whether a processor with `features`, see `machine.cpu_features`, multiplies int8 without cutting sums off."""
    return "avx512_vnni" in features or "avx_vnni" in features


class OpenVinoEngine(SizedEngine):
    """Runs on the processor: in int8 where that is fastest (see `best_precision`), in bf16 where it computes that natively, else in f32.

    In int8 are all convolutions but the first and the last; everything else, statistics included, is in f32. On a GPU or an NPU, which must
    be asked for, it computes in fp16.

    Args:
        config: the architecture.
        tensors: a pack's; only the convolutions' weights are read.
        precision: "auto", "f32", "bf16" or "int8"; on a GPU "auto", "fp16" or "f32".
        threads: how many cores it may use; None leaves it to OpenVINO (all).
        device: "auto" and "cpu" are the processor; else one that `devices.CANDIDATES` has for openvino.
        head: which of the network's outputs.

    Raises:
        EngineError: OpenVINO is missing or broken, lists no such device, or the device cannot do the precision asked for.
    """

    name = "openvino"
    copies = 1.0  # it joins those steps in one buffer

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
        candidate = find("openvino", device)
        if candidate is None and device not in ("auto", "cpu"):
            raise EngineError(f"OpenVINO has no device '{device}'.")
        self._target = candidate.library_name if candidate else _CPU
        self.on_cpu = candidate is None
        self._ranges: Ranges | None = None
        self._settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        try:
            # Takes 0.3 s, so not before an engine is wanted.
            self._openvino: Any = import_openvino()
            self._core = openvino_core()
            if candidate is not None:
                self._open_device(candidate, precision)
                return
            capabilities = self._core.get_property(_CPU, "OPTIMIZATION_CAPABILITIES")
            model: str = self._core.get_property(_CPU, "FULL_DEVICE_NAME")
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineError(f"OpenVINO cannot be used here ({error}); reinstall it with `pip install openvino`.") from error
        native = "BF16" in capabilities
        ranges, features = Ranges(self.graph), cpu_features()
        if precision == "auto":
            precision = best_precision(native, features if ranges.convs else ())
        if precision not in _PRECISIONS:
            raise EngineError(f"OpenVINO does not compute in '{precision}'; choose auto, {', '.join(_PRECISIONS)}.")
        if precision == "bf16" and not native:
            raise EngineError(f"This processor ({model}) does not compute in bf16; choose f32.")
        if precision == "int8" and features and not has_vnni(features):
            # Without, sums of two products are cut off at 16 bits.
            raise EngineError(f"This processor ({model}) has no instructions for int8 (VNNI); choose auto or f32.")
        if precision == "int8" and not ranges.convs:
            raise EngineError("This network has no convolutions that could compute in int8; choose auto or f32.")
        self.precision = precision
        self.device = f"CPU: {model}"
        self._settings["INFERENCE_PRECISION_HINT"] = "f32" if precision == "int8" else precision
        self._ranges = ranges if precision == "int8" else None
        if threads is not None:
            self._settings["INFERENCE_NUM_THREADS"] = threads

    def _open_device(self, candidate: Candidate, precision: str) -> None:
        name, allowed = candidate.library_name, _DEVICE_PRECISIONS[candidate.library_name]
        if name not in [each.partition(".")[0] for each in self._core.available_devices]:  # "GPU.0" where there are two
            raise EngineError(f"OpenVINO lists no {name} here; it needs {candidate.needs}.")
        if precision not in ("auto", *allowed):
            raise EngineError(f"OpenVINO does not compute in '{precision}' on the {name}; choose auto or {' or '.join(allowed)}.")
        self.precision = allowed[0] if precision == "auto" else precision
        self.device = f"{name}: {self._core.get_property(name, 'FULL_DEVICE_NAME')}"
        self._settings["INFERENCE_PRECISION_HINT"] = "f16" if self.precision == "fp16" else "f32"

    def _more_inputs(self, scale_shift: Vector) -> dict[str, NDArray[Any]]:
        return {} if self._ranges is None else {RANGES: self._ranges(scale_shift)}

    def _compile(self, height: int, width: int, form: Form) -> Program:
        graph = build_graph(self.graph, self._tensors, height, width, **form._asdict())
        # No CACHE_DIR: it would save 0.1 s per size and leave a file of several MB for every size that a photo ever had.
        try:
            model = self._core.read_model(graph.SerializeToString(), b"")
            if self._ranges is not None:
                quantize(self._openvino, model, self._ranges.convs)
            request = self._core.compile_model(model, self._target, self._settings).create_infer_request()
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
