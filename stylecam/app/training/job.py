"""The trainer as a child process: what it reports becomes a curve and a growing pack, and its end a state of its run."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stylecam.app.child_job import DONE, PROGRAM, RUNNING, ChildJob, ChildStatus
from stylecam.app.training.runs import WHOLE, TrainRun
from stylecam.core.progress import Progress
from stylecam.errors import StylecamError

#: More points than a plot is wide are thinned out.
MAX_POINTS = 1200


@dataclass(frozen=True)
class TrainStatus(ChildStatus):
    """How a training stands: `packs` counts how often the style was written, `curve` is (step, objective) from the beginning."""

    packs: int = 0
    curve: tuple[tuple[int, float], ...] = ()


class TrainJob(ChildJob[TrainStatus]):
    """One run of the trainer, which counts as unfinished until it is marked otherwise.

    Raises:
        TrainingError: the trainer cannot be started.
    """

    def __init__(self, run: TrainRun) -> None:
        self.run = run
        super().__init__(trainer_command(run), run.folder / "trainer.log", TrainStatus(), "trainer")
        with contextlib.suppress(StylecamError):  # without it a crash is not offered to be resumed; the training goes on
            run.mark(RUNNING, (self.pid, self.born))
        self.follow()

    def _take(self, report: Progress) -> dict[str, Any]:
        value, curve = report.values.get("objective"), self._status.curve
        if isinstance(value, (int, float)):
            curve = thinned((*curve, (report.step, float(value))))
        return super()._take(report) | {"packs": self._status.packs + ("pack" in report.files), "curve": curve}

    def _end(self, code: int) -> None:
        state, problem = self._ending(code)
        kept = self.run.pack.is_file()
        if state == DONE or self._wants_stop:
            try:
                if kept:
                    self.run.install()
                self.run.mark(state)
            except StylecamError as error:
                problem = str(error)
        with self._lock:
            if kept:  # what it wrote at the very end was not reported
                self._set(files=self._status.files | {"pack": str(self.run.pack)}, packs=self._status.packs + 1)
            self._set(state=state, problem=problem, count=self._status.count + 1)

    def _advice(self) -> str:
        kept = "what it had learnt up to its last checkpoint is kept" if self.run.can_resume else "it had nothing to keep yet"
        return f"{kept}. Go on with Resume."


def trainer_command(run: TrainRun) -> list[str]:
    """Return the command that trains the style of `run`, from its checkpoint if there is one. The user's words may begin with a dash."""
    request = run.request
    command = [*PROGRAM, "train", "add-style", str(run.style_image), f"--to={request.pack}", "-o", str(run.pack), "--run", str(run.folder)]
    command += ["--minutes", f"{request.minutes:g}", "--id", request.style, f"--title={request.title}", f"--artist={request.artist}"]
    command += ["--scale", f"{request.stroke_scale:g}", "--json", "--until-stdin-closes"]
    if run.photos is not None:
        command += ["--photos", str(run.photos)]
    if run.live_photo.is_file():
        command += ["--preview", str(run.live_photo)]
    if request.colors:
        command += ["--colors", str(request.colors)]
    if request.crop != WHOLE:
        command.append("--crop=" + ",".join(f"{value:g}" for value in request.crop))
    return [*command, "--resume" if run.can_resume else "--force"]


def thinned(curve: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return a curve of at most `MAX_POINTS` points: the older of them lose every second one."""
    if len(curve) <= MAX_POINTS:
        return tuple(curve)
    old = len(curve) - MAX_POINTS // 4
    return (*curve[:old:2], *curve[old:])
