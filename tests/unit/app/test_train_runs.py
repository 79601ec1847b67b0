"""The folders of styles in training, and what a damaged one does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from stylecam.app.child_job import DONE, RUNNING
from stylecam.app.training.runs import TrainRequest, TrainRun, new_run, style_id, unfinished_runs
from stylecam.app.training.style_image_preview import StyleImagePreview
from stylecam.core import paths
from stylecam.errors import InputError, OutputError, TrainingError
from tests.train_fakes import PIXEL, write_style

REQUEST = TrainRequest("my_garden", "My Garden", "Me", "live32", crop=(0.25, 0.0, 0.5, 1.0))


@pytest.fixture
def style_image(tmp_path: Path) -> Path:
    """Return a small image."""
    path = tmp_path / "Garden.PNG"
    path.write_bytes(PIXEL)
    return path


@pytest.mark.parametrize(
    ("title", "style"), [("My Garden!", "my_garden"), ("Été", "ete"), ("睡蓮", "style"), ("Sky", "sky_3"), ("x" * 90, "x" * 48)]
)
def test_a_title_becomes_a_short_name(title: str, style: str) -> None:
    """Small letters, digits and underscores, and a number where the name is taken."""
    assert style_id(title, {"sky", "sky_2"}) == style


def test_a_run_survives_its_style_image_and_a_restart(style_image: Path) -> None:
    """The style image is copied, and what was asked for is read back."""
    run = new_run(REQUEST, style_image)
    style_image.unlink()
    assert run.style_image.read_bytes() == PIXEL
    assert unfinished_runs() == [], "a run that never began is not offered"
    run.mark(RUNNING)
    (left,) = unfinished_runs()
    assert (left.folder, left.request, left.can_resume) == (run.folder, REQUEST, False)
    assert new_run(REQUEST, left.style_image).folder != run.folder


def test_a_style_image_that_is_gone_leaves_no_folder(tmp_path: Path) -> None:
    """One sentence, nothing behind."""
    with pytest.raises(TrainingError, match="choose another"):
        new_run(REQUEST, tmp_path / "gone.png")
    assert list(paths.user_trainings().iterdir()) == []


@pytest.mark.parametrize("change", ["not json", '{"version": 99}', "[]", "style", "extra", "crop"])
def test_a_damaged_run_is_passed_over(style_image: Path, change: str) -> None:
    """Neither a crash at start-up nor a style name that leads out of its folder; the sound run beside it is still offered."""
    sound, damaged = new_run(REQUEST, style_image), new_run(REQUEST, style_image)
    sound.mark(RUNNING)
    damaged.mark(RUNNING)
    file = damaged.folder / "run.json"
    data = json.loads(file.read_text())
    if change == "style":
        data["request"]["style"] = "../../elsewhere"
        change = json.dumps(data)
    elif change == "extra":
        data["request"]["unknown"] = 1
        change = json.dumps(data)
    elif change == "crop":
        data["request"]["crop"] = [0.5]
        change = json.dumps(data)
    file.write_text(change)
    assert [run.folder for run in unfinished_runs()] == [sound.folder]


def test_finished_runs_do_not_pile_up(style_image: Path) -> None:
    """The newest few are kept, and unfinished ones always."""
    waiting = new_run(REQUEST, style_image)
    waiting.mark(RUNNING)
    for _ in range(6):
        new_run(REQUEST, style_image).mark(DONE)
    new_run(REQUEST, style_image)
    assert len(list(paths.user_trainings().iterdir())) == 3 + 1 + 1
    assert waiting.folder.is_dir()


def test_a_style_is_installed_over_its_earlier_self(style_image: Path) -> None:
    """A resumed run replaces what it installed before; without a style there is a sentence."""
    run = new_run(REQUEST, style_image)
    with pytest.raises(OutputError, match="cannot be read"):
        run.install()
    for step in (1, 2):
        write_style(run.pack, "my_garden", step=step)
        assert run.install().read_bytes() == run.pack.read_bytes()


def test_a_run_without_its_folder_is_no_crash(tmp_path: Path) -> None:
    """Somebody cleaned up meanwhile."""
    run = TrainRun(tmp_path / "gone", REQUEST)
    assert not run.can_resume
    assert run.photos is None
    with pytest.raises(OutputError):
        run.mark(DONE)


def test_what_is_no_image_is_said(style_image: Path, tmp_path: Path) -> None:
    """A sentence that names the file."""
    assert StyleImagePreview(style_image).png(4).startswith(b"\x89PNG")
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(InputError, match=r"a\.png"):
        StyleImagePreview(tmp_path / "a.png")


def test_a_part_is_shown_as_it_will_be_learnt(tmp_path: Path) -> None:
    """Only the part that was cut out, in its own proportions, with its colours reduced; what is no part is said."""
    path = tmp_path / "halves.png"
    halves = Image.new("RGB", (400, 100), (200, 0, 0))
    halves.paste((0, 0, 200), (200, 0, 400, 100))
    halves.save(path)
    preview = StyleImagePreview(path)
    with Image.open(io.BytesIO(preview.png(crop=(0.5, 0.0, 0.5, 1.0)))) as part:
        assert part.size == (360, 180)
        assert part.getcolors() == [(360 * 180, (0, 0, 200))]
    with Image.open(io.BytesIO(preview.png(2))) as whole:
        assert whole.size == (360, 90)
        assert len(whole.getcolors() or []) == 2
    with pytest.raises(TrainingError, match="does not lie inside"):
        preview.png(crop=(0.5, 0.0, 0.6, 1.0))


def test_an_older_run_is_of_the_whole_style_image(style_image: Path) -> None:
    """A run that was begun before parts could be chosen is still offered."""
    run = new_run(REQUEST, style_image)
    run.mark(RUNNING)
    file = run.folder / "run.json"
    data = json.loads(file.read_text())
    del data["request"]["crop"]
    file.write_text(json.dumps(data))
    (left,) = unfinished_runs()
    assert left.request.crop == (0.0, 0.0, 1.0, 1.0)
