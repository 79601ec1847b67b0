"""The one loop of all training: batch, loss, finite?, clip, step or skip, roll back, average, save, report.

What is trained, and on what, is a `Task`; whole packs, added styles and the identity row are tasks. Everything random in a task must
follow from the step's number alone: then a resumed run equals an unbroken one.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.training import checkpoint, distributed, recipe
from stylecam.training.data.prefetch import prefetched
from stylecam.training.optimizer import Optimizer
from stylecam.training.precision import loader_threads
from stylecam.training.schedule import Pace

#: Steps in a row that must fail before the weights are taken back to the last good ones, and how often that may happen.
BAD_STEPS = 5
ROLLBACKS = 3

#: Called with a name when a part of a step is done; a bench puts a clock here.
Mark = Callable[[str], None]


class Task(ABC):
    """What a loop trains."""

    #: Stage of the reports.
    stage: str
    #: Trained are its parameters that require gradients; the averaged copy is what is saved.
    model: nn.Module
    device: torch.device
    #: What convolutions compute in.
    dtype: torch.dtype
    pace: Pace
    optimizer: str = "adam"
    clip_norm: float = 1.0
    average_decay: float = 0.998

    def groups(self) -> dict[str, dict[str, nn.Parameter]]:
        """Return the trained parameters by group and name; a group has one learning rate."""
        return {"all": {name: p for name, p in self.model.named_parameters() if p.requires_grad}}

    @abstractmethod
    def rates(self, through: float) -> Mapping[str, float]:
        """Return the learning rate of each group."""

    @abstractmethod
    def batch(self, step: int, seconds: float) -> Tensor:
        """Return the photos of a step (B, 3, H, W); called ahead, from other threads."""

    @abstractmethod
    def loss(self, photos: Tensor, step: int, through: float, mark: Mark) -> tuple[Tensor, dict[str, float]]:
        """Return what to minimise, a scalar, and figures for the curve (none for a step that says nothing); `through` as in `rates`."""

    @abstractmethod
    def fingerprint(self) -> dict[str, Any]:
        """Return, as JSON data, what a checkpoint must agree on to be resumed."""

    @abstractmethod
    def write(self, run: Loop) -> dict[str, str]:
        """Write what was made so far, from the averaged model; return the files by role."""

    def checkpoint_file(self) -> Path | None:
        """Return where checkpoints go, or None for a task too short to need them."""
        return None

    def values(self, latest: Mapping[str, float]) -> dict[str, float]:
        """Return the figures of a report, from the curve's latest."""
        return dict(latest)

    def autocast(self) -> torch.autocast:
        """Return the context in which the network computes."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)


class Loop:
    """The state of a run: optimizer, averaged weights, curve, what was skipped. `fit` drives it.

    Args:
        task: what is trained; its model must keep its memory while the loop lives.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.optimizer = Optimizer(task.groups(), task.optimizer)
        # Small gradients would vanish in fp16; in bf16 and f32 the scaler does nothing.
        self.scaler = torch.amp.GradScaler(task.device.type, init_scale=1024.0, enabled=task.dtype == torch.float16)
        self.average = AveragedModel(task.model, multi_avg_fn=self._average)
        self.curve = recipe.Curve()
        self.step_number = 0
        self.seconds = 0.0
        self.skipped = 0
        self.bad_in_a_row = 0
        self.rollbacks = 0
        self.mark: Mark = _unmarked
        self._good = self._snapshot()

    @property
    def through(self) -> float:
        """How far the run is, from 0 to 1."""
        return self.task.pace.through(self.step_number, self.seconds)

    def stage(self, settings: Mapping[str, Any], photos: int, **more: Any) -> dict[str, Any]:
        """Return the run as a stage of a pack's recipe, see `recipe.stage`."""
        return recipe.stage(
            settings, steps=self.step_number, seconds=self.seconds, skipped=self.skipped, photos=photos, curve=self.curve, **more
        )

    def step(self, photos: Tensor) -> None:
        """One step on a batch. A step whose gradient is not finite changes nothing and is counted; many in a row roll back.

        Raises:
            TrainingError: rolling back did not help.
        """
        task, through = self.task, self.through
        rates = task.rates(through)
        loss, figures = task.loss(photos.to(task.device), self.step_number, through, self.mark)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        distributed.average_gradients(p for group in task.groups().values() for p in group.values())
        self.mark("backward")
        self.step_number += 1
        if not self.optimizer.step(self.scaler, rates, task.clip_norm):
            self._skip()
            return
        self.bad_in_a_row = 0
        self.average.update_parameters(task.model)
        self.mark("optimizer")
        if figures:
            self.curve.add(figures)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Let the model have the averaged weights, which are what is saved, for a while."""
        last = {name: parameter.detach().clone() for name, parameter in self.task.model.named_parameters()}
        _put(self.task.model, dict(self.average.module.named_parameters()))
        try:
            yield
        finally:
            _put(self.task.model, last)

    def save(self) -> dict[str, str]:
        """Write checkpoint and result, in the first process; return their paths by role."""
        self._good = self._snapshot()
        files: dict[str, str] = {}
        if distributed.rank():
            return files
        if (path := self.task.checkpoint_file()) is not None:
            state = {
                "task": self.task.fingerprint(),
                "step": self.step_number,
                "seconds": self.seconds,
                "skipped": self.skipped,
                "rollbacks": self.rollbacks,
                "curve": self.curve.to_json(),
            }
            checkpoint.save_checkpoint(path, self._good, state)
            files["checkpoint"] = str(path)
        return files | self.task.write(self)

    def resume(self) -> None:
        """Go back to where the checkpoint was made.

        Raises:
            TrainingError: there is none, or it belongs to another task.
        """
        path = self.task.checkpoint_file()
        if path is None:
            raise TrainingError(f"A run of '{self.task.stage}' is too short to be resumed; start it again.")
        tensors, state = checkpoint.load_checkpoint(path)
        if state.get("task") != self.task.fingerprint():
            raise TrainingError(
                f"The checkpoint in '{path.parent}' was made for another network, other styles or another preparation; "
                "choose another --run folder."
            )
        self._restore({name: value.to(self.task.device) for name, value in tensors.items()})
        self._good = self._snapshot()
        self.step_number, self.seconds = state["step"], state["seconds"]
        self.skipped, self.rollbacks = state["skipped"], state["rollbacks"]
        self.curve = recipe.Curve.from_json(state["curve"])

    def report(self, files: Mapping[str, str] | None = None) -> Progress:
        """Say how far the run is. Where time ends it, the number of steps is an estimate that follows the pace."""
        values = self.task.values(self.curve.latest()) | {"skipped": float(self.skipped), "rollbacks": float(self.rollbacks)}
        through, pace = self.through, self.task.pace
        total = pace.steps if pace.steps is not None and pace.minutes is None else 0
        if not total and through > 0:
            total = self.step_number if through >= 1 else round(self.step_number / through)
        return Progress(self.task.stage, self.step_number, total, self.seconds, values, dict(files or {}))

    def _average(self, averaged: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int) -> None:
        """Exponential moving average of the weights: less noise than the last step's; short in the beginning."""
        decay = min(self.task.average_decay, (1 + int(count)) / (10 + int(count)))
        torch._foreach_lerp_(list(averaged), list(current), 1 - decay)

    def _skip(self) -> None:
        self.skipped += 1
        self.bad_in_a_row += 1
        if self.bad_in_a_row < BAD_STEPS:
            return
        self.rollbacks += 1
        self.bad_in_a_row = 0
        if self.rollbacks > ROLLBACKS:
            raise TrainingError(
                f"Training keeps diverging: {self.skipped} steps were not finite, up to step {self.step_number}. What was saved before "
                "is kept; try a smaller --learning-rate or --style-weight, or another style image."
            )
        self._restore(self._good)

    def _snapshot(self) -> dict[str, Tensor]:
        """All tensors of the run, copied; frozen parameters are not the run's."""
        trained = {name for group in self.task.groups().values() for name in group}
        tensors: dict[str, Tensor] = {f"net.{name}": p for name, p in self.task.model.named_parameters() if name in trained}
        tensors |= {f"average.{name}": p for name, p in self.average.module.named_parameters() if name in trained}
        tensors |= {"averaged": self.average.n_averaged} | self.optimizer.tensors()
        return {name: value.detach().clone() for name, value in tensors.items()}

    def _restore(self, tensors: Mapping[str, Tensor]) -> None:
        _put(self.task.model, {name[4:]: value for name, value in tensors.items() if name.startswith("net.")})
        _put(self.average.module, {name[8:]: value for name, value in tensors.items() if name.startswith("average.")})
        self.average.n_averaged.copy_(tensors["averaged"])
        self.optimizer.restore(tensors)


