"""The fast output is trained on its own: nothing else of a pack changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from stylecam.cli import main
from stylecam.errors import PackError, TrainingError
from stylecam.net.families import FAST
from stylecam.net.module import TransformNet
from stylecam.packs.ops import with_fast_head, with_head_of
from stylecam.packs.store import load_pack, save_pack
from stylecam.training.data.style_images import read_style_images
from stylecam.training.fast_head_start import enlarging_head
from stylecam.training.loop import Loop, fit
from stylecam.training.tasks.fast_head import FastHeadJob, FastHeadTask
from stylecam.training.tasks.fast_head_config import FastHeadConfig
from tests.fakes import tiny_pack
from tests.unit.engines.nets import make_pack
from tests.unit.training.small_material import write_images, write_loss_network

HEAD = "head_fast.conv.weight"


@pytest.fixture
def job(tmp_path: Path) -> FastHeadJob:
    """A tiny pack, photos, an image for two of its three styles, and a tiny loss network."""
    torch.set_num_threads(1)
    pack = tiny_pack(identity=True)
    write_images(tmp_path / "photos", "photo", 3)
    images = write_images(tmp_path / "styles", "style", 2, seed=1)
    for path, style in zip(images, pack.style_ids[1:], strict=True):
        path.rename(path.with_stem(style))
    config = FastHeadConfig(steps=6, minutes=None, batch=4, size_px=64, style_size_px=64, learning_rate=1e-4, precision="f32")
    return FastHeadJob(
        config=config,
        pack=pack,
        style_images=read_style_images(tmp_path / "styles", 64),
        photos=tmp_path / "photos",
        loss_network=write_loss_network(tmp_path),
        run=tmp_path / "run",
        output=tmp_path / "out",
        preview_photos=[tmp_path / "photos" / "photo0.png"],
    )


def test_only_the_head_changes(job: FastHeadJob) -> None:
    """After a run every tensor but the head is bit for bit the same, the recipe tells of it, and the preview has three images."""
    last = list(fit(FastHeadTask(job)))[-1]
    made, start = load_pack(job.output), with_fast_head(job.pack)
    assert made.trunk == job.pack.trunk
    for name, value in start.tensors.items():
        assert np.array_equal(made.tensors[name], value) == (name != HEAD)
    assert made.recipe["stages"][-1]["fitted"] == "fast output"
    assert Path(last.files["preview"]).is_file()


def test_it_begins_where_enlarging_ends(job: FastHeadJob) -> None:
    """Before the first step the drawn image is nearly the fine output's, enlarged: nearer than every pixel four times."""
    task = FastHeadTask(job)
    photos = task.batch(7, 0.0)
    y, fine = task._stylize(photos, task._pack_weights(torch.tensor([[1.0, 0, 0], [0.5, 0.5, 0]])))
    enlarged, blocks = F.interpolate(fine, scale_factor=2, mode="bicubic"), fine.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert (y - enlarged).pow(2).mean() < 0.5 * (y - blocks).pow(2).mean()
    assert (y - enlarged).std() < 0.2 * enlarged.std()
    assert task.loss(photos, 0, 0.0, lambda _: None)[1]["anchor"] < 1e-3


def test_a_u_nets_head_begins_there_too() -> None:
    """Its outputs draw blocks of pixels: 12 channels become 2 x 2, the fast head's 48 become 4 x 4 from the same map."""
    pack = make_pack("unet")
    net = TransformNet.from_tensors(pack.config, pack.tensors)
    headed = TransformNet(pack.config.with_fast_head(5))
    headed.load_state_dict(net.state_dict(), strict=False)
    photos, rows = torch.rand(2, 3, 64, 96), net.styles[:2].detach()
    with torch.no_grad():
        headed.get_parameter(HEAD).copy_(enlarging_head(headed, photos, rows))
        enlarged = F.interpolate(headed.stylize(photos, rows), scale_factor=2, mode="bicubic")
        y = headed.stylize(photos, rows, head=FAST)
    assert y.shape == enlarged.shape == (2, 3, 128, 192)
    assert (y - enlarged).std() < 0.5 * enlarged.std()


def test_a_head_that_is_there_is_trained_on(job: FastHeadJob) -> None:
    """A pack with a fast output, resumed or of another network, begins with it."""
    headed = with_fast_head(job.pack, 5)
    task = FastHeadTask(replace(job, pack=headed))
    assert np.array_equal(task.model.tensors()[HEAD], headed.tensors[HEAD])


