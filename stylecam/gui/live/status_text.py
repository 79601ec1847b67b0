"""What the status bar says for people, and the lines of the details panel."""

from __future__ import annotations

import time
from collections.abc import Callable

from stylecam.app.live.interfaces import SinkStatus, Status
from stylecam.render.live import Rendered

#: How long the rate of the source is counted for.
_RATE_S = 4.0
#: Causes and stages whose names are not for people.
_CAUSES = {"render busy": "busy stylizing"}
_STAGES = {"calm": "temporal smoothing", "engine": "network"}


class SourceRate:
    """How many frames per second a source delivers, from a count that grows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: list[tuple[float, int]] = []

    def note(self, captured: int) -> float:
        """Return the rate over the last seconds, 0 while it is unknown."""
        now = self._clock()
        self._counts = [each for each in self._counts if now - each[0] <= _RATE_S] + [(now, captured)]
        (begun, first), (ended, last) = self._counts[0], self._counts[-1]
        return (last - first) / (ended - begun) if ended - begun >= _RATE_S / 2 else 0.0


def numbers_line(status: Status, shown: Rendered | None, source_fps: float = 0.0) -> str:
    """Return the line for people about the frame that is shown, or about the wait for the first."""
    if shown is None:
        return status.source or "Waiting for the source …"
    parts = []
    fps = round(status.numbers.fps)
    if shown.starting:
        parts.append("Starting the engine …")
    elif fps < 1:  # a photo has no rate
        parts.append(status.source)
    else:
        of = f" of {source_fps:.0f}" if round(source_fps) > fps else ""
        parts.append(f"{fps}{of} frame{'' if fps == 1 and not of else 's'} per second")
    if shown.params.is_plain or not shown.engine:
        parts.append("plain photo")
    elif not shown.starting:
        parts.append(shown.quality.partition(" ")[0])
    if shown.scale < 1:
        parts.append(f"smaller, {shown.scale:.0%}".replace("%", " %"))
    return " · ".join(filter(None, parts))


def details(status: Status, shown: Rendered | None, source_fps: float = 0.0) -> list[tuple[str, str]]:
    """Return the lines of the details panel, a name and a value each."""
    lines = [("Source", " · ".join(filter(None, (status.source, f"{source_fps:.0f} frames per second" if source_fps >= 0.5 else ""))))]
    if shown is not None:
        height, width = shown.image.shape[:2]
        lines.append(("Frame", " · ".join(filter(None, (f"{width}×{height}", shown.quality)))))
        lines.append(("Engine", shown.engine.partition(" on ")[0] or "none: plain photo"))
        if shown.engine:
            lines.append(("Processor", shown.engine.partition(" on ")[2]))
    lines += [(name.replace("_", " ").capitalize(), sink.detail) for name, sink in status.sinks.items() if sink.detail]
    if status.numbers.latency_ms and source_fps >= 0.5:  # of a photo it would be how long ago it was opened
        lines.append(("Latency", f"{status.numbers.latency_ms:.0f} ms from camera to finished frame (a sync offset for OBS)"))
    stages = sorted(status.numbers.stages_ms.items(), key=lambda each: -each[1])
    lines.append(("Stages", ", ".join(f"{_STAGES.get(stage, stage)} {ms:.1f} ms" for stage, ms in stages) or "none yet"))
    lines.append(
        ("Left out", ", ".join(f"{_CAUSES.get(cause, cause)} {count}" for cause, count in status.drops.items() if count) or "nothing")
    )
    return lines


def sink_text(label: str, sink: SinkStatus | None) -> str:
    """Return what a sink's button says: its name, or for how long it has been on and how many frames it lost."""
    if sink is None:
        return label.replace("&", "")
    return clock(sink.seconds) + (f"  −{sink.dropped}" if sink.dropped else "")


def clock(seconds: float) -> str:
    """Return minutes and seconds.

    >>> clock(67.8)
    '01:07'
    """
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
