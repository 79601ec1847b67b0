"""A new style is fitted to a finished network, which does not change; the fit may be stopped, killed and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.errors import OutputError, PackError, TrainingError
from stylecam.net.module import TransformNet
from stylecam.net.styles import STYLES
from stylecam.packs.ops import merge
from stylecam.packs.store import load_manifest, load_pack, save_pack
from stylecam.training import loop
from stylecam.training.data.preprocess import Preparation
from stylecam.training.data.style_images import read_style_images
from stylecam.training.loop import Loop
from stylecam.training.losses.checkerboard import checkerboard_loss
from stylecam.training.tasks import add_style_config
from stylecam.training.tasks.add_style import AddStyleJob, AddStyleTask, add_style
from stylecam.training.tasks.add_style_config import AddStyleConfig
from tests.fakes import tiny_pack
from tests.unit.training.small_material import write_images, write_loss_network

CONFIG = AddStyleConfig(minutes=None, steps=6, batch=1, size_px=32, style_size_px=48, precision="f32", save_every_s=1e6)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from threads, and sums in one order make runs comparable."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job(tmp_path: Path) -> AddStyleJob:
    """A tiny network with three styles and an identity row, and a style image that it does not know."""
    (style_image,) = write_images(tmp_path / "paintings", "garden", 1, seed=5)
    photos = write_images(tmp_path / "photos", "photo", 3)
    return AddStyleJob(
        config=CONFIG,
        pack=tiny_pack(identity=True),
        style_image=style_image,
        info=read_style_images(style_image, 48)[0].info,
        preparation=Preparation(),
        photos=tmp_path / "photos",
        loss_network=write_loss_network(tmp_path),
        run=tmp_path / "run",
        output=tmp_path / "garden.stylepack",
        name="garden",
        title="My Garden",
        preview_photos=photos[:2],
    )


def test_a_fit_writes_pack_checkpoint_and_preview(job: AddStyleJob) -> None:
    """The last report is complete: all steps, the losses, and files that exist; the pack says how it was made, without paths."""
    last = list(add_style(job))[-1]
    assert (last.stage, last.step, last.total) == ("add-style", 6, 6)
    assert last.values["objective"] == pytest.approx(last.values["content"] + CONFIG.style_weight * last.values["style"])
    assert all(Path(last.files[role]).exists() for role in ("pack", "checkpoint", "preview"))
    with Image.open(last.files["preview"]) as sheet:
        assert sheet.size == (64, 64)  # two photos of 32x32, each beside its stylized image
    assert load_manifest(job.output).kind == "styles"
    pack = load_pack(job.output, trunk=job.pack)
    assert (pack.style_ids, pack.licence, pack.title) == (("garden0",), job.pack.licence, "My Garden")
    stage = pack.recipe["stages"][0]
    assert (stage["steps_done"], stage["added_to"], stage["settings"]["steps"]) == (6, "tiny", 6)
    assert str(job.run.parent) not in str(pack.recipe)
    assert pack.styles[0].thumbnail


def test_the_old_styles_keep_every_bit(job: AddStyleJob, tmp_path: Path) -> None:
    """The pack's file is not touched, and merged with the new style every old row and all convolutions are bit-identical."""
    save_pack(job.pack, tmp_path / "old.stylepack")
    before = (tmp_path / "old.stylepack").read_bytes()
    old = load_pack(tmp_path / "old.stylepack")
    list(add_style(replace(job, pack=old)))
    both = merge([old, load_pack(job.output, trunk=old)], name="both", title="Both")
    assert both.style_ids == (*old.style_ids, "garden0")
    assert both.trunk == old.trunk
    for name, value in old.tensors.items():
        kept = both.tensors[name]
        if name == STYLES:
            kept = np.concatenate([kept[:3], kept[4:]])  # the new row stands between the styles and the identity row
        assert kept.tobytes() == value.tobytes(), name
    assert (tmp_path / "old.stylepack").read_bytes() == before


def test_it_begins_with_the_nearest_style(job: AddStyleJob) -> None:
    """Of the pack's styles, the one whose images have the least style loss against the new style image; its row, exactly."""
    task = AddStyleTask(job)
    losses = []
    for row in job.pack.rows[:3]:
        net = TransformNet.from_tensors(job.pack.config, job.pack.tensors)
        x = task.photos.batch(0, 2)
        with torch.no_grad():
            y = net.stylize(x, torch.from_numpy(row)[None])
            losses.append(task.objective(y, x, torch.zeros(2, dtype=torch.long)).style.mean().item())
    assert task.nearest == int(np.argmin(losses))
    np.testing.assert_allclose(task.model.row().detach().numpy(), job.pack.rows[task.nearest], rtol=1e-6)


