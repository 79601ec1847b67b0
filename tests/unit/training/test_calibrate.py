"""Each style gets a weight that fits it, found by measuring; the rule is bounded and its result is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.cli import main
from stylecam.errors import TrainingError
from stylecam.packs.store import load_pack
from stylecam.training import calibrate as calibration
from stylecam.training.calibrate import Balance, adjust, calibrate, forget, resumed
from stylecam.training.config import TrainConfig
from stylecam.training.data.style_images import read_style_images
from stylecam.training.loop import Loop
from stylecam.training.tasks.full import FullTask, TrainJob
from tests.fakes import tiny_config
from tests.unit.training.small_material import write_loss_network


@pytest.fixture
def job(tmp_path: Path) -> TrainJob:
    """Three style images, three photos, a tiny network."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    for kind in ("photos", "paintings"):
        (tmp_path / kind).mkdir()
        for i in range(3):
            small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
            small.resize((64, 64), Image.Resampling.BICUBIC).save(tmp_path / kind / f"{kind[:2]}{i}.png")
    return TrainJob(
        config=TrainConfig(steps=4, batch=1, size_px=32, style_size_px=48, precision="f32", report_every=1),
        architecture=tiny_config(3, identity=True),
        photos=tmp_path / "photos",
        style_images=read_style_images(tmp_path / "paintings", 48),
        loss_network=write_loss_network(tmp_path),
        run=tmp_path / "run",
        output=tmp_path / "pack",
        name="tiny",
        title="Tiny",
        licence="CC0-1.0",
    )


def test_a_tint_gets_more_and_a_glutton_less() -> None:
    """Below the band the weight rises, above it falls, within it stays; and never beyond 0.4 to 2.5."""
    content = [0.5, 0.9, 1.0, 1.1, 2.0, 0.01, 50.0]
    weights = adjust([1.0] * 7, [Balance(c, 0.2) for c in content])
    assert 1 < weights[0] < 2.5
    assert weights[1:4] == [1.0, 1.0, 1.0]
    assert 0.4 < weights[4] < 1
    assert weights[5:] == [2.5, 0.4]


def test_a_style_near_its_style_image_is_not_pushed() -> None:
    """A soft style image takes little from the photo by nature: with a small style loss its weight stays."""
    balances = [Balance(0.5, 0.05), Balance(1.0, 0.2), Balance(1.0, 0.2)]
    assert adjust([1.4, 1.0, 1.0], balances) == [1.4, 1.0, 1.0]


def test_rounds_start_from_the_weights_before() -> None:
    """A second measurement multiplies what the first one chose."""
    balances = [Balance(2.0, 0.2), Balance(1.0, 0.2), Balance(1.0, 0.2)]
    once = adjust([1.0] * 3, balances)
    assert adjust(once, balances)[0] < once[0]


def _run(job: TrainJob, **options: int) -> TrainJob:
    reports = calibrate(job, probe_steps=2, **options)
    while True:
        try:
            next(reports)
        except StopIteration as end:
            result: TrainJob = end.value
            return result


def test_the_result_trains_travels_and_survives_a_resume(job: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured becomes the run's weights, stands in the pack's recipe, and is found again by a resumed run."""
    measured = iter([[Balance(2.0, 0.2), Balance(1.0, 0.2), Balance(1.0, 0.2)]] * 2)
    monkeypatch.setattr(calibration, "measure", lambda run, task: next(measured))
    done = _run(job)
    assert done.config.style_weights.keys() == {"pa0"}
    assert 0.4 <= done.config.style_weights["pa0"] < 1
    task = FullTask(done)
    assert task.style_weights.tolist() == pytest.approx([done.config.style_weights["pa0"], 1, 1, 0])
    stage = task.pack(Loop(task)).recipe["stages"][-1]
    assert stage["calibration"]["content_and_style"][1]["pa0"] == [2.0, 0.2]
    assert stage["settings"]["style_weights"] == done.config.style_weights
    assert json.dumps(stage)
    assert resumed(job).config.style_weights == done.config.style_weights
    forget(job)
    assert resumed(job) is job


def test_a_pack_to_start_from_is_measured_as_it_is(job: TrainJob) -> None:
    """With --init there is one measurement of the pack itself, from the weights that its recipe names."""
    task = FullTask(replace(job, config=replace(job.config, style_weights={"pa1": 0.7})))
    pack = task.pack(Loop(task))
    done = _run(replace(job, init=pack))
    assert done.calibration is not None
    assert len(done.calibration["content_and_style"]) == 1  # type: ignore[arg-type]
    assert all(0.4 <= weight <= 2.5 for weight in done.config.style_weights.values())
    assert calibration._weights_of(replace(pack, recipe={"stages": [{"settings": {"style_weights": 3}}, 7]})) == {}
    assert calibration._weights_of(pack) == {"pa1": 0.7}


def test_boxes_of_faces_do_not_tip_the_balance(job: TrainJob, tmp_path: Path) -> None:
    """Styles are weighed by the whole photo, where faces are known as where they are not."""
    (tmp_path / "faces.json").write_text(json.dumps({f"ph{i}.png": [[0, 0, 64, 64]] for i in range(3)}))
    plain, marked = (FullTask(each) for each in (job, replace(job, faces=tmp_path / "faces.json")))
    assert calibration.measure(Loop(marked), marked, 2) == calibration.measure(Loop(plain), plain, 2)


def test_a_damaged_record_is_a_sentence(job: TrainJob) -> None:
    """A resumed run does not go on with other weights than it began with."""
    job.run.mkdir()
    for text in ("{", '{"weights": {"pa0": "much"}}', "[]"):
        (job.run / calibration.FILE_NAME).write_text(text)
        with pytest.raises(TrainingError, match="cannot be read"):
            resumed(job)


def test_a_loss_that_is_not_finite_is_a_sentence(job: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights are made of NaN."""
    monkeypatch.setattr(calibration, "measure", lambda run, task: [Balance(float("nan"), 0.2)] * 3)
    with pytest.raises(TrainingError, match="not finite"):
        _run(job)


def test_from_the_command_line(job: TrainJob, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`train full --calibrate --init` measures, trains, and writes both into the recipe."""
    base = [
        "train",
        "full",
        "--photos",
        str(job.photos),
        "--styles",
        str(tmp_path / "paintings"),
        "--size",
        "32",
        "--style-size",
        "48",
        "--loss-network",
        str(job.loss_network),
    ]
    assert main([*base, "--batch", "1", "--steps", "1", "-o", str(tmp_path / "first"), "--run", str(tmp_path / "a")]) == 0
    again = [*base, "--batch", "1", "--steps", "1", "-o", str(tmp_path / "second"), "--run", str(tmp_path / "b")]
    assert main([*again, "--init", str(tmp_path / "first"), "--calibrate"]) == 0
    assert "calibrating, 1/1 measured" in capsys.readouterr().out
    assert "calibration" in load_pack(tmp_path / "second").recipe["stages"][-1]
