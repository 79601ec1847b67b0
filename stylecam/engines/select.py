"""Which engines there are, and opening one: the named one, or the best that works here. Imports none of them by itself."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from stylecam.engines.auto import AutoEngine
from stylecam.engines.base import Engine
from stylecam.engines.devices import CANDIDATES, DEVICES, Candidate, find
from stylecam.engines.machine import has_nvidia_driver, may_have_gpu
from stylecam.engines.verdicts import Verdict, judge, known, working
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
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    head: str = FINE,
    warm: bool = False,
) -> Engine:
    """Return an engine that runs the network of `pack`, and of every pack with the same network (`StylePack.network`).

    "auto" is the fastest device that is known to work here (see `verdicts`), else the best engine that starts at once, so without torch:
    ONNX Runtime where CUDA really works, else OpenVINO, else ONNX Runtime on the processor; torch only when all else fails.

    Args:
        pack: its architecture and convolutions are read.
        name: one of `NAMES`.
        device: one of `devices.DEVICES`; one that is named must work, or it is an error. The first time it is probed, which takes seconds.
        precision: one of `PRECISIONS`; "auto" is the fastest that keeps the look.
        threads: how many cores the engine may use; None is the library's choice.
        head: which of the network's outputs; "fast" takes half-size images and gives full-size ones, see `pack.config.heads`.
        warm: with "auto", start at once, probe the devices in the background, and change over between two frames if one is faster; for
            live video.

    >>> import numpy as np, stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> engine = stylecam.open_engine(pack, precision="f32")
    >>> vector = pack.scale_shift(stylecam.StyleMix.parse("starry_night=0.7,great_wave=0.3"))  # γ and β, (N,) float32
    >>> image, _ = engine.stylize(np.zeros((48, 64, 3), np.uint8), vector)
    >>> engine.close()

    Raises:
        UsageError: there is no engine, device or precision of that name, or the engine does not run on that device.
        EngineError: it cannot be used here, with every attempt that was made.
    """
    check_names(name, device)
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
    if device not in ("auto", "cpu"):
        return open_first(_named(pack, name, device, common), f"The device '{device}' cannot be used here")
    if name != "auto":
        return _open(pack, name, **common, **({} if device == "auto" else {"device": device}))
    if device == "cpu":
        return open_first((each, partial(_open_tried, pack, each, **common, device="cpu")) for each in _ENGINES)
    start: list[tuple[str, Callable[[], Engine]]] = [
        (label, partial(_open_tried, pack, each, **common, **more)) for label, each, more in _auto_order()
    ]
    if not warm:
        return open_first(_ranked(pack, working(probe=False), common) + start)
    engine = open_first(start)
    if engine.name == "torch" or not may_have_gpu():
        return engine
    return AutoEngine(engine, partial(_open_fastest, pack, engine, common))


def check_names(name: str, device: str) -> None:
    """Refuse what `open_engine` would refuse of an engine's and a device's name, before anything else is done.

    Raises:
        UsageError: with what was probably meant.
    """
    if name not in NAMES:
        raise UsageError(f"There is no engine '{name}'.{did_you_mean(name, NAMES)} Choose one of {', '.join(NAMES)}.")
    if device not in DEVICES:
        raise UsageError(f"There is no device '{device}'.{did_you_mean(device, DEVICES)} Choose one of {', '.join(DEVICES)}.")
    engines = [each.engine for each in CANDIDATES if each.device == device]
    if engines and name not in ("auto", *engines):
        raise UsageError(f"The engine '{name}' does not run on '{device}'; choose --engine {' or '.join(engines)}, or auto.")


def open_on(pack: StylePack, name: str, device: str, **options: Any) -> Engine:
    """Open an engine on a device, run the smallest frame through it, and ask no verdict: for the probe, which gives it.

    Raises:
        EngineError: the device does not work.
    """
    return _open_tried(pack, name, device=device, **options)


def open_first(attempts: Iterable[tuple[str, Callable[[], Engine]]], trouble: str = "No engine works here") -> Engine:
    """Return the first engine that opens; `attempts` are (label for people, opener), `trouble` begins the sentence if none does.

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
    raise EngineError(f"{trouble}; `stylecam doctor` tells more. " + " ".join(failures))


def _auto_order() -> list[tuple[str, str, dict[str, str]]]:
    order: list[tuple[str, str, dict[str, str]]] = [
        ("openvino", "openvino", {}),
        ("onnx", "onnx", {"device": "cpu"}),
        ("torch", "torch", {}),
    ]
    if has_nvidia_driver():
        cuda = find("onnx", "cuda")
        verdict = known(cuda) if cuda else None
        if verdict is None or not verdict.error:
            order.insert(0, ("onnx on CUDA", "onnx", {"device": "cuda"}))
    return order


def _ranked(pack: StylePack, ranking: list[tuple[Candidate, Verdict]], common: dict[str, Any]) -> list[tuple[str, Callable[[], Engine]]]:
    """Return how each device of a ranking is opened: in the precision in which it was found to work, unless one is named."""
    attempts: list[tuple[str, Callable[[], Engine]]] = []
    for candidate, verdict in ranking:
        precision = verdict.precision if common["precision"] == "auto" else common["precision"]
        options = {**common, "precision": precision, "device": candidate.device}
        attempts.append((f"{candidate.engine} on {candidate.device}", partial(_open_tried, pack, candidate.engine, **options)))
    return attempts


def _named(pack: StylePack, name: str, device: str, common: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Engine]]]:
    """Yield how a device that was named is opened, by each engine that can, as long as nobody is content with one."""
    for candidate in CANDIDATES:
        if candidate.device != device or name not in ("auto", candidate.engine):
            continue
        verdict = judge(candidate, again=True)
        if verdict.error:
            yield f"{candidate.engine} on {device}", partial(_refuse, f"{verdict.error.rstrip('.')}; it needs {candidate.needs}.")
        else:
            yield from _ranked(pack, [(candidate, verdict)], common)


def _refuse(why: str) -> Engine:
    raise EngineError(why)


def _open_fastest(pack: StylePack, start: Engine, common: dict[str, Any]) -> Engine:
    """Probe what is not known yet, and open the fastest device beside the one that `start` runs on; for the background."""
    ranking = [(each, verdict) for each, verdict in working(probe=True) if start.on_cpu or each.engine != start.name]
    return open_first(_ranked(pack, ranking, common))


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
