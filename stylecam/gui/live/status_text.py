"""What the status bar says: the size, how quickly it is stylized and by what, and what was left out."""

from __future__ import annotations

from stylecam.app.live.interfaces import SinkStatus, Status
from stylecam.render.live import Rendered


def numbers_line(status: Status, shown: Rendered | None) -> str:
    """Return the line about the frame that is shown, or about the wait for the first."""
    if shown is None:
        return status.source or "waiting for the source …"
    height, width = shown.image.shape[:2]
    numbers, parts = status.numbers, [f"{width}×{height}"]
    if shown.starting:
        parts.append("starting the engine …")
    if numbers.fps >= 0.5:  # a photo has no rate
        parts += [f"{numbers.fps:.0f} fps", f"{numbers.latency_ms:.0f} ms"]
    if shown.scale < 1:
        parts.append(f"stylized at {shown.scale:.0%}")
    if shown.engine and not shown.starting:
        parts.append(shown.quality)
    parts.append("plain photo" if shown.params.is_plain or not shown.engine else shown.engine)
    dropped = sum(count for cause, count in status.drops.items() if cause != "frozen")
    if dropped:
        parts.append(f"{dropped} skipped")
    return "   ·   ".join(filter(None, parts))


def numbers_details(status: Status) -> str:
    """Return the source, the stages' times and the drops by cause, a line each."""
    stages = [f"{stage}: {ms:.1f} ms" for stage, ms in sorted(status.numbers.stages_ms.items(), key=lambda each: -each[1])]
    return "\n".join([status.source, *stages, *(f"skipped, {cause}: {count}" for cause, count in status.drops.items())])


def sink_text(label: str, sink: SinkStatus | None) -> str:
    """Return what a sink's button says: its name, or for how long it has been on and how many frames it lost."""
    if sink is None:
        return label.replace("&", "")
    seconds = int(sink.seconds)
    lost = f"  −{sink.dropped}" if sink.dropped else ""
    return f"● {seconds // 60:02d}:{seconds % 60:02d}{lost}"
