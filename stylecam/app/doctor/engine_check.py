"""Tries one engine for real, in a process of its own: `python -m stylecam.app.doctor.engine_check NAME [PACK]` prints one JSON object.

A library for another processor can end the process it is loaded into, and torch needs seconds; neither must hit whoever asks.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.core.process import ask_child
from stylecam.engines.libraries import openvino_core
from stylecam.engines.select import PRECISIONS, open_engine
from stylecam.errors import StylecamError
from stylecam.net.families import Architecture, UNetConfig
from stylecam.net.styles import STYLES, neutral
from stylecam.packs.library import PackLibrary
from stylecam.packs.pack import StylePack

WIDTH_PX, HEIGHT_PX = 320, 240
TIMEOUT_S = 60.0
_TIMED_FRAMES = 6


def check_engine(name: str, pack: Path | None, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Run this module for one engine and return what it found; see `try_engine`. Never raises for what the engine does."""
    more = [str(pack)] if pack is not None else []
    return {"name": name, **ask_child("stylecam.app.doctor.engine_check", name, *more, timeout_s=timeout_s)}


def try_engine(name: str, pack: StylePack) -> dict[str, Any]:
    """Open an engine, stylize one small image, and return name, device, precision, times and note, or name and error."""
    found: dict[str, Any] = {"name": name}
    begin = time.perf_counter()
    try:
        engine = open_engine(pack, name)
        photo = np.random.default_rng(0).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
        engine.stylize(photo, pack.rows[0])
        found["start_s"] = round(time.perf_counter() - begin, 2)
        begin = time.perf_counter()
        engine.stylize(photo, pack.rows[0])
        found["frame_ms"] = round((time.perf_counter() - begin) * 1000, 1)
        found |= {"device": engine.device, "precision": engine.precision, "note": engine.note, "error": ""}
    except StylecamError as error:
        found["error"] = str(error)
    except Exception as error:  # a report of what is broken must not break
        found["error"] = f"{type(error).__name__}: {error}"
    try:
        found |= _more(name, pack)
    except Exception as error:  # the same
        found["more_error"] = f"{type(error).__name__}: {error}"
    return found


def synthetic_pack(config: Architecture | None = None) -> StylePack:
    """Return a network of one style with random weights, by default the live one, to try engines where no pack can be read."""
    config = config or UNetConfig.live32(styles=1, identity=False)
    rng = np.random.default_rng(0)
    tensors = {conv.weight: rng.normal(0, 0.05, conv.weight_shape).astype(np.float32) for conv in config.convs}
    tensors[STYLES] = neutral(config.graph(), config.rows)
    return StylePack("synthetic", "Random weights", "", config, (), tensors)


def main(arguments: Sequence[str]) -> None:
    """Print what `try_engine` finds, as the last line."""
    name, pack = arguments[0], synthetic_pack()
    if len(arguments) > 1:
        pack = PackLibrary([]).load(arguments[1])  # the report has loaded it before, so it is sound
    sys.stdout.write("\n" + json.dumps(try_engine(name, pack)) + "\n")


def _more(name: str, pack: StylePack) -> dict[str, Any]:
    """Ask the engine's library what only it can tell of the machine."""
    if name == "onnx":
        module: Any = importlib.import_module("stylecam.engines.runtimes.onnxruntime")
        runtime = module.load_runtime()
        trouble = module.provider_trouble(runtime, "CUDAExecutionProvider")
        listed = runtime.get_available_providers()
        return {"providers_listed": listed, "cuda_works": not trouble, "cuda_trouble": trouble}
    if name == "torch":
        torch: Any = importlib.import_module("torch")
        gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
        return {"cuda_build": torch.version.cuda, "cuda_gpus": gpus, "mps": bool(torch.backends.mps.is_available())}
    if name == "openvino":
        core = openvino_core()
        capabilities = {device: core.get_property(device, "OPTIMIZATION_CAPABILITIES") for device in core.available_devices}
        return {"openvino_devices": capabilities, "precision_ms": _paces(name, pack)}
    return {}


def _paces(name: str, pack: StylePack) -> dict[str, float]:
    """Return how long a frame takes in each precision that the engine offers here, in milliseconds: the fastest of a few."""
    photo = np.random.default_rng(0).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    paces = {}
    for precision in PRECISIONS[1:]:
        try:
            engine = open_engine(pack, name, precision=precision)
            times = []
            for _ in range(_TIMED_FRAMES):
                begin = time.perf_counter()
                engine.stylize(photo, pack.rows[0])
                times.append(time.perf_counter() - begin)
        except StylecamError:
            continue  # not on this processor, or not with this library
        paces[precision] = round(min(times) * 1000, 1)
        engine.close()
    return paces


if __name__ == "__main__":
    main(sys.argv[1:])
