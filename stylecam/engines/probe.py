"""Tries one device for real: `python -m stylecam.engines.probe ENGINE DEVICE` prints what it found as one JSON object.

Compile, run a small frame in a few styles, compare with f32 on the processor, time. See `verdicts`, which asks for it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from stylecam.core import paths
from stylecam.engines.base import Engine, Image, Vector
from stylecam.engines.select import open_engine, open_on
from stylecam.errors import EngineError, StylecamError
from stylecam.packs.library import PackLibrary
from stylecam.packs.pack import StylePack

WIDTH_PX, HEIGHT_PX = 640, 480
#: How far a device's frame may be from f32 on the processor, of 255: on average over all numbers, and of each colour's mean.
MEAN_DIFFERENCE, COLOUR_SHIFT = 3.0, 1.0
_STYLES = 3
_TIMED_FRAMES = 5


def probe(engine: str, device: str, pack: StylePack) -> dict[str, Any]:
    """Return what `verdicts.Verdict` holds, but for when. The precision that is fastest there is tried first, then f32."""
    photo, rows = sample_frame(), pack.rows[:: max(1, len(pack.rows) // _STYLES)]
    try:
        expected = _run(open_engine(pack, device="cpu", precision="f32"), photo, rows)[0]
        cpu_ms = _run(open_engine(pack, device="cpu"), photo, rows)[1]
        errors = []
        for precision in ("auto", "f32"):
            try:
                opened = open_on(pack, engine, device, precision=precision)
            except EngineError as error:
                errors.append(str(error))
                continue
            name, computed_in = opened.device, opened.precision
            frames, frame_ms = _run(opened, photo, rows)
            difference, shift = apart(frames, expected)
            if difference <= MEAN_DIFFERENCE and shift <= COLOUR_SHIFT:
                return {
                    "name": name,
                    "precision": computed_in if precision == "f32" else "auto",
                    "frame_ms": round(frame_ms, 2),
                    "cpu_ms": round(cpu_ms, 2),
                    "difference": round(difference, 3),
                }
            errors.append(f"{name} in {computed_in} is {difference:.1f} of 255 from f32 on the processor, colours shift by {shift:.1f}")
    except StylecamError as error:
        return {"error": str(error)}
    return {"error": errors[0]}


def apart(frames: Sequence[Image], expected: Sequence[Image]) -> tuple[float, float]:
    """Return the mean difference and the largest shift of a colour's mean, of 255, of the frame that is worst in each.

    >>> black, grey = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 8, np.uint8)
    >>> apart([black, grey], [black, black])
    (8.0, 8.0)
    """
    differences = [frame.astype(np.float64) - wanted for frame, wanted in zip(frames, expected, strict=True)]
    return max(float(np.abs(each).mean()) for each in differences), max(float(np.abs(each.mean((0, 1))).max()) for each in differences)


def sample_frame() -> Image:
    """Return a frame of soft shapes with a little noise, always the same, uint8 RGB (480, 640, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float32) / WIDTH_PX
    waves = np.sin(9 * x[..., None] + (0, 2, 4)) * np.cos(13 * y[..., None] + (1, 3, 5))
    frame: Image = np.clip(127 + 90 * waves + rng.normal(0, 8, waves.shape), 0, 255).astype(np.uint8)
    return frame


def main(arguments: Sequence[str]) -> None:
    """Print what `probe` finds for an engine and a device with the shipped pack, as the last line."""
    engine, device = arguments
    try:
        found = probe(engine, device, PackLibrary([]).load(str(paths.shipped("weights", paths.DEFAULT_PACK))))
    except StylecamError as error:
        found = {"error": str(error)}
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def _run(engine: Engine, photo: Image, rows: Vector) -> tuple[list[Image], float]:
    """Return the frame in every style, and the median time of one in milliseconds; close the engine."""
    try:
        frames = [engine.stylize(photo, row)[0] for row in rows]
        times = []
        for _ in range(_TIMED_FRAMES):
            begin = time.perf_counter()
            engine.stylize(photo, rows[0])
            times.append((time.perf_counter() - begin) * 1000)
    finally:
        engine.close()
    return frames, statistics.median(times)


if __name__ == "__main__":
    main(sys.argv[1:])
