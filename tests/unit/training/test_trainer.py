"""A run learns, can be stopped and resumed, and survives bad steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.errors import TrainingError
from stylecam.net.families import ConvSpec, TransformNetConfig
from stylecam.packs.ops import with_fast_head
from stylecam.packs.store import load_pack
from stylecam.training import loop
from stylecam.training.config import OPTIMIZERS, TrainConfig
from stylecam.training.data.style_images import read_style_images
from stylecam.training.loop import Loop
from stylecam.training.tasks.full import FullTask, TrainJob, train
from tests.unit.training.small_material import write_loss_network

ARCHITECTURE = TransformNetConfig(
    contract=(ConvSpec(3, 16, stride=2),),
    residual_blocks=1,
    expand=(ConvSpec(3, 16, upsample=2),),
    output=ConvSpec(3, 3),
    styles=2,
    identity=True,
)
CONFIG = TrainConfig(
    steps=6, batch=2, size_px=32, style_size_px=48, style_warm_up=1, precision="f32", report_every=2, checkpoint_every=4, learning_rate=1e-2
)


@pytest.fixture
def job(tmp_path: Path) -> TrainJob:
    """A tiny run: two style images, four photos, a network of a few hundred weights."""
    rng = np.random.default_rng(0)
    for kind, count in (("photos", 4), ("paintings", 2)):
        (tmp_path / kind).mkdir()
        for i in range(count):
            small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
            small.resize((64, 64), Image.Resampling.BICUBIC).save(tmp_path / kind / f"{kind[:2]}{i}.png")
    return TrainJob(
        config=CONFIG,
        architecture=ARCHITECTURE,
        photos=tmp_path / "photos",
        style_images=read_style_images(tmp_path / "paintings", 48),
        loss_network=write_loss_network(tmp_path),
        run=tmp_path / "run",
        output=tmp_path / "pack",
        name="tiny",
        title="Tiny",
        licence="CC0-1.0",
        preview_photos=[tmp_path / "photos" / "ph0.png"],
    )


def started(job: TrainJob) -> Loop:
    """Return the state of a run at its beginning."""
    return Loop(FullTask(job))


def _task(run: Loop) -> FullTask:
    assert isinstance(run.task, FullTask)
    return run.task


def photos(run: Loop, step: int) -> torch.Tensor:
    """Return the photos of a step."""
    return run.task.batch(step, 0.0)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and sums in one order make runs comparable."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_run_writes_checkpoint_pack_and_preview(job: TrainJob) -> None:
    """Reports arrive every two steps; the files they name exist and the pack loads with its recipe and styles."""
    reports = list(train(job))
    assert [report.step for report in reports] == [2, 4, 6]
    assert [bool(report.files) for report in reports] == [False, True, True]
    for role in ("checkpoint", "pack", "preview"):
        assert Path(reports[-1].files[role]).exists()
    pack = load_pack(job.output)
    assert pack.style_ids == ("pa0", "pa1")
    stage = pack.recipe["stages"][0]
    assert stage["steps_done"] == 6
    assert stage["settings"]["style_weight"] == CONFIG.style_weight
    assert str(job.photos) not in str(pack.recipe)
    with Image.open(reports[-1].files["preview"]) as sheet:
        assert sheet.size == (32 * 8, 32)


def test_training_lowers_the_loss(job: TrainJob) -> None:
    """After 60 steps the objective of a fixed batch is clearly below where it began."""
    run = started(replace(job, config=replace(CONFIG, steps=60)))
    x, style = _task(run).photos.batch(1000, 4), torch.tensor([0, 1, 0, 1])

    def objective() -> float:
        with torch.no_grad():
            losses = _task(run).objective(run.task.model(x, torch.eye(3)[style]), x, style)
        return float((losses.content + CONFIG.style_weight * losses.style).mean())

    before = objective()
    for step in range(60):
        run.step(photos(run, step))
    assert objective() < 0.7 * before


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_resumed_run_equals_an_unbroken_one(job: TrainJob, optimizer: str) -> None:
    """Stopped after 10 of 20 steps and resumed: the same weights, within rounding, as never stopped; with temporal consistency, too."""
    config = replace(CONFIG, steps=20, report_every=5, calm_weight=5.0, calm_start=0.4, optimizer=optimizer)
    whole = replace(job, config=config, output=job.run / "whole", run=job.run / "a")
    list(train(whole))
    parts = replace(whole, output=job.run / "parts", run=job.run / "b")
    reports = train(parts)
    while next(reports).step < 10:
        pass
    reports.close()
    assert [report.step for report in train(parts, resume=True)] == [12, 15, 16, 20]
    one, two = load_pack(whole.output), load_pack(parts.output)
    for name, value in one.tensors.items():
        np.testing.assert_allclose(two.tensors[name], value, atol=1e-5, err_msg=name)
    assert one.recipe["stages"][0]["curve"] == two.recipe["stages"][0]["curve"]


def test_stopping_between_checkpoints_keeps_everything(job: TrainJob) -> None:
    """Closing the generator after step 2, before the first planned checkpoint, writes one."""
    reports = train(job)
    assert next(reports).step == 2
    reports.close()
    assert load_pack(job.output).recipe["stages"][0]["steps_done"] == 2
    resumed = started(job)
    resumed.resume()
    assert resumed.step_number == 2


def test_a_step_that_is_not_finite_is_skipped_and_counted(job: TrainJob) -> None:
    """A batch of NaN changes no weight; the next good batch trains on."""
    run = started(job)
    before = {name: parameter.clone() for name, parameter in run.task.model.named_parameters()}
    run.step(torch.full((2, 3, 32, 32), torch.nan))
    assert run.skipped == 1
    assert all(torch.equal(before[name], parameter) for name, parameter in run.task.model.named_parameters())
    run.step(photos(run, 0))
    assert run.skipped == 1
    assert any(not torch.equal(before[name], parameter) for name, parameter in run.task.model.named_parameters())


def test_repeated_bad_steps_roll_back_and_at_last_stop(job: TrainJob) -> None:
    """Five bad steps in a row take the weights back to the last good ones; after three such rollbacks training gives up, saying why."""
    run = started(job)
    run.step(photos(run, 0))
    run.save()
    good = {name: parameter.clone() for name, parameter in run.task.model.named_parameters()}
    with torch.no_grad():
        for parameter in run.task.model.parameters():
            parameter.fill_(torch.nan)
    for _ in range(loop.BAD_STEPS):
        run.step(photos(run, 2))
    assert run.rollbacks == 1
    assert all(torch.equal(good[name], parameter) for name, parameter in run.task.model.named_parameters())
    bad = torch.full((2, 3, 32, 32), torch.nan)
    for _ in range(3 * loop.BAD_STEPS - 1):
        run.step(bad)
    with pytest.raises(TrainingError, match="keeps diverging"):
        run.step(bad)
    load_pack(job.output)


def test_a_fast_output_is_left_behind(job: TrainJob) -> None:
    """It belongs to the network that it was trained on: a run that starts from a pack with one makes a pack without."""
    run = started(job)
    first = _task(run).pack(run)
    run = started(replace(job, init=with_fast_head(first), run=job.run / "second"))
    again = _task(run).pack(run)
    assert again.config.heads == ("fine",)
    assert again.network == first.network


def test_init_goes_on_from_a_pack(job: TrainJob) -> None:
    """A run that starts from a pack begins with its weights and keeps its history; other styles are refused."""
    list(train(job))
    first = load_pack(job.output)
    second = replace(job, init=first, run=job.run / "second")
    run = started(second)
    for name, value in run.task.model.tensors().items():
        np.testing.assert_array_equal(value, first.tensors[name])
    run.step(photos(run, 0))
    assert [stage["steps_done"] for stage in _task(run).pack(run).recipe["stages"]] == [6, 1]
    odd = started(replace(second, init=replace(first, recipe={"stages": 7})))  # a stranger's recipe may hold anything
    assert len(_task(odd).pack(odd).recipe["stages"]) == 1
    with pytest.raises(TrainingError, match="other styles"):
        started(replace(second, style_images=list(reversed(second.style_images))))
    with pytest.raises(TrainingError, match="another architecture"):
        started(replace(second, architecture=ARCHITECTURE.with_styles(2, identity=False)))


def test_the_covariance_weight_reaches_the_loss(job: TrainJob) -> None:
    """With it the gradient is another one, and a style factor of zero silences it too."""

    def gradient(**settings: Any) -> torch.Tensor:
        run = started(replace(job, config=replace(CONFIG, tv_weight=0.0, pattern_weight=0.0, **settings)))
        run.step(photos(run, 0))
        return run.task.model.get_parameter("contract.0.conv.weight").grad.flatten()

    assert not torch.allclose(gradient(), gradient(covariance_weight=1.0), rtol=0.01)
    silent = {"pa0": 0.0, "pa1": 0.0}
    torch.testing.assert_close(gradient(style_weights=silent), gradient(style_weights=silent, covariance_weight=1.0))


def test_a_style_factor_of_zero_leaves_the_photo(job: TrainJob) -> None:
    """The per-style factors reach the loss: with all at zero the style loss no longer matters to the gradient."""
    silent = replace(CONFIG, style_weights={"pa0": 0.0, "pa1": 0.0}, tv_weight=0.0)
    heavy = replace(silent, style_weight=99.0)
    runs = [started(replace(job, config=config)) for config in (silent, heavy)]
    for run in runs:
        run.step(photos(run, 0))
    for one, two in zip(runs[0].task.model.parameters(), runs[1].task.model.parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_learning_rate_makes_one_cycle() -> None:
    """Up over the first twentieth, at its peak there, down to a hundredth at the end."""
    config = TrainConfig(steps=1000, learning_rate=1.0)
    rates = [config.learning_rate_at(step / config.steps) for step in range(1000)]
    assert rates[0] == pytest.approx(0.04)
    assert max(rates) == rates[50] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(0.01, rel=1e-2)
    assert config.style_weight_at(0, warm=False) == pytest.approx(0.02 * config.style_weight)
    assert config.style_weight_at(0, warm=True) == config.style_weight


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 0},
        {"minutes": 0.0},
        {"size_px": 8},
        {"learning_rate": -1.0},
        {"style_weight": float("nan")},
        {"precision": "f8"},
        {"calm_weight": -1.0},
        {"covariance_weight": -0.1},
        {"pattern_weight": float("nan")},
        {"optimizer": "sgd"},
        {"calm_start": 2.0},
        {"large_share": -0.1},
        {"large_times": 9.0},
        {"four_share": float("nan")},
        {"whole_from": 1.5},
        {"filmed_share": 2.0},
        {"small_content": -1.0},
    ],
)
def test_senseless_settings_are_sentences(change: dict[str, object]) -> None:
    """Each names the setting and what is possible."""
    with pytest.raises(TrainingError):
        replace(CONFIG, **change)  # type: ignore[arg-type]


def test_some_steps_have_fewer_and_larger_crops(job: TrainJob) -> None:
    """About the share that is asked for, as many pixels at most, the same step again the same; both kinds train."""
    config = replace(CONFIG, batch=8, large_share=0.5)
    assert 20 < sum(config.is_large(step) for step in range(60)) < 40
    assert (config.large_px, config.images(large=True), config.images(large=False)) == (56, 2, 8)
    assert replace(CONFIG, batch=64, size_px=256).images(large=True) == 20
    run = started(replace(job, config=config))
    for step in range(6):
        batch = photos(run, step)
        assert batch.shape == ((1, 3, 56, 56) if config.is_large(step) else (4, 3, 32, 32))
        assert torch.equal(batch, photos(run, step))
        run.step(batch)
    assert run.skipped == 0
    assert {config.is_large(step) for step in range(6)} == {True, False}


def test_towards_the_end_the_whole_image_is_judged(job: TrainJob) -> None:
    """Up to `whole_from` the term at full size sees a crop, after it everything: the same step has another loss."""
    task = FullTask(replace(job, config=replace(CONFIG, whole_from=0.7)))
    batch = task.batch(0, 0.0)
    early, late, end = (task.loss(batch, 0, through, lambda _: None)[0].item() for through in (0.0, 0.7, 1.0))
    assert early != late == end


def test_temporal_consistency_changes_only_its_own_steps(job: TrainJob) -> None:
    """Off by default; on, it joins at its share of the run and at every other step, where it changes the gradient."""
    config = replace(CONFIG, steps=8, calm_weight=50.0, calm_start=0.5, filmed_share=0.0)
    assert [step for step in range(8) if config.temporal_at(step, step / 8)] == [4, 6]
    assert not any(CONFIG.temporal_at(step, step / 8) for step in range(8))
    runs = [started(replace(job, config=each)) for each in (replace(config, calm_weight=0.0), config)]
    for step in range(5):
        for run in runs:
            run.step(photos(run, step))
        same = all(torch.equal(a, b) for a, b in zip(*(run.task.model.parameters() for run in runs), strict=True))
        assert same == (step < 4)
    assert all(parameter.isfinite().all() for parameter in runs[1].task.model.parameters())


def test_filmed_photos_hold_what_stands_still(job: TrainJob) -> None:
    """In their share of those steps each photo comes with its next frame; what is asked there changes the gradient, and no other step."""
    config = replace(CONFIG, steps=40, calm_weight=50.0, calm_start=0.5)
    filmed = [step for step in range(40) if config.is_filmed(step, step / 40)]
    assert min(filmed) >= 20
    assert all(step % 2 == 0 for step in filmed)
    assert 2 <= len(filmed) <= 8
    runs = [started(replace(job, config=each)) for each in (replace(config, calm_weight=1e-9), config)]
    gradients, step = [], filmed[1]  # the first one has the identity row alone
    for run in runs:
        batch = run.task.batch(step, 0.0)
        assert batch.shape[1] == 7
        assert torch.equal(batch, run.task.batch(step, 0.0))
        assert run.task.batch(0, 0.0).shape[1] == 3
        loss, _ = run.task.loss(batch, step, 0.5, lambda _: None)
        gradients.append(torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(run.task.model.parameters()))]))
    assert (gradients[0] - gradients[1]).norm() > 0.01 * gradients[0].norm()


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_trains_too(job: TrainJob, precision: str) -> None:
    """Ten steps in 16 bits: few or none are skipped, the weights move and stay finite, and the master weights are f32."""
    run = started(replace(job, config=replace(CONFIG, precision=precision)))
    before = [parameter.clone() for parameter in run.task.model.parameters()]
    for step in range(10):
        run.step(photos(run, step))
    assert run.skipped <= (3 if precision == "fp16" else 0)  # fp16 seeks its scale first
    for parameter in run.task.model.parameters():
        assert parameter.dtype == torch.float32
        assert parameter.isfinite().all()
    assert any(not torch.equal(a, b) for a, b in zip(run.task.model.parameters(), before, strict=True))


def test_parts_of_a_step_are_marked_in_order(job: TrainJob) -> None:
    """A clock on `mark` hears every part of a step once."""
    run = started(replace(job, config=replace(CONFIG, calm_weight=1.0, calm_start=0.0)))
    parts: list[str] = []
    run.mark = parts.append
    run.step(photos(run, 0))
    assert parts == ["forward", "loss network", "calm", "backward", "optimizer"]


def test_time_may_end_a_run(job: TrainJob) -> None:
    """With minutes the run ends on time, long before its steps, and its last report says that it is complete."""
    last = list(train(replace(job, config=replace(CONFIG, steps=10**6, minutes=0.5 / 60))))[-1]
    assert last.step == last.total < 10**6
    assert last.seconds >= 0.5
