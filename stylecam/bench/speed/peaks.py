"""What this machine could do at most: matrix products and copies, to hold the engines' times against."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from stylecam.engines.libraries import import_openvino, openvino_core

_SIDE = 2048
_COPY_MB = 128
_REPEATS = 5


def matrix_peaks(precisions: tuple[str, ...] = ("f32", "bf16")) -> dict[str, float]:
    """Return the best of five products of 2048 x 2048 matrices on OpenVINO, in 1e9 floating-point operations per second.

    A precision that the processor lacks, or all if there is no OpenVINO, is left out.
    """
    try:
        core: Any = openvino_core()
        ops: Any = import_openvino("openvino.opset13")
        native = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, OSError, RuntimeError):
        return {}
    peaks = {}
    for precision in precisions:
        if precision == "bf16" and "BF16" not in native:
            continue
        a, b = (ops.parameter([_SIDE, _SIDE], np.float32) for _ in "ab")
        model = import_openvino().Model([ops.matmul(a, b, False, False)], [a, b])
        request = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision}).create_infer_request()
        matrices = [np.random.default_rng(i).random((_SIDE, _SIDE), np.float32) for i in range(2)]
        request.infer(matrices)
        peaks[precision] = round(2 * _SIDE**3 / _best_s(lambda: request.infer(matrices)) / 1e9, 1)  # noqa: B023, called at once
    return peaks


def copy_gb_per_s() -> float:
    """Return how fast one thread copies memory: bytes read and bytes written, in 1e9 per second, the best of five."""
    source = np.ones(_COPY_MB * 1_000_000, np.uint8)
    target = np.empty_like(source)
    return round(2 * source.nbytes / _best_s(lambda: np.copyto(target, source)) / 1e9, 1)


def _best_s(work: Any) -> float:
    times = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