def test_it_learns_what_lies_between_the_pixels(job: FastHeadJob) -> None:
    """Steps on the same photos bring the loss down."""
    task = FastHeadTask(job)
    run, photos = Loop(task), task.batch(0, 0.0)

    def judged() -> float:
        return sum(task.loss(photos, step, 0.0, lambda _: None)[0].item() for step in range(6))

    before = judged()
    for _ in range(6):
        run.step(photos)
    assert judged() < before


def test_a_resumed_run_equals_an_unbroken_one(job: FastHeadJob, tmp_path: Path) -> None:
    """Stopped after three steps of six and resumed, the head is the same as after six at once."""
    whole = list(fit(FastHeadTask(replace(job, run=tmp_path / "whole", output=tmp_path / "whole.stylepack"))))
    assert whole[-1].step == 6
    task = FastHeadTask(job)
    run = Loop(task)
    for step in range(3):
        run.step(task.batch(step, 0.0))
    run.save()
    list(fit(FastHeadTask(job), resume=True))
    np.testing.assert_allclose(
        load_pack(job.output).tensors[HEAD], load_pack(tmp_path / "whole.stylepack").tensors[HEAD], rtol=0, atol=1e-7
    )


def test_temporal_consistency_can_be_asked_for(job: FastHeadJob) -> None:
    """With a weight, every other step shows each photo a second time, and the loss grows."""
    plain, calm = FastHeadTask(job), FastHeadTask(replace(job, config=replace(job.config, calm_weight=1000.0)))
    photos = plain.batch(0, 0.0)
    first, second = (task.loss(photos, step, 0.0, lambda _: None)[0].item() for task in (plain, calm) for step in (0,))
    assert second > first
    assert plain.loss(photos, 1, 0.0, lambda _: None)[0].item() == pytest.approx(calm.loss(photos, 1, 0.0, lambda _: None)[0].item())


def test_a_head_is_handed_on(job: FastHeadJob) -> None:
    """A later network takes the head of an earlier one; one of another shape, or none, is a sentence."""
    headed = with_fast_head(job.pack)
    weight = np.full_like(headed.tensors[HEAD], 0.25)
    trained = replace(headed, tensors={**headed.tensors, HEAD: weight})
    assert (with_head_of(job.pack, trained).tensors[HEAD] == 0.25).all()
    assert (with_head_of(headed, trained).tensors[HEAD] == 0.25).all()
    with pytest.raises(PackError, match="has no fast output"):
        with_head_of(job.pack, job.pack)


def test_senseless_settings_are_sentences(job: FastHeadJob) -> None:
    """No end, no steps, no size, and style images of another pack."""
    for wrong in ({"minutes": None}, {"minutes": -1.0}, {"steps": 0}, {"style_size_px": 8}, {"anchor_weight": -1.0}):
        with pytest.raises(TrainingError):
            FastHeadConfig(**wrong)  # type: ignore[arg-type]
    strangers = [replace(image, info=replace(image.info, id="stranger")) for image in job.style_images]
    with pytest.raises(TrainingError, match="None of the style images"):
        FastHeadTask(replace(job, style_images=strangers))


@pytest.mark.slow
def test_from_the_command_line(job: FastHeadJob, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`train fast-head` writes a pack, resumes, starts from an earlier head, and does not overwrite unasked."""
    save_pack(job.pack, tmp_path / "before")
    words = ["train", "fast-head", str(tmp_path / "before"), "--photos", str(job.photos), "--styles", str(tmp_path / "styles")]
    words += ["--style-size", "64", "--loss-network", str(job.loss_network), "-o", str(tmp_path / "after")]
    assert main([*words, "--steps", "1"]) == 0
    assert f"wrote {tmp_path / 'after'}" in capsys.readouterr().out
    assert load_pack(tmp_path / "after").config.heads == ("fine", "fast")
    assert main([*words, "--steps", "1"]) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*words, "--steps", "2", "--resume"]) == 0
    assert "step 2/2" in capsys.readouterr().out
    later = [*words[:-1], str(tmp_path / "later"), "--steps", "1", "--init-head", str(tmp_path / "after")]
    assert main(later) == 0
