"""Which engines there are, and opening one: the named one, or the best that works here. Imports none of them by itself."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from stylecam.engines.auto import AutoEngine
from stylecam.engines.base import Engine
from stylecam.engines.machine import has_nvidia_driver, may_have_gpu
from stylecam.errors import EngineError, UsageError, did_you_mean
from stylecam.net.families import FAST, FINE
from stylecam.packs.pack import StylePack

_log = logging.getLogger(__name__)

#: Engine → its module in `runtimes`, its class, and the packages that it needs.
_ENGINES = {
    "openvino": ("openvino", "OpenVinoEngine", ("openvino", "onnx")),
    "onnx": ("onnxruntime", "OnnxEngine", ("onnxruntime", "onnx")),
    "torch": ("torch", "TorchEngine", ("torch",)),
}

#: What `open_engine` takes as `name` and as `precision`.
NAMES = ("auto", *_ENGINES)
PRECISIONS = ("auto", "f32", "bf16", "fp16", "int8")


def available_engines() -> list[tuple[str, str]]:
    """Return every engine and why it cannot be used, or an empty string. Looks only whether packages are installed: `doctor` tries them."""
    found = []
    for name, (_, _, packages) in _ENGINES.items():
        missing = [package for package in packages if importlib.util.find_spec(package) is None]
        found.append((name, f"{' and '.join(missing)} not installed" if missing else ""))
    return found


def open_engine(
    pack: StylePack,
    name: str = "auto",
    *,
    precision: str = "auto",
    threads: int | None = None,
    head: str = FINE,
    warm: bool = False,
) -> Engine:
    """Return an engine that runs the network of `pack`, and of every pack with the same network (`StylePack.network`).

    "auto" is the best engine that starts at once, so without torch: ONNX Runtime where CUDA really works, else OpenVINO, else ONNX
    Runtime on the processor; torch only when all else fails.

    Args:
        pack: its architecture and convolutions are read.
        name: one of `NAMES`.
        precision: one of `PRECISIONS`; "auto" is the fastest that keeps the look.
        threads: how many cores the engine may use; None is the library's choice.
        head: which of the network's outputs; "fast" takes half-size images and gives full-size ones, see `pack.config.heads`.
        warm: with "auto", try a faster engine in the background and change over between two frames; for live video.

    >>> import numpy as np, stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> engine = stylecam.open_engine(pack, precision="f32")
    >>> vector = pack.scale_shift(stylecam.StyleMix.parse("starry_night=0.7,great_wave=0.3"))  # γ and β, (N,) float32
    >>> image, _ = engine.stylize(np.zeros((48, 64, 3), np.uint8), vector)
    >>> engine.close()

    Raises:
        UsageError: there is no engine or precision of that name.
        EngineError: it cannot be used here, with every attempt that was made.
    """
    if name not in NAMES:
        raise UsageError(f"There is no engine '{name}'.{did_you_mean(name, NAMES)} Choose one of {', '.join(NAMES)}.")
    if precision not in PRECISIONS:
        raise UsageError(
            f"There is no precision '{precision}'.{did_you_mean(precision, PRECISIONS)} Choose one of {', '.join(PRECISIONS)}."
        )
    if threads is not None and threads < 1:
        raise UsageError(f"An engine cannot run on {threads} threads; give at least 1.")
    if head not in pack.config.heads:
        raise UsageError(
            f"The pack '{pack.name}' has no {head} output, only {' and '.join(pack.config.heads)}; "
            + ("open it without, and enlarge its images." if head == FAST else "choose one of these.")
        )
    common: dict[str, Any] = {"precision": precision, "threads": threads, "head": head}
    if name != "auto":
        return _open(pack, name, **common)
    engine = open_first((label, partial(_open_tried, pack, each, **common, **more)) for label, each, more in _auto_order())
    if not warm or engine.name == "torch" or not may_have_gpu():
        return engine
    return AutoEngine(engine, partial(_open, pack, "torch", **common, device="gpu"))


def open_first(attempts: Iterable[tuple[str, Callable[[], Engine]]]) -> Engine:
    """Return the first engine that opens; `attempts` are (label for people, opener).

    Raises:
        EngineError: none does; the message lists every attempt.
    """
    failures = []
    for label, opener in attempts:
        try:
            return opener()
        except EngineError as error:
            _log.info("engine %s: %s", label, error)
            failures.append(f"{label}: {error}")
    raise EngineError("No engine works here; `stylecam doctor` tells more. " + " ".join(failures))


def _auto_order() -> list[tuple[str, str, dict[str, str]]]:
    order: list[tuple[str, str, dict[str, str]]] = [
        ("openvino", "openvino", {}),
        ("onnx", "onnx", {"device": "cpu"}),
        ("torch", "torch", {}),
    ]
    if has_nvidia_driver():
        order.insert(0, ("onnx on CUDA", "onnx", {"device": "cuda"}))
    return order


def _open(pack: StylePack, name: str, **options: Any) -> Engine:
    module, class_name, _ = _ENGINES[name]
    try:
        engine_class = getattr(importlib.import_module(f"stylecam.engines.runtimes.{module}"), class_name)
    except (ImportError, OSError) as error:
        raise EngineError(f"The engine '{name}' cannot be loaded ({error}); reinstall it, or choose another with --engine.") from error
    engine: Engine = engine_class(pack.config, pack.tensors, **options)
    return engine


def _open_tried(pack: StylePack, name: str, **options: Any) -> Engine:
    """Open an engine and run the smallest image through it: a library that loads but cannot compute is found out now."""
    engine = _open(pack, name, **options)
    try:
        engine.stylize(np.zeros((1, 1, 3), np.uint8), np.zeros(engine.config.scale_shift_size, np.float32))
    except EngineError:
        engine.close()
        raise
    return engine