def fit(task: Task, *, resume: bool = False) -> Generator[Progress]:
    """Train, yielding reports; closing the generator stops the run and keeps what it has.

    Raises:
        TrainingError: the checkpoint does not fit, or the run diverges for good.
        OutputError: a file cannot be written.
    """
    run, pace = Loop(task), task.pace
    if resume:
        run.resume()
    saved_at, saved_s, reported_s = run.step_number, run.seconds, run.seconds
    with closing(prefetched(lambda step: task.batch(step, run.seconds), run.step_number, loader_threads(task.device))) as batches:
        try:
            if run.through >= 1:  # resumed, but nothing is left to do: say so, and see to it that the result is there
                yield run.report(run.save())
            while run.through < 1:
                started = time.perf_counter()
                run.step(next(batches))
                run.seconds = distributed.from_first(run.seconds + time.perf_counter() - started)
                if run.through >= 1 or pace.save_due(run.step_number, run.seconds - saved_s):
                    files, saved_at = _timed(run), run.step_number
                    saved_s = reported_s = run.seconds
                    yield run.report(files)
                elif pace.report_due(run.step_number, run.seconds - reported_s):
                    reported_s = run.seconds
                    yield run.report()
        except GeneratorExit:
            if run.step_number > saved_at:
                run.save()
            raise


def _timed(run: Loop) -> dict[str, str]:
    """Save, and count the time it takes: the user waits for it too."""
    started = time.perf_counter()
    files = run.save()
    run.seconds = distributed.from_first(run.seconds + time.perf_counter() - started)
    return files


def _put(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Copy values into parameters by name; those without a value stay."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in values:
                parameter.copy_(values[name])


def _unmarked(_part: str) -> None:
    """Do nothing: no clock is set."""
