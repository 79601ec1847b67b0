"""How long a training step takes, part by part, and how much quicker it is than a plain one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor

from stylecam.bench.speed.measure import describe_machine
from stylecam.core.progress import Progress
from stylecam.training.data.prefetch import prefetched
from stylecam.training.loop import Loop
from stylecam.training.precision import loader_threads
from stylecam.training.tasks.full import FullTask, TrainJob

WARM_UP_STEPS = 3
WAIT = "wait for photos"


@dataclass(frozen=True)
class TrainingReport:
    """Medians over the timed steps, in milliseconds. `loader_ms` is the work on one batch of photos, done meanwhile by other threads.

    `plain_ms` is a step of the plain loop: f32, photos loaded between the steps, plain order of memory in the style network.
    """

    machine: dict[str, Any]
    precision: str
    device: str
    batch: int
    size_px: int
    steps: int
    parts_ms: dict[str, float]
    step_ms: float
    loader_ms: float
    plain_ms: float | None

    @property
    def ratio(self) -> float | None:
        """How many times quicker than the plain loop, or None where that was not timed."""
        return self.plain_ms / self.step_ms if self.plain_ms is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {**asdict(self), "ratio": self.ratio}


def measure_training(job: TrainJob, steps: int, plain_steps: int) -> Iterator[Progress | TrainingReport]:
    """Time `steps` steps of the job as `train` does them, then `plain_steps` of the plain loop (0: none); the report comes last.

    Nothing is written. A few steps before each are not counted.

    Raises:
        TrainingError: the job cannot start.
    """
    task = FullTask(job)
    run, config = Loop(task), job.config
    total = steps + plain_steps + WARM_UP_STEPS * (2 if plain_steps else 1)
    clock = _Clock(run)
    with closing(prefetched(partial(_batch, task), 0, loader_threads(task.device))) as batches:
        for number in range(WARM_UP_STEPS + steps):
            clock.begin()
            photos = next(batches)
            clock.done(WAIT)
            run.step(photos)
            clock.end(counts=number >= WARM_UP_STEPS)
            yield Progress("bench training", number + 1, total, message="step by step")
    started = time.perf_counter()
    task.batch(10**6, 0.0)
    loader_ms = 1e3 * (time.perf_counter() - started)
    precision, device = str(task.dtype).removeprefix("torch."), str(task.device)
    del task, run
    plain_ms: list[float] = []
    if plain_steps:
        plain_task = FullTask(replace(job, config=replace(config, precision="f32", optimizer="adam")))
        plain_task.model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        plain = Loop(plain_task)
        plain_clock = _Clock(plain)
        for number in range(WARM_UP_STEPS + plain_steps):
            plain_clock.begin()
            plain.step(plain_task.batch(number, 0.0).contiguous())
            plain_clock.end(counts=number >= WARM_UP_STEPS)
            yield Progress("bench training", WARM_UP_STEPS + steps + number + 1, total, message="plain f32 loop")
        plain_ms = plain_clock.steps_ms
    yield TrainingReport(
        describe_machine(),
        precision,
        device,
        config.batch,
        config.size_px,
        steps,
        {part: median(times) for part, times in clock.parts_ms.items()},
        median(clock.steps_ms),
        loader_ms,
        median(plain_ms) if plain_ms else None,
    )


def _batch(task: FullTask, step: int) -> Tensor:
    return task.batch(step, 0.0)


class _Clock:
    """Sits on a loop's `mark`. On CUDA it waits for the device at every mark, so that each part is charged its own work."""

    def __init__(self, run: Loop) -> None:
        self._cuda = run.task.device.type == "cuda"
        self.parts_ms: dict[str, list[float]] = {}
        self.steps_ms: list[float] = []
        run.mark = self.done

    def begin(self) -> None:
        self._begun = self._last = self._now()
        self._step: dict[str, float] = {}

    def done(self, part: str) -> None:
        now = self._now()
        self._step[part] = 1e3 * (now - self._last)
        self._last = now

    def end(self, *, counts: bool) -> None:
        whole = 1e3 * (self._now() - self._begun)
        if counts:
            self.steps_ms.append(whole)
            for part, time_ms in self._step.items():
                self.parts_ms.setdefault(part, []).append(time_ms)

    def _now(self) -> float:
        if self._cuda:
            torch.cuda.synchronize()
        return time.perf_counter()


def markdown_table(report: TrainingReport) -> str:
    """Return the report for people."""
    lines = [
        f"{report.device}, {report.precision}, batch {report.batch}, {report.size_px} px, median of {report.steps} steps",
        "",
        "| part | time | share |",
        "|---|---:|---:|",
    ]
    rows = [*report.parts_ms.items(), ("whole step", report.step_ms)]
    lines += [f"| {part} | {time_ms:.1f} ms | {time_ms / report.step_ms:.0%} |" for part, time_ms in rows]
    lines += ["", f"A batch of photos takes {report.loader_ms:.1f} ms to prepare, meanwhile."]
    if report.plain_ms is not None:
        lines.append(f"A plain f32 loop takes {report.plain_ms:.1f} ms per step: {report.ratio:.1f} times as long.")
    return "\n".join(lines)
