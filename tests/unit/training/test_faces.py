"""Boxes of faces: read or refused in a sentence, carried along with every crop, and the photo counts more inside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.errors import TrainingError
from stylecam.perceptual.losses import content_loss
from stylecam.training.data import faces
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.data.faces import face_map, read_faces
from stylecam.training.data.filmed import filmed_batch
from stylecam.training.tasks.full import FullTask, TrainJob
from tests.unit.training.test_trainer import job, one_thread

__all__ = ("job", "one_thread")

#: Left, top, width and height of the light square that stands for a face.
BOX = (20, 30, 30, 24)


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    """Two dark photos, each with a light square, one in a subfolder, and a third without."""
    for name in ("a.png", "deep/b.png", "none.png"):
        pixels = np.zeros((90, 120, 3), np.uint8)
        left, top, width, height = BOX
        if name != "none.png":
            pixels[top : top + height, left : left + width] = 255
        path = tmp_path / "portraits" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path / "portraits"


def test_a_file_of_boxes_is_read(tmp_path: Path) -> None:
    """Whole and broken numbers, several faces or none."""
    (tmp_path / "faces.json").write_text('{"a.png": [[1, 2, 3.5, 4], [9, 9, 9, 9]], "b.png": []}')
    assert read_faces(tmp_path / "faces.json") == {"a.png": [(1, 2, 3.5, 4), (9, 9, 9, 9)], "b.png": []}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"a.png": [1, 2, 3, 4]}',
        '{"a.png": [[1, 2, 3]]}',
        '{"a.png": [[1, 2, 0, 4]]}',
        '{"a.png": [[1, 2, NaN, 4]]}',
        '{"a.png": [[1, 2, true, 4]]}',
        '{"a.png": [["1", 2, 3, 4]]}',
        '{"a.png": 7}',
        '{"a.png": [[1, 2, 3, 1' + 400 * "0" + "]]}",
        "not JSON",
        "\x00",
        "[" * 100_000,
    ],
)
def test_another_kind_of_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    """Whatever is wrong in it, the sentence names the file."""
    (tmp_path / "odd.json").write_text(text)
    with pytest.raises(TrainingError, match=r"odd\.json"):
        read_faces(tmp_path / "odd.json")


def test_boxes_of_other_photos_are_refused(portraits: Path) -> None:
    """A path that is not from the folder would silently do nothing."""
    with pytest.raises(TrainingError, match="name no photo"):
        PhotoFolder(portraits, 32, 0, faces={"elsewhere/a.png": [BOX]})


def test_a_map_is_cut_and_scaled_with_the_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a face at the square's edge is half a face in the map; one outside is not in it."""
    monkeypatch.setattr(faces, "MARGIN", 0.0)
    found = face_map([(0, 0, 20, 40), (200, 200, 10, 10)], left=10, top=10, side=40, size_px=8)
    assert found.shape == (1, 8, 8)
    assert found[0, :6, :2].all()
    assert found.sum() == 12


@pytest.mark.parametrize("four_share", [0.0, 1.0])
def test_every_sample_says_where_its_faces_are(portraits: Path, monkeypatch: pytest.MonkeyPatch, four_share: float) -> None:
    """The fourth channel covers what is light, whatever was cut, mirrored or put side by side; the first three are as without it."""
    monkeypatch.setattr(faces, "MARGIN", 0.0)
    boxes = {"a.png": [BOX], "deep/b.png": [BOX]}
    photos = PhotoFolder(portraits, 64, seed=4, four_share=four_share, faces=boxes)
    plain = PhotoFolder(portraits, 64, seed=4, four_share=four_share)
    seen = 0
    for i in range(40):
        sample = photos.sample(i)
        assert sample.shape == (4, 64, 64)
        assert torch.equal(sample[:3], plain.sample(i))
        if sample[:3].std() < 0.2:
            continue  # a flat frame, or no face in sight
        light = sample[:3].mean(0) > (sample[:3].min() + sample[:3].max()) / 2
        both = (light & (sample[3] > 0)).sum() / (light | (sample[3] > 0)).sum()
        assert both > 0.7
        seen += 1
    assert seen > 15
    assert photos.large(80).batch(0, 2).shape == (2, 4, 80, 80)


def test_filmed_photos_say_so_too(portraits: Path) -> None:
    """The channel comes last, after what stands still."""
    photos = PhotoFolder(portraits, 64, seed=4, faces={"a.png": [BOX]})
    batch = filmed_batch(photos, 3, 4)
    assert batch.shape == (4, 8, 64, 64)
    assert torch.equal(batch[:, 7:], photos.batch(3, 4)[:, 3:])


def test_a_difference_counts_more_in_a_face() -> None:
    """An emphasis of 2 counts it three times; of 0, not more than without."""
    target = torch.ones(1, 4, 8, 8)
    features = target.clone()
    features[..., :4, :4] = 0
    emphasis = torch.zeros(1, 1, 8, 8)
    torch.testing.assert_close(content_loss(features, target, emphasis), content_loss(features, target))
    emphasis[..., :4, :4] = 2
    torch.testing.assert_close(content_loss(features, target, emphasis), 3 * content_loss(features, target))
    torch.testing.assert_close(content_loss(features, target, emphasis.flip(-1)), content_loss(features, target))


def test_training_weighs_faces(job: TrainJob) -> None:
    """With boxes over all of the photos the content counts 1 + `face_content` times; with `face_content` 0 as often as without boxes."""
    (job.run.parent / "faces.json").write_text(json.dumps({f"ph{i}.png": [[-10, -10, 90, 90]] for i in range(4)}))
    config = replace(job.config, small_content=0.4, four_share=0.0)
    found = []
    for weight, file in ((2.5, None), (0.0, job.run.parent / "faces.json"), (2.5, job.run.parent / "faces.json")):
        task = FullTask(replace(job, config=replace(config, face_content=weight), faces=file))
        batch = task.batch(1, 0.0)
        assert batch.shape[1] == (3 if file is None else 4)
        found.append(task.loss(batch, 1, 0.0, lambda _: None)[1]["content"])
    assert found[1] == pytest.approx(found[0], rel=1e-5)
    assert found[2] == pytest.approx(3.5 * found[0], rel=1e-5)
