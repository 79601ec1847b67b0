"""The real window with a restless user for a long time: what it leaks, whether it falls behind, what it raises."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stylecam.bench.app.fake_ip_camera import NumberedCamera
from stylecam.bench.app.run import follow_app
from stylecam.bench.app.soak_material import soak_sources, write_packs
from stylecam.core.progress import Progress
from stylecam.errors import EngineError
from stylecam.packs.library import load_pack

#: What is allowed: memory after warm-up within this share; a frame as old as this when it is finished, in finished frames; and this share
#: of frames that are older when they are drawn, because the window was busy.
MEMORY_SHARE, OLDEST_FRAMES, LATE_SHARE = 0.03, 3, 0.01
#: How often the source changes, and after how many changes everything comes to rest and is measured.
CHANGE_S, CHANGES_PER_REST = 20.0, 3
_WARM_SHARE = 1 / 4
_LEAST_RESTS = 2
_SILENCE_S = 300.0


@dataclass(frozen=True, kw_only=True)
class SoakReport:
    """What a soak found.

    `rss_mb` are the medians of the rests in the first and in the last third after warm-up, which is the first quarter of the run;
    `windows_mb` the median of every window, from a rest to the next, while busy; `threads` and `handles` the fewest at the first rest after
    warm-up and at the last. `oldest_frames` is the age of the oldest frame when it was finished, `late` how many were older than 3 frames
    when they were drawn.
    """

    minutes: float
    seed: int
    frames: int
    rests: int
    rss_mb: tuple[float, float]
    windows_mb: tuple[float, ...]
    threads: tuple[int, int]
    handles: tuple[int, int]
    oldest_frames: int
    late: int
    exceptions: int
    exception: str

    @property
    def misses(self) -> tuple[str, ...]:
        """Which limits do not hold, each as a part of a sentence."""
        first, last = self.rss_mb
        found = {
            f"memory changed by {last / first - 1:+.1%}": abs(last / first - 1) > MEMORY_SHARE,
            f"{self.threads[1] - self.threads[0]} more threads at the end": self.threads[1] > self.threads[0],
            f"{self.handles[1] - self.handles[0]} more open files at the end": self.handles[1] > self.handles[0],
            f"a frame was {self.oldest_frames} frames old": self.oldest_frames > OLDEST_FRAMES,
            f"{self.late} of {self.frames} frames were drawn late": self.late > LATE_SHARE * self.frames,
            f"{self.exceptions} exceptions, the last: {self.exception}": self.exceptions > 0,
        }
        return tuple(what for what, missed in found.items() if missed)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {**asdict(self), "misses": self.misses}

    def __str__(self) -> str:
        first, last = self.rss_mb
        return "\n".join(
            [
                f"{self.minutes:.1f} minutes, seed {self.seed}, {self.frames} frames, {self.rests} rests",
                f"memory at rest   {first:8.1f} MB {last:8.1f} MB {last / first - 1:+8.1%}   (at most ±{MEMORY_SHARE:.0%})",
                f"memory while busy, median of each window: {' '.join(f'{each:.0f}' for each in self.windows_mb)} MB",
                f"threads          {self.threads[0]:8d}    {self.threads[1]:8d}              (not more)",
                f"open files       {self.handles[0]:8d}    {self.handles[1]:8d}              (not more)",
                f"oldest frame     {self.oldest_frames:8d} frames                   (at most {OLDEST_FRAMES})",
                f"drawn late       {self.late:8d} frames                   (at most {LATE_SHARE:.0%})",
                f"exceptions       {self.exceptions:8d}                          (none)",
            ]
        )


def soak(
    minutes: float, seed: int, *, pack: str, change_s: float = CHANGE_S, changes_per_rest: int = CHANGES_PER_REST
) -> Iterator[Progress | SoakReport]:
    """Run the app for `minutes`, while controls, recordings, packs and sources change; yield its reports, finally the summary.

    Its user folders, with all that it records, are thrown away.

    Args:
        minutes: for how long; a rest more may follow.
        seed: decides what is done; not when, for that depends on the machine.
        pack: name or path.
        change_s: how often the source changes.
        changes_per_rest: after how many changes everything comes to rest and is measured.

    Raises:
        EngineError: the app ended before its time, or the run is too short to compare anything.
    """
    reports = []
    with tempfile.TemporaryDirectory() as home, NumberedCamera(640, 480) as camera:
        more = write_packs(load_pack(pack), Path(home) / "material")
        # In the order of `app.live.exercise.ExercisePlan`, which is another program's part: benches start the app as its user does.
        plan = {
            "seed": seed,
            "seconds": minutes * 60,
            "sources": soak_sources(camera.url),
            "packs": (pack, *more),
            "change_s": change_s,
            "changes_per_rest": changes_per_rest,
        }
        file = Path(home) / "plan.json"
        file.write_text(json.dumps(plan))
        arguments = ("--source", soak_sources(camera.url)[0], "--pack", pack, "--exercise", str(file))
        for report in follow_app(arguments, home, _SILENCE_S):
            reports.append(report)
            yield report
    yield summarise(reports, seed)


def summarise(reports: Sequence[Progress], seed: int = 0) -> SoakReport:
    """Compare what was measured at the rests.

    Raises:
        EngineError: there are too few rests.
    """
    rests = _by_rest(reports, "rest")
    warm = [values for at_s, values in rests if at_s >= _WARM_SHARE * reports[-1].seconds]
    if len(warm) < _LEAST_RESTS:
        raise EngineError(f"The run came to rest only {len(rests)} times, too few to compare; give more --minutes.")
    third = max(1, len(warm) // 3)
    rss = [statistics.median(each["rss_mb"] for each in values) for values in warm]
    ends = warm[0], warm[-1]
    last = reports[-1]
    threads, handles = ([int(min(each[name] for each in values)) for values in ends] for name in ("threads", "handles"))
    return SoakReport(
        minutes=round(last.seconds / 60, 2),
        seed=seed,
        frames=int(last.values["frames"]),
        rests=len(rests),
        rss_mb=(statistics.median(rss[:third]), statistics.median(rss[-third:])),
        windows_mb=tuple(statistics.median(each["rss_mb"] for each in values) for _, values in _by_rest(reports, "busy")),
        threads=(threads[0], threads[1]),
        handles=(handles[0], handles[1]),
        oldest_frames=int(last.values["oldest_frames"]),
        late=int(last.values["late"]),
        exceptions=int(last.values["exceptions"]),
        exception=last.message,
    )


def _by_rest(reports: Sequence[Progress], phase: str) -> list[tuple[float, list[dict[str, float]]]]:
    """Return the reports of a phase between rest and rest: when it began, in seconds, and the values."""
    found: dict[float, tuple[float, list[dict[str, float]]]] = {}
    for report in reports:
        if report.stage == phase:
            found.setdefault(report.values["rests"], (report.seconds, []))[1].append(report.values)
    return list(found.values())
