"""One training at a time beside a running session: started, followed, its style shown as it grows, its end reported. No window here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.app.child_job import DONE, PAUSED, RUNNING, STOPPING
from stylecam.app.training.job import TrainJob, TrainStatus
from stylecam.app.training.photos import save_jpeg
from stylecam.app.training.runs import TrainRequest, TrainRun, new_run, resumable_run, unfinished_runs
from stylecam.app.training.share import ProcessorShare, processor_seconds
from stylecam.packs.archive import ZIP_SUFFIX
from stylecam.packs.library import pack_library

if TYPE_CHECKING:
    from stylecam.app.live.session import Session
    from stylecam.core.frame import Frame


class TrainingDesk:
    """What a Train dialog does, without the dialog.

    Args:
        session: gives frames to show the style on, and gets the style.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._end_of_listening: Callable[[], None] = session.controls.subscribe(self._show_what_joined)
        self.run: TrainRun | None = None
        self.job: TrainJob | None = None
        self._share: ProcessorShare | None = None
        self._launched_s = 0.0
        #: A run that was cut short or stopped, which can be gone on with.
        self.left: TrainRun | None = None
        self.shows_live = True
        self._joined = False
        self._seen_packs = 0

    @property
    def is_busy(self) -> bool:
        """True while a trainer runs."""
        return self.job is not None and not self.job.status().is_over

    @property
    def pack_name(self) -> str:
        """The shown pack's name, or its whole path."""
        name = self._session.pack_name
        is_path = os.sep in name or name.endswith(ZIP_SUFFIX)
        return str(Path(name).absolute()) if is_path else name

    @property
    def taken_ids(self) -> set[str]:
        """The names that a new style may not have."""
        left = {run.request.style for run in unfinished_runs()}
        return {*self._session.pack.style_ids, *pack_library().paths(), *left}

    def newest_frame(self) -> Frame | None:
        """Return what the camera, or another source, delivered last."""
        latest = self._session.latest
        return latest.frame if latest is not None else None

    def prepare(self, request: TrainRequest, style_image: Path) -> TrainRun:
        """Make a new run, in the place of an earlier one.

        Raises:
            TrainingError: the style image cannot be read.
            OutputError: its folder cannot be made.
        """
        run = new_run(request, style_image)
        self.job, self.run, self._joined = None, run, False
        return run

    def launch(self, run: TrainRun) -> TrainJob:
        """Start the trainer for a run, from its checkpoint if it has one.

        Raises:
            TrainingError: the trainer cannot be started.
        """
        frame = self.newest_frame()
        if frame is not None and not run.live_photo.exists():
            save_jpeg(frame, run.live_photo)
        if run is not self.run:
            self._joined = False
        if run is self.left:
            self.left = None
        self.run, self.job, self._seen_packs = run, TrainJob(run), 0
        self._share, self._launched_s = ProcessorShare(partial(processor_seconds, self.job.pid)), time.monotonic()
        return self.job

    def drop(self) -> None:
        """Remove the run, which has learnt nothing."""
        if self.run is not None:
            self.run.discard()
        self.run = None

    def toggle_pause(self) -> None:
        """Pause the trainer, or let it go on."""
        if self.job is not None:
            (self.job.resume if self.job.status().state == PAUSED else self.job.pause)()

    def follow(self) -> TrainStatus | None:
        """Return how the trainer stands; what it has written since the last call joins the session's styles."""
        status = self.job.status() if self.job is not None else None
        if status is not None and status.packs != self._seen_packs and status.files.get("pack"):
            self._seen_packs = status.packs
            self._session.open_styles(Path(status.files["pack"]))
        if status is not None and self._share is not None:
            self._share.note(works=status.state == RUNNING and status.report is not None)
        return status

    def words(self, status: TrainStatus) -> str:
        """Return how a training stands or how it ended, in a sentence or two; a computer that is busy with other things is said."""
        is_slow = self._share is not None and self._share.is_small
        if not status.is_over:
            text = progress_of(status, time.monotonic() - self._launched_s)
            slow = f"The computer is busy: the trainer gets {self._share.share:.0%} of it.".replace("%", " %") if is_slow else ""  # type: ignore[union-attr]
            return "  ·  ".join(filter(None, (text, slow if status.state == RUNNING else "")))
        text = ending_of(self.run, status) if self.run is not None else ""
        if is_slow and not status.problem and status.report is not None:
            text += f" The computer was busy, so there was time for {status.report.step} steps only; more time makes it better."
        return text

    def show_live(self, on: bool) -> None:
        """Show the growing style alone on the live frames, or all as the sliders say; no slider moves."""
        self.shows_live = on
        if self.run is not None:
            self._session.controls.set_solo(self.run.request.style, on)

    def look_for_left(self) -> None:
        """Find a run that was cut short, for `left`."""
        mine = self.run.folder if self.run is not None else None
        self.left = next((run for run in unfinished_runs() if run.folder != mine), None)

    def look_for_same(self, style_image: Path) -> None:
        """Find a run with this style image that was stopped, or any that was cut short, for `left`."""
        same = resumable_run(style_image)
        if same is not None and (self.run is None or same.folder != self.run.folder):
            self.left = same
        else:
            self.look_for_left()

    def discard_left(self) -> None:
        """Remove the run that was cut short, and look for another."""
        if self.left is not None:
            self.left.discard()
        self.look_for_left()

    def close(self) -> None:
        """End the trainer, which keeps its work; the run is offered at the next start."""
        self._end_of_listening()
        if self.job is not None:
            self.job.close()

    def _show_what_joined(self) -> None:
        """Show the new style, if that is wished, the first time that the session has it; solo that the user ends is not forced on him."""
        if self.run is not None and not self._joined and self.run.request.style in self._session.controls.styles:
            self._joined = True
            if self.shows_live:
                self._session.controls.set_solo(self.run.request.style, on=True)


def ending_of(run: TrainRun, status: TrainStatus) -> str:
    """Return how a training that is over ended, in a sentence."""
    title = run.request.title
    if status.problem:
        return status.problem
    if status.state == DONE:
        return f"“{title}” is trained: it is in the rack, and in your packs."
    if status.files.get("pack"):
        return f"“{title}” was stopped and is kept as it is: it is in the rack, and in your packs."
    return f"“{title}” was stopped before there was anything to keep."


def progress_of(status: TrainStatus, waited_s: float = 0.0) -> str:
    """Return how far a training is, `waited_s` after it was started."""
    report = status.report
    if status.state == STOPPING:
        return "Finishing the current step; what was trained so far is kept …"
    if status.state == PAUSED:
        return "Paused."
    if report is None:
        return f"Starting the trainer … {waited_s:.0f} s" if waited_s >= 1 else "Starting the trainer …"
    return "  ·  ".join(filter(None, (f"Training: step {report.step} of about {report.total}", time_left(report.remaining_s))))


def time_left(seconds: float | None) -> str:
    """Return how long it will take, in words that promise no more than is known."""
    if seconds is None:
        return ""
    if seconds < 50:
        return "less than a minute left"
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} minute{'s' if minutes > 1 else ''} left"
