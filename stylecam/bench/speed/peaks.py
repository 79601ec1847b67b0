"""What this machine could do at most: matrix products and copies, to hold the engines' times against."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from stylecam.net.architecture import TransformNetConfig

_SIDE = 2048
_CUDA_SIDE = 8192
_COPY_MB = 128
_REPEATS = 5
_BYTES = {"f32": 4, "tf32": 4, "bf16": 2, "fp16": 2}


def matrix_peaks(precisions: tuple[str, ...] = ("f32", "bf16")) -> dict[str, float]:
    """Return the best of five products of 2048 x 2048 matrices on OpenVINO, in 1e9 floating-point operations per second.

    A precision that the processor lacks, or all if there is no OpenVINO, is left out.
    """
    try:
        core: Any = importlib.import_module("openvino").Core()
        ops: Any = importlib.import_module("openvino.opset13")
        native = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, OSError, RuntimeError):
        return {}
    peaks = {}
    for precision in precisions:
        if precision == "bf16" and "BF16" not in native:
            continue
        a, b = (ops.parameter([_SIDE, _SIDE], np.float32) for _ in "ab")
        model = importlib.import_module("openvino").Model([ops.matmul(a, b, False, False)], [a, b])
        request = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision}).create_infer_request()
        matrices = [np.random.default_rng(i).random((_SIDE, _SIDE), np.float32) for i in range(2)]
        request.infer(matrices)
        peaks[precision] = round(2 * _SIDE**3 / _best_s(lambda: request.infer(matrices)) / 1e9, 1)  # noqa: B023, called at once
    return peaks


def cuda_matrix_peaks() -> dict[str, float]:
    """Return the same for an NVIDIA GPU on torch, with matrices large enough to fill it, in fp16 and tf32. NOT YET RUN on a GPU."""
    torch: Any = importlib.import_module("torch")
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")  # lets f32 products be tf32
    try:
        peaks = {}
        for precision, dtype in (("fp16", torch.float16), ("tf32", torch.float32)):
            a, b = (torch.randn(_CUDA_SIDE, _CUDA_SIDE, device="cuda", dtype=dtype) for _ in range(2))

            def multiply(a: Any = a, b: Any = b) -> None:
                torch.matmul(a, b)
                torch.cuda.synchronize()

            multiply()  # chooses its kernel
            peaks[precision] = round(2 * _CUDA_SIDE**3 / _best_s(multiply) / 1e9, 1)
        return peaks
    finally:
        torch.set_float32_matmul_precision(before)


def copy_gb_per_s() -> float:
    """Return how fast one thread copies memory: bytes read and bytes written, in 1e9 per second, the best of five."""
    source = np.ones(_COPY_MB * 1_000_000, np.uint8)
    target = np.empty_like(source)
    return round(2 * source.nbytes / _best_s(lambda: np.copyto(target, source)) / 1e9, 1)


def network_gflop(config: TransformNetConfig, width: int, height: int) -> float:
    """Return what the network's convolutions cost as the paper writes them, in 1e9 operations; an addition counts as one.

    A graph that reaches the same result with fewer operations has a larger share of the peak by this count; that is meant.
    """
    below, right = config.padding(height, width)
    rows, columns = height + below, width + right
    total = 0
    for layer in config.layers:
        rows, columns = rows * layer.upsample // layer.stride, columns * layer.upsample // layer.stride
        total += 2 * rows * columns * layer.out_channels * layer.in_channels * layer.kernel**2
    return total / 1e9


def network_gb(config: TransformNetConfig, width: int, height: int, precision: str) -> float | None:
    """Return what the network must move through memory at least if no layer stays in a cache, in 1e9 bytes; None in other precisions.

    That is every layer's input and output once, and the weights once. The picture at both ends has one byte per number; an enlargement
    and the padding cost nothing, nor does the second reading of a residual block's input. Normalisation takes a second look at each
    layer's output, so an engine that keeps nothing in caches moves more than this.
    """
    if precision not in _BYTES:
        return None
    below, right = config.padding(height, width)
    pixels = (height + below) * (width + right)
    total = 0
    for number, layer in enumerate(config.layers):
        taken = pixels * layer.in_channels
        pixels = pixels * layer.upsample**2 // layer.stride**2
        given = pixels * layer.out_channels
        is_last = number == len(config.layers) - 1
        weights = layer.out_channels * layer.in_channels * layer.kernel**2
        total += taken * (_BYTES[precision] if number else 1) + given * (1 if is_last else _BYTES[precision])
        total += weights * _BYTES[precision]
    return total / 1e9


def _best_s(work: Any) -> float:
    times = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
