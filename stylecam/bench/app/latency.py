"""How long from a frame that a camera sends to its stylized frame in the window, and from a moved slider to its effect there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from stylecam.bench.app.fake_ip_camera import NumberedCamera
from stylecam.bench.app.run import run_app

#: How often the slider is moved in a run.
MOVES = 20


@dataclass(frozen=True)
class Latency:
    """Times in ms, None where nothing could be joined.

    `sent_to_shown` is from the moment at which the camera sends a frame's first byte to the end of drawing the stylized frame
    into the window: transfer, decoding, waiting for the engine, stylizing, drawing. `control` is from a slider's move in the window
    to the end of drawing the first frame that was stylized with it. The time that the screen takes after drawing is in neither.
    """

    sent_to_shown_ms_median: float | None
    sent_to_shown_ms_p95: float | None
    control_ms_median: float | None
    control_ms_p95: float | None


def measure_latency(width: int, height: int, frames: int, *, pack: str, quality: str = "fine", moves: int = MOVES) -> Latency:
    """Let the real window stylize `frames` frames of a camera on this computer, while one of its sliders moves.

    The window reads the number in each frame's corner and notes when that frame was drawn; the camera notes when it sent the number.

    Raises:
        EngineError: the app failed; the message is its own.
    """
    with NumberedCamera(width, height) as camera:
        numbers = run_app(camera.url, frames, pack=pack, size_px=max(width, height), quality=quality, moves=moves)
        sent = list(camera.sent)
    trace = numbers["trace"]
    shown = trace["painted"][len(trace["painted"]) // 3 :]  # before that the engine warms up
    return Latency(*_median_and_p95(sent_to_shown_ms(sent, shown)), *_median_and_p95(trace["control_ms"]))


def sent_to_shown_ms(sent: Iterable[Sequence[int]], shown: Iterable[Sequence[int]]) -> list[float]:
    """Return the delay of each frame that was shown, in ms, since its number was last sent before.

    Args:
        sent: pairs of number and time in ns, in the order of time.
        shown: the same, by the same clock; numbers that were never sent before are skipped.
    """
    times: defaultdict[int, list[int]] = defaultdict(list)
    for number, time_ns in sent:
        times[number].append(time_ns)
    delays = []
    for number, shown_ns in shown:
        before = bisect_right(times[number], shown_ns)
        if before:
            delays.append((shown_ns - times[number][before - 1]) / 1e6)
    return delays


def _median_and_p95(times_ms: Sequence[float]) -> tuple[float, float] | tuple[None, None]:
    if not times_ms:
        return None, None
    return round(float(np.median(times_ms)), 2), round(float(np.percentile(times_ms, 95)), 2)