def test_fitting_lowers_the_objective(job: AddStyleJob) -> None:
    """The pack that is written stylizes fixed photos much nearer to the goal than the pack's nearest style, where the fit begins."""
    task = AddStyleTask(job)
    x = task.photos.batch(1000, 4)

    def objective(y: torch.Tensor) -> float:
        losses = task.objective(y, x, torch.zeros(4, dtype=torch.long))
        return float((losses.content + CONFIG.style_weight * losses.style).mean())

    with torch.no_grad():
        before = objective(task.model(x))
    list(add_style(replace(job, config=replace(CONFIG, steps=80))))
    after = load_pack(job.output, trunk=job.pack)
    with torch.no_grad():
        assert objective(TransformNet.from_tensors(after.config, after.tensors)(x, torch.ones(4, 1))) < 0.95 * before


def test_the_checkerboard_penalty_works(job: AddStyleJob) -> None:
    """Fitted with the penalty, the same steps end with less of a pattern; a tiny network's style losses outweigh the usual 8000."""

    def pattern(weight: float) -> float:
        config = replace(CONFIG, steps=60, pattern_weight=weight, style_weight=4.0, full_size_style=0.5)
        task = AddStyleTask(replace(job, config=config))
        run = Loop(task)
        for step in range(60):
            run.step(task.photos.batch(step, 1))
        with torch.no_grad(), run.averaged():
            return checkerboard_loss(task.model(task.photos.batch(1000, 4)), 4).mean().item()

    assert pattern(50_000.0) < 0.6 * pattern(0.0)


def test_the_pack_gives_what_the_fit_saw(job: AddStyleJob) -> None:
    """The written row, run by the ordinary network, gives the image that the fit's own network gives."""
    task = AddStyleTask(job)
    run = Loop(task)
    run.step(task.batch(0, 0.0))
    x = task.photos.batch(0, 1)
    with torch.no_grad(), run.averaged():
        pack = task.new_pack(run)
        stylized = TransformNet.from_tensors(pack.config, pack.tensors)(x, torch.ones(1, 1))
        torch.testing.assert_close(stylized, task.model(x), atol=1e-5, rtol=0)


def test_a_resumed_fit_equals_an_unbroken_one(job: AddStyleJob) -> None:
    """Stopped after 3 of 8 steps and resumed: the same numbers, within rounding, as never stopped."""
    whole = replace(job, config=replace(CONFIG, steps=8), run=job.run / "a")
    list(add_style(whole))
    one = load_pack(whole.output, trunk=job.pack)
    parts = replace(whole, run=job.run / "b")
    run = Loop(AddStyleTask(parts))
    for step in range(3):
        run.step(run.task.batch(step, 0.0))
    run.save()
    list(add_style(parts, resume=True))
    two = load_pack(parts.output, trunk=job.pack)
    np.testing.assert_allclose(two.rows, one.rows, atol=1e-5)
    assert two.recipe["stages"][0]["curve"] == one.recipe["stages"][0]["curve"]


def test_resuming_what_is_finished_says_so(job: AddStyleJob) -> None:
    """One report, complete, with the same numbers in the pack as before."""
    list(add_style(job))
    before = load_pack(job.output, trunk=job.pack).rows
    (report,) = list(add_style(job, resume=True))
    assert (report.step, report.total, report.files["pack"]) == (6, 6, str(job.output))
    np.testing.assert_array_equal(load_pack(job.output, trunk=job.pack).rows, before)


