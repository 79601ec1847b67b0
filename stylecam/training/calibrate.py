"""One style weight does not fit all style images: measure each style, and weigh it so that none is a tint and none eats the photo.

The rule. A style's content loss says how much of the photo its images give up. Styles within a band around the median are left
alone; one below it, a tint, gets more weight, unless it is near its style image already; one above it gets less. The factor is the
distance to the band's edge to the power of 1.5, and the weight stays between 0.4 and 2.5. One round undershoots rather than
overshoots, so rounds may follow: train a little, measure again.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import torch

from stylecam.core.atomic_io import make_folder, write_file
from stylecam.core.progress import Progress
from stylecam.errors import TrainingError
from stylecam.packs.pack import StylePack
from stylecam.training.loop import Loop
from stylecam.training.tasks.full import FullTask, TrainJob

BAND = (0.8, 1.25)
POWER = 1.5
LEAST, MOST = 0.4, 2.5
#: A style whose style loss is below this share of the median has reached its style image; more weight would only cost the photo.
REACHED = 0.6

FILE_NAME = "calibration.json"
#: Samples from here on are not those that a run trains on.
_FIRST_CROP = 1_000_000_000


@dataclass(frozen=True)
class Balance:
    """Mean content and style loss of one style over some crops."""

    content: float
    style: float


@torch.no_grad()
def measure(run: Loop, task: FullTask, crops: int = 16) -> list[Balance]:
    """Stylize crops in every style, with the weights that the pack would get, and return each style's losses."""
    x = task.photos.batch(_FIRST_CROP, crops)[:, :3].contiguous(memory_format=torch.channels_last).to(task.device)
    rows, balances = task.job.architecture.rows, []
    with run.averaged():
        for row in range(task.job.architecture.styles):
            weights = torch.zeros(crops, rows, device=task.device)
            weights[:, row] = 1
            losses = task.objective(task.stylize(x, weights), x, torch.full((crops,), row, device=task.device))
            balances.append(Balance(losses.content.mean().item(), losses.style.mean().item()))
    return balances


def adjust(weights: Sequence[float], balances: Sequence[Balance]) -> list[float]:
    """Return new style weights after the rule above, rounded to two digits; those of styles within the band stay as they are."""
    typical, typical_style = median(b.content for b in balances), median(b.style for b in balances)
    adjusted = []
    for weight, balance in zip(weights, balances, strict=True):
        edge = min(max(balance.content / typical, BAND[0]), BAND[1])
        factor = (edge * typical / max(balance.content, 1e-6)) ** POWER
        if factor > 1 and balance.style < REACHED * typical_style:
            factor = 1.0
        adjusted.append(weight if factor == 1 else round(min(max(weight * factor, LEAST), MOST), 2))
    return adjusted


def calibrate(job: TrainJob, probe_steps: int, rounds: int = 2) -> Generator[Progress, None, TrainJob]:
    """Return the job with each style's weight set, yielding reports; what was found is kept in the run's folder, for `resumed`.

    With a pack to start from, that is measured, once, and the weights that its recipe names are adjusted. Without, a probe of
    `probe_steps` steps is trained from nothing, measured and trained on with the new weights, `rounds` times; it is thrown away.

    Raises:
        TrainingError: the job cannot start, or a loss is not finite.
    """
    config = job.config
    ids = [image.info.id for image in job.style_images]
    before = config.style_weights or _weights_of(job.init)
    weights = [before.get(style, 1.0) for style in ids]
    record = []
    probe = replace(config, steps=max(1, probe_steps) * rounds) if job.init is None else config
    task = FullTask(replace(job, config=probe))
    run = Loop(task)
    for number in range(1 if job.init else rounds):
        for _ in range(0 if job.init else max(1, probe_steps)):
            run.step(task.batch(run.step_number, 0.0))
            if run.step_number % config.report_every == 0:
                yield Progress("calibrate", run.step_number, probe.steps, values=run.curve.latest())
        balances = measure(run, task)
        if not all(b.content < float("inf") and b.style < float("inf") for b in balances):  # also catches NaN
            raise TrainingError("The styles cannot be calibrated: a loss is not finite; train without --calibrate.")
        weights = adjust(weights, balances)
        task.set_style_weights(weights)
        record.append({style: [round(b.content, 3), round(b.style, 3)] for style, b in zip(ids, balances, strict=True)})
        yield Progress("calibrate", number + 1, 1 if job.init else rounds, message="measured")
    chosen = {style: weight for style, weight in zip(ids, weights, strict=True) if weight != 1}
    calibration = {"rule": {"band": BAND, "power": POWER, "bounds": (LEAST, MOST)}, "content_and_style": record, "weights": chosen}
    make_folder(job.run)
    write_file(job.run / FILE_NAME, json.dumps(calibration, indent=1).encode(), force=True)
    return _applied(job, calibration)


def resumed(job: TrainJob) -> TrainJob:
    """Return the job with the weights that `calibrate` found when the run began, or the job itself if it was not calibrated.

    Raises:
        TrainingError: the record is damaged.
    """
    path = job.run / FILE_NAME
    if not path.exists():
        return job
    try:
        return _applied(job, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"'{path}' cannot be read ({error}); delete it and start the run again.") from error


def forget(job: TrainJob) -> None:
    """Delete the record of an earlier run that was given up before its first checkpoint."""
    (job.run / FILE_NAME).unlink(missing_ok=True)


def _weights_of(pack: StylePack | None) -> dict[str, float]:
    """Return the style weights with which a pack was trained last; none where its recipe does not say."""
    stages = pack.recipe.get("stages") if pack else None
    for stage in reversed(stages if isinstance(stages, list) else []):
        settings = stage.get("settings") if isinstance(stage, dict) else None
        weights = settings.get("style_weights") if isinstance(settings, dict) else None
        if isinstance(weights, dict):  # a stranger's recipe may hold anything
            return {style: float(weight) for style, weight in weights.items() if isinstance(weight, int | float)}
    return {}


def _applied(job: TrainJob, calibration: Mapping[str, object]) -> TrainJob:
    weights = calibration["weights"]
    if not isinstance(weights, dict) or not all(isinstance(weight, int | float) for weight in weights.values()):
        raise TypeError("weights are not numbers")
    return replace(job, config=replace(job.config, style_weights=weights), calibration=calibration)