def test_stopping_keeps_what_is_there(job: AddStyleJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing the generator after its first report, before any checkpoint, writes pack and checkpoint."""
    monkeypatch.setattr(add_style_config, "REPORT_EVERY_S", 0.0)
    reports = add_style(job)
    first = next(reports)
    assert not first.files
    reports.close()
    assert load_pack(job.output, trunk=job.pack).recipe["stages"][0]["steps_done"] == first.step
    resumed = Loop(AddStyleTask(job))
    resumed.resume()
    assert resumed.step_number == first.step


def test_it_saves_by_the_clock(job: AddStyleJob) -> None:
    """With a saving interval shorter than a step every step is saved: what a kill can lose is bounded by time, not by steps."""
    reports = list(add_style(replace(job, config=replace(CONFIG, steps=3, save_every_s=1e-6))))
    assert [report.step for report in reports if "checkpoint" in report.files] == [1, 2, 3]


def test_time_ends_the_fit_with_the_rate_annealed(job: AddStyleJob) -> None:
    """Without a number of steps, the minutes end it, and the last report says that it is complete."""
    last = list(add_style(replace(job, config=replace(CONFIG, steps=None, minutes=0.5 / 60))))[-1]
    assert last.step == last.total
    assert last.seconds >= 0.5
    config = AddStyleConfig(minutes=10, steps=None)
    assert config.pace().through(10**6, 300) == 0.5
    assert AddStyleConfig(minutes=10, steps=100).pace().through(75, 300) == 0.75
    assert config.learning_rates_at(1.0)[1] == pytest.approx(0.01 * config.difference_rate)
    assert config.learning_rates_at(0.0)[1] == 0
    assert max(config.learning_rates_at(t / 1000)[1] for t in range(1000)) == pytest.approx(config.difference_rate, rel=1e-2)


def test_a_step_that_is_not_finite_changes_nothing(job: AddStyleJob) -> None:
    """A batch of NaN is skipped and counted; too many in a row end the fit with a sentence."""
    task = AddStyleTask(job)
    run = Loop(task)
    before = task.model.row().detach().clone()
    bad = torch.full((1, 3, 32, 32), torch.nan)
    run.step(bad)
    assert run.skipped == 1
    assert torch.equal(before, task.model.row())
    run.step(task.batch(0, 0.0))
    for _ in range((loop.ROLLBACKS + 1) * loop.BAD_STEPS - 1):
        run.step(bad)
    with pytest.raises(TrainingError, match="keeps diverging"):
        run.step(bad)


def test_the_preparation_reaches_the_fit(job: AddStyleJob) -> None:
    """Colours, crop and scale decide what is trained on, and the recipe and the style's size record them."""
    prepared = replace(job, preparation=Preparation(4, (0.0, 0.0, 0.5, 0.5), 2.0))
    plain, other = AddStyleTask(job), AddStyleTask(prepared)
    assert not torch.allclose(plain.objective.grams[0]["relu1_1"], other.objective.grams[0]["relu1_1"])
    assert (plain.info.style_size_px, other.info.style_size_px) == (48, 96)
    pack = other.new_pack(Loop(other))
    assert pack.recipe["stages"][0]["preparation"] == {"colors": 4, "crop": [0.0, 0.0, 0.5, 0.5], "scale": 2.0}


def test_what_does_not_fit_is_said_before_the_work(job: AddStyleJob, tmp_path: Path) -> None:
    """An id that the pack has, a bad id, no photos, a style image that is none, a folder of something else: each is one sentence."""
    with pytest.raises(TrainingError, match="already has a style 'senecio'"):
        next(add_style(replace(job, info=replace(job.info, id="senecio"))))
    with pytest.raises(PackError, match="style id"):
        next(add_style(replace(job, info=replace(job.info, id="../evil"))))
    with pytest.raises(TrainingError, match="no folder"):
        next(add_style(replace(job, photos=tmp_path / "missing")))
    (tmp_path / "broken.png").write_bytes(b"PNG?")
    with pytest.raises(TrainingError, match="is not an image that stylecam reads"):
        next(add_style(replace(job, style_image=tmp_path / "broken.png")))
    with pytest.raises(OutputError, match="not a style pack"):
        next(add_style(replace(job, output=tmp_path / "photos")))
    assert not job.output.exists()


def test_a_checkpoint_of_something_else_is_refused(job: AddStyleJob) -> None:
    """Another style image's preparation or another network is said, not mixed in."""
    list(add_style(replace(job, config=replace(CONFIG, steps=1))))
    for other in (replace(job, preparation=Preparation(colors=3)), replace(job, pack=tiny_pack(identity=True, seed=1))):
        with pytest.raises(TrainingError, match="made for another"):
            next(add_style(other, resume=True))


@pytest.mark.parametrize(
    "change",
    [{"steps": 0}, {"batch": 0}, {"minutes": 0.0}, {"minutes": float("nan")}, {"size_px": 8}, {"style_weight": -1.0}, {"steps": None}],
)
def test_senseless_settings_are_sentences(change: dict[str, object]) -> None:
    """Each names the setting; no end at all is one of them."""
    with pytest.raises(TrainingError):
        replace(CONFIG, **change)  # type: ignore[arg-type]
